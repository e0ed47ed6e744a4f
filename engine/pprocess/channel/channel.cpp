// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/channel/channel.h>

#include <cxxabi.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include <pprocess/message/fail.h>
#include <pprocess/message/type_name.h>

namespace pprocess {

namespace {

/// How long a process gets to end by itself, and again after SIGTERM.
constexpr std::chrono::milliseconds grace{200};

/// How often one `pump` reads at most, so that a fast sender cannot hold the caller.
constexpr int most_reads = 8;

std::string to_text(capnp::Data::Reader data) {
    return {data.asChars().begin(), data.size()};
}

/// Reads from a message; what Cap'n Proto finds wrong with it becomes a `ProtocolError`.
template <typename Function>
auto reading(Function&& function) {
    try {
        return function();
    } catch (const kj::Exception& exception) {
        message::detail::damaged(exception);
    }
}

} // namespace

Channel::Channel(os::Fd socket, os::Process process, std::uint64_t id, const char* purpose)
    : socket_(std::move(socket)),
      process_(std::move(process)),
      id_(id != 0 ? id : os::new_id()),
      end_(process_.exists() ? ChannelEnd::creator : ChannelEnd::created) {
    if (process_.exists())
        process_.announce(id_.value(), purpose);
}

Channel::Channel(os::Fd socket, PersistentLink link, std::uint64_t id)
    : socket_(std::move(socket)),
      process_(os::Process::remote(link.pid)),
      link_(std::make_unique<PersistentLink>(std::move(link))),
      id_(id != 0 ? id : os::new_id()) {
    process_.announce(id_.value(), "background");
}

Channel& Channel::operator=(Channel&& other) noexcept {
    if (this != &other) {
        std::destroy_at(this);
        std::construct_at(this, std::move(other));
    }
    return *this;
}

Channel::~Channel() {
    close();
    process_.end(grace);
}

void Channel::close() {
    if (!socket_.is_open())
        return;
    // A created process that goes on without its channel says so; otherwise the creator would take the end for its
    // death.
    if (!process_.exists() && !end_of_stream_) {
        try {
            message::OutgoingMessage goodbye(message::FrameKind::goodbye);
            post_frame(goodbye);
        } catch (const std::exception&) {
            // The other side is gone already.
        }
    }
    if (link_) {
        acknowledge_end();
        finish_sending();
    }
    socket_.reset();
    outbound_ = {};
    outbound_sent_ = 0;
    drop_backlog();
    reader_ = message::FrameReader();
    end_of_stream_ = true;
}

void Channel::limit_incoming(std::uint64_t largest_message) {
    reader_.limit(largest_message);
    most_backlog_ = largest_message;
}

ProcessStatus Channel::wait() {
    if (link_)
        throw SystemError(ECHILD, "wait for the background process at " + link_->address,
                          "It is no child of this process. Receive from it until its end instead");
    if (!process_.exists())
        throw SystemError(ECHILD, "wait for the process of this channel", "It has none of its own");
    while (!process_.update()) {
        if (socket_.is_open() && !end_of_stream_)
            store_arriving();
        if (!process_.status())
            wait_for_events(false);
    }
    return *process_.status();
}

// ----------------------------------------------------------------------------------------------------------------
// sending

void Channel::send_message(capnp::MessageBuilder& message) {
    message::OutgoingMessage outgoing(message::FrameKind::value);
    outgoing.root().initValue().initMessage().set(message.getRoot<capnp::AnyPointer>().asReader());
    send_frame(outgoing);
}

bool Channel::write_some(std::vector<iovec>& parts) {
    while (!parts.empty()) {
        constexpr std::size_t most_parts = 512; // under IOV_MAX
        const ssize_t sent = os::send_some(socket_.get(), {parts.data(), std::min(parts.size(), most_parts)});
        if (sent < 0) {
            if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN) {
                if (link_)
                    throw_refusal();
                throw_closed("send");
            }
            throw SystemError(errno, "send to process " + std::to_string(pid()));
        }
        if (sent == 0)
            return false;
        auto left = static_cast<std::size_t>(sent);
        std::size_t done = 0;
        while (done < parts.size() && left >= parts[done].iov_len)
            left -= parts[done++].iov_len;
        parts.erase(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(done));
        if (left > 0) {
            parts.front().iov_base = static_cast<char*>(parts.front().iov_base) + left;
            parts.front().iov_len -= left;
        }
    }
    return true;
}

