// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/instrument_status.h>

#include <app/workbench/instrument_board.h>

#include <widgets/format.h>
#include <widgets/instruments/instrument_data.h>

#include <QCoreApplication>

namespace pprocess::workbench {

using namespace widgets;

namespace {

/// Whom translations know these texts by.
class Words {
    Q_DECLARE_TR_FUNCTIONS(pprocess::workbench::InstrumentStatus)
};

QString stateText(InstrumentBoard& board) {
    using State = InstrumentSource::State;
    const auto& playback = board.playback();
    const QString at = format::duration(std::chrono::nanoseconds(playback.elapsed()));
    if (playback.state() == Playback::State::playing) {
        return Words::tr("playing, at %1").arg(at);
    }
    if (playback.state() == Playback::State::paused) {
        return board.source().state() == State::live ? Words::tr("paused at %1: Ctrl+End goes on with it live").arg(at)
                                                     : Words::tr("at %1").arg(at);
    }
    switch (board.source().state()) {
    case State::live:
        return Words::tr("live");
    case State::loading:
        return Words::tr("loading…");
    case State::ended:
        return Words::tr("ended");
    case State::failed:
        return Words::tr("failed");
    }
    return {};
}

} // namespace

QList<Page::Status> instrumentStatus(InstrumentBoard& board) {
    const auto& data = board.data();
    const auto& head = data.head();
    QList<Page::Status> parts{
        {Words::tr("%1: %2").arg(board.source().title(), stateText(board)), board.source().statusText()},
        {format::counted<Words>(head.processes().size() + head.forgotten(),
                                QT_TRANSLATE_N_NOOP("pprocess::workbench::InstrumentStatus", "%1 process(es)")),
         {}},
        {format::counted<Words>(data.endEvent(),
                                QT_TRANSLATE_N_NOOP("pprocess::workbench::InstrumentStatus", "%1 event(s)")),
         {}},
    };
    if (head.dropped() > 0) {
        parts +=
            {Words::tr("lost %1").arg(format::counted<Words>(
                 head.dropped(), QT_TRANSLATE_N_NOOP("pprocess::workbench::InstrumentStatus", "%1 event(s)"))),
             Words::tr(
                 "More happened than the program's record could hold: these events are missing. Give it more memory "
                 "(InspectorOptions::memory), or watch a smaller part of the work.")};
    }
    if (data.forgotten() > 0) {
        parts += {Words::tr("the oldest %1 let go").arg(format::count(data.forgotten())),
                  Words::tr("The record has reached its memory budget; the oldest events made room for new ones.")};
    }
    return parts;
}

} // namespace pprocess::workbench
