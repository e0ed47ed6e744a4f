// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/channel_matrix_view.h>

#include <widgets/colors.h>
#include <widgets/empty_text.h>
#include <widgets/focus_forward.h>
#include <widgets/format.h>
#include <widgets/instruments/channel_grid.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/instrument_selection.h>
#include <widgets/instruments/related.h>
#include <widgets/instruments/reveal_menu.h>
#include <widgets/instruments/state_colors.h>
#include <widgets/instruments/state_legend.h>

#include <QAbstractScrollArea>
#include <QCheckBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QVBoxLayout>

#include <algorithm>
#include <chrono>
#include <tuple>

namespace pprocess::widgets {

using observe::ChannelInfo;
using observe::ProcessInfo;
using observe::ProcessState;

namespace {

constexpr std::uint64_t eventsPerStep = 20'000; ///< a few ms

QString elapsed(std::int64_t nanoseconds) {
    return format::duration(std::chrono::nanoseconds(std::max<std::int64_t>(0, nanoseconds)));
}

std::int64_t lastMessage(const ChannelInfo& channel) {
    return std::max(channel.to_process.last, channel.from_process.last);
}

bool waitsForSpace(const ChannelInfo& channel) {
    return channel.creator_waits || channel.created_waits;
}

std::uint64_t messagesWaiting(const ChannelInfo& channel) {
    return channel.to_process.messages_waiting() + channel.from_process.messages_waiting();
}

std::uint64_t bytesWaiting(const ChannelInfo& channel) {
    return channel.to_process.bytes_waiting() + channel.from_process.bytes_waiting();
}

} // namespace

// ------------------------------------------------------------------------------------------------------------------
// the grid on the screen

class ChannelMatrixView::Grid : public QAbstractScrollArea {
public:
    explicit Grid(ChannelMatrixView& view) : m_view(view) {
        setObjectName(QStringLiteral("grid"));
        setFrameShape(NoFrame);
        setFocusPolicy(Qt::StrongFocus);
        setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        viewport()->setMouseTracking(true);
        setAccessibleName(tr("Channels"));
    }

    /// The cell under the mouse, else the selected one; 0: none.
    [[nodiscard]] std::uint64_t explained() const {
        return m_hovered >= 0 && m_hovered < number() ? id(m_hovered) : m_view.m_selected;
    }

    [[nodiscard]] bool showsDots() const { return m_grid.detail() == ChannelGrid::Detail::dot && number() > 0; }

    void arrange() {
        m_grid = ChannelGrid(number(), viewport()->size(), fontMetrics().height());
        verticalScrollBar()->setPageStep(viewport()->height());
        verticalScrollBar()->setSingleStep(24);
        verticalScrollBar()->setRange(0, std::max(0, m_grid.height() - viewport()->height()));
        viewport()->update();
    }

    void goTo(std::uint64_t channel) {
        const QRect cell = m_grid.cell(placeOf(channel));
        if (cell.isNull())
            return;
        QScrollBar* bar = verticalScrollBar();
        if (cell.top() < bar->value())
            bar->setValue(cell.top() - ChannelGrid::margin);
        else if (cell.bottom() > bar->value() + viewport()->height())
            bar->setValue(cell.bottom() + ChannelGrid::margin - viewport()->height());
    }

protected:
    void resizeEvent(QResizeEvent*) override { arrange(); }
    void scrollContentsBy(int, int) override { viewport()->update(); }

    void changeEvent(QEvent* event) override {
        QAbstractScrollArea::changeEvent(event);
        if (event->type() == QEvent::FontChange)
            arrange();
    }

    void mouseMoveEvent(QMouseEvent* event) override { hover(at(event->position().toPoint())); }

    bool viewportEvent(QEvent* event) override {
        if (event->type() == QEvent::Leave)
            hover(-1);
        return QAbstractScrollArea::viewportEvent(event);
    }

    void mousePressEvent(QMouseEvent* event) override {
        const int place = at(event->position().toPoint());
        if (place >= 0)
            select(place);
        else if (event->button() == Qt::LeftButton)
            m_view.m_selection.clear();
    }

    void contextMenuEvent(QContextMenuEvent* event) override { m_view.showMenu(event->globalPos()); }