bool Channel::flush() {
    if (outbound_.empty() || !socket_.is_open())
        return true;
    std::vector<iovec> parts{{outbound_.data() + outbound_sent_, outbound_.size() - outbound_sent_}};
    if (!write_some(parts)) {
        // What has gone is not taken out each time: a large message goes in many small steps.
        outbound_sent_ = outbound_.size() - parts.front().iov_len;
        return false;
    }
    outbound_ = {};
    outbound_sent_ = 0;
    tell_space(EventKind::space_found, 0);
    return true;
}

void Channel::flush_if_open() noexcept {
    try {
        flush();
    } catch (const std::exception&) {
        // The other side reads no more. Why, its end will tell.
    }
}

/// Acknowledgements must not be lost because the connection is full for a moment.
void Channel::finish_sending() noexcept {
    try {
        const os::Deadline deadline = os::Deadline::after(grace);
        while (!flush() && !deadline.has_passed()) {
            pollfd entry{socket_.get(), POLLOUT, 0};
            ::poll(&entry, 1, deadline.milliseconds_left());
        }
    } catch (const std::exception&) {
        // The other side is gone, and with it what it kept.
    }
}

void Channel::send_frame(message::OutgoingMessage& message) {
    if (!socket_.is_open())
        throw_closed("send");
    if (link_ && !link_->has_asked)
        ask_for_results();
    while (!flush())
        wait_for_room();
    const auto frame = message.frame();
    tell_sent(message, frame);
    std::vector<iovec> parts(frame.begin(), frame.end());
    while (!write_some(parts)) {
        tell_space(EventKind::waiting_for_space, message.size());
        wait_for_room();
    }
    tell_space(EventKind::space_found, 0);
    count_sent(message);
}

void Channel::count_sent(const message::OutgoingMessage& message) noexcept {
    ++traffic_.messages_out;
    traffic_.bytes_out += message.size();
    if (message::is_result(message.kind()))
        ++results_sent_;
}

void Channel::wait_for_room() {
    // When the process has ended, a child of its own may still hold its end open, which nobody will ever read from.
    if (process_.exists() && process_.update())
        throw_closed("send");
    wait_for_events(true);
    store_arriving();
    if (failure_)
        std::rethrow_exception(failure_); // and once more where it is received
}

void Channel::post_frame(message::OutgoingMessage& message) {
    if (!socket_.is_open())
        throw_closed("send");
    if (link_ && !link_->has_asked)
        ask_for_results();
    const auto frame = message.frame();
    tell_sent(message, frame);
    std::vector<iovec> parts(frame.begin(), frame.end());
    if (!flush() || !write_some(parts)) {
        if (outbound_sent_ > outbound_.size() / 2) {
            outbound_.erase(outbound_.begin(), outbound_.begin() + static_cast<std::ptrdiff_t>(outbound_sent_));
            outbound_sent_ = 0;
        }
        for (const iovec& part : parts) {
            const auto* bytes = static_cast<const std::byte*>(part.iov_base);
            outbound_.insert(outbound_.end(), bytes, bytes + part.iov_len);
        }
        tell_space(EventKind::waiting_for_space, outbound_.size() - outbound_sent_);
    }
    count_sent(message);
}

bool Channel::send_failure(bool final) noexcept try {
    std::string type = "an unknown type";
    std::string text = "an exception of an unknown type";
    if (const std::type_info* info = abi::__cxa_current_exception_type())
        type = message::type_name(*info);
    try {
        throw;
    } catch (const RemoteError& error) {
        type = error.type_name(); // one that was passed on keeps the name it had where it was thrown
        text = error.what();
    } catch (const std::exception& error) {
        text = error.what();
    } catch (const std::string& thrown) {
        text = thrown;
    } catch (const char* thrown) {
        text = thrown;
    } catch (int thrown) {
        text = std::to_string(thrown);
    } catch (...) {
        text = "an exception of type " + type;
    }
    message::OutgoingMessage message(final ? message::FrameKind::final_failure : message::FrameKind::failure);
    auto failure = message.root().initFailure();
    failure.setTypeName({reinterpret_cast<const capnp::byte*>(type.data()), type.size()});
    failure.setMessage({reinterpret_cast<const capnp::byte*>(text.data()), text.size()});
    send_frame(message);
    return true;
} catch (const std::exception&) {
    return false;
}

// --------------------------------------------------------------------------------------------------------------
// receiving

message::FrameKind Channel::frame_kind() const noexcept {
    return backlog_.empty() ? reader_.kind() : backlog_.front().kind;
}

