// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/job.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <system_error>

#include <pprocess/job/command_template.h>
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
        throw JobError(field, std::string("Cannot ") + verb + " the folder " + name + ": " + reason(errno) + ".");
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
        throw JobError(field, "Cannot read the file " + name + ": " + reason(errno) + ".");
    }
    if (S_ISDIR(status.st_mode))
        throw JobError(field, name + " is a folder. Choose a text file with one input a line.");
    if (!allows(file, R_OK)) {
        throw JobError(field, "Cannot read the file " + name + ": " + reason(errno) +
                                  ". Choose another or change its permissions.");
    }
}

void check_inputs(const Job& job) {
    if (const auto* list = std::get_if<ListInputs>(&job.inputs)) {
        if (list->items.empty())
            throw JobError("inputs.items", "The list of inputs is empty. Add at least one.");
    } else if (const auto* lines = std::get_if<LineInputs>(&job.inputs)) {
        if (lines->file.empty()) {
            throw JobError("inputs.file", "No file is given. Choose the one whose lines are the inputs.");
        }
        check_file(lines->file, "inputs.file");
    } else {
        const auto& files = std::get<FolderInputs>(job.inputs);
        if (files.folder.empty()) {
            throw JobError("inputs.folder", "No folder is given. Choose the one whose files are to be worked on.");
        }
        check_folder(files.folder, R_OK | X_OK, "inputs.folder", "read");
        if (split_patterns(files.pattern).empty()) {
            throw JobError("inputs.pattern", "The pattern is empty. Write * for every file, or one such as *.txt");
        }
        // The names would be looked for from the folder that the programs run in, and not be found there.
        if (files.folder.is_relative() && !job.working_folder.empty()) {
            throw JobError("inputs.folder",
                           "The folder " + printable(files.folder.native()) +
                               " must be given in full (beginning with /), because the command runs in " +
                               printable(job.working_folder.native()) + ".");
        }
    }
}

} // namespace

void validate(const Job& job) {
    const CommandTemplate command(job.command, job.use_shell);
    if (job.limit && *job.limit == 0) {
        throw JobError("limit", "The limit must be at least 1: with 0 programs at once nothing would ever run.");
    }
    if (!job.working_folder.empty())
        check_folder(job.working_folder, X_OK, "working_folder", "enter");
    if (const std::string program = command.program(); !program.empty()) {
        const ProgramPath found = find_program(program, job.working_folder.native());
        if (found.error)
            throw JobError("command", sentence(found.message));
    }
    check_inputs(job);
}

Job sample_job() {
    Job job;
    job.name = "SHA-256 of headers";
    job.command = "sha256sum {}";
    job.inputs = FolderInputs{.folder = "/usr/include", .pattern = "*.h;*.hpp", .recursive = true};
    return job;
}

} // namespace pprocess::job