    void keyPressEvent(QKeyEvent* event) override {
        const int place = placeOf(m_view.m_selected);
        const int cellHeight = std::max(1, m_grid.cell(0).height());
        const int page = std::max(1, viewport()->height() / cellHeight);
        switch (event->key()) {
        case Qt::Key_Left:
            return select(m_grid.moved(place, -1, 0));
        case Qt::Key_Right:
            return select(m_grid.moved(place, 1, 0));
        case Qt::Key_Up:
            return select(m_grid.moved(place, 0, -1));
        case Qt::Key_Down:
            return select(m_grid.moved(place, 0, 1));
        case Qt::Key_PageUp:
            return select(m_grid.moved(place, 0, -page));
        case Qt::Key_PageDown:
            return select(m_grid.moved(place, 0, page));
        case Qt::Key_Home:
            return select(number() > 0 ? 0 : -1);
        case Qt::Key_End:
            return select(number() - 1);
        case Qt::Key_Escape:
            return m_view.m_selection.clear();
        default:
            QAbstractScrollArea::keyPressEvent(event);
        }
    }

    void paintEvent(QPaintEvent*) override;

private:
    [[nodiscard]] int number() const { return static_cast<int>(m_view.m_channels.size()); }
    [[nodiscard]] std::uint64_t id(int place) const { return m_view.m_channels[static_cast<std::size_t>(place)]; }
    [[nodiscard]] int placeOf(std::uint64_t channel) const {
        const auto place = std::find(m_view.m_channels.begin(), m_view.m_channels.end(), channel);
        return place == m_view.m_channels.end() ? -1 : static_cast<int>(place - m_view.m_channels.begin());
    }
    [[nodiscard]] int at(QPoint point) const { return m_grid.at(point + QPoint(0, verticalScrollBar()->value())); }

    void select(int place) {
        if (place < 0)
            return;
        m_view.m_selection.select(Selected::channel(id(place)));
        goTo(id(place));
    }

    void hover(int place) {
        if (place == m_hovered)
            return;
        m_hovered = place;
        m_view.explain();
        viewport()->update();
    }

    struct Pen {
        QPainter& painter;
        const Colors& colors;
        std::int64_t now;
    };
    void paintCell(const Pen& pen, const QRect& cell, const ChannelInfo& channel, const ProcessInfo* process) const;
    void paintText(const Pen& pen, const QRect& inner, const ChannelInfo& channel, const ProcessInfo* process) const;
    void paintBars(const Pen& pen, const QRect& area, const ChannelInfo& channel) const;
    void paintDot(const Pen& pen, const QRect& cell, const ChannelInfo& channel, ProcessState state) const;
    static void paintLamp(const Pen& pen, const QRectF& lamp, bool isLit);

    ChannelMatrixView& m_view;
    ChannelGrid m_grid;
    int m_hovered = -1;
};

void ChannelMatrixView::Grid::paintEvent(QPaintEvent*) {
    m_view.catchUp(); // also when it is painted between two refreshes
    const Colors colors = Colors::of(palette());
    const observe::Snapshot& snapshot = m_view.m_data.snapshot();
    if (number() == 0) {
        const std::size_t closed = snapshot.channels().size();
        if (closed > 0)
            paintEmptyText(*viewport(), tr("No channel is open at this moment"),
                           closed == 1 ? tr("One was and is closed. Untick “Hide closed” to see it.")
                                       : tr("%1 were and are closed. Untick “Hide closed” to see them, or move to an "
                                            "earlier moment.")
                                             .arg(format::count(closed)));
        else
            paintEmptyText(*viewport(), tr("No channel yet"),
                           tr("Each process that a program creates is linked to it by a channel, which appears here "
                              "as a cell. Start a job, or attach to a program."));
        return;
    }
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), colors.window);
    const int top = verticalScrollBar()->value();
    painter.translate(0, -top);
    const Pen pen{painter, colors, snapshot.end()};
    const auto [first, last] = m_grid.between(top, top + viewport()->height());
    for (int place = first; place < last; ++place) {
        if (const ChannelInfo* channel = m_view.channel(id(place)))
            paintCell(pen, m_grid.cell(place), *channel, snapshot.process(channel->process));
    }
    const auto frame = [&](int place, const QColor& color, int width) {
        if (place < 0)
            return;
        painter.setBrush(Qt::NoBrush);
        QPen line(color, width);
        line.setJoinStyle(Qt::MiterJoin);
        painter.setPen(line);
        painter.drawRect(m_grid.cell(place).adjusted(0, 0, -1, -1));
    };
    frame(m_hovered < number() ? m_hovered : -1, colors.muted, 1);
    if (const int selected = placeOf(m_view.m_selected); selected >= 0) {
        // Seen on any ground: dark and light in one.
        frame(selected, colors.card, 4);
        frame(selected, hasFocus() ? colors.accent : colors.text, 2);
    }
}

