// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/background/keeper.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <utility>

#include <pprocess/message/errors.h>
#include <pprocess/os/error.h>
#include <pprocess/os/socket.h>

namespace pprocess::background {

namespace {

constexpr std::uint64_t listener_tag = 0;
constexpr std::uint64_t socket_tag = 1;
constexpr std::uint64_t process_tag = 2;
constexpr std::uint64_t signals_tag = 3;
constexpr std::uint64_t timer_tag = 4;
constexpr std::uint64_t first_client = 16;

/// Between asking the function's process to end and killing it.
constexpr std::chrono::milliseconds grace{500};
/// The end of a process that has sent a result and may send more: within this it is about to end.
constexpr std::chrono::milliseconds end_grace{200};
/// The same for a process that has closed its channel.
constexpr std::chrono::seconds end_after_close{5};
/// Before connections are accepted again after a shortage of descriptors.
constexpr std::chrono::milliseconds accept_pause{100};
/// How long a collector may take to read the last word.
constexpr std::chrono::seconds farewell{5};
/// Bytes from the collector that wait to be passed on before no more are read.
constexpr std::size_t most_passing = 1 << 20;
/// How often a busy connection is read before the others get their turn.
constexpr int most_reads = 8;

/// A line in the background process's log.
void log(const std::string& text) {
    const std::time_t now = std::time(nullptr);
    std::tm time{};
    ::localtime_r(&now, &time);
    std::array<char, 32> stamp{};
    std::strftime(stamp.data(), stamp.size(), "%F %T", &time);
    ::dprintf(STDERR_FILENO, "%s pprocess: %s\n", stamp.data(), text.c_str());
}

void fill(schema::ProcessEnd::Builder end, const ProcessStatus& status, bool silent) {
    using How = schema::ProcessEnd::How;
    end.setHow(status.is_unknown() ? How::UNKNOWN : status.exited() ? How::EXITED : How::SIGNALED);
    end.setValue(status.exited() ? status.exit_code() : status.signal());
    end.setSilent(silent);
}

enum class Progress { all, some, broken };

/// Sends from `parts` what the connection takes and says how much that was.
Progress send_parts(int socket, std::span<const iovec> parts, std::size_t& count) {
    const ssize_t sent = os::send_some(socket, parts);
    if (sent < 0)
        return Progress::broken;
    count = static_cast<std::size_t>(sent);
    std::size_t whole = 0;
    for (const iovec& part : parts)
        whole += part.iov_len;
    return count == whole ? Progress::all : Progress::some;
}

} // namespace

Keeper::Keeper(Charge charge)
    : file_(std::move(charge.file)),
      socket_(std::move(charge.socket)),
      process_(std::move(charge.process)),
      entry_(std::move(charge.entry)),
      options_(std::move(charge.options)),
      next_client_(first_client) {
    sigset_t asked;
    ::sigemptyset(&asked);
    ::sigaddset(&asked, SIGTERM); // others come from terminals and timers, which are none of its business
    ::sigprocmask(SIG_BLOCK, &asked, nullptr);
    signals_ = os::Fd(os::check(::signalfd(-1, &asked, SFD_CLOEXEC | SFD_NONBLOCK), "watch signals"));
    epoll_.add(file_.socket().get(), listener_tag);
    epoll_.add(socket_.get(), socket_tag);
    epoll_.add(process_.watch_fd(), process_tag);
    epoll_.add(signals_.get(), signals_tag);
    epoll_.add(timer_.fd(), timer_tag);
}

void Keeper::run() {
    std::array<epoll_event, 64> events{};
    while (!is_done()) {
        for (const epoll_event& event : std::span(events).first(epoll_.wait(events, {}))) {
            switch (event.data.u64) {
            case listener_tag:
                accept_clients();
                break;
            case socket_tag:
                if (event.events & EPOLLHUP)
                    hold_back(false); // little can be left in it
                read_results();
                flush_passing();
                break;
            case process_tag:
                learn_end();
                break;
            case signals_tag:
                handle_signals();
                break;
            case timer_tag:
                break; // below
            default:
                serve(event.data.u64);
            }
        }
        handle_time();
        settle_way();
        note_state();
        set_timer();
    }
    leave();
}

// ------------------------------------------------------------------------------------------------------------------
// the function

bool Keeper::read_some() {
    const auto space = reader_.space();
    const ssize_t received = os::receive_some(socket_.get(), space.data(), space.size());
    if (received < 0 && errno == EAGAIN) {
        reader_.rest();
        return false;
    }
    if (received <= 0) {
        stop_reading();
        return false;
    }
    reader_.advance(static_cast<std::size_t>(received));
    while (reader_.has_frame()) {
        if (const auto kind = reader_.kind(); message::is_result(kind)) {
            has_sent_ = true;
            has_said_why_ = kind == message::FrameKind::final_failure;
            keep(kind, reader_.take_body());
        } else {
            reader_.consume(); // that it closes its end, its own end will tell
        }
    }
    if (!reader_.problem().empty()) {
        log("what the function sends is no message of pprocess: its process is ended");
        signal_group(SIGKILL);
        stop_reading();
        return false;
    }
    return true;
}

void Keeper::read_results() {
    for (int count = 0; is_open_ && !is_held_back_ && count < most_reads && read_some(); ++count)
        hold_back(kept_bytes_ > options_.most_kept);
}

/// The process has ended, so all it sent is here, even if a process of its own still holds its end open.
void Keeper::read_what_is_left() {
    constexpr int most_left = 4096; // reads; such a process could go on sending
    for (int count = 0; is_open_ && count < most_left && read_some(); ++count) {
    }
    if (is_open_)
        stop_reading();
}

void Keeper::stop_reading() {
    epoll_.remove(socket_.get());
    is_open_ = false;
    if (welcome_deadline_.is_set())
        welcome_deadline_ = end_expected_by();
    for (auto& [id, client] : clients_)
        if (client->wants_way)
            client->way_deadline = end_expected_by();
}

os::Deadline Keeper::end_expected_by() const {
    return is_open_ ? os::Deadline::after(end_grace) : os::Deadline::after(end_after_close);
}

void Keeper::hold_back(bool held) {
    if (std::exchange(is_held_back_, held) != held)
        watch_function();
}

void Keeper::watch_function() {
    if (is_open_)
        epoll_.watch(socket_.get(), socket_tag, !is_held_back_, !passing_.empty());
}

void Keeper::keep(message::FrameKind kind, kj::Array<capnp::word> body) {
    const auto header = message::frame_header(kind, body.size() * sizeof(capnp::word));
    const auto [place, inserted] = items_.emplace(next_item_++, Item{kind, header, kj::mv(body)});
    kept_bytes_ += place->second.size();
    if (attached_ != 0) {
        Client& client = *clients_.at(attached_);
        if (welcome_deadline_.is_set())
            welcome(client);
        if (!client.wants_output)
            send_to(client, attached_);
    }
}

/// The end is something to be collected unless results have said all there is to say.
void Keeper::keep_end() {
    const ProcessStatus& status = *process_.status();
    if (has_said_why_ || (status.success() && has_sent_))
        return;
    if (!status.success() && !is_stopping_)
        log("process " + std::to_string(process_.pid()) + " " + status.to_string());
    message::OutgoingMessage message(message::FrameKind::ended);
    fill(message.root().initEnded(), status, !has_sent_);
    const auto parts = message.frame();
    auto body = kj::heapArray<capnp::word>((message.size() - message::frame_header_size) / sizeof(capnp::word));
    auto* to = reinterpret_cast<std::byte*>(body.begin());
    std::size_t skip = message::frame_header_size;
    for (const iovec& part : parts) {
        const auto* from = static_cast<const std::byte*>(part.iov_base);
        to = std::copy(from + skip, from + part.iov_len, to);
        skip = 0;
    }
    keep(message::FrameKind::ended, kj::mv(body));
}

void Keeper::learn_end() {
    const int watched = process_.watch_fd();
    if (is_over_ || !process_.update())
        return;
    epoll_.remove(watched);
    read_what_is_left();
    is_over_ = true;
    passing_.clear();
    keep_end();
    if (options_.time_to_live)
        end_deadline_ = os::Deadline::after(*options_.time_to_live);
    if (is_stopping_ && attached_ == 0)
        must_leave_ = true;
}

/// Sends the function what the collector sends it. What one sends who is not attached goes nowhere: it is being told.
void Keeper::pass_on(Client& client) {
    const auto body = client.reader.body().asBytes();
    const auto header = message::frame_header(client.reader.kind(), body.size());
    passing_.insert(passing_.end(), header.begin(), header.end());
    const auto* bytes = reinterpret_cast<const std::byte*>(body.begin());
    passing_.insert(passing_.end(), bytes, bytes + body.size());
    flush_passing();
    if (passing_.size() > most_passing && std::exchange(client.is_read, false))
        epoll_.remove(client.socket.get());
}

void Keeper::flush_passing() {
    if (passing_.empty() || is_over_)
        return;
    const iovec part{passing_.data(), passing_.size()};
    std::size_t count = 0;
    const Progress progress = send_parts(socket_.get(), {&part, 1}, count);
    if (progress == Progress::broken)
        count = passing_.size(); // it reads no more
    passing_.erase(passing_.begin(), passing_.begin() + static_cast<std::ptrdiff_t>(count));
    watch_function();
    if (passing_.size() <= most_passing && attached_ != 0) {
        if (Client& client = *clients_.at(attached_); !std::exchange(client.is_read, true)) {
            epoll_.add(client.socket.get(), attached_);
            client.wants_output = false;
        }
    }
}

// ------------------------------------------------------------------------------------------------------------------
// clients

void Keeper::accept_clients() {
    for (;;) {
        os::Fd connection(::accept4(file_.socket().get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!connection.is_open()) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                // The connection stays in the queue and would be reported again at once.
                epoll_.remove(file_.socket().get());
                accept_deadline_ = os::Deadline::after(accept_pause);
            }
            return;
        }
        if (!os::is_same_user(connection.get())) {
            ucred peer{};
            socklen_t size = sizeof peer;
            ::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size);
            log("refused a connection by process " + std::to_string(peer.pid) + " of the user " +
                std::to_string(peer.uid));
            continue;
        }
        const std::uint64_t id = next_client_++;
        epoll_.add(connection.get(), id);
        clients_.emplace(id, std::make_unique<Client>(std::move(connection)));
    }
}

