// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/sign_button.h>

class QComboBox;
class QLabel;
class QSlider;

namespace pprocess::workbench {

class Playback;

/// Buttons, speed and a slider over the whole record, for a `Playback`.
class PlaybackBar : public QWidget {
    Q_OBJECT

public:
    /// `playback` must outlive the bar.
    explicit PlaybackBar(Playback& playback, QWidget* parent = nullptr);

private:
    [[nodiscard]] SignButton* makeButton(const char* name, SignButton::Sign sign, const QString& toolTip);
    void showState();
    void showPosition();

    Playback& m_playback;
    SignButton* m_begin;
    SignButton* m_previousFailure;
    SignButton* m_back;
    SignButton* m_play;
    SignButton* m_forward;
    SignButton* m_nextFailure;
    SignButton* m_end;
    QSlider* m_slider;
    QLabel* m_time;
    QComboBox* m_speed;
};

} // namespace pprocess::workbench
