// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <pprocess/observe/statistics.h>

#include <widgets/instruments/timeline_geometry.h>

namespace pprocess::widgets {

class TimeRange;
struct Colors;

/// Steps of a series put together so that each is wide enough to be seen. The bounds do not depend on where the range
/// begins, so that nothing flickers while it moves.
struct TimeBins {
    std::int64_t begin = 0; ///< of the first, ns
    std::int64_t width = 1; ///< of each, ns
    std::vector<observe::Step> bins;

    /// Those that the scale shows, each at least `columns` pixels wide.
    static TimeBins of(const observe::Series& series, const timeline::Scale& scale, int columns);
};

/// Four plots over one time axis: tasks a second, bytes a second, what the slots were used for, and how many tasks
/// waited. The range is shared with all views: Ctrl+wheel or W and S zoom, a drag or A and D move it.
class TimePlots : public QWidget {
    Q_OBJECT

public:
    explicit TimePlots(TimeRange& range, QWidget* parent = nullptr);

    /// What is to be drawn; it is copied as far as it is shown. `slotCount`: of the exchange; 0: not known.
    void draw(const observe::Series& series, std::uint64_t slotCount);
    /// Where the other views are; none: at the end.
    void setPosition(std::optional<std::int64_t> time);

    [[nodiscard]] const TimeBins& bins() const { return m_bins; }
    /// The area of one of the four plots.
    [[nodiscard]] QRect plotRect(int plot) const;
    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] QSize sizeHint() const override;

    /// The colour of a use of slots, and its name for a legend.
    static QColor useColor(observe::SlotUse use, const Colors& colors);
    static QString useText(observe::SlotUse use);

signals:
    /// What is under the pointer, in words; empty when nothing is.
    void hovered(const QString& text);
    /// The moment that was clicked, ns.
    void positionChosen(qint64 time);

protected:
    void paintEvent(QPaintEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    [[nodiscard]] timeline::Scale scale() const;
    [[nodiscard]] QRect area() const;
    [[nodiscard]] std::pair<int, int> columnsOf(std::size_t bin, const timeline::Scale& scale) const;
    void paintAxis(QPainter& painter, const Colors& colors);
    void paintFrame(QPainter& painter, const Colors& colors, int plot, const QString& title, double most,
                    const QString& mostText);
    void paintRates(QPainter& painter, const Colors& colors);
    void paintUses(QPainter& painter, const Colors& colors);
    void paintQueue(QPainter& painter, const Colors& colors);
    [[nodiscard]] QString textAt(int x) const;

    TimeRange& m_range;
    TimeBins m_bins;
    std::uint64_t m_slotCount = 0;
    std::optional<std::int64_t> m_position;
    int m_pointer = -1;
    std::optional<QPoint> m_pressed;
    std::int64_t m_pressedBegin = 0;
    bool m_isDragged = false;
};

} // namespace pprocess::widgets