void ChannelMatrixView::Grid::paintCell(const Pen& pen, const QRect& cell, const ChannelInfo& channel,
                                        const ProcessInfo* process) const {
    QPainter& painter = pen.painter;
    const ProcessState state = process ? process->state : ProcessState::starting;
    if (m_grid.detail() == ChannelGrid::Detail::dot)
        return paintDot(pen, cell, channel, state);
    painter.fillRect(cell, channel.is_open ? pen.colors.card : pen.colors.window);
    painter.setPen(waitsForSpace(channel) ? pen.colors.waiting : pen.colors.border);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(cell.adjusted(0, 0, -1, -1));
    const bool isSmall = m_grid.detail() == ChannelGrid::Detail::bars;
    const QRect strip(cell.left(), cell.top(), isSmall ? 4 : 5, cell.height());
    painter.fillRect(strip, stateColor(state, pen.colors));
    if (state == ProcessState::failed)
        painter.fillRect(strip, failureHatch(pen.colors));
    if (!isSmall)
        return paintText(pen, cell.adjusted(12, 4, -7, -4), channel, process);
    const int lamp = std::min(7, cell.height() / 2 - 2);
    paintBars(pen, QRect(cell.left() + 6, cell.bottom() - cell.height() / 2, cell.width() - 9, cell.height() / 2 - 3),
              channel);
    paintLamp(pen, QRectF(cell.right() - lamp - 2, cell.top() + 2, lamp, lamp), channel.ready);
    if (waitsForSpace(channel))
        painter.fillRect(QRect(cell.left() + 6, cell.top() + 3, lamp, lamp - 1), pen.colors.waiting);
}

void ChannelMatrixView::Grid::paintText(const Pen& pen, const QRect& inner, const ChannelInfo& channel,
                                        const ProcessInfo* process) const {
    QPainter& painter = pen.painter;
    const QFontMetrics metrics = fontMetrics();
    const int line = metrics.height();
    const auto write = [&](const QRect& area, const QString& text, const QColor& color, Qt::Alignment side) {
        painter.setPen(color);
        painter.drawText(area, static_cast<int>(side | Qt::AlignVCenter) | Qt::TextSingleLine,
                         metrics.elidedText(text, Qt::ElideRight, area.width()));
    };
    const QColor strong = channel.is_open ? pen.colors.text : pen.colors.muted;
    QRect area(inner.left(), inner.top(), inner.width() - 14, line);
    const QString pid = process ? QString::number(process->pid) : tr("unknown");
    write(area, pid, strong, Qt::AlignLeft);
    const int used = metrics.horizontalAdvance(pid) + 8;
    paintLamp(pen, QRectF(inner.right() - 9, inner.top() + (line - 9) / 2.0, 9, 9), channel.ready);
    const bool isWhole = m_grid.detail() == ChannelGrid::Detail::all;
    if (isWhole || area.width() - used > 40)
        write(area.adjusted(used, 0, 0, 0), process ? QString::fromStdString(process->purpose) : QString(),
              pen.colors.muted, Qt::AlignLeft);
    area = QRect(inner.left(), inner.top() + line + 2, inner.width(), isWhole ? 9 : inner.height() - line - 3);
    paintBars(pen, area, channel);
    if (!isWhole)
        return;
    area = QRect(inner.left(), area.bottom() + 3, inner.width(), line);
    const auto waiting = messagesWaiting(channel);
    write(area,
          waiting == 0 ? tr("nothing waits")
                       : tr("%1 waiting, %2")
                             .arg(format::count(waiting), format::bytes(static_cast<double>(bytesWaiting(channel)))),
          waiting == 0 ? pen.colors.muted : strong, Qt::AlignLeft);
    area.translate(0, line);
    if (waitsForSpace(channel)) {
        const QRect mark(area.left(), area.top() + 3, 5, line - 6);
        painter.fillRect(mark, pen.colors.waiting);
        write(area.adjusted(10, 0, 0, 0), channel.creator_waits ? tr("full: creator waits") : tr("full: process waits"),
              strong, Qt::AlignLeft);
    } else if (!channel.is_open) {
        write(area, tr("closed"), pen.colors.muted, Qt::AlignLeft);
    } else if (const std::int64_t last = lastMessage(channel); last != 0) {
        write(area, tr("last %1 ago").arg(elapsed(pen.now - last)), pen.colors.muted, Qt::AlignLeft);
    } else {
        write(area, tr("no message yet"), pen.colors.muted, Qt::AlignLeft);
    }
}

