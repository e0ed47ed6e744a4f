// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>

#include <pprocess/observe/inspectable_program.h>

/// How many are attached to a program: descriptors of its inspector beyond those that it has without anybody.
class Attached {
public:
    explicit Attached(pid_t program)
        : m_folder("/proc/" + std::to_string(pprocess::inspectable_program(std::to_string(program)).inspector_pid) +
                   "/fd"),
          m_before(sockets()) {}
    [[nodiscard]] bool isAny() const { return sockets() > m_before; }

private:
    /// Its other descriptors come and go with the processes that it watches.
    [[nodiscard]] std::ptrdiff_t sockets() const {
        std::error_code error;
        std::ptrdiff_t count = 0;
        for (const auto& entry : std::filesystem::directory_iterator(m_folder, error))
            count += std::filesystem::read_symlink(entry.path(), error).string().starts_with("socket:") ? 1 : 0;
        return count;
    }

    std::filesystem::path m_folder;
    std::ptrdiff_t m_before;
};
