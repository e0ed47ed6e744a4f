// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/observe/inspector.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <pprocess/launch/find_launcher.h>
#include <pprocess/launch/spawn_launcher.h>
#include <pprocess/observe/inspector_process.h>
#include <pprocess/os/epoll.h>
#include <pprocess/os/error.h>
#include <pprocess/os/socket.h>

namespace pprocess {

namespace {

/// Set by the one that lives.
std::atomic<const Inspector*> inspector_of_this_program{nullptr};

/// A process that is to be this program's inspector has so long to set itself up.
constexpr std::chrono::seconds patience{10};

std::string own_command_line() {
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    std::string words((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    while (!words.empty() && words.back() == '\0')
        words.pop_back();
    std::replace(words.begin(), words.end(), '\0', ' ');
    return words;
}

std::string own_name() {
    std::error_code error;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? std::to_string(::getpid()) : program.filename().string();
}

/// Starts the process that inspects this one, and returns when it can be attached to.
os::Fd start_inspector(int record, const InspectorOptions& options) {
    const std::filesystem::path launcher = launch::find_launcher();
    auto [ours, theirs] = os::packet_pair();
    const os::Fd null(os::check(::open("/dev/null", O_WRONLY | O_CLOEXEC), "open /dev/null"));
    const std::string name = options.name.empty() ? own_name() : options.name;
    const pid_t child = launch::spawn_launcher(
        launcher,
        {observe::inspect_word, std::to_string(::getpid()), options.allow_control ? "control" : "read-only", name},
        // The last one last: another may have that number here.
        {{record, STDIN_FILENO}, {null.get(), STDOUT_FILENO}, {theirs.get(), STDERR_FILENO + 1}}, false);
    theirs.reset();
    os::retry([&] { return ::waitpid(child, nullptr, 0); }); // only to create another, and ends

    std::array<char, 1024> answer{};
    const bool has_answered = os::wait_readable(ours.get(), os::Deadline::after(patience));
    const ssize_t size = has_answered ? os::receive_some(ours.get(), answer.data(), answer.size()) : 0;
    const std::string text(answer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    if (text != "ready")
        throw Error("the inspector of this program, " + launcher.string() + ", did not start: " +
                    (text.empty() ? "it has ended or does not answer; is it of another version of pprocess?" : text));
    return std::move(ours);
}

} // namespace

struct Inspector::Parts {
    explicit Parts(const InspectorOptions& options)
        : recorder(options.memory),
          link(start_inspector(recorder.shared_descriptor(), options)) {}

    Recorder recorder;
    os::Fd link;
};

Inspector::Inspector(const InspectorOptions& options) {
    os::never_observe_on_request(); // as this is more than that
    if (inspector_of_this_program.load())
        return;
    parts_ = std::make_unique<Parts>(options);
    inspector_of_this_program.store(this);
    os::tell(parts_->recorder, {.process = os::own_pid(), .kind = EventKind::program_described}, own_command_line());
}

Inspector::~Inspector() {
    if (!parts_)
        return;
    const Inspector* self = this;
    inspector_of_this_program.compare_exchange_strong(self, nullptr);
    if (parts_->link.is_open()) // and not a creator's
        static_cast<void>(::send(parts_->link.get(), "", 1, MSG_NOSIGNAL | MSG_DONTWAIT));
}

} // namespace pprocess
