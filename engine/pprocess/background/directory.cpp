// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/background/directory.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <tuple>

#include <nlohmann/json.hpp>

#include <pprocess/os/error.h>
#include <pprocess/os/fd.h>
#include <pprocess/os/socket_file.h>

namespace pprocess {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::array<std::string_view, 5> state_names{"working", "result waiting", "collector attached", "died",
                                                      "gone"};
constexpr std::string_view extension = ".json";

/// Is it a folder of this user's in which nobody else can put or rename anything?
bool is_private_folder(const fs::path& path, mode_t forbidden) {
    const os::Fd folder(::open(path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    return folder.is_open() && ::fstat(folder.get(), &status) == 0 && status.st_uid == ::geteuid() &&
           (status.st_mode & forbidden) == 0;
}

/// The folder that this user has for the files of running programs; empty when there is none.
fs::path runtime_folder() {
    std::vector<fs::path> places;
    if (const char* named = std::getenv("XDG_RUNTIME_DIR"); named && named[0] == '/')
        places.emplace_back(named);
    places.emplace_back("/run/user/" + std::to_string(::geteuid()));
    for (const fs::path& place : places) {
        std::error_code error;
        const fs::path real = fs::canonical(place, error);
        if (!error && is_private_folder(real, S_IWGRP | S_IWOTH))
            return real;
    }
    return {};
}

/// JSON holds text; a path holds any bytes. Those that are no UTF-8 travel byte by byte as Latin-1.
json to_json(const std::string& bytes) {
    json text = bytes;
    try {
        static_cast<void>(text.dump());
        return text;
    } catch (const json::exception&) {
        json numbers = json::array();
        for (const char byte : bytes)
            numbers.push_back(static_cast<unsigned char>(byte));
        return numbers;
    }
}

std::string from_json(const json& value) {
    if (value.is_string())
        return value.get<std::string>();
    std::string bytes;
    for (const json& number : value)
        bytes += static_cast<char>(number.get<unsigned char>());
    return bytes;
}

/// Reads an entry; empty for a file that is none, or is being removed.
std::optional<BackgroundProcess> read_entry(const fs::path& path) {
    try {
        std::ifstream file(path, std::ios::binary);
        const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
        const json entry = json::parse(text);
        BackgroundProcess process;
        process.name = from_json(entry.at("name"));
        process.address = from_json(entry.at("address"));
        process.pid = entry.at("pid").get<pid_t>();
        process.keeper_pid = entry.at("keeper_pid").get<pid_t>();
        process.started = std::chrono::system_clock::time_point(
            std::chrono::milliseconds(entry.at("started_ms").get<std::int64_t>()));
        process.log = from_json(entry.at("log"));
        process.entry = path;
        const auto state = std::find(state_names.begin(), state_names.end(), entry.at("state").get<std::string>());
        if (state == state_names.end())
            return std::nullopt;
        process.state = static_cast<BackgroundState>(state - state_names.begin());
        if (background::start_ticks(process.keeper_pid) != entry.at("keeper_ticks").get<unsigned long long>())
            process.state = BackgroundState::gone;
        return process;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

} // namespace

std::string_view to_string(BackgroundState state) {
    return state_names.at(static_cast<std::size_t>(state));
}

fs::path background_folder() {
    fs::path folder = runtime_folder() / "pprocess";
    if (!folder.is_absolute()) {
        std::error_code error;
        fs::path temporary = fs::temp_directory_path(error);
        if (error)
            temporary = "/tmp";
        folder = temporary / ("pprocess-" + std::to_string(::geteuid()));
    }
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        throw SystemError(errno, "make the folder " + folder.string() + " that lists background processes",
                          "Set XDG_RUNTIME_DIR to a folder of yours that others cannot write to");
    if (!is_private_folder(folder, S_IRWXG | S_IRWXO))
        throw SystemError(EACCES, "use " + folder.string() + " to list background processes",
                          "It must be a folder of yours with mode 0700, and is not. Remove it, or set XDG_RUNTIME_DIR "
                          "to a folder of yours that others cannot write to");
    return folder;
}

std::vector<BackgroundProcess> background_processes() {
    std::vector<BackgroundProcess> processes;
    std::error_code error;
    for (const fs::directory_entry& file : fs::directory_iterator(background_folder(), error)) {
        if (file.path().extension() != extension)
            continue;
        if (auto process = read_entry(file.path()))
            processes.push_back(std::move(*process));
    }
    std::sort(processes.begin(), processes.end(), [](const BackgroundProcess& one, const BackgroundProcess& other) {
        return std::tie(one.started, one.pid) < std::tie(other.started, other.pid);
    });
    return processes;
}

std::size_t remove_entries_of_the_gone() {
    std::size_t count = 0;
    for (const BackgroundProcess& process : background_processes()) {
        if (process.state != BackgroundState::gone)
            continue;
        try {
            // Taking the address over and leaving it removes what is stale there and nothing else.
            os::SocketFile::listen(process.address).remove();
        } catch (const SystemError&) {
            // It is another's by now, or its folder is gone.
        }
        count += ::unlink(process.entry.c_str()) == 0 ? 1 : 0;
    }
    return count;
}

namespace background {

unsigned long long start_ticks(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    // The second field is the program's name in parentheses, which may hold anything.
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string::npos)
        return 0;
    std::size_t position = name_end + 2;
    if (text[position] == 'Z' || text[position] == 'X')
        return 0; // it has ended, and only its parent has not taken note
    constexpr int state = 3;
    constexpr int start_time = 22;
    for (int field = state; field < start_time; ++field)
        position = text.find(' ', position) + 1;
    return std::strtoull(text.c_str() + position, nullptr, 10);
}

Entry::Entry(BackgroundProcess process) : process_(std::move(process)) {
    process_.entry = background_folder() / (std::to_string(process_.keeper_pid) + "-" +
                                            std::to_string(start_ticks(process_.keeper_pid)) + std::string(extension));
}

void Entry::write(BackgroundState state) {
    process_.state = state;
    const json entry = {
        {"name", to_json(process_.name)},
        {"address", to_json(process_.address.string())},
        {"pid", process_.pid},
        {"keeper_pid", process_.keeper_pid},
        {"keeper_ticks", start_ticks(process_.keeper_pid)},
        {"started_ms",
         std::chrono::duration_cast<std::chrono::milliseconds>(process_.started.time_since_epoch()).count()},
        {"state", std::string(to_string(state))},
        {"log", to_json(process_.log.string())},
    };
    const fs::path unfinished = process_.entry.string() + ".new";
    {
        std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
        file << entry.dump(1) << '\n';
        file.close();
        if (!file)
            throw SystemError(errno, "write " + unfinished.string());
    }
    if (::rename(unfinished.c_str(), process_.entry.c_str()) != 0)
        throw SystemError(errno, "write " + process_.entry.string());
}

void Entry::remove() noexcept {
    if (!process_.entry.empty())
        ::unlink(process_.entry.c_str());
}

} // namespace background
} // namespace pprocess
