// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string_view>

namespace pprocess::job {

/// Gives a file this text by way of a new one beside it, so that others see the old text or the new one, and a full
/// disk leaves the old one. A link stays one, and what it leads to is replaced. Throws `SystemError`.
void replace_file(const std::filesystem::path& file, std::string_view text);

} // namespace pprocess::job
