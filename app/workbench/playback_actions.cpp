// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/playback_actions.h>

#include <app/workbench/instrument_board.h>

#include <QAction>

namespace pprocess::workbench {

PlaybackActions::PlaybackActions(QObject* parent) : QObject(parent) {
    m_toggle = add(tr("&Play"), tr("Ctrl+Space"), &Playback::toggle);
    m_back = add(tr("One event &back"), tr("Ctrl+Left"), &Playback::stepBack);
    m_forward = add(tr("One event &forth"), tr("Ctrl+Right"), &Playback::stepForward);
    m_previousFailure = add(tr("To the pre&vious failure"), tr("Ctrl+Shift+Left"), &Playback::goToPreviousFailure);
    m_nextFailure = add(tr("To the &next failure"), tr("Ctrl+Shift+Right"), &Playback::goToNextFailure);
    m_begin = add(tr("To the be&ginning"), tr("Ctrl+Home"), &Playback::goToBeginning);
    m_end = add(tr("To the &end, and on with it"), tr("Ctrl+End"), &Playback::follow);
    m_slower = add(tr("&Slower"), tr("Ctrl+["), &Playback::slower);
    m_faster = add(tr("F&aster"), tr("Ctrl+]"), &Playback::faster);
    showState();
}

QAction* PlaybackActions::add(const QString& text, const QString& shortcut, void (Playback::*what)()) {
    auto* action = new QAction(text, this);
    action->setShortcut(QKeySequence(shortcut));
    connect(action, &QAction::triggered, this, [this, what] {
        if (m_playback) {
            (m_playback->*what)();
        }
    });
    m_all += action;
    return action;
}

void PlaybackActions::setBoard(InstrumentBoard* board) {
    Playback* playback = board ? &board->playback() : nullptr;
    if (playback == m_playback) {
        return;
    }
    if (m_playback) {
        m_playback->disconnect(this);
    }
    m_playback = playback;
    if (playback) {
        connect(playback, &Playback::changed, this, &PlaybackActions::showState);
        connect(playback, &Playback::moved, this, &PlaybackActions::showState);
    }
    showState();
}

void PlaybackActions::showState() {
    const bool canPlay = m_playback && m_playback->canPlay();
    const bool isAtEnd = canPlay && m_playback->state() == Playback::State::following;
    m_toggle->setText(canPlay && m_playback->isMoving() ? tr("&Pause") : tr("&Play"));
    m_toggle->setEnabled(canPlay);
    m_back->setEnabled(canPlay);
    m_forward->setEnabled(canPlay && !isAtEnd);
    m_previousFailure->setEnabled(canPlay && m_playback->hasPreviousFailure());
    m_nextFailure->setEnabled(canPlay && m_playback->hasNextFailure());
    m_begin->setEnabled(canPlay && m_playback->elapsed() > 0);
    m_end->setEnabled(canPlay && !isAtEnd);
    m_slower->setEnabled(canPlay && m_playback->speed() > Playback::speeds().first());
    m_faster->setEnabled(canPlay && m_playback->speed() < Playback::speeds().last());
}

} // namespace pprocess::workbench
