// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/playback_bar.h>

#include <app/workbench/playback.h>

#include <widgets/format.h>

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QStyle>

namespace pprocess::workbench {

using namespace widgets;

namespace {

constexpr int sliderSteps = 10'000;

QString speedText(double speed) {
    return QStringLiteral("%1×").arg(speed);
}

} // namespace

PlaybackBar::PlaybackBar(Playback& playback, QWidget* parent) : QWidget(parent), m_playback(playback) {
    using Sign = SignButton::Sign;
    m_begin = makeButton("playBegin", Sign::beginning, tr("To the beginning (Ctrl+Home)"));
    m_previousFailure =
        makeButton("playPreviousFailure", Sign::previousFailure, tr("To the previous failure (Ctrl+Shift+Left)"));
    m_back = makeButton("playBack", Sign::back, tr("One event back (Ctrl+Left)"));
    m_play = makeButton("play", Sign::play, tr("Play (Ctrl+Space)"));
    m_forward = makeButton("playForward", Sign::forward, tr("One event forth (Ctrl+Right)"));
    m_nextFailure = makeButton("playNextFailure", Sign::nextFailure, tr("To the next failure (Ctrl+Shift+Right)"));
    m_end = makeButton("playEnd", Sign::end, tr("To the end (Ctrl+End)"));
    m_slider = new QSlider(Qt::Horizontal);
    m_slider->setObjectName(QStringLiteral("playPosition"));
    m_slider->setAccessibleName(tr("Moment that is shown"));
    m_slider->setRange(0, sliderSteps);
    m_slider->setPageStep(sliderSteps / 20);
    m_slider->setSingleStep(sliderSteps / 200);
    m_time = new QLabel;
    m_time->setObjectName(QStringLiteral("playTime"));
    m_time->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_speed = new QComboBox;
    m_speed->setObjectName(QStringLiteral("playSpeed"));
    m_speed->setAccessibleName(tr("Speed"));
    m_speed->setToolTip(tr("Speed: 1× is that of the events themselves (Ctrl+[ and Ctrl+])"));
    for (const double speed : Playback::speeds()) {
        m_speed->addItem(speedText(speed), speed);
    }

    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(10, 4, 10, 4);
    layout->setSpacing(4);
    for (SignButton* button : {m_begin, m_previousFailure, m_back, m_play, m_forward, m_nextFailure, m_end}) {
        layout->addWidget(button);
    }
    layout->addSpacing(6);
    layout->addWidget(m_slider, 1);
    layout->addSpacing(6);
    layout->addWidget(m_time);
    layout->addWidget(m_speed);

    connect(m_begin, &QToolButton::clicked, &playback, &Playback::goToBeginning);
    connect(m_back, &QToolButton::clicked, &playback, &Playback::stepBack);
    connect(m_previousFailure, &QToolButton::clicked, &playback, &Playback::goToPreviousFailure);
    connect(m_nextFailure, &QToolButton::clicked, &playback, &Playback::goToNextFailure);
    connect(m_play, &QToolButton::clicked, &playback, &Playback::toggle);
    connect(m_forward, &QToolButton::clicked, &playback, &Playback::stepForward);
    connect(m_end, &QToolButton::clicked, this, [this] {
        m_playback.follow();
        showState(); // at the end already, the click would have put its light out
    });
    connect(m_slider, &QSlider::valueChanged, this, [this](int value) {
        m_playback.seek(
            static_cast<qint64>(static_cast<double>(m_playback.length()) / sliderSteps * static_cast<double>(value)));
    });
    connect(m_speed, &QComboBox::activated, this, [this](int row) { m_playback.setSpeed(Playback::speeds()[row]); });
    connect(&playback, &Playback::changed, this, &PlaybackBar::showState);
    connect(&playback, &Playback::moved, this, &PlaybackBar::showPosition);
    showPosition();
}

SignButton* PlaybackBar::makeButton(const char* name, SignButton::Sign sign, const QString& toolTip) {
    auto* button = new SignButton(sign);
    button->setObjectName(QLatin1String(name));
    button->setToolTip(toolTip);
    button->setAccessibleName(toolTip);
    return button;
}

void PlaybackBar::showState() {
    const bool canPlay = m_playback.canPlay();
    const bool isFollowing = m_playback.state() == Playback::State::following;
    const bool isLive = m_playback.isLive();
    m_play->setSign(m_playback.isMoving() ? SignButton::Sign::pause : SignButton::Sign::play);
    m_play->setToolTip(m_playback.isMoving() ? tr("Pause (Ctrl+Space)")
                       : isFollowing         ? tr("Play from the beginning (Ctrl+Space)")
                                             : tr("Play (Ctrl+Space)"));
    m_play->setAccessibleName(m_play->toolTip());
    m_end->setText(isLive ? tr("Live") : QString());
    m_end->setSign(isLive ? SignButton::Sign::none : SignButton::Sign::end);
    m_end->setToolTip(isLive ? tr("To what happens now, and on with it (Ctrl+End)") : tr("To the end (Ctrl+End)"));
    for (QWidget* control : {static_cast<QWidget*>(m_play), static_cast<QWidget*>(m_slider)}) {
        control->setEnabled(canPlay);
    }
    m_begin->setEnabled(canPlay && m_playback.elapsed() > 0);
    m_back->setEnabled(canPlay);
    m_forward->setEnabled(canPlay && !isFollowing);
    m_previousFailure->setEnabled(canPlay && m_playback.hasPreviousFailure());
    m_nextFailure->setEnabled(canPlay && m_playback.hasNextFailure());
    // A light that is on where it is live, and the way back there where it is not.
    m_end->setCheckable(isLive);
    m_end->setChecked(isLive && isFollowing);
    m_end->setEnabled(canPlay && (isLive || !isFollowing));
    const QSignalBlocker blocker(m_speed);
    m_speed->setCurrentIndex(m_speed->findData(m_playback.speed()));
}

void PlaybackBar::showPosition() {
    const auto length = m_playback.length();
    {
        const QSignalBlocker blocker(m_slider);
        m_slider->setValue(length > 0 ? static_cast<int>(static_cast<double>(m_playback.elapsed()) /
                                                         static_cast<double>(length) * sliderSteps)
                                      : 0);
    }
    m_time->setText(m_playback.canPlay() ? tr("%1 of %2")
                                               .arg(format::duration(std::chrono::nanoseconds(m_playback.elapsed())),
                                                    format::duration(std::chrono::nanoseconds(length)))
                                         : QString());
    showState();
}

} // namespace pprocess::workbench
