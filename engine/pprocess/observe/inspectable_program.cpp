// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/observe/inspectable_program.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <tuple>

#include <nlohmann/json.hpp>

#include <pprocess/background/directory.h>
#include <pprocess/os/error.h>

namespace pprocess {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view entry_extension = ".inspect";
constexpr std::string_view socket_extension = ".inspect-socket";

struct Found {
    InspectableProgram program;
    bool is_stale = false;
};

/// Empty for a file that is none, or is being removed.
std::optional<Found> read_entry(const fs::path& path) {
    try {
        std::ifstream file(path, std::ios::binary);
        const json entry = json::parse(file);
        Found found;
        InspectableProgram& program = found.program;
        program.name = entry.at("name").get<std::string>();
        program.pid = entry.at("pid").get<pid_t>();
        program.inspector_pid = entry.at("inspector_pid").get<pid_t>();
        program.command_line = entry.at("command_line").get<std::string>();
        program.started = std::chrono::system_clock::time_point(
            std::chrono::milliseconds(entry.at("started_ms").get<std::int64_t>()));
        program.allows_control = entry.at("allows_control").get<bool>();
        const auto ticks = entry.at("ticks").get<unsigned long long>();
        program.is_running = ticks != 0 && background::start_ticks(program.pid) == ticks;
        program.entry = path;
        program.address = fs::path(path).replace_extension(socket_extension);
        found.is_stale =
            background::start_ticks(program.inspector_pid) != entry.at("inspector_ticks").get<unsigned long long>();
        return found;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

std::string described(const InspectableProgram& program) {
    std::string words = program.command_line;
    constexpr std::size_t most = 60;
    if (words.size() > most)
        words = words.substr(0, most) + "...";
    return std::to_string(program.pid) + " (" + words + ")";
}

} // namespace

std::vector<InspectableProgram> inspectable_programs() {
    std::vector<InspectableProgram> programs;
    std::error_code error;
    for (const fs::directory_entry& file : fs::directory_iterator(background_folder(), error)) {
        if (file.path().extension() != entry_extension)
            continue;
        auto found = read_entry(file.path());
        if (!found)
            continue;
        if (found->is_stale) {
            // The pid and the start time in its name are a dead process's for good: nobody else makes these files.
            ::unlink(found->program.address.c_str());
            ::unlink(found->program.entry.c_str());
            continue;
        }
        programs.push_back(std::move(found->program));
    }
    std::sort(programs.begin(), programs.end(), [](const InspectableProgram& one, const InspectableProgram& other) {
        return std::tie(one.started, one.pid) < std::tie(other.started, other.pid);
    });
    return programs;
}

InspectableProgram inspectable_program(std::string_view name_or_pid) {
    const auto programs = inspectable_programs();
    pid_t pid = 0;
    const char* const end = name_or_pid.data() + name_or_pid.size();
    const bool is_number = std::from_chars(name_or_pid.data(), end, pid).ptr == end && !name_or_pid.empty();
    std::vector<const InspectableProgram*> candidates;
    for (const InspectableProgram& program : programs) {
        if (is_number && program.pid == pid)
            return program;
        if (program.name == name_or_pid)
            candidates.push_back(&program);
    }
    const std::string wanted(name_or_pid);
    if (candidates.size() == 1)
        return *candidates.front();
    if (!candidates.empty()) {
        std::string list;
        for (const InspectableProgram* program : candidates)
            list += "\n  " + described(*program);
        throw Error("several programs are called '" + wanted + "'; name one by its pid:" + list);
    }
    std::string list;
    for (const InspectableProgram& program : programs)
        list += (list.empty() ? "" : ", ") + program.name + " (" + std::to_string(program.pid) + ")";
    throw Error("there is no inspectable program '" + wanted + "'" +
                (list.empty() ? ", nor any other. Start one with PPROCESS_INSPECT=1 in its environment."
                              : ". There are: " + list));
}

namespace observe {

void choose_places(InspectableProgram& program) {
    const std::string stem =
        std::to_string(program.inspector_pid) + "-" + std::to_string(background::start_ticks(program.inspector_pid));
    const fs::path folder = background_folder();
    program.entry = folder / (stem + std::string(entry_extension));
    program.address = folder / (stem + std::string(socket_extension));
}

void write_entry(InspectableProgram& program) {
    if (program.entry.empty())
        choose_places(program);
    const json entry = {
        {"name", program.name},
        {"pid", program.pid},
        {"ticks", background::start_ticks(program.pid)},
        {"inspector_pid", program.inspector_pid},
        {"inspector_ticks", background::start_ticks(program.inspector_pid)},
        {"command_line", program.command_line},
        {"started_ms",
         std::chrono::duration_cast<std::chrono::milliseconds>(program.started.time_since_epoch()).count()},
        {"allows_control", program.allows_control},
    };
    const fs::path unfinished = program.entry.string() + ".new";
    {
        std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
        // A command line may hold any bytes; for reading, those that are no text are marked as such.
        file << entry.dump(1, ' ', false, json::error_handler_t::replace) << '\n';
        file.close();
        if (!file)
            throw SystemError(errno, "write " + unfinished.string());
    }
    if (::rename(unfinished.c_str(), program.entry.c_str()) != 0)
        throw SystemError(errno, "write " + program.entry.string());
}

} // namespace observe
} // namespace pprocess
