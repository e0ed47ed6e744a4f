// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <pprocess/background/directory.h>

namespace ppctl {

/// The entry of the background process at an address, however its path is written.
std::optional<pprocess::BackgroundProcess> background_process_at(const std::filesystem::path& address);

/// "5 min".
std::string age_words(const pprocess::BackgroundProcess& process);

} // namespace ppctl
