// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/recorder_source.h>

namespace pprocess::widgets {

RecorderSource::RecorderSource(Recorder& recorder, QObject* parent, std::size_t budget)
    : LiveSource(parent, budget),
      m_reader(recorder, *this) {}

void RecorderSource::take(const Event& event, std::span<const std::byte> payload) {
    LiveSource::take(event, payload);
}

void RecorderSource::publish() {
    data().publish();
}

std::vector<const observe::Snapshot*> RecorderSource::heads() const {
    return {&data().head()};
}

} // namespace pprocess::widgets
