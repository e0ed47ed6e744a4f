// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>

#include <pprocess/background/persistent.h>
#include <pprocess/exchange/exchange.h>

namespace pprocess {

namespace background {

/// A function and its arguments, run in a background process.
template <typename Function, typename... Args>
class PersistentWork final : public Work {
public:
    /// `must_wait`: it is not started within the caller's call, so what is wrong with the address has to be its
    /// outcome.
    template <typename... As>
    PersistentWork(std::filesystem::path address, bool must_wait, std::shared_ptr<Function> function, As&&... args)
        : address_(std::move(address)),
          must_wait_(must_wait),
          function_(std::move(function)),
          args_(std::forward<As>(args)...) {}

    Channel launch() override {
        try {
            return std::apply(
                [this](Args&... args) { return start_process(address_, {}, *function_, std::move(args)...); }, args_);
        } catch (const SystemError& error) {
            const std::error_code& code = error.code();
            if (!must_wait_ || code == std::errc::resource_unavailable_try_again ||
                code == std::errc::not_enough_memory || code == std::errc::too_many_files_open)
                throw;
            Channel failed;
            failed.fail(std::current_exception());
            return failed;
        }
    }

private:
    std::filesystem::path address_;
    bool must_wait_;
    std::shared_ptr<Function> function_;
    std::tuple<Args...> args_;
};

/// Adds background processes to an exchange.
template <typename Base>
class Persistent : public Base {
public:
    using Base::Base;

    /// As `Exchange::start`, in a background process at `address` to which this exchange is attached. The exchange's
    /// end leaves the process alone, with what has not been received; `cancel` and `timeout` end it. Throws as
    /// `create_persistent` when there is a free slot; otherwise what is wrong becomes the task's outcome.
    template <typename Function, typename... Args>
    void start(const std::filesystem::path& address, Function&& fn, Args&&... args) {
        start_shared(address, std::make_shared<std::decay_t<Function>>(std::forward<Function>(fn)),
                     std::forward<Args>(args)...);
    }

    /// As `Exchange::create`, with a background process at `address`.
    [[nodiscard]] std::optional<Channel> create(const std::filesystem::path& address,
                                                const BackgroundOptions& options = {}) {
        this->wait();
        Channel channel = create_persistent(address, options);
        if (channel.pid() == 0)
            return channel;
        this->add(std::move(channel));
        return std::nullopt;
    }

    /// A callable that starts `fn` in a background process at `address` with the arguments it is called with. Holds a
    /// reference to this exchange.
    template <typename Function>
    [[nodiscard]] auto manage(std::filesystem::path address, Function&& fn) {
        auto shared = std::make_shared<std::decay_t<Function>>(std::forward<Function>(fn));
        return [this, address = std::move(address), shared = std::move(shared)](auto&&... args) {
            start_shared(address, shared, std::forward<decltype(args)>(args)...);
        };
    }

    /// Attaches to a background process, whoever started it, whatever the limit. Throws as `connect_persistent`.
    Channel& connect(const std::filesystem::path& address, const ConnectOptions& options = {}) {
        return this->add(connect_persistent(address, options));
    }

private:
    template <typename Function, typename... Args>
    void start_shared(const std::filesystem::path& address, std::shared_ptr<Function> fn, Args&&... args) {
        static_assert(std::is_invocable_v<Function&, Channel&, detail::wire_t<Args>&&...>,
                      "pprocess: the function must take pprocess::Channel& first and then the given arguments (wrap a "
                      "plain function in MakeParallel)");
        this->submit(std::make_unique<PersistentWork<Function, detail::wire_t<Args>...>>(
            address, this->busy() || this->waiting() > 0, std::move(fn), std::forward<Args>(args)...));
    }
};

} // namespace background

/// An exchange whose processes are background processes: each is reached again by its address, from here or from
/// another program, and outlives this one. Derive and override `store_data`, or use `PersistentQueue`.
class PersistentExchange : public background::Persistent<Exchange> {
public:
    using background::Persistent<Exchange>::Persistent;
};

} // namespace pprocess