void Keeper::serve(std::uint64_t id) {
    const auto place = clients_.find(id);
    if (place == clients_.end())
        return;
    Client& client = *place->second;
    if (listen_to(client, id)) {
        send_to(client, id);
    } else {
        drop(id);
    }
}

bool Keeper::listen_to(Client& client, std::uint64_t id) {
    for (int count = 0; count < most_reads && client.is_read; ++count) {
        const auto space = client.reader.space();
        const ssize_t received = os::receive_some(client.socket.get(), space.data(), space.size());
        if (received < 0) {
            client.reader.rest();
            return errno == EAGAIN;
        }
        if (received == 0)
            return false;
        client.reader.advance(static_cast<std::size_t>(received));
        while (client.reader.has_frame())
            if (!take_request(client, id))
                return false;
        if (!client.reader.problem().empty()) {
            log("ended a connection: " + client.reader.problem());
            if (id == attached_) { // a collector is told; who sends anything else is no collector
                refuse(client, EMSGSIZE, client.reader.problem());
                send_to(client, id);
            }
            return false;
        }
    }
    return true;
}

bool Keeper::take_request(Client& client, std::uint64_t id) {
    const auto kind = client.reader.kind();
    if (kind == message::FrameKind::value) {
        if (id == attached_ && !is_over_)
            pass_on(client);
    } else if (kind == message::FrameKind::attach) {
        attach(client, id);
    } else if (kind == message::FrameKind::acknowledged && id == attached_) {
        try {
            message::IncomingMessage message(client.reader.body());
            const auto root = message.root();
            if (!root.isAcknowledged())
                throw ProtocolError("an acknowledgement that says nothing");
            acknowledge(client, root.getAcknowledged());
        } catch (const std::exception&) {
            log("ended a connection: what it sent cannot be read");
            return false;
        }
    } else if (kind == message::FrameKind::stop) {
        stop("it was asked to");
    } else if (kind == message::FrameKind::make_way) {
        client.wants_way = true;
        learn_end(); // it may have been killed a moment ago
        client.way_deadline = end_expected_by();
    } else {
        log("ended a connection: it sent what a collector does not send");
        return false;
    }
    client.reader.consume();
    return true;
}

