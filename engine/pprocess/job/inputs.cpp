// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/job.h>

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <pprocess/job/grid.h>
#include <pprocess/job/item_source.h>
#include <pprocess/job/name_patterns.h>

namespace pprocess::job {

namespace {

std::string reason(int error) {
    return std::system_category().message(error);
}

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

enum class Kind { file, folder, other };

/// What a folder's entry is. A link counts as the file that it leads to, but never as a folder: links between folders
/// may go round in circles.
Kind kind_of(int folder, const dirent& entry) {
    if (entry.d_type == DT_REG)
        return Kind::file;
    if (entry.d_type == DT_DIR)
        return Kind::folder;
    if (entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN)
        return Kind::other;
    struct stat status {};
    if (::fstatat(folder, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return Kind::other;
    if (S_ISDIR(status.st_mode))
        return Kind::folder;
    if (S_ISLNK(status.st_mode) && ::fstatat(folder, entry.d_name, &status, 0) < 0)
        return Kind::other;
    return S_ISREG(status.st_mode) ? Kind::file : Kind::other;
}

/// Collects the files of one folder; returns the errno with which it could not be read, or 0. `path` ends with a slash.
int collect_folder(const std::string& path, const std::vector<std::string>& patterns, std::vector<std::string>& files,
                   std::vector<std::string>* subfolders, const std::stop_token& stop) {
    const Folder folder(::opendir(path.c_str()));
    if (!folder)
        return errno;
    for (;;) {
        errno = 0;
        const dirent* entry = ::readdir(folder.get());
        if (!entry)
            return errno;
        if (stop.stop_requested())
            throw SearchStopped();
        const char* name = entry->d_name;
        if (std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0)
            continue;
        const bool fits = std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
            return ::fnmatch(pattern.c_str(), name, 0) == 0;
        });
        // Most entries are told apart without asking the file system once more.
        if (!fits && entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)
            continue;
        switch (kind_of(::dirfd(folder.get()), *entry)) {
        case Kind::file:
            if (fits)
                files.push_back(path + name);
            break;
        case Kind::folder:
            if (subfolders)
                subfolders->push_back(path + name + "/");
            break;
        case Kind::other:
            break;
        }
    }
}

std::vector<std::string> collect(const FolderInputs& inputs, std::vector<std::string>* problems,
                                 const std::stop_token& stop) {
    std::string top = inputs.folder.native();
    if (top.empty())
        throw JobError("inputs.folder", "No folder is given. Choose the one whose files are to be worked on.");
    if (top.front() == '-')
        top.insert(0, "./"); // or each of its files would look like an option to the command
    if (top.back() != '/')
        top += '/';

    const std::vector<std::string> patterns = split_patterns(inputs.pattern);
    std::vector<std::string> files;
    std::vector<std::string> left{top};
    while (!left.empty()) {
        const std::string path = std::move(left.back());
        left.pop_back();
        const int error = collect_folder(path, patterns, files, inputs.recursive ? &left : nullptr, stop);
        if (error == 0)
            continue;
        const std::string text = "cannot read the folder " + printable(path) + ": " + reason(error);
        if (path == top)
            throw JobError("inputs.folder",
                           "Cannot read the folder " + printable(top) + ": " + reason(error) + ". Choose another.");
        if (problems)
            problems->push_back(text);
    }
    if (files.empty()) {
        throw JobError("inputs.pattern", "No file in " + printable(inputs.folder.native()) +
                                             (inputs.recursive ? " or below it" : "") + " matches " +
                                             printable(inputs.pattern) +
                                             ". Change the pattern (* stands for every file) or the folder.");
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<std::string> collect(const ListInputs& inputs) {
    if (inputs.items.empty())
        throw JobError("inputs.items", "The list of inputs is empty. Add at least one.");
    return inputs.items;
}

/// Everything that a source without later items gives.
std::vector<std::string> drain(ItemSource& source, const std::stop_token& stop) {
    std::vector<std::string> texts;
    for (Item item; source.next(item) == ItemSource::Next::item;) {
        if (stop.stop_requested())
            throw SearchStopped();
        texts.push_back(std::move(item.text));
    }
    return texts;
}

std::vector<std::string> collect_file(const Inputs& inputs, const std::filesystem::path& file, const char* unit,
                                      const std::stop_token& stop) {
    std::vector<std::string> records = drain(*open_inputs(inputs), stop);
    if (records.empty())
        throw JobError("inputs.file", "The file " + printable(file.native()) + " has no " + unit +
                                          " that is not empty. Choose another.");
    return records;
}

} // namespace

std::vector<std::string> split_patterns(std::string_view text) {
    constexpr std::string_view blanks = " \t";
    std::vector<std::string> patterns;
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t end = std::min(text.find(';', start), text.size());
        std::string_view pattern = text.substr(start, end - start);
        start = end + 1;
        const std::size_t first = pattern.find_first_not_of(blanks);
        if (first == std::string_view::npos)
            continue;
        pattern = pattern.substr(first, pattern.find_last_not_of(blanks) - first + 1);
        patterns.emplace_back(pattern);
    }
    return patterns;
}

std::vector<std::string> collect_inputs(const Inputs& inputs, std::vector<std::string>* problems,
                                        const std::stop_token& stop) {
    if (const auto* folder = std::get_if<FolderInputs>(&inputs))
        return collect(*folder, problems, stop);
    if (const auto* list = std::get_if<ListInputs>(&inputs))
        return collect(*list);
    if (const auto* lines = std::get_if<LineInputs>(&inputs))
        return collect_file(inputs, lines->file, "line", stop);
    if (const auto* table = std::get_if<TableInputs>(&inputs))
        return collect_file(inputs, table->file, "row", stop);
    if (std::holds_alternative<GridInputs>(inputs))
        return drain(*open_inputs(inputs), stop);
    throw JobError("inputs.standard_input",
                   "The inputs of this job come by standard input, which only ppctl run can read. Choose others here.");
}

std::vector<std::string> columns_of(const Inputs& inputs) {
    if (const auto* grid = std::get_if<GridInputs>(&inputs))
        return Grid(*grid).names();
    if (std::holds_alternative<TableInputs>(inputs))
        return open_inputs(inputs)->columns();
    return {};
}

} // namespace pprocess::job
