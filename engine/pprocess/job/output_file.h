// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <pprocess/os/fd.h>

namespace pprocess::job {

/// A file that somebody has asked to have written. What is written goes to a new file beside it, which takes its place
/// by `finish`: others see the old text or the whole new one, and whatever goes wrong leaves the old one. A link stays
/// one, and what it leads to is replaced. A device or a pipe is never replaced but written to as it is; one that
/// nobody reads from is waited for, and one whose reader has gone is an error like others, not a SIGPIPE.
class OutputFile {
public:
    /// Throws `SystemError` when it cannot be written there.
    explicit OutputFile(const std::filesystem::path& file);
    /// Without `finish` before it leaves the old file.
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    /// Adds this text. Throws `SystemError`.
    void write(std::string_view text);
    /// Nothing more comes; returns when the text is on the disk. Throws `SystemError`.
    void finish();

private:
    void create_beside();
    void flush();
    [[noreturn]] void fail() const;

    std::filesystem::path target_;
    std::filesystem::path beside_; ///< the new file, until it has taken the place of the other; else empty
    std::string action_;
    bool is_direct_ = false;
    os::Fd file_;
    std::string unwritten_;
};

/// Gives a file this text by an `OutputFile`. Throws `SystemError`.
void replace_file(const std::filesystem::path& file, std::string_view text);

} // namespace pprocess::job
