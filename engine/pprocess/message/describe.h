// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>

#include <pprocess/message/message.capnp.h>

namespace pprocess::message {

/// What a value is, in words: "an integer", "a list of texts", "a tuple of an integer and a text". Looks at a few
/// elements only. Damaged content is described as such; nothing is thrown for it.
[[nodiscard]] std::string describe(schema::Value::Reader value);

/// The value on one printable line: `(1, "text", [1, 2, 3])`. At most `limit` characters (of UTF-8), the last of which
/// is … where something was left out. Reads no more than it prints, except that a message's own count of the bytes read
/// (`traversalLimitInWords`) is charged with whole objects. Damaged content is shown as such; nothing is thrown for it.
[[nodiscard]] std::string preview(schema::Value::Reader value, std::size_t limit);

} // namespace pprocess::message
