// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace pprocess::job {

/// Any bytes as JSON: a text, or `{"bytes": "…"}` where they are not UTF-8.
nlohmann::ordered_json text_to_json(const std::string& text);

/// Back. `field` is what messages call it. Throws `JobError` for what is neither.
std::string text_from_json(const nlohmann::ordered_json& value, const std::string& field);

/// "an object", "a number": for messages.
const char* kind_of_json(const nlohmann::ordered_json& value);

} // namespace pprocess::job
