// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/attached_source.h>

#include <widgets/format.h>

#include <QElapsedTimer>

namespace pprocess::widgets {

AttachedSource::AttachedSource(const InspectableProgram& program, QObject* parent, std::size_t budget)
    : InstrumentSource(parent),
      m_program(program),
      m_data(nullptr, budget) {
    m_frame.setSingleShot(true);
    connect(&m_frame, &QTimer::timeout, this, &AttachedSource::takeIn);
    try {
        m_attachment = Attachment(program);
    } catch (const std::exception& error) {
        m_state = State::failed;
        m_reason = QString::fromUtf8(error.what());
        return;
    }
    m_notifier = std::make_unique<QSocketNotifier>(m_attachment.fileno(), QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &AttachedSource::takeIn);
}

Attachment::Callbacks AttachedSource::callbacks() {
    return {.present = [this](observe::Snapshot state) { m_data.reset(std::move(state)); },
            .event = [this](const Event& event, std::span<const std::byte> payload) { m_data.append(event, payload); },
            .answered =
                [this](std::uint64_t command, const std::string& refusal) {
                    const QString done = m_commands.take(command);
                    if (!refusal.empty())
                        emit controlAnswered(tr("%1 refused: %2.").arg(title(), QString::fromStdString(refusal)));
                    else if (!done.isEmpty())
                        emit controlAnswered(done);
                }};
}

/// One batch; as long as there is something in each, the next is taken a frame later, else the socket tells.
void AttachedSource::takeIn() {
    const bool didAllow = canControl();
    const std::uint64_t before = m_data.endEvent();
    const auto take = callbacks();
    QElapsedTimer clock;
    clock.start();
    m_notifier->setEnabled(false);
    auto left = Attachment::Step::more;
    try {
        while (left == Attachment::Step::more && clock.elapsed() < sliceTime)
            left = m_attachment.step(take, std::size_t{1} << 16);
    } catch (const std::exception& error) {
        m_data.publish();
        m_attachment.detach();
        end(State::failed, QString::fromUtf8(error.what()));
        return;
    }
    m_data.publish();
    if (left == Attachment::Step::over) {
        end(State::ended, QString::fromStdString(m_attachment.ending()));
        return;
    }
    if (left == Attachment::Step::more || m_data.endEvent() != before)
        m_frame.start(left == Attachment::Step::more ? 0 : frame);
    else
        m_notifier->setEnabled(true);
    if (canControl() != didAllow)
        emit stateChanged();
}

void AttachedSource::end(State state, const QString& reason) {
    if (m_notifier)
        m_notifier->setEnabled(false);
    m_frame.stop();
    m_state = state;
    m_reason = reason;
    emit stateChanged();
}

void AttachedSource::detach() {
    if (m_state != State::live)
        return;
    m_notifier->setEnabled(false);
    m_attachment.detach();
    end(State::ended, tr("you have detached from it"));
}

QString AttachedSource::title() const {
    return QStringLiteral("%1 (%2)").arg(QString::fromStdString(m_program.name)).arg(m_program.pid);
}

QString AttachedSource::statusText() const {
    switch (m_state) {
    case State::live:
        return tr("Attached to %1: %2").arg(title(), QString::fromStdString(m_program.command_line));
    case State::failed:
        return tr("%1 cannot be watched: %2. It may have ended meanwhile; look at the list of programs again.")
            .arg(title(), m_reason);
    default:
        return tr("No more comes from %1: %2. %3 kept.")
            .arg(title(), m_reason,
                 format::counted<AttachedSource>(m_data.endEvent(), QT_TR_N_NOOP("%1 event(s) (is|are)")));
    }
}

bool AttachedSource::canControl() const {
    return m_state == State::live && m_attachment.allows_control();
}

QString AttachedSource::controlText() const {
    if (canControl())
        return {};
    if (m_state != State::live)
        return tr("The program is no longer attached.");
    return tr("%1 does not allow it. Start it with PPROCESS_INSPECT=control to end its processes from here.")
        .arg(QString::fromStdString(m_program.name));
}

void AttachedSource::endProcess(std::uint64_t key, Step step) {
    const observe::ProcessInfo* const process = m_data.head().process(key);
    if (!canControl()) {
        emit controlAnswered(controlText());
        return;
    }
    if (!process || process->ended != 0) {
        emit controlAnswered(tr("That process has ended already."));
        return;
    }
    // An attached program knows two steps: the first two of ours are one.
    const bool kills = step == Step::kill;
    const std::uint64_t command =
        m_attachment.end_process(process->pid, kills ? Attachment::How::kill : Attachment::How::ask);
    if (command == 0) {
        emit controlAnswered(tr("The program is no longer attached."));
        return;
    }
    m_commands.insert(command, kills ? tr("Process %1 was killed.").arg(process->pid)
                                     : tr("Process %1 was asked to end.").arg(process->pid));
    // What could not be sent at once goes with the next batch.
    m_frame.start(0);
}

} // namespace pprocess::widgets
