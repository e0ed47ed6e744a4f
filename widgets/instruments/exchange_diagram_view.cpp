// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/exchange_diagram_view.h>

#include <widgets/colors.h>
#include <widgets/empty_text.h>
#include <widgets/focus_forward.h>
#include <widgets/format.h>
#include <widgets/instruments/exchange_layout.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/instrument_selection.h>
#include <widgets/instruments/laid_out_texts.h>
#include <widgets/instruments/process_state_icon.h>
#include <widgets/instruments/related.h>
#include <widgets/instruments/reveal_menu.h>
#include <widgets/instruments/state_colors.h>
#include <widgets/instruments/state_legend.h>

#include <QAbstractItemView>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QSignalBlocker>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>
#include <chrono>

namespace pprocess::widgets {

using observe::ExchangeInfo;
using observe::ProcessInfo;
using observe::ProcessState;
using observe::TaskInfo;

namespace {

constexpr std::size_t mostListed = 100;
constexpr std::uint64_t eventsPerStep = 20'000; ///< a few ms

QString elapsed(std::int64_t nanoseconds) {
    return format::duration(std::chrono::nanoseconds(std::max<std::int64_t>(0, nanoseconds)));
}

/// The font of the figures that matter most.
QFont numberFont(QFont font) {
    if (font.pointSizeF() > 0)
        font.setPointSizeF(font.pointSizeF() * 1.6);
    else
        font.setPixelSize(font.pixelSize() * 8 / 5);
    return font;
}

QString outcomeText(std::size_t outcome) {
    return QString::fromLatin1(observe::to_string(static_cast<TaskOutcome>(outcome)));
}

} // namespace

// ------------------------------------------------------------------------------------------------------------------
// the drawing

class ExchangeDiagramView::Diagram : public QWidget {
public:
    explicit Diagram(ExchangeDiagramView& view) : m_view(view) {
        setObjectName(QStringLiteral("diagram"));
        setFocusPolicy(Qt::StrongFocus);
        setAttribute(Qt::WA_OpaquePaintEvent);
        setMinimumSize(320, 140);
        setAccessibleName(tr("Exchange diagram"));
    }

    void arrange() {
        m_layout = ExchangeLayout(size(), static_cast<int>(m_view.m_seats.size()), fontMetrics().height());
        update();
    }

protected:
    void resizeEvent(QResizeEvent*) override { arrange(); }
    void changeEvent(QEvent* event) override {
        if (event->type() == QEvent::FontChange)
            m_texts.clear();
        QWidget::changeEvent(event);
    }
    void paintEvent(QPaintEvent*) override;

    void mousePressEvent(QMouseEvent* event) override {
        const QPoint point = event->position().toPoint();
        for (const auto& [rect, task] : m_tasks) {
            if (rect.contains(point))
                return m_view.m_selection.select(Selected::taskOf(m_view.m_exchange, task));
        }
        const int place = m_layout.slotAt(point);
        if (place >= 0 && seat(place) != 0)
            m_view.m_selection.select(Selected::process(seat(place)));
        else if (m_view.m_exchange != 0)
            m_view.m_selection.select(Selected::exchange(m_view.m_exchange));
    }

    void contextMenuEvent(QContextMenuEvent* event) override {
        const Selected& what = m_view.m_selection.current();
        if (what.kind == Selected::Kind::nothing)
            return;
        auto* menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        addRevealMenu(*menu, m_view.m_selection, what, "exchange");
        menu->popup(event->globalPos());
    }

    void keyPressEvent(QKeyEvent* event) override {
        switch (event->key()) {
        case Qt::Key_Left:
            return step(-1, 0);
        case Qt::Key_Right:
            return step(1, 0);
        case Qt::Key_Up:
            return step(0, -1);
        case Qt::Key_Down:
            return step(0, 1);
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (const TaskInfo* task = taskOf(selectedPlace()))
                return m_view.m_selection.select(Selected::taskOf(task->exchange, task->index));
            break;
        case Qt::Key_Escape:
            return m_view.m_selection.clear();
        default:
            break;
        }
        QWidget::keyPressEvent(event);
    }

