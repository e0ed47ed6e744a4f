// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/result_store.h>

#include <QWidget>

#include <optional>
#include <utility>

class QCustomPlot;
class QCPGraph;

namespace pprocess::widgets {

/// The results that are numbers, one point for each, over the numbers of their items. The plotting library stays behind
/// this class.
class ResultPlot : public QWidget {
    Q_OBJECT

public:
    explicit ResultPlot(QWidget* parent = nullptr);

    /// Reads the numbers in another thread and shows them when they are there.
    void setResults(ResultStore rows);
    [[nodiscard]] int pointCount() const;
    /// The item whose point is nearest to a place of the widget, none farther than some pixels.
    [[nodiscard]] std::optional<std::size_t> itemAt(const QPoint& position) const;

signals:
    /// A point was clicked.
    void chosen(std::size_t item);

protected:
    void changeEvent(QEvent* event) override;

private:
    void applyColors();
    void take(std::vector<std::pair<double, double>> points);

    QCustomPlot* m_plot;
    QCPGraph* m_points;
    quint64 m_reading = 0; ///< tells the answer to the latest call from earlier ones
};

} // namespace pprocess::widgets
