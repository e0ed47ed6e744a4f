// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <kj/exception.h>

#include <cstdint>
#include <string>
#include <typeinfo>

#include <pprocess/message/message.capnp.h>

/// The ways in which encoding and decoding fail, kept out of the templates.
namespace pprocess::message::detail {

/// What did not fit somewhere inside a value; `decode` makes a `TypeMismatch` of it that names the whole as well.
struct Mismatch {
    std::string arrived;
    const std::type_info* wanted;
};

/// Throws `Mismatch`, or `ProtocolError` when the value is of no known kind.
[[noreturn]] void mismatch(schema::Value::Reader arrived, const std::type_info& wanted);
[[noreturn]] void mismatch(std::string arrived, const std::type_info& wanted);

[[noreturn]] void out_of_range(std::int64_t value, const std::type_info& wanted);
[[noreturn]] void out_of_range(std::uint64_t value, const std::type_info& wanted);
[[noreturn]] void out_of_range(double value, const std::type_info& wanted);
[[noreturn]] void wrong_length(std::size_t arrived, const std::type_info& wanted);
[[noreturn]] void duplicate(const std::type_info& wanted);

[[noreturn]] void damaged(const char* what);
[[noreturn]] void damaged(const kj::Exception& exception);
[[noreturn]] void too_deep();

/// Throws the `TypeMismatch` for the whole value.
[[noreturn]] void report(const Mismatch& inner, schema::Value::Reader whole, const std::type_info& wanted);

} // namespace pprocess::message::detail
