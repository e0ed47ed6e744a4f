// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractScrollArea>
#include <QColor>
#include <QHash>
#include <QPixmap>
#include <QTimer>

#include <optional>
#include <unordered_map>
#include <vector>

#include <widgets/colors.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/instrument_selection.h>
#include <widgets/instruments/laid_out_texts.h>
#include <widgets/instruments/time_range.h>
#include <widgets/instruments/timeline_geometry.h>
#include <widgets/instruments/timeline_messages.h>
#include <widgets/instruments/timeline_rows.h>
#include <widgets/instruments/timeline_selection.h>

namespace pprocess::widgets {

/// The lanes of a timeline with their names and the ruler. As large as what is seen of it; it draws the visible lanes
/// only. `TimelineView` puts it together with the rest.
class TimelineCanvas : public QAbstractScrollArea {
    Q_OBJECT

public:
    TimelineCanvas(InstrumentData& record, InstrumentSelection& selection, TimeRange& range, QWidget* parent = nullptr);

    /// Lanes of processes that ended before the visible range are left out.
    void setHideEnded(bool hides);
    [[nodiscard]] const timeline::Rows& rows() const { return m_rows; }

    // Where things are, in the viewport's pixels.

    /// Where lanes are drawn.
    [[nodiscard]] QRect lanesRect() const;
    /// All of the lane of a process, or of what stands for it, seen or not; empty when it has none.
    [[nodiscard]] QRect laneRect(std::uint64_t process) const;
    /// Where an activity of a process is drawn, by its index; empty when outside the range.
    [[nodiscard]] QRect barRect(std::uint64_t process, std::size_t index) const;
    /// A place on the ruler; y is in its middle.
    [[nodiscard]] QPoint rulerPoint(std::int64_t time) const;
    [[nodiscard]] timeline::Scale scale() const;
    /// The groups of marks in the lane of a process.
    [[nodiscard]] std::vector<timeline::MarkGroup> markGroups(std::uint64_t process) const;

    /// One rectangle that was painted.
    struct Painted {
        QRect rect;
        QColor color;
        bool isHatched = false;
    };
    /// From now on rectangles are noted there at each painting; null: no more. For tests and benchmarks.
    void notePainted(std::vector<Painted>* painted) { m_painted = painted; }
    /// The arrows of the last painting, from sender to receiver.
    [[nodiscard]] const std::vector<QLineF>& arrows() const { return m_arrows; }
    /// The details of what is at a place, as plain text; empty: nothing is there.
    [[nodiscard]] QString detailsAt(QPoint place) const;

public slots:
    /// Shows what is selected as large as it fits; all when nothing is.
    void fitSelection();
    /// Takes in what the data has now. Called by itself at most once a frame.
    void refresh();

signals:
    /// What is under the pointer, in one line; empty: nothing.
    void hovered(const QString& text);
    /// The lanes are others, or their number is.
    void rowsChanged();
    /// `refresh` has run.
    void refreshed();

protected:
    bool viewportEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    enum class Drag { none, press, pan, range, names };
    /// What is under a place.
    struct Hit {
        int row = -1;
        bool isInNames = false;
        std::optional<std::size_t> activity;
        std::optional<timeline::MarkGroup> mark;
    };

    // What is shown and selected (timeline_canvas.cpp), and what input does (timeline_canvas_input.cpp).
    void scheduleRefresh();
    void buildRows();
    void onReset();
    void onSelectionChanged();
    void onRangeChanged();
    void lookForMessages();
    void takeMessages();
    void lookForTask();
    [[nodiscard]] Hit hitAt(QPoint place) const;
    [[nodiscard]] QRect rowRect(int row) const;
    [[nodiscard]] int rowOfSelection() const;
    void scrollTo(int row);
    void scrollToTime(std::int64_t begin, std::int64_t end);
    void selectHit(const Hit& hit);
    void selectActivity(std::uint64_t process, std::size_t index);
    void select(const Selected& selected);
    void stepActivity(int direction);
    void stepRow(int direction);
    void toggle(int row);
    void zoom(double factor, double x);
    [[nodiscard]] std::optional<timeline::Span> spanOfSelection() const;
    [[nodiscard]] QString details(const Hit& hit) const;
    [[nodiscard]] QString inputOf(std::uint64_t process, const Activity& activity) const;
    void readOut(QPoint place);

