// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QObject>
#include <QPointer>

class QAction;

namespace pprocess::workbench {

class InstrumentBoard;
class Playback;

/// What a menu offers for the playback of the board in front. Each is enabled while it can do something.
class PlaybackActions : public QObject {
    Q_OBJECT

public:
    explicit PlaybackActions(QObject* parent = nullptr);

    [[nodiscard]] const QList<QAction*>& all() const { return m_all; }
    /// From now on they are for this board; null: for none.
    void setBoard(InstrumentBoard* board);

private:
    QAction* add(const QString& text, const QString& shortcut, void (Playback::*what)());
    void showState();

    QPointer<Playback> m_playback;
    QList<QAction*> m_all;
    QAction* m_toggle;
    QAction* m_begin;
    QAction* m_back;
    QAction* m_forward;
    QAction* m_previousFailure;
    QAction* m_nextFailure;
    QAction* m_end;
    QAction* m_slower;
    QAction* m_faster;
};

} // namespace pprocess::workbench