    bool event(QEvent* event) override {
        if (event->type() != QEvent::ToolTip)
            return QWidget::event(event);
        auto* help = static_cast<QHelpEvent*>(event);
        const int place = m_layout.slotAt(help->pos());
        QToolTip::showText(help->globalPos(), place < 0 ? QString() : describe(place), this, m_layout.slot(place));
        return true;
    }

private:
    [[nodiscard]] std::uint64_t seat(int place) const { return m_view.m_seats[static_cast<std::size_t>(place)]; }
    [[nodiscard]] const ProcessInfo* processAt(int place) const {
        return place < 0 || place >= static_cast<int>(m_view.m_seats.size())
                   ? nullptr
                   : m_view.m_data.snapshot().process(seat(place));
    }
    [[nodiscard]] const TaskInfo* taskOf(int place) const {
        const ProcessInfo* process = processAt(place);
        return process ? m_view.m_data.snapshot().task_of(*process) : nullptr;
    }
    [[nodiscard]] int selectedPlace() const {
        const std::uint64_t process = processOf(m_view.m_selection.current(), m_view.m_data);
        const auto place = std::find(m_view.m_seats.begin(), m_view.m_seats.end(), process);
        return process == 0 || place == m_view.m_seats.end() ? -1 : static_cast<int>(place - m_view.m_seats.begin());
    }
    /// To the next slot that way in which somebody sits.
    void step(int byColumns, int byRows) {
        int place = selectedPlace();
        for (std::size_t tries = 0; tries <= m_view.m_seats.size(); ++tries) {
            const int next = m_layout.grid.moved(place, byColumns, byRows);
            if (next < 0 || next == place)
                return;
            place = next;
            if (seat(place) != 0)
                return m_view.m_selection.select(Selected::process(seat(place)));
        }
    }
    [[nodiscard]] QString describe(int place) const {
        const ProcessInfo* process = processAt(place);
        if (!process)
            return tr("An empty slot: a process may be created here");
        const std::int64_t now = m_view.m_data.snapshot().end();
        QString text = tr("%1, %2 for %3")
                           .arg(process->pid)
                           .arg(stateText(process->state).toLower(), elapsed(now - process->since));
        if (const TaskInfo* task = taskOf(place))
            text += tr("\nTask #%1 for %2: %3")
                        .arg(task->index)
                        .arg(elapsed(now - task->sent), QString::fromStdString(task->input.text(120)));
        return text;
    }

    void write(QPainter& painter, const QRect& area, const QString& text, const QColor& color,
               Qt::Alignment side = Qt::AlignLeft) const {
        if (area.width() > 0)
            m_texts.draw(painter, area, text, color, painter.font(), side);
    }
    [[nodiscard]] double widthOf(const QPainter& painter, const QString& text) const {
        return m_texts.width(painter.font(), text);
    }
    QRect paintBox(QPainter& painter, const Colors& colors, const QRect& box, const QString& title,
                   const QString& number) const;
    void paintWaiting(QPainter& painter, const Colors& colors, const ExchangeInfo& exchange);
    void paintSlots(QPainter& painter, const Colors& colors, const ExchangeInfo& exchange);
    void paintSeat(QPainter& painter, const Colors& colors, const QRect& cell, int place);
    void paintResults(QPainter& painter, const Colors& colors, const ExchangeInfo& exchange) const;
    void paintArrow(QPainter& painter, const Colors& colors, const QRect& room, double perSecond,
                    const QColor& color) const;

