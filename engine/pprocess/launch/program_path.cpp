// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/launch/program_path.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>

namespace pprocess {

namespace {

/// Can the file be executed? 0 or the errno.
int try_file(const std::string& path, const std::string& working_folder) {
    const bool is_moved = !working_folder.empty() && path.front() != '/';
    const std::string seen_from_here = is_moved ? working_folder + "/" + path : path;
    struct stat status {};
    if (::stat(seen_from_here.c_str(), &status) < 0)
        return errno;
    if (S_ISDIR(status.st_mode))
        return EISDIR;
    return ::faccessat(AT_FDCWD, seen_from_here.c_str(), X_OK, AT_EACCESS) < 0 ? errno : 0;
}

ProgramPath refuse(int error, const std::string& path) {
    switch (error) {
    case EISDIR:
        return {{}, EACCES, path + " is a folder, not a program"};
    case EACCES:
        return {{}, EACCES, path + " is not executable"};
    case ENOENT:
    case ENOTDIR:
        return {{}, error, "no such program: " + path};
    default:
        return {{}, error, "cannot start " + path + ": " + std::system_category().message(error)};
    }
}

} // namespace

ProgramPath find_program(const std::string& program, const std::string& working_folder) {
    if (program.empty())
        return {{}, ENOENT, "the name of the program is empty"};
    if (program.find('/') != std::string::npos) {
        const int error = try_file(program, working_folder);
        return error ? refuse(error, program) : ProgramPath{program, 0, {}};
    }

    const char* variable = std::getenv("PATH");
    std::string_view rest = variable ? variable : "/bin:/usr/bin";
    std::string not_executable;
    for (bool is_last = false; !is_last;) {
        const std::size_t colon = rest.find(':');
        is_last = colon == std::string_view::npos;
        std::string path(rest.substr(0, colon));
        if (!is_last)
            rest.remove_prefix(colon + 1);
        if (path.empty())
            path = ".";
        path += '/';
        path += program;
        const int error = try_file(path, working_folder);
        if (error == 0)
            return {std::move(path), 0, {}};
        if (error == EACCES && not_executable.empty())
            not_executable = std::move(path);
    }
    if (!not_executable.empty())
        return refuse(EACCES, not_executable);
    return {{}, ENOENT, "no such program: " + program + " (looked for in PATH)"};
}

} // namespace pprocess