kj::ArrayPtr<const capnp::word> Channel::frame_body() const noexcept {
    return backlog_.empty() ? reader_.body() : backlog_.front().body;
}

void Channel::consume() {
    if (os::observer()) [[unlikely]]
        tell_received();
    ++traffic_.messages_in;
    if (link_)
        ++link_->results_taken;
    if (backlog_.empty()) {
        traffic_.bytes_in += reader_.frame_size();
        reader_.consume();
    } else {
        const std::uint64_t size = backlog_.front().size();
        traffic_.bytes_in += size;
        backlog_bytes_ -= size;
        backlog_.pop_front();
    }
}

Channel::Taken::Taken(Channel& channel, kj::ArrayPtr<const capnp::word> body) : consumer_{channel}, message_(body) {
    channel.last_was_decoded_ = false;
    // Before it is decoded: a process that dies of a value has begun with it.
    if (channel.counts_takings_)
        channel.takings_.increment();
    const auto root = message_.root();
    if (!root.isValue())
        throw ProtocolError("received a message that holds no value");
    value_ = reading([&] { return root.getValue(); });
}

std::unique_ptr<capnp::MessageReader> Channel::receive_message() {
    Taken taken(*this);
    const auto value = taken.value();
    if (!value.isMessage())
        throw TypeMismatch(message::describe(value), "a message of a schema of its own");
    capnp::MallocMessageBuilder copy;
    reading([&] {
        const auto message = value.getMessage();
        if (message.targetSize().capCount != 0)
            throw ProtocolError("received a message with a capability in it, which a channel does not carry");
        copy.setRoot(message);
    });
    auto message = message::own_message(capnp::messageToFlatArray(copy));
    taken.acknowledge();
    return message;
}

Channel::Read Channel::read_some() {
    if (!socket_.is_open())
        return Read::end;
    if (!reader_.problem().empty())
        return Read::end; // nothing after that can be made sense of
    const auto space = reader_.space();
    const ssize_t received = os::receive_some(socket_.get(), space.data(), space.size());
    if (received < 0) {
        if (errno != EAGAIN)
            throw SystemError(errno, "receive from process " + std::to_string(pid()));
        return Read::nothing;
    }
    if (received == 0)
        return Read::end;
    reader_.advance(static_cast<std::size_t>(received));
    return Read::something;
}

void Channel::store_arriving() {
    for (int count = 0; count < most_reads && !end_of_stream_; ++count) {
        while (reader_.has_frame()) {
            const auto kind = reader_.kind();
            if (message::is_result(kind)) {
                backlog_.push_back({kind, reader_.take_body()});
                backlog_bytes_ += backlog_.back().size();
            } else {
                take_notice();
            }
        }
        if (backlog_bytes_ > most_backlog_) {
            fail(std::make_exception_ptr(ProtocolError("the other side sent " + std::to_string(backlog_bytes_) +
                                                       " bytes while it took nothing in; at most " +
                                                       std::to_string(most_backlog_) + " are kept for it")));
            end_of_stream_ = true;
            return;
        }
        const Read read = read_some();
        if (read == Read::nothing)
            return;
        if (read == Read::end)
            end_of_stream_ = true;
    }
}

bool Channel::is_over() const noexcept {
    return (failed_ ? failure_ == nullptr : end_of_stream_ && !has_frame()) &&
           (!process_.exists() || process_.status().has_value());
}

bool Channel::pump() {
    if (failed_) {
        process_.update();
        return failure_ != nullptr;
    }
    if (link_ && !link_->has_asked)
        ask_for_results();
    if (has_unsent())
        flush_if_open();
    for (int count = 0;; ++count) {
        while (has_frame()) {
            if (message::is_result(frame_kind())) {
                if (process_.pid() == 0)
                    process_.update(); // a ward has said its pid by now, but another way than this
                return true;
            }
            take_notice();
            if (failed_)
                return true;
        }
        if (end_of_stream_)
            break;
        if (count == most_reads)
            return false;
        Read read = read_some();
        if (read == Read::nothing && process_.exists() && process_.update()) {
            // It has ended; what it sent before that is there by now, even if a stranger still holds its end open.
            read = read_some();
            if (read == Read::nothing)
                read = Read::end;
        }
        if (read == Read::nothing) {
            reader_.rest(); // one of many that wait should hold no more than it must
            return false;
        }
        if (read == Read::end)
            end_of_stream_ = true;
    }
    if (!reader_.problem().empty()) {
        fail(std::make_exception_ptr(ProtocolError(reader_.problem())));
        return true;
    }
    if (link_ && !process_.status())
        process_.set_status(ProcessStatus::unknown()); // who kept its results is gone
    process_.update();
    return is_over() && !end_taken_;
}