    ExchangeDiagramView& m_view;
    ExchangeLayout m_layout;
    mutable LaidOutTexts m_texts;
    std::vector<std::pair<QRect, std::uint64_t>> m_tasks; ///< where tasks have been drawn
};

void ExchangeDiagramView::Diagram::paintEvent(QPaintEvent*) {
    // A window that is uncovered is painted between two refreshes: all is to be of the same moment.
    m_view.catchUp();
    const Colors colors = Colors::of(palette());
    m_tasks.clear();
    QPainter(this).fillRect(rect(), colors.window);
    const ExchangeInfo* exchange = m_view.shown();
    if (!exchange)
        return paintEmptyText(*this, tr("No exchange yet"),
                              tr("An exchange, a queue or a map hands tasks to processes and takes in what they send. "
                                 "Start a job, or attach to a program that uses one."));
    QPainter painter(this);
    const auto work = m_view.m_activity.work(exchange->id);
    const double seconds = m_view.m_activity.seconds();
    paintWaiting(painter, colors, *exchange);
    paintArrow(painter, colors, m_layout.into, static_cast<double>(work.sent) / seconds, colors.running);
    paintSlots(painter, colors, *exchange);
    paintArrow(painter, colors, m_layout.out, static_cast<double>(work.finishedInAll()) / seconds, colors.done);
    const std::size_t ready = m_view.readyCount();
    const int line = fontMetrics().height();
    QRect area(m_layout.out.left() + 2, m_layout.out.center().y() + line + 14, m_layout.out.width() - 4, line);
    write(painter, area, tr("%1 ready").arg(format::count(ready)), ready > 0 ? colors.text : colors.muted,
          Qt::AlignHCenter);
    paintResults(painter, colors, *exchange);
    if (hasFocus() && selectedPlace() < 0) {
        painter.setPen(QPen(colors.accent, 1, Qt::DotLine));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect().adjusted(1, 1, -2, -2));
    }
}

/// Returns what is left of the box for its content.
QRect ExchangeDiagramView::Diagram::paintBox(QPainter& painter, const Colors& colors, const QRect& box,
                                             const QString& title, const QString& number) const {
    painter.fillRect(box, colors.card);
    painter.setPen(colors.border);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(box.adjusted(0, 0, -1, -1));
    const int line = fontMetrics().height();
    QRect inner = box.adjusted(9, 6, -9, -6);
    write(painter, QRect(inner.left(), inner.top(), inner.width(), line), title, colors.muted);
    inner.setTop(inner.top() + line + 2);
    painter.setFont(numberFont(font()));
    const int height = painter.fontMetrics().height();
    write(painter, QRect(inner.left(), inner.top(), inner.width(), height), number, colors.text);
    painter.setFont(font());
    inner.setTop(inner.top() + height + 4);
    return inner;
}

void ExchangeDiagramView::Diagram::paintWaiting(QPainter& painter, const Colors& colors, const ExchangeInfo& exchange) {
    QRect inner = paintBox(painter, colors, m_layout.waiting, tr("Waiting"), format::count(exchange.queued));
    const int line = fontMetrics().height();
    const auto next = [&] {
        const QRect row(inner.left(), inner.top(), inner.width(), line);
        inner.setTop(inner.top() + line + 2);
        return row;
    };
    const std::uint64_t known = exchange.queued + exchange.running + exchange.finished_in_all();
    if (exchange.total() > known)
        write(painter, next(), tr("%1 still to come").arg(format::count(exchange.total() - known)), colors.muted);
    if (exchange.queued == 0)
        return;
    const int rows = inner.height() / (line + 2) - 1;
    const int shown = m_view.m_knowsWaiting ? std::clamp(rows, 0, 8) : 0;
    const auto tasks = m_view.m_waiting.first(exchange.id, static_cast<std::size_t>(shown));
    const Selected& selected = m_view.m_selection.current();
    for (const std::uint64_t task : tasks) {
        const QRect row = next().adjusted(-4, 0, 4, 2);
        const bool isSelected = selected == Selected::taskOf(exchange.id, task);
        painter.fillRect(row.adjusted(0, 0, 0, -1), isSelected ? colors.selection : colors.alternate);
        write(painter, row.adjusted(4, 0, -4, 0), tr("#%1").arg(task), colors.text);
        m_tasks.emplace_back(row, task);
    }
    if (exchange.queued > tasks.size())
        write(painter, next(), tr("and %1 more").arg(format::count(exchange.queued - tasks.size())), colors.muted);
}