/// To the process on the left of the centre line, from it on the right.
void ChannelMatrixView::Grid::paintBars(const Pen& pen, const QRect& area, const ChannelInfo& channel) const {
    const RecentActivity::Traffic traffic = m_view.m_activity.traffic(channel.id);
    const double largest = m_view.m_largestRate;
    const auto length = [&](std::uint64_t bytes) {
        return static_cast<int>(area.width() / 2 *
                                barLength(static_cast<double>(bytes) / m_view.m_activity.seconds(), largest));
    };
    const int centre = area.left() + area.width() / 2;
    pen.painter.fillRect(area, pen.colors.track);
    const int in = length(traffic.toProcess());
    pen.painter.fillRect(QRect(centre - in, area.top(), in, area.height()), pen.colors.running);
    pen.painter.fillRect(QRect(centre, area.top(), length(traffic.fromProcess()), area.height()), pen.colors.done);
    pen.painter.fillRect(QRect(centre, area.top() - 1, 1, area.height() + 2), pen.colors.text);
}

void ChannelMatrixView::Grid::paintLamp(const Pen& pen, const QRectF& lamp, bool isLit) {
    pen.painter.setRenderHint(QPainter::Antialiasing);
    pen.painter.setPen(QPen(isLit ? pen.colors.done.darker(130) : pen.colors.border, 1));
    pen.painter.setBrush(isLit ? QBrush(pen.colors.done) : Qt::NoBrush);
    pen.painter.drawEllipse(lamp.adjusted(0.5, 0.5, -0.5, -0.5));
    pen.painter.setRenderHint(QPainter::Antialiasing, false);
}

/// The colour is the state, the size the traffic of the last second, a point in the middle: readable now.
void ChannelMatrixView::Grid::paintDot(const Pen& pen, const QRect& cell, const ChannelInfo& channel,
                                       ProcessState state) const {
    const RecentActivity::Traffic traffic = m_view.m_activity.traffic(channel.id);
    const double rate =
        static_cast<double>(std::max(traffic.toProcess(), traffic.fromProcess())) / m_view.m_activity.seconds();
    const double share = barLength(rate, m_view.m_largestRate);
    const int side = std::min(cell.width(), cell.height());
    const int inset = static_cast<int>(side * 0.32 * (1 - share));
    const QRect dot = cell.adjusted(inset, inset, -inset, -inset);
    if (!channel.is_open && state != ProcessState::failed) {
        pen.painter.setPen(pen.colors.border);
        pen.painter.setBrush(Qt::NoBrush);
        pen.painter.drawRect(dot.adjusted(0, 0, -1, -1));
        return;
    }
    pen.painter.fillRect(dot, stateColor(state, pen.colors));
    if (state == ProcessState::failed)
        pen.painter.fillRect(dot, failureHatch(pen.colors));
    if (state == ProcessState::idle) {
        pen.painter.setPen(pen.colors.cancelled);
        pen.painter.setBrush(Qt::NoBrush);
        pen.painter.drawRect(dot.adjusted(0, 0, -1, -1));
    }
    if (waitsForSpace(channel) && state != ProcessState::waiting)
        pen.painter.fillRect(QRect(dot.left(), dot.top(), dot.width(), std::max(2, dot.height() / 3)),
                             pen.colors.waiting);
    if (channel.ready) {
        const int point = std::max(2, side / 3);
        pen.painter.fillRect(QRect(cell.center().x() - point / 2, cell.center().y() - point / 2, point, point),
                             stateTextColor(state, pen.colors));
    }
}