bool Channel::has_value() const noexcept {
    return !failed_ && has_frame() && frame_kind() == message::FrameKind::value;
}

std::exception_ptr Channel::take_error() {
    if (failure_)
        return std::exchange(failure_, nullptr);
    if (has_frame())
        return has_value() ? nullptr : remote_error();
    if (!is_over())
        return nullptr;
    end_taken_ = true;
    acknowledge_end();
    return end_error();
}

void Channel::fail(std::exception_ptr error) {
    failed_ = true;
    failure_ = std::move(error);
    drop_backlog();
    if (link_ && !process_.status())
        process_.set_status(ProcessStatus::unknown()); // nothing more will be heard of it
}

void Channel::drop_backlog() noexcept {
    backlog_.clear();
    backlog_bytes_ = 0;
}

std::exception_ptr Channel::remote_error() {
    std::exception_ptr error;
    last_was_decoded_ = false;
    failure_taken_ = true;
    failure_was_final_ = frame_kind() == message::FrameKind::final_failure;
    try {
        message::IncomingMessage incoming(frame_body());
        const auto root = incoming.root();
        if (!root.isFailure())
            throw ProtocolError("received a failure that says nothing");
        error = reading([&] {
            const auto failure = root.getFailure();
            return std::make_exception_ptr(
                RemoteError(pid(), to_text(failure.getTypeName()), to_text(failure.getMessage())));
        });
        if (link_)
            acknowledge_result();
    } catch (const ProtocolError&) {
        error = std::current_exception();
    }
    consume();
    return error;
}

std::exception_ptr Channel::end_error() const {
    if (!failed_ && process_.status() && !failure_was_final_) {
        const ProcessStatus& status = *process_.status();
        if (const int error = status.start_error())
            return std::make_exception_ptr(
                SystemError(error, "make a process in the fork server",
                            "Mostly a limit on processes (ulimit -u), files or memory has been reached; end something "
                            "or use a lower limit"));
        if (!status.success() || (link_ ? link_->was_silent : traffic_.messages_in == 0))
            return std::make_exception_ptr(ProcessDied(pid(), status));
    }
    try {
        throw_closed("receive");
    } catch (const ChannelClosed&) {
        return std::current_exception();
    }
}

// ------------------------------------------------------------------------------------------------------------------
// background processes

/// A background process that ended the connection may have said why.
void Channel::throw_refusal() {
    store_arriving();
    if (failure_)
        std::rethrow_exception(failure_); // and once more where it is received
}

void Channel::take_notice() {
    const auto kind = reader_.kind();
    if (kind == message::FrameKind::goodbye) {
        goodbye_ = true;
    } else if (!link_) {
        fail(std::make_exception_ptr(ProtocolError("received a message that only background processes send")));
    } else {
        try {
            reading([&] { take_answer(kind); });
        } catch (const ProtocolError&) {
            fail(std::current_exception());
        }
    }
    reader_.consume();
}

void Channel::take_answer(message::FrameKind kind) {
    message::IncomingMessage incoming(reader_.body());
    const auto root = incoming.root();
    if (kind == message::FrameKind::attached && root.isAttached()) {
        link_->is_attached = true;
        process_.set_pid(root.getAttached().getPid());
    } else if (kind == message::FrameKind::refused && root.isRefused()) {
        const auto refusal = root.getRefused();
        if (refusal.getError() == EMSGSIZE) // it is too much, or nothing it knows
            throw ProtocolError("the background process at " + link_->address +
                                " did not take what it was sent: " + to_text(refusal.getText()));
        fail(std::make_exception_ptr(SystemError(refusal.getError(),
                                                 "collect from the background process at " + link_->address,
                                                 to_text(refusal.getText()))));
    } else if (kind == message::FrameKind::ended && root.isEnded()) {
        const auto end = root.getEnded();
        switch (end.getHow()) {
        case schema::ProcessEnd::How::EXITED:
            process_.set_status(ProcessStatus::from_exit(end.getValue()));
            break;
        case schema::ProcessEnd::How::SIGNALED:
            process_.set_status(ProcessStatus::from_signal(end.getValue()));
            break;
        default:
            process_.set_status(ProcessStatus::unknown());
        }
        link_->was_silent = end.getSilent();
        link_->end_is_known = true;
        end_of_stream_ = true; // nothing follows, and what keeps the results waits for the acknowledgement
    } else {
        throw ProtocolError("received a message that a background process does not send to its collector");
    }
}