void ExchangeDiagramView::Diagram::paintSlots(QPainter& painter, const Colors& colors, const ExchangeInfo& exchange) {
    painter.fillRect(m_layout.slotArea, colors.alternate);
    painter.setPen(colors.border);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(m_layout.slotArea.adjusted(0, 0, -1, -1));
    const int line = fontMetrics().height();
    const auto taken = exchange.members.size();
    QString title = exchange.limit == 0 ? tr("Processes: %1, no limit").arg(format::count(taken))
                                        : tr("Slots: %1 of %2 with a process, %3 at work")
                                              .arg(format::count(taken), format::count(exchange.limit),
                                                   format::count(exchange.running));
    const int number = static_cast<int>(m_view.m_seats.size());
    const int drawn = m_layout.drawn(number);
    if (drawn < number)
        title += tr(" · %1 not drawn for want of room").arg(format::count(static_cast<std::uint64_t>(number - drawn)));
    write(painter,
          QRect(m_layout.slotArea.left() + 9, m_layout.slotArea.top() + 6, m_layout.slotArea.width() - 18, line), title,
          colors.muted);
    for (int place = 0; place < drawn; ++place)
        paintSeat(painter, colors, m_layout.slot(place), place);
    if (number == 0)
        write(painter, m_layout.gridArea.adjusted(10, 0, -10, 0),
              exchange.ended != 0 ? tr("It has ended") : tr("No process is in it"), colors.muted, Qt::AlignHCenter);
    const int selected = selectedPlace();
    if (selected >= 0 && selected < drawn) {
        painter.setBrush(Qt::NoBrush);
        for (const auto& [color, width] : {std::pair(colors.card, 4), std::pair(colors.accent, 2)}) {
            QPen pen(color, width);
            pen.setJoinStyle(Qt::MiterJoin);
            painter.setPen(pen);
            painter.drawRect(m_layout.slot(selected).adjusted(0, 0, -1, -1));
        }
    }
}

void ExchangeDiagramView::Diagram::paintSeat(QPainter& painter, const Colors& colors, const QRect& cell, int place) {
    const ProcessInfo* process = processAt(place);
    const auto detail = m_layout.grid.detail();
    if (!process) {
        painter.setPen(QPen(colors.cancelled, 1, detail == ChannelGrid::Detail::dot ? Qt::SolidLine : Qt::DashLine));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(cell.adjusted(0, 0, -1, -1));
        if (detail <= ChannelGrid::Detail::short_)
            write(painter, cell.adjusted(8, 0, -8, 0), tr("empty"), colors.muted, Qt::AlignHCenter);
        return;
    }
    const QColor color = stateColor(process->state, colors);
    if (detail >= ChannelGrid::Detail::bars) {
        // A thousand outlines by a pen would take as long as all else.
        const bool isOutlined = process->state == ProcessState::idle;
        painter.fillRect(cell, isOutlined ? colors.cancelled : color);
        if (isOutlined)
            painter.fillRect(cell.adjusted(1, 1, -1, -1), color);
        const QString pid = QString::number(process->pid);
        if (detail == ChannelGrid::Detail::bars && widthOf(painter, pid) < cell.width() - 4)
            write(painter, cell, pid, stateTextColor(process->state, colors), Qt::AlignHCenter);
        return;
    }
    painter.fillRect(cell, colors.card);
    painter.setPen(colors.border);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(cell.adjusted(0, 0, -1, -1));
    painter.fillRect(QRect(cell.left(), cell.top(), 5, cell.height()), color);
    const std::int64_t now = m_view.m_data.snapshot().end();
    const TaskInfo* task = taskOf(place);
    const int line = fontMetrics().height();
    QRect row(cell.left() + 12, cell.top() + 4, cell.width() - 18, line);
    paintProcessState(painter, QRectF(row.right() - 15, row.top() + (line - 15) / 2.0, 15, 15), process->state, colors);
    write(painter, row.adjusted(0, 0, -18, 0), QString::number(process->pid), colors.text);
    if (detail == ChannelGrid::Detail::short_) {
        const QString time = elapsed(now - process->since);
        const double used = widthOf(painter, QString::number(process->pid)) + widthOf(painter, time) + 6;
        if (used <= row.width() - 20)
            write(painter, row.adjusted(0, 0, -20, 0), time, colors.muted, Qt::AlignRight);
    }
    row.translate(0, line + 2);
    if (detail == ChannelGrid::Detail::all) {
        write(painter, row, stateText(process->state), colors.muted);
        write(painter, row, elapsed(now - process->since), colors.muted, Qt::AlignRight);
        row.translate(0, line + 2);
    }
    if (!task)
        return write(painter, row, tr("no task"), colors.muted);
    const QString input = QString::fromStdString(task->input.text(60));
    const QRect touch = row.adjusted(-6, 0, 4, 2);
    if (m_view.m_selection.current() == Selected::taskOf(task->exchange, task->index))
        painter.fillRect(touch, colors.selection);
    write(painter, row, input.isEmpty() ? tr("#%1").arg(task->index) : tr("#%1  %2").arg(task->index).arg(input),
          colors.text);
    m_tasks.emplace_back(touch, task->index);
}