// ------------------------------------------------------------------------------------------------------------------
// around it

ChannelMatrixView::ChannelMatrixView(InstrumentData& record, InstrumentSelection& selection, TimeRange&,
                                     QWidget* parent)
    : QWidget(parent),
      m_data(record),
      m_selection(selection),
      m_grid(new Grid(*this)),
      m_pacer(*this, record) {
    m_counts = new QLabel;
    m_counts->setObjectName(QStringLiteral("counts"));
    m_hidesClosed = new QCheckBox(tr("Hide closed"));
    m_hidesClosed->setObjectName(QStringLiteral("hideClosed"));
    m_hidesClosed->setToolTip(tr("Leaves out the channels that are closed"));
    m_hidesClosed->setChecked(true);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(10, 4, 10, 4);
    bar->addWidget(m_counts, 1);
    bar->addWidget(m_hidesClosed);
    m_detail = new QLabel;
    m_detail->setObjectName(QStringLiteral("detail"));
    m_detail->setWordWrap(true);
    m_detail->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_detail->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_detail->setMinimumHeight(2 * fontMetrics().height() + 2);
    m_scale = new QLabel;
    m_scale->setObjectName(QStringLiteral("scale"));
    m_scale->setForegroundRole(QPalette::PlaceholderText);
    m_scale->setMinimumWidth(0);
    m_scale->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto* foot = new QVBoxLayout;
    foot->setContentsMargins(10, 4, 10, 6);
    foot->setSpacing(2);
    foot->addWidget(m_detail);
    foot->addWidget(m_scale);
    foot->addWidget(new StateLegend);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(bar);
    layout->addWidget(m_grid, 1);
    layout->addLayout(foot);
    forwardFocus(*this, *m_grid);

    connect(&m_pacer, &FramePacer::due, this, &ChannelMatrixView::refresh);
    connect(&record, &InstrumentData::wasReset, this, [this] {
        m_activity.clear();
        refresh();
    });
    connect(&selection, &InstrumentSelection::changed, this, &ChannelMatrixView::showSelection);
    connect(m_hidesClosed, &QCheckBox::toggled, this, &ChannelMatrixView::refresh);
    refresh();
}

ChannelMatrixView::~ChannelMatrixView() = default;

const ChannelInfo* ChannelMatrixView::channel(std::uint64_t id) const {
    const auto& channels = m_data.snapshot().channels();
    const auto place = channels.find(id);
    return place == channels.end() ? nullptr : &place->second;
}

/// A busy second is counted over some frames.
void ChannelMatrixView::catchUp() {
    if (!m_activity.update(m_data, eventsPerStep))
        m_pacer.request();
}

