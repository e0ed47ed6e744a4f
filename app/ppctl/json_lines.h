// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace ppctl {

/// Sets a field to any bytes. JSON holds text only: bytes that are none are shown as job::printable does, and a field
/// of its own says so.
void set_bytes(nlohmann::ordered_json& object, const std::string& field, const std::string& bytes);

/// The object on one line of standard output. Throws `SystemError` when it cannot be written.
void print_json_line(const nlohmann::ordered_json& object);

/// Throws `SystemError` when standard output cannot be written.
void print_bytes(const std::string& bytes);
void flush_output();
/// Has something been printed that is not written yet?
bool has_unwritten_output();

} // namespace ppctl