void ExchangeDiagramView::Diagram::paintResults(QPainter& painter, const Colors& colors,
                                                const ExchangeInfo& exchange) const {
    QRect inner = paintBox(painter, colors, m_layout.results, tr("Results"), format::count(exchange.finished_in_all()));
    const auto work = m_view.m_activity.work(exchange.id);
    const int line = fontMetrics().height();
    const auto next = [&] {
        const QRect row(inner.left(), inner.top(), inner.width(), line);
        inner.setTop(inner.top() + line + 2);
        return row;
    };
    const auto isShown = [&](std::size_t outcome) { return exchange.finished[outcome] > 0 || outcome == 0; };
    int rows = exchange.retried > 0 ? 1 : 0;
    for (std::size_t outcome = 0; outcome < exchange.finished.size(); ++outcome)
        rows += isShown(outcome) ? 2 : 0;
    const bool hasRoomForRates = rows * (line + 2) <= inner.height();
    for (std::size_t outcome = 0; outcome < exchange.finished.size(); ++outcome) {
        const std::uint64_t number = exchange.finished[outcome];
        if (!isShown(outcome))
            continue;
        const QRect row = next();
        const auto kind = static_cast<TaskOutcome>(outcome);
        const QRect swatch(row.left(), row.center().y() - 4, 9, 9);
        painter.fillRect(swatch, outcomeColor(kind, colors));
        if (kind != TaskOutcome::value && kind != TaskOutcome::cancelled)
            painter.fillRect(swatch, failureHatch(colors));
        write(painter, row.adjusted(15, 0, 0, 0), outcomeText(outcome), colors.text);
        write(painter, row, format::count(number), colors.text, Qt::AlignRight);
        const double rate = static_cast<double>(work.finished[outcome]) / m_view.m_activity.seconds();
        if (rate > 0 && hasRoomForRates)
            write(painter, next().adjusted(15, 0, 0, 0), tr("%1/s").arg(format::rate(rate)), colors.muted,
                  Qt::AlignRight);
    }
    if (exchange.retried > 0)
        write(painter, next(), tr("%1 tried again").arg(format::count(exchange.retried)), colors.muted);
}

