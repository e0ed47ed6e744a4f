// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/job_controller.h>

#include <widgets/rate_estimator.h>

#include <QFrame>

class QLabel;

namespace pprocess::widgets {
class StackedBar;
class ThroughputPlot;
} // namespace pprocess::widgets

namespace pprocess::workbench {

/// How far the job is: the bar and its legend, the figures, the throughput over time, and a sentence over it all.
class ProgressCard : public QFrame {
    Q_OBJECT

public:
    /// `controller` is only asked, and must outlive every call.
    explicit ProgressCard(const JobController& controller, QWidget* parent = nullptr);

    /// Forgets the job before.
    void clear();
    void begin();
    /// Takes a point of the throughput.
    void sample();
    void end(const JobController::Summary& summary);
    void showProgress();

    /// How long the job will still take; none while that cannot be said.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> remaining() const;
    /// The sentence on the job that has ended; empty when none has.
    [[nodiscard]] QString summaryText() const { return m_summary; }

protected:
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] QLayout* makeLeft();
    [[nodiscard]] QLayout* makeRight();
    void showLegends();
    void showFigures();
    [[nodiscard]] QString sentence() const;

    const JobController& m_controller;
    QString m_summary;
    widgets::RateEstimator m_rate;
    QLabel* m_sentence;
    widgets::StackedBar* m_bar;
    QLabel* m_legend;
    QLabel* m_rateFigure;
    QLabel* m_remainingFigure;
    QLabel* m_elapsedFigure;
    widgets::ThroughputPlot* m_plot;
    QLabel* m_plotLegend = nullptr;
};

} // namespace pprocess::workbench
