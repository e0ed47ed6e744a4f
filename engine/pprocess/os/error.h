// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace pprocess {

/// Base of everything the library throws on purpose.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The operating system refused something. `what()` says what was being done, to what, and the system's own reason;
/// `code()` is the errno in the system category.
class SystemError : public Error {
public:
    /// `action` reads like "open the folder /tmp/x"; the text becomes "cannot open the folder /tmp/x: <reason>".
    SystemError(int error_number, const std::string& action);

    /// As above with a sentence of advice added after the reason.
    SystemError(int error_number, const std::string& action, const std::string& advice);

    /// The errno, in the system category.
    [[nodiscard]] const std::error_code& code() const noexcept { return code_; }

private:
    std::error_code code_;
};

namespace os {

/// Throws `SystemError` with the present errno when `result` is negative; otherwise returns it.
template <typename Integer>
Integer check(Integer result, const char* action) {
    if (result < 0)
        throw SystemError(errno, action);
    return result;
}

/// Calls a system function again for as long as a signal interrupts it, and returns its last result.
template <typename Function>
auto retry(Function&& function) {
    for (;;) {
        auto result = function();
        if (result >= 0 || errno != EINTR)
            return result;
    }
}

} // namespace os
} // namespace pprocess
