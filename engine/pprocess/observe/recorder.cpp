// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/observe/recorder.h>

#include <stdexcept>
#include <utility>

namespace pprocess {

Recorder::Recorder(std::size_t memory) : ring_(memory) {
    install();
}

Recorder::Recorder(os::Fd shared) : ring_(std::move(shared)) {
    install();
}

Recorder::~Recorder() {
    if (os::observer() == this)
        os::set_observer(nullptr);
}

void Recorder::install() {
    Observer* const other = os::set_observer(this);
    if (other) {
        os::set_observer(other);
        throw std::logic_error("pprocess::Recorder: another observer is installed already, and there can be only one");
    }
}

void Recorder::observe(const Event& event, std::span<const std::byte> payload) noexcept {
    ring_.write(event, payload);
}

std::size_t Recorder::drain(const Reader& reader, std::size_t most) {
    Event event;
    std::span<const std::byte> payload;
    std::size_t count = 0;
    while (count < most && ring_.read(event, payload)) {
        reader(event, payload);
        ++count;
    }
    if (const std::uint64_t dropped = ring_.dropped(); dropped > dropped_told_) {
        Event loss;
        loss.kind = EventKind::events_dropped;
        loss.time = os::Clock::now().time_since_epoch().count();
        loss.writer = loss.process = os::own_pid();
        loss.number = dropped - std::exchange(dropped_told_, dropped);
        reader(loss, {});
        ++count;
    }
    return count;
}

} // namespace pprocess