void Keeper::attach(Client& client, std::uint64_t id) {
    if (attached_ != 0) {
        if (attached_ != id)
            refuse(client, EBUSY, "Another collector is attached");
        return;
    }
    attached_ = id;
    client.next_item = items_.empty() ? next_item_ : items_.begin()->first;
    // After the last result nobody should be let in only to hear that there is nothing.
    if (may_be_about_to_end()) {
        welcome_deadline_ = end_expected_by();
    } else {
        welcome(client);
    }
}

void Keeper::welcome(Client& client) {
    welcome_deadline_ = {};
    message::OutgoingMessage message(message::FrameKind::attached);
    message.root().initAttached().setPid(process_.pid());
    answer(client, message);
}

bool Keeper::may_be_about_to_end() const {
    return !is_over_ && has_sent_ && items_.empty();
}

void Keeper::refuse(Client& client, int error, const std::string& text) {
    message::OutgoingMessage message(message::FrameKind::refused);
    auto refusal = message.root().initRefused();
    refusal.setError(error);
    refusal.setText({reinterpret_cast<const capnp::byte*>(text.data()), text.size()});
    answer(client, message);
}

void Keeper::answer(Client& client, message::OutgoingMessage& message) {
    for (const iovec& part : message.frame()) {
        const auto* bytes = static_cast<const std::byte*>(part.iov_base);
        client.answers.insert(client.answers.end(), bytes, bytes + part.iov_len);
    }
}

