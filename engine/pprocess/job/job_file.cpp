// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/job.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <pprocess/job/output_file.h>
#include <pprocess/os/fd.h>

namespace pprocess::job {

Job load(const std::filesystem::path& file) {
    const std::string action = "read the job file " + printable(file.native());
    const int number = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (number < 0)
        throw SystemError(errno, action);
    const os::Fd source(number);
    std::string text;
    std::array<char, 65536> buffer;
    for (;;) {
        const ssize_t count = os::retry([&] { return ::read(source.get(), buffer.data(), buffer.size()); });
        if (count < 0)
            throw SystemError(errno, action);
        if (count == 0)
            break;
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return from_json(text);
}

void save(const Job& job, const std::filesystem::path& file) {
    replace_file(file, to_json(job));
}

} // namespace pprocess::job
