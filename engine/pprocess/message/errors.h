// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <string>

#include <pprocess/os/error.h>

namespace pprocess {

/// A value arrived that is not of the type asked for. The message has been taken; the channel can be used further.
class TypeMismatch : public Error {
public:
    /// `arrived` describes what came ("a list of integers"), `wanted` is the C++ type asked for.
    TypeMismatch(std::string arrived, std::string wanted);

    /// What came, in words.
    [[nodiscard]] const std::string& arrived() const noexcept { return arrived_; }
    /// The C++ type that was asked for.
    [[nodiscard]] const std::string& wanted() const noexcept { return wanted_; }

private:
    std::string arrived_;
    std::string wanted_;
};

/// What arrived is not a message of ours, or is over a limit.
class ProtocolError : public Error {
public:
    using Error::Error;
};

} // namespace pprocess