void Channel::ask_for_results() {
    link_->has_asked = true;
    try {
        message::OutgoingMessage request(message::FrameKind::attach);
        post_frame(request);
    } catch (const ChannelClosed&) {
        // Its end will be read in a moment.
    }
}

void Channel::attach(os::Deadline deadline) {
    const std::string action = "collect from the background process at " + link_->address;
    for (;;) {
        pump();
        if (link_->is_attached)
            return;
        if (failed_)
            std::rethrow_exception(take_error());
        if (end_of_stream_)
            throw SystemError(ECONNREFUSED, action, "It has just ended");
        if (deadline.has_passed())
            throw SystemError(ETIMEDOUT, action, "It does not answer");
        wait_for_events(false, deadline);
    }
}

/// The result that is being taken has been decoded and is about to be handed over.
void Channel::acknowledge_result() {
    acknowledge(link_->results_taken);
}

void Channel::acknowledge_end() noexcept {
    if (link_ && link_->end_is_known && !std::exchange(link_->end_is_acknowledged, true))
        acknowledge(link_->results_taken);
}

/// Results of a connection are counted from 0, and its process's end after them.
void Channel::acknowledge(std::uint64_t number) noexcept {
    try {
        message::OutgoingMessage message(message::FrameKind::acknowledged);
        message.root().setAcknowledged(number);
        post_frame(message);
        finish_sending();
    } catch (const std::exception&) {
        // Who kept it is gone: nobody else can get it.
    }
}

void Channel::end_process() noexcept {
    if (!link_) {
        process_.terminate();
        return;
    }
    try {
        message::OutgoingMessage request(message::FrameKind::stop);
        post_frame(request);
        finish_sending();
    } catch (const std::exception&) {
        // It has ended already.
    }
}

kj::ArrayPtr<const capnp::word> Channel::wait_for_value() {
    os::Deadline goodbye_deadline;
    for (;;) {
        if (!socket_.is_open() && !failed_)
            throw_closed("receive");
        if (pump()) {
            if (has_value())
                return frame_body();
            std::rethrow_exception(take_error());
        }
        if (is_over() || failed_)
            std::rethrow_exception(end_error());
        if (goodbye_ && end_of_stream_) {
            // It closed its end. Most processes that do so end at once, and how they end is worth knowing.
            if (!goodbye_deadline.is_set())
                goodbye_deadline = os::Deadline::after(grace);
            if (goodbye_deadline.has_passed())
                throw_closed("receive");
        }
        wait_for_events(has_unsent(), goodbye_deadline);
    }
}

void Channel::wait_for_events(bool for_output, os::Deadline deadline) {
    std::array<pollfd, 2> entries{};
    nfds_t count = 0;
    if (socket_.is_open() && !end_of_stream_)
        entries[count++] = {socket_.get(), static_cast<short>(POLLIN | (for_output ? POLLOUT : 0)), 0};
    else if (socket_.is_open() && for_output)
        entries[count++] = {socket_.get(), POLLOUT, 0};
    if (process_.watch_fd() >= 0)
        entries[count++] = {process_.watch_fd(), POLLIN, 0};
    const int result = ::poll(entries.data(), count, deadline.milliseconds_left());
    if (result < 0 && errno != EINTR)
        throw SystemError(errno, "wait for process " + std::to_string(pid()));
}

void Channel::throw_closed(const char* action) const {
    const std::string who = process_.exists() ? "process " + std::to_string(pid()) : std::string("the other side");
    if (!socket_.is_open())
        throw ChannelClosed(std::string("cannot ") + action + ": this channel has been closed");
    throw ChannelClosed(std::string("cannot ") + action + ": " + who + " has closed its end of the channel");
}

std::pair<Channel, Channel> channel_pair() {
    auto [one, other] = os::stream_pair();
    os::observe_on_request();
    const std::uint64_t id = os::new_id();
    std::pair<Channel, Channel> pair{Channel(std::move(one), os::Process(), id),
                                     Channel(std::move(other), os::Process(), id)};
    pair.first.set_end(ChannelEnd::creator);
    return pair;
}

} // namespace pprocess
