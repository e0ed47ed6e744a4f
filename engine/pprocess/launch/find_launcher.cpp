// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/launch/find_launcher.h>

#include <dlfcn.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

#include <pprocess/os/error.h>

namespace pprocess::launch {

namespace {

namespace fs = std::filesystem;

const char* suggested_place = nullptr;

/// The shared object or program that holds this code; empty when the system does not tell.
fs::path own_module() {
    std::error_code error;
    Dl_info here{};
    Dl_info program{};
    const void* entry = reinterpret_cast<const void*>(::getauxval(AT_ENTRY));
    if (::dladdr(reinterpret_cast<const void*>(&suggested_place), &here) != 0 && here.dli_fname &&
        !(::dladdr(entry, &program) != 0 && program.dli_fbase == here.dli_fbase)) {
        fs::path module = fs::canonical(here.dli_fname, error);
        if (!error)
            return module;
    }
    // The name that the loader knows a program by is what its starter called it.
    fs::path program_file = fs::read_symlink("/proc/self/exe", error);
    return error ? fs::path() : program_file;
}

/// May a launcher that was come upon be trusted? One that a stranger put into a folder that everybody can write must
/// not.
bool is_ours(const fs::path& launcher, const fs::path& module) {
    struct stat found {};
    struct stat own {};
    if (::stat(launcher.c_str(), &found) != 0)
        return false;
    return found.st_uid == 0 || found.st_uid == ::geteuid() ||
           (::stat(module.c_str(), &own) == 0 && found.st_uid == own.st_uid);
}

bool is_executable(const fs::path& file) {
    return ::access(file.c_str(), X_OK) == 0;
}

class Search {
public:
    bool at(const fs::path& place) {
        tried_ += (tried_.empty() ? "" : ", ") + place.string();
        return is_executable(place);
    }
    [[noreturn]] void fail() const {
        throw SystemError(ENOENT, "find the program pprocess-launcher",
                          "Looked at " + tried_ + ". Set PPROCESS_LAUNCHER to where it is");
    }

private:
    std::string tried_;
};

} // namespace

void suggest_launcher(const char* path) noexcept {
    suggested_place = path;
}

fs::path find_launcher() {
    Search search;
    if (const char* named = std::getenv("PPROCESS_LAUNCHER"); named && *named) {
        if (search.at(named))
            return named;
        search.fail();
    }

    if (const fs::path module = own_module(); !module.empty()) {
        if (fs::path place = module.parent_path() / "pprocess-launcher"; search.at(place) && is_ours(place, module))
            return place;
        // bin/program, lib/ARCHITECTURE/libpprocess.so and tests/fixtures/program are the deepest there are.
        fs::path folder = module.parent_path().parent_path();
        for (int level = 0; level < 2 && folder != folder.root_path(); ++level, folder = folder.parent_path()) {
            fs::path place = folder / "libexec/pprocess/pprocess-launcher";
            if (search.at(place) && is_ours(place, module))
                return place;
        }
    }

    for (const char* place : {suggested_place, static_cast<const char*>(PPROCESS_LAUNCHER_INSTALL)}) {
        if (place && search.at(place))
            return place;
    }
    search.fail();
}

} // namespace pprocess::launch
