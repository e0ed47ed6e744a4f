// SPDX-License-Identifier: LGPL-3.0-or-later

/// What channels tell observers.

#include <pprocess/channel/channel.h>
#include <pprocess/message/describe.h>

namespace pprocess {

namespace {

/// Of a message that is too large to be kept as it is.
constexpr std::size_t longest_preview = 80;

std::string text_of(schema::Message::Reader message) {
    if (message.isFailure()) {
        const auto failure = message.getFailure();
        const auto text = failure.getMessage().asChars();
        return std::string(text.begin(), std::min<std::size_t>(text.size(), longest_preview));
    }
    return message.isValue() ? message::preview(message.getValue(), longest_preview) : std::string();
}

} // namespace

Event Channel::event_here(EventKind kind) const noexcept {
    return {.channel = id_.value(), .process = process_.pid(), .kind = kind, .detail = static_cast<std::uint8_t>(end_)};
}

void Channel::tell_of_task(Observer& observer, EventKind kind, std::string_view text) noexcept {
    if (kind == EventKind::task_started)
        ++tasks_begun_;
    Event event = event_here(kind);
    event.process = os::own_pid();
    event.number = tasks_begun_ - 1;
    os::tell(observer, event, text);
}

void Channel::tell_of_sending(Observer& observer, message::OutgoingMessage& message,
                              std::span<const iovec> frame) noexcept try {
    if (id() == 0 || !message::is_result(message.kind()))
        return;
    Event event = event_here(EventKind::message_sent);
    event.number = results_sent_;
    event.size = message.size();
    const std::size_t body = message.size() - message::frame_header_size;
    if (body <= Observer::largest_body) {
        std::array<std::byte, Observer::largest_body> bytes;
        std::size_t skipped = message::frame_header_size;
        std::size_t done = 0;
        for (const iovec& part : frame) {
            const auto* begin = static_cast<const std::byte*>(part.iov_base);
            const std::size_t skip = std::min(skipped, part.iov_len);
            skipped -= skip;
            std::copy(begin + skip, begin + part.iov_len, bytes.begin() + static_cast<std::ptrdiff_t>(done));
            done += part.iov_len - skip;
        }
        os::tell(observer, event, std::span<const std::byte>(bytes.data(), done));
    } else {
        os::tell(observer, event, text_of(message.root().asReader()));
    }
} catch (const std::exception&) {
    // There is no memory for a preview; the message goes all the same.
} catch (const kj::Exception&) {
    // Likewise.
}

void Channel::tell_received() noexcept try {
    if (id() == 0)
        return;
    Observer& observer = *os::observer();
    Event event = event_here(EventKind::message_received);
    event.number = traffic_.messages_in;
    const auto body = frame_body();
    event.size = message::frame_header_size + body.size() * sizeof(capnp::word);
    const auto bytes = std::as_bytes(std::span(body.begin(), body.size()));
    if (bytes.size() <= Observer::largest_body) {
        os::tell(observer, event, bytes);
    } else {
        message::IncomingMessage message(body);
        os::tell(observer, event, text_of(message.root()));
    }
} catch (const std::exception&) {
    // Whoever receives it is told what is wrong with it.
} catch (const kj::Exception&) {
    // Likewise.
}

void Channel::tell_space(EventKind kind, std::size_t size) noexcept {
    Observer* const observer = os::observer();
    const bool waits = kind == EventKind::waiting_for_space;
    if (!observer || wants_space_ == waits || id() == 0) [[likely]]
        return;
    wants_space_ = waits;
    Event event = event_here(kind);
    event.size = size;
    os::tell(*observer, event);
}

} // namespace pprocess
