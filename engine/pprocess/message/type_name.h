// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <string>
#include <typeinfo>

namespace pprocess::message {

/// The type as a programmer writes it: `int`, `std::string`, `std::vector<int>` without its allocator.
[[nodiscard]] std::string type_name(const std::type_info& type);

/// The same of a type known by name.
template <typename T>
[[nodiscard]] std::string type_name() {
    return type_name(typeid(T));
}

} // namespace pprocess::message
