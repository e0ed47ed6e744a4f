// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/observe/recorder.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace pprocess {

Recorder::Recorder(std::size_t memory) : ring_(memory) {
    install();
}

Recorder::Recorder(os::Fd shared) : ring_(std::move(shared)) {
    install();
}

Recorder::~Recorder() {
    os::remove_observer(this);
}

void Recorder::install() {
    if (!os::add_observer(this))
        throw std::logic_error("pprocess::Recorder: " + std::to_string(os::most_observers) +
                               " observers are installed already, and there can be no more");
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