void Keeper::acknowledge(Client& client, std::uint64_t number) {
    // What has not been sent cannot have been received.
    if (number < client.first_sent || number - client.first_sent >= client.sent.size())
        return;
    auto& sent = client.sent[static_cast<std::size_t>(number - client.first_sent)];
    if (const auto place = items_.find(sent); place != items_.end()) {
        kept_bytes_ -= place->second.size();
        items_.erase(place);
        hold_back(kept_bytes_ > options_.most_kept);
    }
    // Those that could not be decoded stay, and may be the oldest for long.
    while (!client.sent.empty() && !items_.contains(client.sent.front())) {
        client.sent.pop_front();
        ++client.first_sent;
    }
}

void Keeper::send_to(Client& client, std::uint64_t id) {
    if (!client.is_deaf) {
        const bool is_attached = id == attached_;
        client.is_deaf = !((client.sent_of_item > 0 || send_answers(client)) && (!is_attached || send_items(client)) &&
                           (client.sent_of_item > 0 || send_answers(client)));
    }
    const bool has_items = id == attached_ && items_.lower_bound(client.next_item) != items_.end();
    const bool wanted = !client.is_deaf && (has_items || !client.answers.empty());
    if (client.is_read && client.wants_output != wanted)
        epoll_.watch_output(client.socket.get(), id, client.wants_output = wanted);
}

bool Keeper::send_answers(Client& client) {
    if (client.answers.empty())
        return true;
    const iovec part{client.answers.data(), client.answers.size()};
    std::size_t count = 0;
    if (send_parts(client.socket.get(), {&part, 1}, count) == Progress::broken)
        return false;
    client.answers.erase(client.answers.begin(), client.answers.begin() + static_cast<std::ptrdiff_t>(count));
    return true;
}

bool Keeper::send_items(Client& client) {
    if (!client.answers.empty())
        return true; // which come first
    for (auto place = items_.lower_bound(client.next_item); place != items_.end(); ++place) {
        Item& item = place->second;
        const std::size_t of_header = std::min(client.sent_of_item, item.header.size());
        const std::size_t of_body = client.sent_of_item - of_header;
        auto body = item.body.asBytes();
        const std::array<iovec, 2> parts{iovec{item.header.data() + of_header, item.header.size() - of_header},
                                         iovec{body.begin() + of_body, body.size() - of_body}};
        std::size_t count = 0;
        const Progress progress = send_parts(client.socket.get(), parts, count);
        if (progress == Progress::broken)
            return false;
        client.sent_of_item += count;
        if (progress == Progress::some)
            return true;
        client.sent.push_back(place->first);
        client.next_item = place->first + 1;
        client.sent_of_item = 0;
    }
    return true;
}

void Keeper::drop(std::uint64_t id) {
    const auto place = clients_.find(id);
    if (place->second->is_read)
        epoll_.remove(place->second->socket.get());
    clients_.erase(place);
    if (id != attached_)
        return;
    attached_ = 0;
    welcome_deadline_ = {};
    if (options_.time_to_live && is_over_)
        end_deadline_ = os::Deadline::after(*options_.time_to_live);
    if (is_stopping_ && is_over_)
        must_leave_ = true;
}

