// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/timeline_canvas.h>

#include <widgets/format.h>
#include <widgets/instruments/state_colors.h>
#include <widgets/instruments/timeline_marks.h>

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QGestureEvent>
#include <QHelpEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace pprocess::widgets {

namespace {

constexpr int frameTime = 33; ///< ms
constexpr double apart = 26;  ///< columns between groups of marks
constexpr double panShare = 0.12;
constexpr double zoomStep = 0.8;

QString durationText(std::int64_t time) {
    if (time < 1'000)
        return QStringLiteral("%1 ns").arg(time);
    if (time < 1'000'000)
        return QStringLiteral("%1 µs").arg(static_cast<double>(time) / 1e3, 0, 'g', 3);
    return format::duration(std::chrono::nanoseconds(time));
}

} // namespace

TimelineCanvas::TimelineCanvas(InstrumentData& record, InstrumentSelection& selection, TimeRange& range,
                               QWidget* parent)
    : QAbstractScrollArea(parent),
      m_data(record),
      m_selection(selection),
      m_range(range) {
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Timeline of processes"));
    setAccessibleDescription(tr("One lane for each process. Arrow keys move the selection, W and S zoom, A and D move "
                                "in time, F fits the selection, Home and End go to the ends, Escape clears."));
    viewport()->setMouseTracking(true);
    viewport()->grabGesture(Qt::PinchGesture);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    m_frame.setSingleShot(true);
    m_frame.setTimerType(Qt::PreciseTimer);
    connect(&m_frame, &QTimer::timeout, this, &TimelineCanvas::refresh);
    connect(&record, &InstrumentData::appended, this, &TimelineCanvas::scheduleRefresh);
    connect(&record, &InstrumentData::positionChanged, this, &TimelineCanvas::scheduleRefresh);
    connect(&record, &InstrumentData::wasReset, this, &TimelineCanvas::onReset);
    connect(&selection, &InstrumentSelection::changed, this, &TimelineCanvas::onSelectionChanged);
    connect(&range, &TimeRange::changed, this, &TimelineCanvas::onRangeChanged);
    applyFonts();
    refresh();
}

void TimelineCanvas::scheduleRefresh() {
    if (!m_frame.isActive())
        m_frame.start(frameTime);
}

void TimelineCanvas::onReset() {
    m_wishes.collapsed.clear();
    m_inputs.clear();
    m_focusProcess = 0;
    m_messages.look({});
    refresh();
}

void TimelineCanvas::refresh() {
    m_frame.stop();
    if (m_data.endEvent() > m_data.firstEvent())
        m_range.setWhole(m_data.beginTime(), std::max(m_data.endTime(), m_data.beginTime()));
    if (m_inputs.size() > 8'192)
        m_inputs.clear();
    buildRows();
    // The selected task has begun or ended meanwhile: its messages are others now.
    const Selected& selected = m_selection.current();
    if (m_isTaskOpen && (m_taskProcess == 0 || !m_data.head().running_tasks().contains({selected.id, selected.task}))) {
        lookForTask();
        lookForMessages();
    }
    m_messages.update(m_data);
    viewport()->update();
    emit refreshed();
}

void TimelineCanvas::buildRows() {
    m_wishes.endedBefore = m_range.begin();
    const std::size_t shown = m_rows.shown;
    const std::size_t processes = m_rows.processes;
    m_rows = timeline::layOutRows(m_data.head(), m_wishes);
    const int page = lanesRect().height();
    verticalScrollBar()->setPageStep(page);
    verticalScrollBar()->setSingleStep(m_wishes.processHeight);
    verticalScrollBar()->setRange(0, std::max(0, m_rows.height - page));
    if (shown != m_rows.shown || processes != m_rows.processes)
        emit rowsChanged();
}

void TimelineCanvas::setHideEnded(bool hides) {
    m_wishes.hideEnded = hides;
    buildRows();
    emit rowsChanged();
    viewport()->update();
}

void TimelineCanvas::onRangeChanged() {
    if (m_wishes.hideEnded)
        buildRows();
    viewport()->update();
}

// ------------------------------------------------------------------------------------------------------------------
// where things are

QRect TimelineCanvas::lanesRect() const {
    const QRect all = viewport()->rect();
    return {m_nameWidth, m_rulerHeight, std::max(1, all.width() - m_nameWidth),
            std::max(1, all.height() - m_rulerHeight)};
}

timeline::Scale TimelineCanvas::scale() const {
    return {m_range.begin(), std::max<std::int64_t>(1, m_range.length()), lanesRect().width()};
}

QRect TimelineCanvas::rowRect(int row) const {
    if (row < 0 || row >= std::ssize(m_rows.rows))
        return {};
    const timeline::Row& one = m_rows.rows[static_cast<std::size_t>(row)];
    return {0, m_rulerHeight + one.top - verticalScrollBar()->value(), viewport()->width(), one.height};
}

QRect TimelineCanvas::laneRect(std::uint64_t process) const {
    return rowRect(m_rows.rowOf(process, m_data.head()));
}

QRect TimelineCanvas::barRect(std::uint64_t process, std::size_t index) const {
    const auto& activities = m_data.activities(process);
    const QRect lane = laneRect(process);
    if (lane.isEmpty() || index >= activities.size())
        return {};
    const timeline::Scale scale = this->scale();
    const Activity& activity = activities[index];
    const std::int64_t end = std::min({activity.end, m_data.endTime(), scale.end()});
    if (end < scale.begin || activity.begin > scale.end())
        return {};
    const int left = std::max(0, scale.column(activity.begin));
    const int right = std::max(left + 1, scale.column(end));
    const QRect area = barArea(lane);
    return {m_nameWidth + left, area.top(), right - left, area.height()};
}

QPoint TimelineCanvas::rulerPoint(std::int64_t time) const {
    return {m_nameWidth + scale().column(time), m_rulerHeight / 2};
}

std::vector<timeline::MarkGroup> TimelineCanvas::markGroups(std::uint64_t process) const {
    std::vector<timeline::MarkGroup> groups;
    timeline::groupMarks(m_data.marks(process), scale(), apart, groups);
    return groups;
}

TimelineCanvas::Hit TimelineCanvas::hitAt(QPoint place) const {
    Hit hit;
    if (place.y() < m_rulerHeight)
        return hit;
    hit.row = m_rows.rowAt(place.y() - m_rulerHeight + verticalScrollBar()->value());
    if (hit.row < 0)
        return hit;
    hit.isInNames = place.x() < m_nameWidth;
    const timeline::Row& row = m_rows.rows[static_cast<std::size_t>(hit.row)];
    if (hit.isInNames || row.process == 0)
        return hit;
    const double x = place.x() - m_nameWidth;
    const QRect bars = barArea(rowRect(hit.row));
    if (place.y() < bars.top()) {
        for (const timeline::MarkGroup& group : markGroups(row.process)) {
            if (x >= group.x - 6 && x <= group.x + (group.count > 1 ? 20 : 6))
                hit.mark = group;
        }
        if (hit.mark)
            return hit;
    }
    // What is seen there, which with merged bars is not simply what lies at that time.
    std::vector<timeline::Bar> drawn;
    timeline::layOut(m_data.activities(row.process), scale(), m_data.endTime(), drawn);
    for (const timeline::Bar& bar : drawn) {
        if (x >= bar.left && x < bar.right)
            hit.activity = bar.index;
    }
    return hit;
}

// ------------------------------------------------------------------------------------------------------------------
// selection

void TimelineCanvas::select(const Selected& selected) {
    m_isSelecting = true;
    m_selection.select(selected);
    m_isSelecting = false;
}

void TimelineCanvas::selectActivity(std::uint64_t process, std::size_t index) {
    const Activity& activity = m_data.activities(process)[index];
    m_focusProcess = process;
    m_focusBegin = activity.begin;
    if (activity.task != Event::unknown && activity.exchange != 0)
        select(Selected::taskOf(activity.exchange, activity.task));
    else
        select(Selected::process(process));
    viewport()->update();
}

void TimelineCanvas::selectHit(const Hit& hit) {
    if (hit.row < 0) {
        m_focusProcess = 0;
        m_selection.clear();
        return;
    }
    const timeline::Row& row = m_rows.rows[static_cast<std::size_t>(hit.row)];
    m_focusProcess = 0;
    if (row.process == 0)
        select(Selected::exchange(row.exchange));
    else if (hit.mark)
        select(Selected::event(m_data.marks(row.process)[hit.mark->index].event));
    else if (hit.activity)
        selectActivity(row.process, *hit.activity);
    else
        select(Selected::process(row.process));
    viewport()->update();
}

int TimelineCanvas::rowOfSelection() const {
    const Selected& selected = m_selection.current();
    const auto& head = m_data.head();
    switch (selected.kind) {
    case Selected::Kind::nothing:
        return -1;
    case Selected::Kind::process:
        return m_rows.rowOf(selected.id, head);
    case Selected::Kind::channel: {
        const auto channel = head.channels().find(selected.id);
        return channel == head.channels().end() ? -1 : m_rows.rowOf(channel->second.process, head);
    }
    case Selected::Kind::exchange: {
        const int row = m_rows.rowOfExchange(selected.id);
        const auto exchange = head.exchanges().find(selected.id);
        return row >= 0 || exchange == head.exchanges().end() ? row : m_rows.rowOf(exchange->second.owner, head);
    }
    case Selected::Kind::task: {
        if (m_focusProcess != 0)
            return m_rows.rowOf(m_focusProcess, head);
        return m_taskProcess != 0 ? m_rows.rowOf(m_taskProcess, head) : m_rows.rowOfExchange(selected.id);
    }
    case Selected::Kind::event: {
        if (selected.id < m_data.firstEvent() || selected.id >= m_data.endEvent())
            return -1;
        const Event& event = m_data.event(selected.id);
        const auto* process = head.process_of_pid(event.process > 0 ? event.process : event.writer);
        return process ? m_rows.rowOf(process->key, head) : -1;
    }
    }
    return -1;
}

std::optional<std::pair<std::int64_t, std::int64_t>> TimelineCanvas::spanOfSelection() const {
    const Selected& selected = m_selection.current();
    const std::int64_t now = m_data.endTime();
    const auto& head = m_data.head();
    const auto ofProcess = [&](std::uint64_t key) -> std::optional<std::pair<std::int64_t, std::int64_t>> {
        const observe::ProcessInfo* process = head.process(key);
        if (!process)
            return std::nullopt;
        return std::pair{process->created, process->ended != 0 ? process->ended : now};
    };
    if (m_focusProcess != 0) {
        const auto& activities = m_data.activities(m_focusProcess);
        const std::size_t index = timeline::activityAt(activities, m_focusBegin);
        if (index < activities.size())
            return std::pair{activities[index].begin, std::min(activities[index].end, now)};
    }
    switch (selected.kind) {
    case Selected::Kind::nothing:
        return std::nullopt;
    case Selected::Kind::process:
        return ofProcess(selected.id);
    case Selected::Kind::channel: {
        const auto channel = head.channels().find(selected.id);
        return channel == head.channels().end() ? std::nullopt : ofProcess(channel->second.process);
    }
    case Selected::Kind::exchange: {
        const auto exchange = head.exchanges().find(selected.id);
        if (exchange == head.exchanges().end())
            return std::nullopt;
        return std::pair{exchange->second.created, exchange->second.ended != 0 ? exchange->second.ended : now};
    }
    case Selected::Kind::task:
        if (const auto place = timeline::placeOf(m_data, selected.id, selected.task)) {
            const Activity& activity = m_data.activities(place->process)[place->index];
            return std::pair{activity.begin, std::min(activity.end, now)};
        }
        return std::nullopt;
    case Selected::Kind::event:
        if (selected.id >= m_data.firstEvent() && selected.id < m_data.endEvent()) {
            const std::int64_t time = m_data.event(selected.id).time;
            return std::pair{time, time};
        }
        return std::nullopt;
    }
    return std::nullopt;
}

void TimelineCanvas::onSelectionChanged() {
    if (!m_isSelecting)
        m_focusProcess = 0;
    lookForTask();
    lookForMessages();
    if (!m_isSelecting && m_selection.current().kind != Selected::Kind::nothing) {
        if (m_rows.rows.empty())
            refresh();
        scrollTo(rowOfSelection());
        const auto kind = m_selection.current().kind;
        const auto span = spanOfSelection();
        if (span && (kind == Selected::Kind::task || kind == Selected::Kind::event))
            scrollToTime(span->first, span->second);
    }
    viewport()->update();
}

void TimelineCanvas::lookForTask() {
    const Selected& selected = m_selection.current();
    m_taskProcess = 0;
    m_isTaskOpen = false;
    if (selected.kind != Selected::Kind::task)
        return;
    if (const auto place = timeline::placeOf(m_data, selected.id, selected.task))
        m_taskProcess = place->process;
    m_isTaskOpen = m_taskProcess == 0 || m_data.head().running_tasks().contains({selected.id, selected.task});
}

void TimelineCanvas::lookForMessages() {
    const Selected& selected = m_selection.current();
    const auto& head = m_data.head();
    std::unordered_set<std::uint64_t> channels;
    std::int64_t from = INT64_MIN;
    std::int64_t to = INT64_MAX;
    const auto addProcess = [&](std::uint64_t key) {
        const observe::ProcessInfo* process = head.process(key);
        if (process && process->channel != 0)
            channels.insert(process->channel);
    };
    switch (selected.kind) {
    case Selected::Kind::process:
        addProcess(selected.id);
        for (const auto& [key, process] : head.processes()) {
            if (process.parent == selected.id)
                addProcess(key);
        }
        break;
    case Selected::Kind::channel:
        channels.insert(selected.id);
        break;
    case Selected::Kind::task:
        if (const auto place = timeline::placeOf(m_data, selected.id, selected.task)) {
            addProcess(place->process);
            const auto& activities = m_data.activities(place->process);
            // From its input's way to it, until its result has come back.
            const Activity& activity = activities[place->index];
            std::size_t first = place->index;
            while (first > 0 && activities[first - 1].state != observe::ProcessState::idle)
                --first;
            from = activities[first > 0 ? first - 1 : first].begin;
            std::size_t last = place->index;
            while (last + 1 < activities.size() && activities[last].state != observe::ProcessState::idle)
                ++last;
            to = std::min(activities[last].begin, activities[last].end);
            if (m_isTaskOpen)
                to = INT64_MAX;
            for (std::uint64_t index = m_data.indexAt(activity.begin); !m_isTaskOpen && index < m_data.endEvent();
                 ++index) {
                const Event& event = m_data.event(index);
                if (event.kind == EventKind::task_finished && event.task == selected.task &&
                    event.exchange == selected.id) {
                    to = std::max(to, event.time);
                    break;
                }
            }
            for (std::uint64_t index = m_data.indexAt(activity.begin); index-- > m_data.firstEvent();) {
                const Event& event = m_data.event(index);
                if (event.kind == EventKind::task_sent && event.task == selected.task &&
                    event.exchange == selected.id) {
                    from = event.time;
                    break;
                }
            }
        }
        break;
    case Selected::Kind::event:
        if (selected.id >= m_data.firstEvent() && selected.id < m_data.endEvent()) {
            const Event& event = m_data.event(selected.id);
            if (event.kind == EventKind::message_sent || event.kind == EventKind::message_received)
                channels.insert(event.channel);
        }
        break;
    default:
        break;
    }
    m_messages.look(std::move(channels), from, to);
    m_messages.update(m_data);
}

void TimelineCanvas::scrollTo(int row) {
    if (row < 0)
        return;
    const timeline::Row& one = m_rows.rows[static_cast<std::size_t>(row)];
    const int page = lanesRect().height();
    const int value = verticalScrollBar()->value();
    if (one.top < value)
        verticalScrollBar()->setValue(one.top);
    else if (one.top + one.height > value + page)
        verticalScrollBar()->setValue(one.top + one.height - page);
}

void TimelineCanvas::scrollToTime(std::int64_t begin, std::int64_t end) {
    if (end >= m_range.begin() && begin <= m_range.end() &&
        (begin >= m_range.begin() || end <= m_range.end() || end - begin > m_range.length()))
        return;
    const std::int64_t middle = begin + (end - begin) / 2;
    m_range.show(middle - m_range.length() / 2, middle - m_range.length() / 2 + m_range.length());
}

void TimelineCanvas::fitSelection() {
    const auto span = spanOfSelection();
    if (!span) {
        m_range.showAll();
        return;
    }
    const std::int64_t margin = std::max<std::int64_t>(TimeRange::shortest, (span->second - span->first) / 10);
    m_range.show(span->first - margin, span->second + margin);
    scrollTo(rowOfSelection());
}

void TimelineCanvas::stepActivity(int direction) {
    std::uint64_t process = m_focusProcess;
    if (process == 0) {
        const int row = std::max(0, rowOfSelection());
        if (row < std::ssize(m_rows.rows))
            process = m_rows.rows[static_cast<std::size_t>(row)].process;
    }
    const auto& activities = m_data.activities(process);
    if (activities.empty())
        return;
    std::size_t index = timeline::activityAt(activities, m_focusProcess != 0 ? m_focusBegin : m_range.begin());
    index = std::min(index, activities.size() - 1);
    if (m_focusProcess != 0) {
        if (direction < 0 && index > 0)
            --index;
        else if (direction > 0 && index + 1 < activities.size())
            ++index;
    }
    selectActivity(process, index);
    scrollTo(m_rows.rowOf(process, m_data.head()));
    scrollToTime(activities[index].begin, std::min(activities[index].end, m_data.endTime()));
}

void TimelineCanvas::stepRow(int direction) {
    if (m_rows.rows.empty())
        return;
    const int present = rowOfSelection();
    const int last = static_cast<int>(m_rows.rows.size()) - 1;
    const int next = present < 0 ? 0 : std::clamp(present + direction, 0, last);
    const timeline::Row& row = m_rows.rows[static_cast<std::size_t>(next)];
    const std::int64_t time = m_focusBegin;
    const bool wasAtActivity = m_focusProcess != 0;
    m_focusProcess = 0;
    if (row.process == 0) {
        select(Selected::exchange(row.exchange));
    } else if (const auto& activities = m_data.activities(row.process); wasAtActivity && !activities.empty()) {
        selectActivity(row.process, std::min(timeline::activityAt(activities, time), activities.size() - 1));
    } else {
        select(Selected::process(row.process));
    }
    scrollTo(next);
    viewport()->update();
}

void TimelineCanvas::toggle(int row) {
    if (row < 0 || !m_rows.rows[static_cast<std::size_t>(row)].hasChildren)
        return;
    const std::uint64_t key = m_rows.rows[static_cast<std::size_t>(row)].process;
    if (!m_wishes.collapsed.erase(key))
        m_wishes.collapsed.insert(key);
    buildRows();
    viewport()->update();
}

// ------------------------------------------------------------------------------------------------------------------
// what is read

QString TimelineCanvas::inputOf(std::uint64_t process, const Activity& activity) const {
    const std::pair<quint64, qint64> key{process, activity.begin};
    const auto known = m_inputs.constFind(key);
    if (known != m_inputs.constEnd())
        return *known;
    // The rest comes with the next frame.
    if (++m_lookups > 24)
        return {};
    return *m_inputs.insert(key, timeline::textOf(m_data, process, activity).input);
}

QString TimelineCanvas::exchangeDetails(std::uint64_t exchange, std::int64_t time) const {
    const auto& levels = m_data.levels(exchange);
    const auto next =
        std::partition_point(levels.begin(), levels.end(), [time](const Level& level) { return level.time <= time; });
    const auto info = m_data.head().exchanges().find(exchange);
    QStringList lines;
    if (info == m_data.head().exchanges().end())
        return {};
    const Level level = next == levels.begin() ? Level{} : *(next - 1);
    lines << (info->second.limit > 0 ? tr("Exchange: %1 of %2 slots at work").arg(level.running).arg(info->second.limit)
                                     : tr("Exchange: %1 at work, no limit").arg(level.running));
    lines << tr("%1 waiting").arg(format::counted(level.queued, tr("task"), tr("tasks")));
    lines << tr("At %1").arg(timeline::rulerLabel(time - m_data.head().begin(), 1'000));
    return lines.join(u'\n');
}

QString TimelineCanvas::details(const Hit& hit) const {
    if (hit.row < 0)
        return {};
    const timeline::Row& row = m_rows.rows[static_cast<std::size_t>(hit.row)];
    if (row.process == 0)
        return exchangeDetails(row.exchange, scale().timeAt(std::max(0, m_pointer.x() - m_nameWidth)));
    const observe::ProcessInfo* process = m_data.head().process(row.process);
    if (!process)
        return {};
    QStringList lines;
    const QString name = tr("%1 · process %2").arg(QString::fromStdString(process->purpose)).arg(process->pid);
    const std::int64_t zero = m_data.head().begin();
    if (hit.mark) {
        const Mark& mark = m_data.marks(row.process)[hit.mark->index];
        lines << markText(mark.kind, mark.isFailure);
        if (const QString text = mark.event >= m_data.firstEvent() ? m_data.text(mark.event) : QString();
            !text.isEmpty())
            lines << text;
        if (hit.mark->count > 1)
            lines << tr("and %1 here; zoom in to see each")
                         .arg(format::counted(hit.mark->count - 1, tr("more moment"), tr("more moments")));
        lines << tr("At %1").arg(timeline::rulerLabel(mark.time - zero, 1'000));
    } else if (hit.activity) {
        const Activity& activity = m_data.activities(row.process)[*hit.activity];
        const bool lasts = activity.end == INT64_MAX;
        const QString length = durationText(std::min(activity.end, m_data.endTime()) - activity.begin);
        lines << tr("%1, %2").arg(stateText(activity.state), lasts ? tr("%1 so far").arg(length) : length);
        if (activity.task != Event::unknown && activity.state != observe::ProcessState::idle) {
            const timeline::TaskText text = timeline::textOf(m_data, row.process, activity);
            lines << tr("Task %1%2")
                         .arg(activity.task)
                         .arg(text.input.isEmpty() ? QString() : QStringLiteral(": ") + text.input);
            if (activity.outcome != TaskOutcome::value)
                lines << tr("Outcome: %1%2")
                             .arg(QString::fromLatin1(observe::to_string(activity.outcome)),
                                  text.error.isEmpty() ? QString() : QStringLiteral(", ") + text.error);
            if (text.bytesIn > 0 || text.bytesOut > 0)
                lines << tr("%1 in, %2 out")
                             .arg(format::bytes(static_cast<double>(text.bytesIn)),
                                  format::bytes(static_cast<double>(text.bytesOut)));
        }
        lines << tr("From %1").arg(timeline::rulerLabel(activity.begin - zero, 1'000));
    } else {
        if (!process->ending.empty())
            lines << QString::fromStdString(process->ending);
        lines << tr("%1 done, %2 failed")
                     .arg(format::counted(process->tasks_done, tr("task"), tr("tasks")),
                          format::count(process->tasks_failed));
    }
    lines << name;
    return lines.join(u'\n');
}

QString TimelineCanvas::detailsAt(QPoint place) const {
    return details(hitAt(place));
}

void TimelineCanvas::readOut(QPoint place) {
    emit hovered(detailsAt(place).replace(u'\n', QStringLiteral("  ·  ")));
}

// ------------------------------------------------------------------------------------------------------------------
// events

void TimelineCanvas::zoom(double factor, double x) {
    m_range.zoom(factor, scale().timeAt(std::clamp(x - m_nameWidth, 0.0, double(lanesRect().width()))));
}

void TimelineCanvas::wheelEvent(QWheelEvent* event) {
    const QPoint angle = event->angleDelta();
    const int turn = angle.y() != 0 ? angle.y() : angle.x();
    event->accept();
    if (event->modifiers() & Qt::ControlModifier) {
        zoom(std::pow(zoomStep, turn / 120.0), event->position().x());
    } else if ((event->modifiers() & Qt::ShiftModifier) || std::abs(angle.x()) > std::abs(angle.y())) {
        m_range.pan(std::llround(-turn / 120.0 * panShare * static_cast<double>(m_range.length())));
    } else {
        const QPoint pixels = event->pixelDelta();
        const int distance = pixels.isNull() ? turn * 3 * m_wishes.processHeight / 120 : pixels.y();
        verticalScrollBar()->setValue(verticalScrollBar()->value() - distance);
    }
}

void TimelineCanvas::keyPressEvent(QKeyEvent* event) {
    const auto step = std::llround(panShare * static_cast<double>(m_range.length()));
    const double place = m_pointer.x() >= m_nameWidth ? m_pointer.x() : m_nameWidth + lanesRect().width() / 2.0;
    switch (event->key()) {
    case Qt::Key_W:
    case Qt::Key_Plus:
        zoom(zoomStep, place);
        break;
    case Qt::Key_S:
    case Qt::Key_Minus:
        zoom(1 / zoomStep, place);
        break;
    case Qt::Key_A:
        m_range.pan(-step);
        break;
    case Qt::Key_D:
        m_range.pan(step);
        break;
    case Qt::Key_F:
        fitSelection();
        break;
    case Qt::Key_Home:
        m_range.show(m_range.wholeBegin(), m_range.wholeBegin() + m_range.length());
        break;
    case Qt::Key_End:
        m_range.show(m_range.wholeEnd() - m_range.length(), m_range.wholeEnd());
        break;
    case Qt::Key_Left:
        stepActivity(-1);
        break;
    case Qt::Key_Right:
        stepActivity(1);
        break;
    case Qt::Key_Up:
        stepRow(-1);
        break;
    case Qt::Key_Down:
        stepRow(1);
        break;
    case Qt::Key_PageUp:
        verticalScrollBar()->triggerAction(QAbstractSlider::SliderPageStepSub);
        break;
    case Qt::Key_PageDown:
        verticalScrollBar()->triggerAction(QAbstractSlider::SliderPageStepAdd);
        break;
    case Qt::Key_Space:
    case Qt::Key_Return:
    case Qt::Key_Enter:
        toggle(rowOfSelection());
        break;
    case Qt::Key_Escape:
        if (m_drag == Drag::none && m_selection.current().kind == Selected::Kind::nothing) {
            event->ignore();
            return;
        }
        m_drag = Drag::none;
        m_focusProcess = 0;
        m_selection.clear();
        viewport()->update();
        break;
    default:
        QAbstractScrollArea::keyPressEvent(event);
        return;
    }
    event->accept();
}

void TimelineCanvas::mousePressEvent(QMouseEvent* event) {
    m_pressed = event->pos();
    m_pressedBegin = m_range.begin();
    m_pressedScroll = verticalScrollBar()->value();
    if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton)
        return;
    const bool isOnRuler = event->pos().y() < m_rulerHeight && event->pos().x() >= m_nameWidth;
    if (std::abs(event->pos().x() - m_nameWidth) <= 3)
        m_drag = Drag::names;
    else if (isOnRuler || (event->modifiers() & Qt::AltModifier))
        m_drag = Drag::range;
    else
        m_drag = Drag::press;
}

void TimelineCanvas::mouseMoveEvent(QMouseEvent* event) {
    m_pointer = event->pos();
    const QPoint moved = event->pos() - m_pressed;
    if (m_drag == Drag::press && moved.manhattanLength() >= QApplication::startDragDistance() &&
        m_pressed.x() >= m_nameWidth) {
        m_drag = Drag::pan;
        viewport()->setCursor(Qt::ClosedHandCursor);
    }
    if (m_drag == Drag::pan) {
        const double perColumn = static_cast<double>(m_range.length()) / lanesRect().width();
        const std::int64_t begin = m_pressedBegin - std::llround(moved.x() * perColumn);
        m_range.show(begin, begin + m_range.length());
        verticalScrollBar()->setValue(m_pressedScroll - moved.y());
    } else if (m_drag == Drag::names) {
        m_isNameWidthChosen = true;
        m_nameWidth = std::clamp(event->pos().x(), 60, std::max(61, viewport()->width() / 2));
    } else if (m_drag == Drag::none) {
        const bool isEdge = std::abs(event->pos().x() - m_nameWidth) <= 3;
        viewport()->setCursor(isEdge                                                               ? Qt::SplitHCursor
                              : event->pos().y() < m_rulerHeight && event->pos().x() > m_nameWidth ? Qt::IBeamCursor
                                                                                                   : Qt::ArrowCursor);
        readOut(event->pos());
    }
    viewport()->update();
}

void TimelineCanvas::mouseReleaseEvent(QMouseEvent* event) {
    const Drag drag = std::exchange(m_drag, Drag::none);
    viewport()->setCursor(Qt::ArrowCursor);
    if (drag == Drag::range && std::abs(event->pos().x() - m_pressed.x()) > 3) {
        const timeline::Scale scale = this->scale();
        const int left = std::min(event->pos().x(), m_pressed.x()) - m_nameWidth;
        const int right = std::max(event->pos().x(), m_pressed.x()) - m_nameWidth;
        m_range.show(scale.timeAt(std::max(0, left)), scale.timeAt(std::min(scale.width, right)));
    } else if (drag == Drag::press && event->button() == Qt::LeftButton) {
        const Hit hit = hitAt(event->pos());
        const bool isOnArrow =
            hit.isInNames && event->pos().x() < 8 + 14 * (m_rows.rows[static_cast<std::size_t>(hit.row)].depth + 1);
        if (isOnArrow && m_rows.rows[static_cast<std::size_t>(hit.row)].hasChildren)
            toggle(hit.row);
        else
            selectHit(hit);
    }
    viewport()->update();
}

void TimelineCanvas::mouseDoubleClickEvent(QMouseEvent* event) {
    const Hit hit = hitAt(event->pos());
    if (event->button() != Qt::LeftButton || hit.row < 0)
        return;
    selectHit(hit);
    fitSelection();
}

void TimelineCanvas::contextMenuEvent(QContextMenuEvent* event) {
    QMenu menu(this);
    Hit hit;
    if (event->reason() == QContextMenuEvent::Mouse) {
        hit = hitAt(event->pos());
        if (hit.row >= 0)
            selectHit(hit);
    } else {
        hit.row = rowOfSelection();
        if (m_focusProcess != 0)
            hit.activity = timeline::activityAt(m_data.activities(m_focusProcess), m_focusBegin);
    }
    const bool isSomething = m_selection.current().kind != Selected::Kind::nothing;
    QMenu* reveal = menu.addMenu(tr("Show in"));
    for (const auto& [view, text] : {std::pair{"processes", tr("Processes")}, std::pair{"channels", tr("Channels")},
                                     std::pair{"exchange", tr("Exchange")}, std::pair{"throughput", tr("Throughput")},
                                     std::pair{"failures", tr("Failures")}, std::pair{"events", tr("Events")}}) {
        const QString name = QString::fromLatin1(view);
        reveal->addAction(text, this, [this, name] { emit m_selection.revealRequested(name); });
    }
    reveal->setEnabled(isSomething);
    const QString text = details(hit);
    menu.addAction(tr("Copy details"), this, [text] { QGuiApplication::clipboard()->setText(text); })
        ->setEnabled(!text.isEmpty());
    menu.addSeparator();
    menu.addAction(tr("Zoom to selection\tF"), this, &TimelineCanvas::fitSelection)->setEnabled(isSomething);
    menu.addAction(tr("Show all"), &m_range, &TimeRange::showAll);
    if (hit.row >= 0 && m_rows.rows[static_cast<std::size_t>(hit.row)].hasChildren) {
        const bool isCollapsed = m_rows.rows[static_cast<std::size_t>(hit.row)].isCollapsed;
        menu.addAction(isCollapsed ? tr("Expand") : tr("Collapse"), this, [this, row = hit.row] { toggle(row); });
    }
    menu.exec(event->globalPos());
}

bool TimelineCanvas::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        const QString text = detailsAt(help->pos());
        if (text.isEmpty())
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(), text.toHtmlEscaped().replace(u'\n', QStringLiteral("<br>")), this);
        return true;
    }
    if (event->type() == QEvent::NativeGesture) {
        auto* gesture = static_cast<QNativeGestureEvent*>(event);
        if (gesture->gestureType() == Qt::ZoomNativeGesture) {
            zoom(1 / std::max(0.1, 1 + gesture->value()), gesture->position().x());
            return true;
        }
    }
    if (event->type() == QEvent::Gesture) {
        auto* gestures = static_cast<QGestureEvent*>(event);
        if (const auto* pinch = static_cast<QPinchGesture*>(gestures->gesture(Qt::PinchGesture))) {
            zoom(1 / std::max(0.1, pinch->scaleFactor()), viewport()->mapFromGlobal(pinch->hotSpot().toPoint()).x());
            gestures->accept();
            return true;
        }
    }
    if (event->type() == QEvent::Leave) {
        m_pointer = {-1, -1};
        emit hovered({});
        viewport()->update();
    }
    return QAbstractScrollArea::viewportEvent(event);
}

void TimelineCanvas::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    applyFonts();
    buildRows();
}

void TimelineCanvas::changeEvent(QEvent* event) {
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        applyFonts();
        buildRows();
    }
}

void TimelineCanvas::focusInEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void TimelineCanvas::focusOutEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

void TimelineCanvas::scrollContentsBy(int, int) {
    viewport()->update();
}

} // namespace pprocess::widgets