    // Painting (timeline_canvas_paint.cpp).
    void fill(QPainter& painter, const QRect& rect, const QColor& color);
    void hatch(QPainter& painter, const QRect& rect);
    void drawText(QPainter& painter, const QRect& rect, const QString& text, const QColor& color, const QFont& font,
                  Qt::Alignment alignment = Qt::AlignLeft);
    void paintGrid(QPainter& painter);
    void paintRuler(QPainter& painter);
    void paintProcess(QPainter& painter, const timeline::Row& row, const QRect& rect);
    void paintBar(QPainter& painter, const timeline::Row& row, const timeline::Bar& bar, const Activity& activity,
                  const QRect& rect);
    void paintMarks(QPainter& painter, const timeline::Row& row, const QRect& rect);
    void paintExchange(QPainter& painter, const timeline::Row& row, const QRect& rect);
    void paintName(QPainter& painter, const timeline::Row& row, const QRect& rect);
    void paintArrows(QPainter& painter);
    void paintManyArrows(QPainter& painter);
    void paintSmoothArrows(QPainter& painter);
    void paintCursor(QPainter& painter);
    void paintEmpty(QPainter& painter);
    const QPixmap& markPixmap(EventKind kind, bool isFailure);
    void applyFonts();
    [[nodiscard]] QRect barArea(const QRect& row) const;
    void layOutAnew() const;
    [[nodiscard]] const std::vector<timeline::Bar>& barsOf(std::uint64_t process) const;
    /// How full an exchange is, in each column.
    struct Fullness {
        std::vector<timeline::StepColumn> queued;
        std::vector<timeline::StepColumn> running;
    };
    [[nodiscard]] const Fullness& fullnessOf(const observe::ExchangeInfo& exchange) const;

    InstrumentData& m_data;
    InstrumentSelection& m_selection;
    TimeRange& m_range;
    QTimer m_frame;
    timeline::RowWishes m_wishes;
    timeline::Rows m_rows;
    timeline::Messages m_messages;
    std::uint64_t m_focusProcess = 0; ///< whose activity the keyboard is at
    std::int64_t m_focusBegin = 0;    ///< of that activity
    std::uint64_t m_taskProcess = 0;  ///< that has the selected task, by key; 0: none
    bool m_isTaskOpen = false;        ///< the selected task is still being worked on
    bool m_isSelecting = false;
    Drag m_drag = Drag::none;
    QPoint m_pressed;
    QPoint m_pointer{-1, -1};
    std::int64_t m_pressedBegin = 0; ///< of the range
    int m_pressedScroll = 0;
    int m_nameWidth = 0;
    bool m_isNameWidthChosen = false;

    Colors m_colors;
    std::array<QColor, 9> m_stateColors;
    std::array<QColor, 9> m_stateTextColors;
    QFont m_barFont;
    QFont m_boldFont;
    int m_rulerHeight = 0;
    int m_digitWidth = 0; ///< in bars
    std::vector<Painted>* m_painted = nullptr;
    std::vector<QLineF> m_arrows;
    /// What the lanes were laid out for.
    struct LaidOut {
        std::uint64_t first = 0;
        std::uint64_t end = 0;
        std::int64_t begin = 0;
        std::int64_t length = 0;
        int width = 0;
        friend bool operator==(const LaidOut&, const LaidOut&) = default;
    };
    mutable LaidOut m_laidOut;
    mutable std::unordered_map<std::uint64_t, std::vector<timeline::Bar>> m_bars; ///< by process
    mutable std::unordered_map<std::uint64_t, Fullness> m_fullness;               ///< by exchange
    std::vector<timeline::MarkGroup> m_groups;
    LaidOutTexts m_texts;
    QHash<int, QPixmap> m_markPixmaps;
    QPixmap m_hatch;
    mutable QHash<std::pair<quint64, qint64>, QString> m_inputs; ///< previews by process and begin
    mutable int m_lookups = 0;                                   ///< of previews in this frame
};

} // namespace pprocess::widgets
