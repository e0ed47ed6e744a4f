// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <vector>

#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/time_range.h>

namespace pprocess::widgets {

/// A strip of the whole record: how many processes were at work and where something failed, and on it the range that is
/// shown. The range can be moved, drawn anew, and dragged by its edges; a double click shows all.
class TimelineOverview : public QWidget {
    Q_OBJECT

public:
    TimelineOverview(InstrumentData& record, TimeRange& range, QWidget* parent = nullptr);

    [[nodiscard]] QSize sizeHint() const override { return {400, 36}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {100, 36}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;

private:
    enum class Grip { none, move, begin, end, fresh };

    [[nodiscard]] double xOf(std::int64_t time) const;
    [[nodiscard]] std::int64_t timeAt(double x) const;
    [[nodiscard]] Grip gripAt(double x) const;
    void drag(double x);

    /// What is seen in one column.
    struct Column {
        double busy = 0;
        std::uint32_t failures = 0;
    };
    /// What the columns were made of.
    struct Made {
        std::uint64_t first = 0;
        std::uint64_t end = 0;
        std::int64_t from = 0;
        std::int64_t to = 0;
        int width = 0;
        friend bool operator==(const Made&, const Made&) = default;
    };
    static std::vector<Column> columnsOf(const InstrumentData& data, const Made& made);

    InstrumentData& m_data;
    TimeRange& m_range;
    Made m_made;
    std::vector<Column> m_columns;
    Grip m_grip = Grip::none;
    double m_pressed = 0;       ///< x
    std::int64_t m_grabbed = 0; ///< begin of the range when it was grabbed
};

} // namespace pprocess::widgets