void ExchangeDiagramView::Diagram::paintArrow(QPainter& painter, const Colors& colors, const QRect& room,
                                              double perSecond, const QColor& color) const {
    const int width = arrowWidth(perSecond);
    const int y = room.center().y();
    const int tip = room.right() - 5;
    const int begin = room.left() + 5;
    const int line = fontMetrics().height();
    painter.setRenderHint(QPainter::Antialiasing);
    if (width == 0) {
        painter.setPen(QPen(colors.cancelled, 1.5, Qt::DashLine));
        painter.drawLine(begin, y, tip, y);
        painter.drawPolyline(QPolygon({QPoint(tip - 5, y - 4), QPoint(tip, y), QPoint(tip - 5, y + 4)}));
    } else {
        const int head = std::min(tip - begin, 6 + width);
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawPolygon(QPolygon({QPoint(begin, y - width / 2), QPoint(tip - head, y - width / 2),
                                      QPoint(tip - head, y - width / 2 - 5), QPoint(tip, y),
                                      QPoint(tip - head, y + (width + 1) / 2 + 5),
                                      QPoint(tip - head, y + (width + 1) / 2), QPoint(begin, y + (width + 1) / 2)}));
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    write(painter, QRect(room.left() + 2, y - 16 - line, room.width() - 4, line),
          tr("%1/s").arg(format::rate(perSecond)), perSecond > 0 ? colors.text : colors.muted, Qt::AlignHCenter);
}

// ------------------------------------------------------------------------------------------------------------------
// around it

ExchangeDiagramView::ExchangeDiagramView(InstrumentData& record, InstrumentSelection& selection, TimeRange&,
                                         QWidget* parent)
    : QWidget(parent),
      m_data(record),
      m_selection(selection),
      m_diagram(new Diagram(*this)),
      m_pacer(*this, record) {
    m_chooser = new QComboBox;
    m_chooser->setObjectName(QStringLiteral("chooser"));
    m_chooser->setAccessibleName(tr("Exchange"));
    m_chooser->setToolTip(tr("Which exchange of the program is shown"));
    m_chooser->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_summary = new QLabel;
    m_summary->setObjectName(QStringLiteral("summary"));
    m_summary->setMinimumWidth(0);
    m_summary->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(10, 4, 10, 4);
    bar->setSpacing(10);
    bar->addWidget(m_chooser);
    bar->addWidget(m_summary, 1);
    auto* foot = new QHBoxLayout;
    foot->setContentsMargins(10, 2, 10, 6);
    foot->addWidget(new StateLegend);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(bar);
    layout->addWidget(m_diagram, 1);
    layout->addLayout(foot);
    forwardFocus(*this, *m_diagram);

    connect(&m_pacer, &FramePacer::due, this, &ExchangeDiagramView::refresh);
    connect(&record, &InstrumentData::wasReset, this, [this] {
        m_activity.clear();
        m_waiting.clear();
        m_seats.clear();
        m_exchange = 0;
        m_isChosen = false;
        refresh();
    });
    connect(&selection, &InstrumentSelection::changed, this, &ExchangeDiagramView::showSelection);
    connect(m_chooser, &QComboBox::activated, this, [this](int place) {
        m_isChosen = true;
        m_exchange = m_chooser->itemData(place).toULongLong();
        m_seats.clear();
        m_selection.select(Selected::exchange(m_exchange));
        refresh();
    });
    refresh();
}

ExchangeDiagramView::~ExchangeDiagramView() = default;

const ExchangeInfo* ExchangeDiagramView::shown() const {
    const auto& exchanges = m_data.snapshot().exchanges();
    const auto place = exchanges.find(m_exchange);
    return place == exchanges.end() ? nullptr : &place->second;
}

std::size_t ExchangeDiagramView::readyCount() const {
    const auto& channels = m_data.snapshot().channels();
    return static_cast<std::size_t>(std::count_if(channels.begin(), channels.end(), [this](const auto& one) {
        return one.second.exchange == m_exchange && one.second.ready;
    }));
}

double ExchangeDiagramView::busyness(const ExchangeInfo& exchange) const {
    if (exchange.ended != 0)
        return -1;
    return static_cast<double>(exchange.running + exchange.queued + m_activity.work(exchange.id).events);
}

QString ExchangeDiagramView::nameOf(const ExchangeInfo& exchange) const {
    // Ids are long; people count.
    const auto& exchanges = m_data.snapshot().exchanges();
    const auto number = std::count_if(exchanges.begin(), exchanges.end(), [&](const auto& other) {
        return std::pair(other.second.created, other.first) <= std::pair(exchange.created, exchange.id);
    });
    QString name = tr("Exchange %1").arg(number);
    if (const ProcessInfo* owner = m_data.snapshot().process(exchange.owner))
        name += tr(" of %1").arg(owner->pid);
    return exchange.ended != 0 ? tr("%1 (ended)").arg(name) : name;
}

void ExchangeDiagramView::chooseExchange() {
    std::vector<std::pair<double, const ExchangeInfo*>> ranked;
    for (const auto& [id, exchange] : m_data.snapshot().exchanges())
        ranked.emplace_back(busyness(exchange), &exchange);
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& one, const auto& other) { return one.first > other.first; });
    std::vector<const ExchangeInfo*> exchanges;
    for (const auto& [busy, exchange] : ranked)
        exchanges.push_back(exchange);
    const ExchangeInfo* current = shown();
    if (!current)
        m_isChosen = false;
    // It stays as long as anything is going on in it: two that are equally busy must not take turns.
    if (!exchanges.empty() && (!current || (!m_isChosen && busyness(*current) <= 0)) &&
        m_exchange != exchanges.front()->id) {
        m_exchange = exchanges.front()->id;
        m_seats.clear();
    }
    listExchanges(exchanges);
}

