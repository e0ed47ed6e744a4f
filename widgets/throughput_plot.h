// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <cstddef>
#include <cstdint>
#include <deque>

class QCustomPlot;
class QCPGraph;

namespace pprocess::widgets {

/// Items per second and bytes per second over time, drawn from counts as they were measured. The plotting library stays
/// behind this class.
class ThroughputPlot : public QWidget {
    Q_OBJECT

public:
    explicit ThroughputPlot(QWidget* parent = nullptr);

    void clear();
    /// The counts up to a moment, in seconds since the start; the moments must grow.
    void add(double seconds, std::size_t items, std::uint64_t bytes);
    [[nodiscard]] int pointCount() const;

    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Totals {
        double seconds = 0;
        std::size_t items = 0;
        std::uint64_t bytes = 0;
    };

    void applyColors();

    QCustomPlot* m_plot;
    QCPGraph* m_items;
    QCPGraph* m_bytes;
    std::deque<Totals> m_recent;
    double m_mostItems = 0;
    double m_mostBytes = 0;
};

} // namespace pprocess::widgets
