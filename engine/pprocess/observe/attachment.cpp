// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/observe/attachment.h>

#include <signal.h>

#include <algorithm>
#include <utility>
#include <variant>

#include <pprocess/observe/event_batch.h>
#include <pprocess/observe/inspection_protocol.h>
#include <pprocess/os/socket_file.h>

namespace pprocess {

using namespace observe;

namespace {

/// A state with very many ended processes in it takes some room.
constexpr std::uint64_t largest_notice = std::uint64_t{256} << 20;

} // namespace

Attachment::Attachment(const InspectableProgram& program)
    : program_(program),
      channel_(os::connect_to(program.address), os::Process()),
      is_over_(false) {
    channel_.limit_incoming(largest_notice);
    channel_.hide_from_observers(); // or a program that watches itself would never be done
}

Attachment::Attachment(std::string_view name_or_pid) : Attachment(inspectable_program(name_or_pid)) {}

void Attachment::end(std::string reason) {
    ending_ = std::move(reason);
    is_over_ = true;
    channel_.close();
}

void Attachment::detach() {
    if (!is_over_)
        end("detached");
}

void Attachment::hand_over(const Event& event, std::span<const std::byte> payload, const Callbacks& callbacks) {
    seen_ = std::max(seen_, event.time);
    if (event.kind == EventKind::process_ended && event.process == program_.pid)
        program_has_ended_ = true;
    if (callbacks.event)
        callbacks.event(event, payload);
}

Attachment::Step Attachment::step(const Callbacks& callbacks, std::size_t most_bytes) {
    std::size_t bytes = 0;
    while (!is_over_) {
        Notice notice;
        try {
            channel_.flush();
            if (!channel_.pump())
                return Step::waiting;
            notice = channel_.receive<Notice>();
        } catch (const ChannelClosed&) {
            end(program_has_ended_ ? "the program has ended" : "its inspector has ended the connection");
            break;
        } catch (const Error& error) {
            end(std::string("what its inspector sends cannot be understood: ") + error.what());
            break;
        }
        try {
            if (auto* present = std::get_if<Present>(&notice)) {
                if (present->version != inspection_version)
                    throw ProtocolError("it is of another version of pprocess");
                allows_control_ = present->allows_control;
                Snapshot state = Snapshot::restore(decode_snapshot(present->snapshot));
                seen_ = std::max(seen_, state.end());
                const ProcessInfo* process = state.process_of_pid(program_.pid);
                program_has_ended_ = process && process->ended != 0;
                bytes += present->snapshot.size();
                if (callbacks.present)
                    callbacks.present(std::move(state));
            } else if (const auto* happened = std::get_if<Happened>(&notice)) {
                const EventBatch batch = decode_batch(happened->events);
                bytes += happened->events.size();
                batch.each([&](const Event& event, std::span<const std::byte> payload) {
                    hand_over(event, payload, callbacks);
                });
            } else if (const auto& answer = std::get<Answer>(notice); callbacks.answered) {
                callbacks.answered(answer.command, answer.refusal);
            }
        } catch (const ProtocolError& error) {
            end(std::string("what its inspector sends cannot be understood: ") + error.what());
            break;
        }
        if (bytes >= most_bytes)
            return is_over_ ? Step::over : Step::more;
    }
    return Step::over;
}

std::uint64_t Attachment::send(int kind, double rate, pid_t pid, std::uint64_t exchange, std::uint64_t task, How how) {
    if (is_over_)
        return 0;
    try {
        channel_.post(Command{.kind = static_cast<Command::Kind>(kind),
                              .number = ++commands_,
                              .rate = rate,
                              .process = pid,
                              .exchange = exchange,
                              .task = task,
                              .signal = how == How::ask ? SIGTERM : SIGKILL,
                              .seen = seen_});
    } catch (const ChannelClosed&) {
        return 0; // as the next step will say
    }
    return commands_;
}

std::uint64_t Attachment::set_sample_rate(double rate) {
    return send(static_cast<int>(Command::Kind::set_rate), rate, 0, 0, 0, How::ask);
}

std::uint64_t Attachment::end_process(pid_t pid, How how) {
    return send(static_cast<int>(Command::Kind::end_process), 0, pid, 0, 0, how);
}

std::uint64_t Attachment::end_task(std::uint64_t exchange, std::uint64_t task, How how) {
    return send(static_cast<int>(Command::Kind::end_task), 0, 0, exchange, task, how);
}

} // namespace pprocess