// ------------------------------------------------------------------------------------------------------------------
// the end

void Keeper::handle_signals() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info))
        stop("its keeper got SIGTERM");
}

/// To the function's process and its group. The group has its pid, which is its own until it is reaped.
void Keeper::signal_group(int signal) noexcept {
    if (process_.status())
        return;
    ::kill(-process_.pid(), signal);
    process_.send_signal(signal);
}

void Keeper::stop(const std::string& why) {
    if (std::exchange(is_stopping_, true))
        return;
    log("process " + std::to_string(process_.pid()) + " is stopped: " + why);
    if (is_over_) {
        must_leave_ = true;
        return;
    }
    signal_group(SIGTERM);
    signal_group(SIGCONT);
    kill_deadline_ = os::Deadline::after(grace);
}

bool Keeper::only_the_end_is_kept() const {
    return items_.empty() || (items_.size() == 1 && items_.begin()->second.kind == message::FrameKind::ended);
}

bool Keeper::is_done() const {
    return must_leave_ || (is_over_ && items_.empty());
}

/// Answers those who want the address: a process that has nothing left for a collector but the news of its death leaves
/// it.
void Keeper::settle_way() {
    for (auto& [id, client] : clients_) {
        if (!client->wants_way)
            continue;
        if (is_over_ && only_the_end_is_kept()) {
            must_leave_ = true;
        } else if (!may_be_about_to_end() || client->way_deadline.has_passed()) {
            client->wants_way = false;
            refuse(*client, EADDRINUSE, "A live process is reached there");
            send_to(*client, id);
        }
    }
}

void Keeper::handle_time() {
    if (kill_deadline_.has_passed()) {
        kill_deadline_ = {};
        signal_group(SIGKILL);
    }
    if (welcome_deadline_.has_passed()) {
        Client& client = *clients_.at(attached_);
        welcome(client);
        send_to(client, attached_);
    }
    if (accept_deadline_.has_passed()) {
        accept_deadline_ = {};
        epoll_.add(file_.socket().get(), listener_tag);
    }
    if (end_deadline_.has_passed() && attached_ == 0) {
        log("nobody collected what process " + std::to_string(process_.pid()) +
            " left within its time to live: " + std::to_string(items_.size()) + " results are dropped");
        must_leave_ = true;
    }
}

void Keeper::set_timer() {
    os::Deadline next;
    const auto consider = [&](const os::Deadline& deadline) {
        if (deadline.is_set() && (!next.is_set() || deadline.at() < next.at()))
            next = deadline;
    };
    consider(kill_deadline_);
    consider(accept_deadline_);
    consider(welcome_deadline_);
    if (attached_ == 0)
        consider(end_deadline_);
    for (const auto& [id, client] : clients_)
        if (client->wants_way)
            consider(client->way_deadline);
    timer_.set(next);
}

/// Brings the entry in the directory up to date.
void Keeper::note_state() {
    BackgroundState state = BackgroundState::working;
    if (attached_ != 0) {
        state = BackgroundState::collector_attached;
    } else if (!only_the_end_is_kept()) {
        state = BackgroundState::result_waiting;
    } else if (is_over_) {
        state = BackgroundState::died;
    }
    if (std::exchange(state_, state) == state || is_done())
        return;
    try {
        entry_.write(state);
    } catch (const std::exception& error) {
        log(std::string("the list of background processes is not up to date: ") + error.what());
    }
}

/// Frees the address first, so that whoever sees the end can use it again.
void Keeper::leave() {
    file_.remove();
    entry_.remove();
    message::OutgoingMessage message(message::FrameKind::ended);
    fill(message.root().initEnded(), process_.status().value_or(ProcessStatus::unknown()), !has_sent_);
    const os::Deadline deadline = os::Deadline::after(farewell);
    for (auto& [id, client] : clients_) {
        if (!client->wants_way && items_.empty())
            answer(*client, message);
        send_to(*client, id);
        while (client->wants_output && id == attached_ && !deadline.has_passed()) {
            pollfd entry{client->socket.get(), POLLOUT, 0};
            ::poll(&entry, 1, deadline.milliseconds_left());
            send_to(*client, id);
        }
    }
    clients_.clear();
}

} // namespace pprocess::background
