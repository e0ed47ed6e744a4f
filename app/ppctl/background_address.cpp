// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/background_address.h>

#include <chrono>
#include <system_error>

#include <app/ppctl/words.h>

namespace ppctl {

namespace {

namespace fs = std::filesystem;

/// As the directory has it: the folder without links, the file's own name as it is.
fs::path full(const fs::path& address) {
    std::error_code error;
    const fs::path folder = fs::canonical(address.has_parent_path() ? address.parent_path() : ".", error);
    return error ? fs::absolute(address) : folder / address.filename();
}

} // namespace

std::optional<pprocess::BackgroundProcess> background_process_at(const fs::path& address) {
    const fs::path wanted = full(address);
    for (auto& process : pprocess::background_processes())
        if (process.address == wanted)
            return process;
    return {};
}

std::string age_words(const pprocess::BackgroundProcess& process) {
    return duration_text(std::chrono::duration<double>(std::chrono::system_clock::now() - process.started).count());
}

} // namespace ppctl
