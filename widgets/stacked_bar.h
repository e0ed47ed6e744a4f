// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <array>

#include <pprocess/job/runner.h>

namespace pprocess::widgets {

/// A job's items as parts of one bar: succeeded, failed, cancelled, running, waiting. Failed items are hatched and
/// never thinner than can be seen.
class StackedBar : public QWidget {
    Q_OBJECT

public:
    explicit StackedBar(QWidget* parent = nullptr);

    void setProgress(const job::Progress& progress);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

    /// The parts' widths in pixels for a bar of `width`, in the order succeeded, failed, cancelled, running; they add
    /// up to at most `width`. A part that is not empty gets at least `least` pixels.
    static std::array<double, 4> parts(const job::Progress& progress, double width, double least);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    job::Progress m_progress;
};

} // namespace pprocess::widgets