void ExchangeDiagramView::listExchanges(const std::vector<const ExchangeInfo*>& exchanges) {
    std::vector<std::uint64_t> ids;
    for (const ExchangeInfo* exchange : exchanges) {
        if (ids.size() < mostListed || exchange->id == m_exchange)
            ids.push_back(exchange->id);
    }
    const QSignalBlocker blocker(m_chooser);
    if (m_chooser->view()->isVisible())
        return;
    if (ids != m_listed) {
        m_listed = ids;
        m_chooser->clear();
        for (const std::uint64_t id : ids)
            m_chooser->addItem(QString(), static_cast<qulonglong>(id));
    }
    const auto& known = m_data.snapshot().exchanges();
    for (int place = 0; place < m_chooser->count(); ++place) {
        const QString name = nameOf(known.at(m_listed[static_cast<std::size_t>(place)]));
        if (m_chooser->itemText(place) != name)
            m_chooser->setItemText(place, name);
    }
    m_chooser->setCurrentIndex(m_chooser->findData(static_cast<qulonglong>(m_exchange)));
    m_chooser->setVisible(!m_listed.empty());
}

/// A long record is gone through over some frames.
void ExchangeDiagramView::catchUp() {
    const bool isCounted = m_activity.update(m_data, eventsPerStep);
    m_knowsWaiting = m_waiting.update(m_data, eventsPerStep);
    if (!isCounted || !m_knowsWaiting)
        m_pacer.request();
}

void ExchangeDiagramView::refresh() {
    catchUp();
    chooseExchange();
    const ExchangeInfo* exchange = shown();
    m_seats = exchange ? seated(m_seats, exchange->members, exchange->ended != 0 ? 0 : exchange->limit)
                       : std::vector<std::uint64_t>();
    if (exchange) {
        QStringList traits;
        traits +=
            exchange->limit == 0 ? tr("no limit") : tr("at most %1 at a time").arg(format::count(exchange->limit));
        if (exchange->reuses)
            traits += tr("processes are used again");
        if (exchange->is_continuous)
            traits += tr("processes send any number of values");
        m_summary->setText(traits.join(QStringLiteral(" · ")));
    } else {
        m_summary->clear();
    }
    m_diagram->setAccessibleDescription(describe());
    m_diagram->arrange();
}

void ExchangeDiagramView::showSelection() {
    const std::uint64_t wanted = exchangeOf(m_selection.current(), m_data);
    if (wanted != 0 && wanted != m_exchange && m_data.snapshot().exchanges().contains(wanted)) {
        m_exchange = wanted;
        m_isChosen = true;
        m_seats.clear();
        refresh();
    }
    m_diagram->update();
}

QString ExchangeDiagramView::describe() const {
    const ExchangeInfo* exchange = shown();
    if (!exchange)
        return tr("There is no exchange yet.");
    const auto work = m_activity.work(exchange->id);
    const auto rate = [&](std::uint64_t number) {
        return format::rate(static_cast<double>(number) / m_activity.seconds());
    };
    QString text =
        tr("%1. %2 waiting, %3 given out a second. ")
            .arg(nameOf(*exchange), format::counted<ExchangeDiagramView>(exchange->queued, QT_TR_N_NOOP("%1 task(s)")),
                 rate(work.sent));
    text += exchange->limit == 0
                ? tr("%1 in it, no limit. ")
                      .arg(format::counted<ExchangeDiagramView>(exchange->members.size(),
                                                                QT_TR_N_NOOP("%1 process(es) (is|are)")))
                : tr("%1 of %2 taken. ")
                      .arg(format::count(exchange->members.size()),
                           format::counted<ExchangeDiagramView>(exchange->limit, QT_TR_N_NOOP("%1 slot(s)")));
    text += tr("%1 ready. ").arg(format::count(readyCount()));
    QStringList outcomes;
    for (std::size_t outcome = 0; outcome < exchange->finished.size(); ++outcome) {
        if (exchange->finished[outcome] > 0)
            outcomes += tr("%1 %2 (%3/s)")
                            .arg(format::count(exchange->finished[outcome]), outcomeText(outcome),
                                 rate(work.finished[outcome]));
    }
    text += outcomes.isEmpty() ? tr("No result yet.") : tr("Results: %1.").arg(outcomes.join(QStringLiteral(", ")));
    return text;
}

} // namespace pprocess::widgets
