// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/instrument_status.h>

#include <app/workbench/instrument_board.h>

#include <widgets/format.h>
#include <widgets/instruments/instrument_data.h>

#include <QCoreApplication>

namespace pprocess::workbench {

using namespace widgets;

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("instrumentStatus", text);
}

QString stateText(InstrumentBoard& board) {
    using State = InstrumentSource::State;
    const auto& playback = board.playback();
    const QString at = format::duration(std::chrono::nanoseconds(playback.elapsed()));
    if (playback.state() == Playback::State::playing) {
        return tr("playing, at %1").arg(at);
    }
    if (playback.state() == Playback::State::paused) {
        return board.source().state() == State::live ? tr("paused at %1: Ctrl+End goes on with it live").arg(at)
                                                     : tr("at %1").arg(at);
    }
    switch (board.source().state()) {
    case State::live:
        return tr("live");
    case State::loading:
        return tr("loading…");
    case State::ended:
        return tr("ended");
    case State::failed:
        return tr("failed");
    }
    return {};
}

} // namespace

QList<Page::Status> instrumentStatus(InstrumentBoard& board) {
    const auto& data = board.data();
    const auto& head = data.head();
    QList<Page::Status> parts{
        {tr("%1: %2").arg(board.source().title(), stateText(board)), board.source().statusText()},
        {format::counted(head.processes().size() + head.forgotten(), tr("process"), tr("processes")), {}},
        {format::counted(data.endEvent(), tr("event"), tr("events")), {}},
    };
    if (head.dropped() > 0) {
        parts +=
            {tr("lost %1").arg(format::counted(head.dropped(), tr("event"), tr("events"))),
             tr("More happened than the program's record could hold: these events are missing. Give it more memory "
                "(InspectorOptions::memory), or watch a smaller part of the work.")};
    }
    if (data.forgotten() > 0) {
        parts += {tr("the oldest %1 let go").arg(format::count(data.forgotten())),
                  tr("The record has reached its memory budget; the oldest events made room for new ones.")};
    }
    return parts;
}

} // namespace pprocess::workbench
