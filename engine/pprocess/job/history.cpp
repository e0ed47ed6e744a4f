// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/history.h>

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <system_error>

#include <nlohmann/json.hpp>

#include <pprocess/background/directory.h>
#include <pprocess/job/json_text.h>
#include <pprocess/job/output_file.h>

namespace pprocess::job {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using WallClock = std::chrono::system_clock;

constexpr const char* about_name = "run.json";
constexpr const char* lock_name = "lock";

double to_seconds(WallClock::time_point time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

WallClock::time_point from_seconds(double seconds) {
    return WallClock::time_point(
        std::chrono::duration_cast<WallClock::duration>(std::chrono::duration<double>(seconds)));
}

/// The lock of a run's folder; not open when somebody else has it.
os::Fd take_lock(const fs::path& folder) {
    os::Fd lock(::open((folder / lock_name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock.is_open())
        throw SystemError(errno, "open the run " + printable(folder.native()));
    if (os::retry([&] { return ::flock(lock.get(), LOCK_EX | LOCK_NB); }) < 0) {
        if (errno == EWOULDBLOCK)
            return {};
        throw SystemError(errno, "lock the run " + printable(folder.native()));
    }
    return lock;
}

bool is_locked(const fs::path& folder) {
    const os::Fd lock(::open((folder / lock_name).c_str(), O_RDONLY | O_CLOEXEC));
    return lock.is_open() && ::flock(lock.get(), LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

std::optional<PastRun> read_run(const fs::path& folder) {
    std::ifstream file(folder / about_name);
    const Json about = Json::parse(file, nullptr, false);
    if (!about.is_object() || !about.contains("started") || !about["started"].is_number())
        return {};
    PastRun run;
    run.folder = folder;
    try {
        run.name = text_from_json(about.value("name", Json("")), "name");
        run.started = from_seconds(about["started"]);
        if (about.contains("ended"))
            run.ended = from_seconds(about["ended"]);
        run.total = about.value("total", std::size_t{0});
        run.succeeded = about.value("succeeded", std::size_t{0});
        run.failed = about.value("failed", std::size_t{0});
        std::error_code unknown;
        run.has_trace = fs::exists(run.trace(), unknown);
        run.state = about.value("stopped", false) ? RunState::stopped
                    : run.ended                   ? RunState::ended
                                                  : RunState::broken_off;
    } catch (const std::exception&) {
        return {}; // somebody else's, or of a later version
    }
    if (is_locked(folder))
        run.state = RunState::running;
    return run;
}

std::uint64_t size_of(const fs::path& folder) {
    std::uint64_t bytes = 0;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        if (const auto size = entry.file_size(error); !error)
            bytes += size;
    }
    return bytes;
}

/// What a run that nobody finished has done, from its log.
void count_from_log(PastRun& run) {
    try {
        run.succeeded = FinishedItems(run.log()).size();
    } catch (const Error&) {
        run.succeeded = 0;
    }
}

std::string stamp(WallClock::time_point time) {
    const std::time_t seconds = WallClock::to_time_t(time);
    std::tm local{};
    ::localtime_r(&seconds, &local);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y%m%d-%H%M%S", &local);
    return text.data();
}

} // namespace

std::string_view to_string(RunState state) {
    switch (state) {
    case RunState::running:
        return "running";
    case RunState::ended:
        return "ended";
    case RunState::stopped:
        return "stopped";
    case RunState::broken_off:
        return "broken off";
    }
    return "unknown";
}

fs::path history_folder() {
    if (const char* state = std::getenv("XDG_STATE_HOME"); state && state[0] == '/')
        return fs::path(state) / "pprocess" / "runs";
    const char* home = std::getenv("HOME");
    if (!home || home[0] != '/') {
        const passwd* user = ::getpwuid(::getuid());
        home = user ? user->pw_dir : "/";
    }
    return fs::path(home) / ".local" / "state" / "pprocess" / "runs";
}

std::vector<PastRun> past_runs(const fs::path& history) {
    std::vector<PastRun> runs;
    std::error_code missing;
    for (const fs::directory_entry& entry : fs::directory_iterator(history, missing)) {
        if (auto run = past_run(entry.path()))
            runs.push_back(std::move(*run));
    }
    std::sort(runs.begin(), runs.end(), [](const PastRun& one, const PastRun& other) {
        return one.started != other.started ? one.started > other.started : one.folder > other.folder;
    });
    return runs;
}

std::optional<PastRun> past_run(const fs::path& folder) {
    auto run = read_run(folder);
    if (run && run->state == RunState::broken_off)
        count_from_log(*run);
    return run;
}

void forget_run(const PastRun& run) {
    std::error_code missing;
    const fs::path address = fs::canonical(run.folder, missing) / run.background_address().filename();
    for (const BackgroundProcess& process : background_processes()) {
        if (process.address == address && process.state != BackgroundState::gone)
            throw SystemError(EBUSY, "forget the run of " + printable(run.name),
                              "A background process keeps its results. Collect them, or stop it, first");
    }
    const os::Fd lock = take_lock(run.folder);
    if (!lock.is_open())
        throw SystemError(EBUSY, "forget the run of " + printable(run.name), "It is running. Stop it first");
    std::error_code error;
    fs::remove_all(run.folder, error);
    if (error)
        throw SystemError(error.value(), "remove " + printable(run.folder.native()));
}

std::size_t prune_history(const HistoryLimits& limits, const fs::path& history) {
    std::size_t kept = 0;
    std::uint64_t bytes = 0;
    std::size_t forgotten = 0;
    for (const PastRun& run : past_runs(history)) { // the latest first
        if (run.state != RunState::ended)
            continue;
        bytes += size_of(run.folder);
        if (++kept <= limits.runs && bytes <= limits.bytes)
            continue;
        try {
            forget_run(run);
            ++forgotten;
        } catch (const SystemError&) {
            // Somebody has begun to run it again, or has not collected it.
        }
    }
    return forgotten;
}

RunEntry::RunEntry(const Job& job, std::size_t total, const fs::path& history) {
    std::error_code error;
    fs::create_directories(history, error);
    if (error)
        throw SystemError(error.value(), "make the folder " + printable(history.native()));
    run_.started = WallClock::now();
    run_.name = job.name;
    run_.total = total;
    const std::string name = stamp(run_.started);
    for (unsigned attempt = 0;; ++attempt) {
        run_.folder = history / (attempt == 0 ? name : name + "-" + std::to_string(attempt));
        if (::mkdir(run_.folder.c_str(), 0700) == 0)
            break;
        if (errno != EEXIST || attempt == 10000)
            throw SystemError(errno, "make the folder " + printable(run_.folder.native()));
    }
    lock();
    save(job, run_.job_file());
    write();
}

RunEntry::RunEntry(const PastRun& run) : run_(run) {
    lock();
    run_.ended.reset();
    run_.state = RunState::broken_off;
    write();
}

void RunEntry::lock() {
    lock_ = take_lock(run_.folder);
    if (!lock_.is_open()) {
        throw SystemError(EBUSY, "go on with the run of " + printable(run_.name),
                          "It is running already, in another window or terminal");
    }
}

void RunEntry::write() const {
    Json about = Json::object();
    about["version"] = 1;
    about["name"] = text_to_json(run_.name);
    about["started"] = to_seconds(run_.started);
    if (run_.ended)
        about["ended"] = to_seconds(*run_.ended);
    about["total"] = run_.total;
    about["succeeded"] = run_.succeeded;
    about["failed"] = run_.failed;
    about["stopped"] = run_.state == RunState::stopped;
    replace_file(run_.folder / about_name, about.dump(4) + "\n");
}

void RunEntry::finish(bool was_stopped, std::size_t succeeded, std::size_t failed) {
    run_.state = was_stopped ? RunState::stopped : RunState::ended;
    run_.ended = WallClock::now();
    run_.succeeded = succeeded;
    run_.failed = failed;
    write();
}

} // namespace pprocess::job
