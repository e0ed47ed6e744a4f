// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/message/fail.h>

#include <charconv>

#include <pprocess/message/describe.h>
#include <pprocess/message/errors.h>
#include <pprocess/message/limits.h>
#include <pprocess/message/type_name.h>

namespace pprocess::message::detail {

void mismatch(schema::Value::Reader arrived, const std::type_info& wanted) {
    if (arrived.which() > schema::Value::PARTS)
        damaged("a value of an unknown kind");
    throw Mismatch{describe(arrived), &wanted};
}

void mismatch(std::string arrived, const std::type_info& wanted) {
    throw Mismatch{std::move(arrived), &wanted};
}

void out_of_range(std::int64_t value, const std::type_info& wanted) {
    mismatch("the integer " + std::to_string(value), wanted);
}

void out_of_range(std::uint64_t value, const std::type_info& wanted) {
    mismatch("the integer " + std::to_string(value), wanted);
}

void out_of_range(double value, const std::type_info& wanted) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    mismatch("the floating-point number " + std::string(text, end), wanted);
}

void wrong_length(std::size_t arrived, const std::type_info& wanted) {
    mismatch("a list of length " + std::to_string(arrived), wanted);
}

void duplicate(const std::type_info& wanted) {
    mismatch("a list with an element twice", wanted);
}

void damaged(const char* what) {
    throw ProtocolError(std::string("received a damaged message: ") + what);
}

void damaged(const kj::Exception& exception) {
    damaged(exception.getDescription().cStr());
}

void too_deep() {
    throw ProtocolError("a value is nested more than " + std::to_string(deepest_nesting) + " levels deep");
}

void report(const Mismatch& inner, schema::Value::Reader whole, const std::type_info& wanted) {
    std::string arrived = describe(whole);
    if (*inner.wanted == wanted)
        arrived = inner.arrived;
    else if (inner.arrived != arrived)
        arrived += " (with " + inner.arrived + " in place of " + type_name(*inner.wanted) + ")";
    throw TypeMismatch(std::move(arrived), type_name(wanted));
}

} // namespace pprocess::message::detail
