// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <filesystem>
#include <type_traits>
#include <utility>

#include <pprocess/background/persistent.h>

namespace pprocess {

/// A callable bound to an address: calling it runs the callable in a background process that can be reached there. The
/// call returns at once, and the address can be connected to at once, by a `BackgroundQueue` in any process of this
/// user. Each call throws as `create_persistent`: while the process of one call lives, the address is in use.
template <typename Function>
class BackgroundCallable {
public:
    /// `function` takes its channel first, as `MakeParallel` makes it.
    BackgroundCallable(std::filesystem::path address, Function function, BackgroundOptions options = {})
        : address_(std::move(address)),
          function_(std::move(function)),
          options_(std::move(options)) {}

    /// Starts the background process with these arguments, which are copied into it.
    template <typename... Args>
    void operator()(Args&&... args) {
        static_cast<void>(background::start_process(address_, options_, function_, std::forward<Args>(args)...));
    }

    /// Where the process is reached, as given.
    [[nodiscard]] const std::filesystem::path& address() const noexcept { return address_; }

private:
    std::filesystem::path address_;
    Function function_;
    BackgroundOptions options_;
};
/// Deduces the function's type, whatever stands for the address.
template <typename Address, typename Function, typename... Options>
BackgroundCallable(Address, Function, Options...) -> BackgroundCallable<std::decay_t<Function>>;

} // namespace pprocess
