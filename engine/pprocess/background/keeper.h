// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <capnp/common.h>
#include <kj/array.h>

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <pprocess/background/directory.h>
#include <pprocess/background/options.h>
#include <pprocess/message/frame.h>
#include <pprocess/os/epoll.h>
#include <pprocess/os/process.h>
#include <pprocess/os/socket_file.h>

namespace pprocess::background {

/// What a background process is made of beside the process that runs its function: its parent, which listens at the
/// address, keeps what it sends until a collector acknowledges it, and tells how it ended. Since it runs nothing of the
/// user's, it answers at once whatever the function does, and outlives a crash there.
///
/// One collector at a time is attached. What it sends goes to the function, as over any channel.
class Keeper {
public:
    /// What it takes over.
    struct Charge {
        os::SocketFile file;       ///< where it listens
        os::Fd socket;             ///< this end of the function's channel
        os::Process process;       ///< the one that runs the function, a child of this one
        Entry entry;               ///< in the directory
        BackgroundOptions options; ///< as the user chose
    };

    /// Begins to watch. Throws `SystemError` when descriptors are short.
    explicit Keeper(Charge charge);

    /// Serves until everything has been collected, the time to live is over, or it is told to stop.
    void run();

private:
    /// Something kept for a collector.
    struct Item {
        message::FrameKind kind;
        std::array<std::byte, message::frame_header_size> header;
        kj::Array<capnp::word> body;

        [[nodiscard]] std::uint64_t size() const noexcept { return header.size() + body.size() * sizeof(capnp::word); }
    };

    /// A connection, from whom we know only that it is of the same user.
    struct Client {
        explicit Client(os::Fd connection) : socket(std::move(connection)), reader(message::largest_from_stranger) {}

        os::Fd socket;
        message::FrameReader reader;
        std::vector<std::byte> answers; ///< to be sent before any item
        std::uint64_t next_item = 0;    ///< the first that has not been sent
        std::size_t sent_of_item = 0;   ///< bytes
        std::deque<std::uint64_t> sent; ///< the items sent and not acknowledged
        std::uint64_t first_sent = 0;   ///< the number by which the client knows the first of those
        bool wants_output = false;
        bool wants_way = false;
        bool is_deaf = false; ///< it has closed; what it said before is still to be heard
        bool is_read = true;  ///< false while what it sends cannot be passed on
        os::Deadline way_deadline;
    };

    void accept_clients();
    void serve(std::uint64_t id);
    /// Takes what a client says; false when it has gone or is no client of ours.
    bool listen_to(Client& client, std::uint64_t id);
    bool take_request(Client& client, std::uint64_t id);
    void attach(Client& client, std::uint64_t id);
    void welcome(Client& client);
    /// Has all there was been collected while the function has not ended yet? It may be about to.
    [[nodiscard]] bool may_be_about_to_end() const;
    /// How long one who wants the address, or what may be left, waits for a process that may be about to end.
    [[nodiscard]] os::Deadline end_expected_by() const;
    void acknowledge(Client& client, std::uint64_t number);
    /// Sends as much as the connection takes.
    void send_to(Client& client, std::uint64_t id);
    bool send_answers(Client& client);
    bool send_items(Client& client);
    void drop(std::uint64_t id);
    void refuse(Client& client, int error, const std::string& text);
    void answer(Client& client, message::OutgoingMessage& message);

    void read_results();
    void read_what_is_left();
    /// Reads once; false when there was nothing or nothing more will come.
    bool read_some();
    void keep(message::FrameKind kind, kj::Array<capnp::word> body);
    void keep_end();
    void pass_on(Client& client);
    void flush_passing();
    void hold_back(bool held);
    void watch_function();
    void stop_reading();
    void learn_end();
    void handle_signals();
    void handle_time();

    void stop(const std::string& why);
    void signal_group(int signal) noexcept;
    void settle_way();
    [[nodiscard]] bool only_the_end_is_kept() const;
    [[nodiscard]] bool is_done() const;
    void leave();
    void note_state();
    void set_timer();

    os::SocketFile file_;
    os::Fd socket_;
    os::Process process_;
    Entry entry_;
    BackgroundOptions options_;
    os::Epoll epoll_;
    os::Timer timer_;
    os::Fd signals_;

    message::FrameReader reader_;    ///< of what the function sends
    bool is_open_ = true;            ///< may more come from it?
    bool is_held_back_ = false;      ///< too much is kept already
    bool has_sent_ = false;          ///< has the function sent anything, ever?
    bool has_said_why_ = false;      ///< did it send the exception that it ended with?
    bool is_over_ = false;           ///< it has ended, and all it sent is here
    std::vector<std::byte> passing_; ///< from the collector to the function

    std::map<std::uint64_t, Item> items_;
    std::uint64_t next_item_ = 0;
    std::uint64_t kept_bytes_ = 0;

    std::map<std::uint64_t, std::unique_ptr<Client>> clients_;
    std::uint64_t next_client_ = 0;
    std::uint64_t attached_ = 0; ///< 0: nobody
    bool is_stopping_ = false;
    bool must_leave_ = false;
    os::Deadline kill_deadline_;
    os::Deadline end_deadline_; ///< of the time to live
    os::Deadline accept_deadline_;
    os::Deadline welcome_deadline_; ///< set while the attached client has not been told that it is
    BackgroundState state_ = BackgroundState::working;
};

} // namespace pprocess::background
