// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <cstdint>

#include <pprocess/observe/statistics.h>

namespace pprocess::widgets {

/// "12 µs", "4.1 ms", "2.2 s".
QString shortDuration(std::int64_t nanoseconds);
/// "Queued", "To its process", …
QString stageText(observe::TaskStage stage);

/// How long tasks took in each stage: four histograms over one axis of durations, on which each step is ten times the
/// one before, with lines at the median and at the 90th and 99th percentile.
class StageHistograms : public QWidget {
    Q_OBJECT

public:
    explicit StageHistograms(QWidget* parent = nullptr);

    void draw(const observe::StageTimes& times);

    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] QRect plotRect(std::size_t stage) const;
    [[nodiscard]] int columnOf(std::int64_t duration) const;
    void paintStage(QPainter& painter, std::size_t stage);

    observe::StageTimes m_times;
    int m_first = 3; ///< the powers of ten, in ns, at which the axis begins and ends
    int m_last = 9;
};

} // namespace pprocess::widgets
