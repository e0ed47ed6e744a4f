// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <memory>
#include <tuple>
#include <utility>

#include <pprocess/exchange/callables.h>
#include <pprocess/exchange/work.h>
#include <pprocess/launch/fork_server.h>

namespace pprocess {

namespace detail {

/// A task of a fork server with its arguments, run by a worker of that server. `Maker` says whether the worker can be
/// used again: `MakeParallel` or `MakeReusable` of the `ServerTask`.
template <template <typename> typename Maker, typename Result, typename... Parameters>
class ServerTaskWork : public Work {
public:
    using Function = Maker<ServerTask<Result(Parameters...)>>;

    template <typename... As>
    explicit ServerTaskWork(std::shared_ptr<Function> function, As&&... args)
        : function_(std::move(function)),
          args_(std::forward<As>(args)...) {}

    Channel launch() override {
        Channel channel = function_->wrapped().start_worker();
        ForkServer::post_arguments(channel, args_);
        return channel;
    }
    [[nodiscard]] bool is_reusable() const override { return !detail::EndsAfterOneResult<Function>::value; }
    [[nodiscard]] bool expects_more() const override { return true; }
    [[nodiscard]] Key key() const override { return {typeid(ServerTaskWork), function_, nullptr}; }
    void hand_over(Channel& channel) override { channel.post(args_); }

private:
    std::shared_ptr<Function> function_;
    std::tuple<detail::wire_t<Parameters>...> args_;
};

} // namespace detail

// What an exchange makes of these callables: instead of forking, it asks the server.
template <typename Result, typename... Parameters, typename... Args>
class CallableWork<MakeParallel<ServerTask<Result(Parameters...)>>, Args...> final
    : public detail::ServerTaskWork<MakeParallel, Result, Parameters...> {
    using detail::ServerTaskWork<MakeParallel, Result, Parameters...>::ServerTaskWork;
};
template <typename Result, typename... Parameters, typename... Args>
class CallableWork<MakeReusable<ServerTask<Result(Parameters...)>>, Args...> final
    : public detail::ServerTaskWork<MakeReusable, Result, Parameters...> {
    using detail::ServerTaskWork<MakeReusable, Result, Parameters...>::ServerTaskWork;
};

} // namespace pprocess