void ChannelMatrixView::refresh() {
    const observe::Snapshot& snapshot = m_data.snapshot();
    catchUp();
    struct Entry {
        std::int64_t exchange;
        std::uint64_t process;
        std::uint64_t id;
        auto operator<=>(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    std::size_t open = 0;
    std::size_t ready = 0;
    std::size_t waiting = 0;
    std::uint64_t largest = 0;
    for (const auto& [id, channel] : snapshot.channels()) {
        open += channel.is_open ? 1 : 0;
        if (!channel.is_open && m_hidesClosed->isChecked())
            continue;
        ready += channel.ready ? 1 : 0;
        waiting += waitsForSpace(channel) ? 1 : 0;
        const auto exchange = snapshot.exchanges().find(channel.exchange);
        const auto traffic = m_activity.traffic(id);
        largest = std::max({largest, traffic.toProcess(), traffic.fromProcess()});
        entries.push_back({exchange == snapshot.exchanges().end() ? 0 : exchange->second.created, channel.process, id});
    }
    std::sort(entries.begin(), entries.end());
    m_channels.clear();
    for (const Entry& entry : entries)
        m_channels.push_back(entry.id);
    m_largestRate = static_cast<double>(largest) / m_activity.seconds();
    const std::size_t closed = snapshot.channels().size() - open;
    QString counts = tr("%1 open").arg(format::count(open));
    counts += tr(" · %1 readable now").arg(format::count(ready));
    if (waiting > 0)
        counts += tr(" · %1 full, somebody waits for space").arg(format::count(waiting));
    if (closed > 0)
        counts += m_hidesClosed->isChecked() ? tr(" · %1 closed, hidden").arg(format::count(closed))
                                             : tr(" · %1 closed").arg(format::count(closed));
    m_counts->setText(counts);
    m_grid->arrange();
    m_scale->setText(
        m_grid->showsDots() ? tr("Colour: state. Size: bytes/s of the last second, logarithmic, a full one "
                                 "is %1/s. Point: readable now. Amber top: full.")
                                  .arg(format::bytes(m_largestRate))
        : m_largestRate == 0 ? tr("Bars: bytes/s of the last second, to the process on the left, from it on the right. "
                                  "Nothing was sent in that second.")
                             : tr("Bars: bytes/s of the last second, to the process on the left, from it on the right; "
                                  "logarithmic, a full one is %1/s")
                                   .arg(format::bytes(m_largestRate)));
    m_selected = channelOf(m_selection.current(), m_data);
    m_grid->setAccessibleDescription(counts);
    explain();
}

void ChannelMatrixView::showSelection() {
    m_selected = channelOf(m_selection.current(), m_data);
    m_grid->goTo(m_selected);
    m_grid->viewport()->update();
    explain();
}

QString ChannelMatrixView::describe(std::uint64_t id) const {
    const ChannelInfo* one = channel(id);
    if (!one)
        return {};
    const observe::Snapshot& snapshot = m_data.snapshot();
    const ProcessInfo* process = snapshot.process(one->process);
    QStringList parts;
    if (process) {
        parts +=
            tr("Channel to %1%2: %3")
                .arg(process->pid)
                .arg(process->purpose.empty() ? QString()
                                              : QStringLiteral(" (%1)").arg(QString::fromStdString(process->purpose)),
                     stateText(process->state).toLower());
    } else {
        parts += tr("Channel to a process that is not known");
    }
    if (!one->is_open)
        parts += tr("closed");
    if (one->ready)
        parts += tr("readable now");
    if (one->creator_waits)
        parts += tr("full, its creator waits for space");
    if (one->created_waits)
        parts += tr("full, its process waits for space");
    const auto flow = [&](const observe::Flow& way, std::uint64_t recent, const QString& where) {
        QString text = tr("%1: %2, %3 in all, %4/s")
                           .arg(where,
                                format::counted<ChannelMatrixView>(std::max(way.messages_sent, way.messages_received),
                                                                   QT_TR_N_NOOP("%1 message(s)")),
                                format::bytes(static_cast<double>(std::max(way.bytes_sent, way.bytes_received))),
                                format::bytes(static_cast<double>(recent) / m_activity.seconds()));
        if (way.messages_waiting() > 0)
            text += tr(", %1 waiting (%2)")
                        .arg(format::count(way.messages_waiting()),
                             format::bytes(static_cast<double>(way.bytes_waiting())));
        return text;
    };
    const auto traffic = m_activity.traffic(id);
    QString text = parts.join(QStringLiteral(", ")) + QStringLiteral(". ") +
                   flow(one->to_process, traffic.toProcess(), tr("To it")) + QStringLiteral(". ") +
                   flow(one->from_process, traffic.fromProcess(), tr("From it")) + QStringLiteral(". ");
    if (const std::int64_t last = lastMessage(*one); last != 0)
        text += tr("Last message %1 ago.").arg(elapsed(snapshot.end() - last));
    else
        text += tr("No message yet.");
    return text;
}

void ChannelMatrixView::explain() {
    const QString text = describe(m_grid->explained());
    m_detail->setText(!text.isEmpty() ? text
                      : m_channels.empty()
                          ? QString()
                          : tr("Point at a channel, or choose one by click or arrow keys, to read about it."));
}

void ChannelMatrixView::showMenu(const QPoint& place) {
    if (m_selected == 0)
        return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    addRevealMenu(*menu, m_selection, Selected::channel(m_selected), "channels");
    menu->popup(place);
}

} // namespace pprocess::widgets
