// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/job.h>

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <system_error>

#include <pprocess/job/command_template.h>
#include <pprocess/job/grid.h>
#include <pprocess/job/name_patterns.h>
#include <pprocess/launch/program_path.h>

namespace pprocess::job {

namespace {

std::string reason(int error) {
    return std::system_category().message(error);
}

/// A finding of a lower floor as a sentence. One that begins with a program's name keeps the name's spelling.
std::string sentence(const std::string& message) {
    std::string text = printable(message);
    if (text.starts_with("no such program:") || text.starts_with("cannot ")) {
        text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
    }
    return text + ".";
}

bool allows(const std::filesystem::path& path, int rights) {
    return ::faccessat(AT_FDCWD, path.c_str(), rights, AT_EACCESS) == 0;
}

void check_folder(const std::filesystem::path& folder, int rights, const char* field, const char* verb) {
    const std::string name = printable(folder.native());
    struct stat status {};
    if (::stat(folder.c_str(), &status) < 0) {
        if (errno == ENOENT)
            throw JobError(field, "There is no folder " + name + ". Choose one that exists.");
        throw JobError(field, std::string("Cannot ") + verb + " the folder " + name + ": " + reason(errno) +
                                  ". Choose another.");
    }
    if (!S_ISDIR(status.st_mode))
        throw JobError(field, name + " is not a folder. Choose a folder.");
    if (!allows(folder, rights)) {
        throw JobError(field, std::string("Cannot ") + verb + " the folder " + name + ": " + reason(errno) +
                                  ". Choose another or change its permissions.");
    }
}

void check_file(const std::filesystem::path& file, const char* field) {
    const std::string name = printable(file.native());
    struct stat status {};
    if (::stat(file.c_str(), &status) < 0) {
        if (errno == ENOENT)
            throw JobError(field, "There is no file " + name + ". Choose one that exists.");
        throw JobError(field, "Cannot read the file " + name + ": " + reason(errno) + ". Choose another.");
    }
    if (S_ISDIR(status.st_mode))
        throw JobError(field, name + " is a folder. Choose a file.");
    if (!allows(file, R_OK)) {
        throw JobError(field, "Cannot read the file " + name + ": " + reason(errno) +
                                  ". Choose another or change its permissions.");
    }
}

/// A name would be looked for from the folder that the steps run in, and not be found there.
void check_is_full(const std::filesystem::path& path, const Job& job, const char* field, const char* what) {
    if (path.is_relative() && !job.working_folder.empty()) {
        throw JobError(field, std::string("The ") + what + " " + printable(path.native()) +
                                  " must be given in full (beginning with /), because the command runs in " +
                                  printable(job.working_folder.native()) + ".");
    }
}

void check_inputs(const FolderInputs& files, const Job& job) {
    if (files.folder.empty())
        throw JobError("inputs.folder", "No folder is given. Choose the one whose files are to be worked on.");
    check_folder(files.folder, R_OK | X_OK, "inputs.folder", "read");
    if (split_patterns(files.pattern).empty())
        throw JobError("inputs.pattern", "The pattern is empty. Write * for every file, or one such as *.txt");
    check_is_full(files.folder, job, "inputs.folder", "folder");
}
void check_inputs(const ListInputs& list, const Job&) {
    if (list.items.empty())
        throw JobError("inputs.items", "The list of inputs is empty. Add at least one.");
}
void check_inputs(const LineInputs& lines, const Job&) {
    if (lines.file.empty())
        throw JobError("inputs.file", "No file is given. Choose the one whose lines are the inputs.");
    check_file(lines.file, "inputs.file");
}
void check_inputs(const TableInputs& table, const Job&) {
    if (table.file.empty())
        throw JobError("inputs.file", "No file is given. Choose the one whose rows are the inputs.");
    check_file(table.file, "inputs.file");
}
void check_inputs(const GridInputs& grid, const Job&) {
    (void)Grid(grid);
}
void check_inputs(const StandardInput&, const Job&) {}

void check_command(const Command& command, const std::vector<std::string>& columns, bool is_first, const Job& job) {
    const CommandTemplate read(command.line, command.use_shell, columns, is_first);
    const bool has_own_path = std::any_of(job.environment.begin(), job.environment.end(),
                                          [](const auto& variable) { return variable.first == "PATH"; });
    const std::string program = read.program();
    if (program.empty() || has_own_path)
        return;
    if (const ProgramPath found = find_program(program, job.working_folder.native()); found.error)
        throw JobError("command",
                       sentence(found.message) + " Write the name of an installed program, or its whole path.");
}

void check_steps(const Job& job, const std::vector<std::string>& columns) {
    const std::vector<Step> steps = steps_of(job);
    for (std::size_t place = 0; place < steps.size(); ++place) {
        const std::string prefix = place == 0 ? std::string() : "then[" + std::to_string(place - 1) + "].";
        try {
            if (const auto* command = std::get_if<Command>(&steps[place])) {
                check_command(*command, columns, place == 0, job);
            } else {
                const std::filesystem::path& library = std::get<Function>(steps[place]).library;
                if (library.empty())
                    throw JobError("function.library", "No task library is given. Choose a shared object with tasks.");
                check_file(library, "function.library");
            }
        } catch (const JobError& error) {
            throw JobError(prefix + error.field(), error.what());
        }
    }
}

void check_surroundings(const Job& job) {
    if (!job.working_folder.empty())
        check_folder(job.working_folder, X_OK, "working_folder", "enter");
    for (const auto& [name, value] : job.environment) {
        if (name.empty()) {
            throw JobError("environment",
                           "An empty text cannot be the name of a variable: there is none in front of \"" +
                               printable(value) + "\". Write NAME=VALUE.");
        }
        if (name.find('=') != std::string::npos || (name + value).find('\0') != std::string::npos) {
            throw JobError("environment",
                           "\"" + printable(name) +
                               "\" cannot be the name of a variable. Write NAME and its value, with no = "
                               "in the name.");
        }
    }
    if (job.niceness < -20 || job.niceness > 19)
        throw JobError("niceness", "The priority must be from -20 (first) to 19 (last).");
    rlimit most{};
    if (job.niceness < 0 && ::geteuid() != 0 && ::getrlimit(RLIMIT_NICE, &most) == 0 &&
        static_cast<int>(20 - most.rlim_cur) > ::getpriority(PRIO_PROCESS, 0) + job.niceness) {
        throw JobError("niceness", "Only the administrator may put processes before others. Choose 0 or more.");
    }
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    ::sched_getaffinity(0, sizeof allowed, &allowed);
    for (const unsigned core : job.cores) {
        if (core >= CPU_SETSIZE || !CPU_ISSET(core, &allowed)) {
            throw JobError("cores", "Processor " + std::to_string(core) +
                                        " does not exist or may not be used here. Choose among those of this machine "
                                        "(numbered from 0).");
        }
    }
}

} // namespace

const char* to_string(Pattern pattern) {
    switch (pattern) {
    case Pattern::map:
        return "map";
    case Pattern::queue:
        return "queue";
    case Pattern::exchange:
        return "exchange";
    case Pattern::continuous:
        return "continuous";
    }
    return "unknown";
}

void validate(const Job& job) {
    // Only these have columns, without which their commands cannot be read.
    const bool has_columns =
        std::holds_alternative<TableInputs>(job.inputs) || std::holds_alternative<GridInputs>(job.inputs);
    std::vector<std::string> columns;
    if (has_columns) {
        std::visit([&](const auto& inputs) { check_inputs(inputs, job); }, job.inputs);
        columns = columns_of(job.inputs);
    }
    if (!job.function)
        (void)CommandTemplate(job.command, job.use_shell, columns);
    if (job.limit && *job.limit == 0)
        throw JobError("limit", "The limit must be at least 1: with 0 programs at once nothing would ever run.");
    if (job.batch && *job.batch == 0) {
        throw JobError("batch",
                       "A process must have at least 1 item in hand. Leave the number out to have it chosen by "
                       "how long the items take.");
    }
    if (job.pattern == Pattern::continuous && std::holds_alternative<Function>(steps_of(job).back())) {
        throw JobError("pattern", "Lines can be seen as they are written only of a command, but the last step calls a "
                                  "function. Choose another pattern, or a command as the last step.");
    }
    if (job.timeout && job.timeout->count() <= 0)
        throw JobError("timeout", "The time limit must be more than 0. Leave it out for none.");
    check_surroundings(job);
    check_steps(job, columns);
    std::visit([&](const auto& inputs) { check_inputs(inputs, job); }, job.inputs);
}

Job sample_job() {
    Job job;
    job.name = "SHA-256 of headers";
    job.command = "sha256sum {}";
    job.inputs = FolderInputs{.folder = "/usr/include", .pattern = "*.h;*.hpp", .recursive = true};
    return job;
}

} // namespace pprocess::job
