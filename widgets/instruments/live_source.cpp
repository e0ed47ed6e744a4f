// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/live_source.h>

#include <QCoreApplication>

namespace pprocess::widgets {

LiveSource::LiveSource(QObject* parent, std::size_t budget) : InstrumentSource(parent), m_data(nullptr, budget) {}

void LiveSource::take(const Event& event, std::span<const std::byte> payload) {
    if (m_data.endEvent() == 0)
        describeProgram(event.time);
    m_data.append(event, payload);
}

/// Else the process with which all begins would have no name. Not before: nothing has happened then.
void LiveSource::describeProgram(std::int64_t time) {
    const QByteArray words = QCoreApplication::arguments().join(QLatin1Char(' ')).toUtf8().left(Observer::largest_text);
    const auto pid = static_cast<std::int32_t>(QCoreApplication::applicationPid());
    m_data.append({.time = time,
                   .writer = pid,
                   .process = pid,
                   .kind = EventKind::program_described,
                   .payload_size = static_cast<std::uint16_t>(words.size())},
                  std::as_bytes(std::span(words.constData(), static_cast<std::size_t>(words.size()))));
}

QString LiveSource::title() const {
    return tr("This job");
}

QString LiveSource::statusText() const {
    return m_data.endEvent() == 0 ? tr("Nothing has run yet. Press Run, and everything that happens is shown here.")
                                  : tr("Everything that happens in this job is shown as it happens.");
}

QString LiveSource::controlText() const {
    return canControl() ? QString() : tr("Processes cannot be ended from here.");
}

void LiveSource::endProcess(std::uint64_t key, Step step) {
    const observe::ProcessInfo* const process = m_data.head().process(key);
    if (!canControl())
        emit controlAnswered(controlText());
    else if (!process || process->ended != 0)
        emit controlAnswered(tr("That process has ended already."));
    else
        emit controlAnswered(m_control(process->pid, step));
}

} // namespace pprocess::widgets
