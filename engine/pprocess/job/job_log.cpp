// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/job_log.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <functional>
#include <thread>

#include <nlohmann/json.hpp>

#include <pprocess/job/json_text.h>
#include <pprocess/job/runner.h>
#include <pprocess/os/clock.h>
#include <pprocess/os/error.h>

namespace pprocess::job {

namespace {

using Json = nlohmann::ordered_json;

Json line_of(const Item& item, unsigned attempts, Outcome outcome) {
    Json line = Json::object();
    line["number"] = item.number + 1;
    line["input"] = text_to_json(item.text);
    line["outcome"] = to_string(outcome);
    line["attempts"] = attempts;
    return line;
}

void write_all(const os::Fd& file, const std::string& text, const std::filesystem::path& name) {
    const ssize_t count = os::retry([&] { return ::write(file.get(), text.data(), text.size()); });
    if (count != static_cast<ssize_t>(text.size()))
        throw SystemError(count < 0 ? errno : ENOSPC, "write to the job log " + printable(name.native()));
}

std::uint64_t key_of(const std::string& text) {
    return std::hash<std::string>()(text);
}

} // namespace

JobLog::JobLog(std::filesystem::path file) : file_(std::move(file)) {
    opened_ = os::Fd(::open(file_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666));
    if (!opened_.is_open())
        throw SystemError(errno, "open the job log " + printable(file_.native()));
    // What a crash left of a last line would swallow the next one.
    const off_t size = ::lseek(opened_.get(), 0, SEEK_END);
    char last = '\n';
    if (size > 0 && ::pread(opened_.get(), &last, 1, size - 1) == 1 && last != '\n')
        write_all(opened_, "\n", file_);
}

bool JobLog::lock(std::chrono::milliseconds patience) {
    const auto deadline = os::Deadline::after(patience);
    while (os::retry([&] { return ::flock(opened_.get(), LOCK_EX | LOCK_NB); }) < 0) {
        if (errno != EWOULDBLOCK)
            return true; // a file system without locks
        if (deadline.has_passed())
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5)); // no descriptor tells of a lock
    }
    return true;
}

std::string JobLog::note_of(const Item& item, unsigned attempts) {
    std::string text = line_of(item, attempts, Outcome::succeeded).dump();
    text.back() = ',';
    return text;
}

void JobLog::write(const ItemResult& result) {
    Json line = line_of({result.index, result.input}, result.attempts, result.outcome);
    line["detail"] = text_to_json(result.detail);
    if (result.has_exit_status())
        line["exit_status"] = result.program.exit_code;
    line["signal"] = result.program.signal;
    line["ended"] = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    line["seconds"] = std::chrono::duration<double>(result.duration).count();
    write_all(opened_, line.dump() + "\n", file_);
}

FinishedItems::FinishedItems(const std::filesystem::path& log) {
    const os::Fd file(::open(log.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) {
        if (errno == ENOENT)
            return;
        throw SystemError(errno, "read the job log " + printable(log.native()));
    }
    const auto lines = lines_of(file.get(), "the job log " + printable(log.native()));
    std::size_t read = 0;
    std::size_t understood = 0;
    for (Item line; lines->next(line) == ItemSource::Next::item; ++read) {
        const Json entry = Json::parse(line.text, nullptr, false);
        if (!entry.is_object() || !entry.contains("input") || !entry.contains("outcome"))
            continue;
        ++understood;
        if (entry["outcome"] != to_string(Outcome::succeeded))
            continue;
        ++counts_[key_of(text_from_json(entry["input"], "input"))];
        ++size_;
    }
    if (read > 1 && understood == 0) {
        throw JobError("log", printable(log.native()) +
                                  " is not the log of a job: none of its lines names an input and its outcome. Give "
                                  "the file that was written by --log, or remove this one.");
    }
}

bool FinishedItems::take(const Item& item) {
    const auto found = counts_.find(key_of(item.text));
    if (found == counts_.end())
        return false;
    --size_;
    if (--found->second == 0)
        counts_.erase(found);
    return true;
}

} // namespace pprocess::job
