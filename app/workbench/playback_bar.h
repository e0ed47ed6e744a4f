// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QComboBox;
class QLabel;
class QSlider;
class QToolButton;

namespace pprocess::workbench {

class Playback;

/// Buttons, speed and a slider over the whole record, for a `Playback`.
class PlaybackBar : public QWidget {
    Q_OBJECT

public:
    /// `playback` must outlive the bar.
    explicit PlaybackBar(Playback& playback, QWidget* parent = nullptr);

private:
    [[nodiscard]] QToolButton* makeButton(const char* name, const QString& text, const QString& toolTip);
    void showState();
    void showPosition();

    Playback& m_playback;
    QToolButton* m_begin;
    QToolButton* m_back;
    QToolButton* m_play;
    QToolButton* m_forward;
    QToolButton* m_end;
    QSlider* m_slider;
    QLabel* m_time;
    QComboBox* m_speed;
};

} // namespace pprocess::workbench
