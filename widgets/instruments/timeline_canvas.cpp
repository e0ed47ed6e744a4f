// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/timeline_canvas.h>

#include <widgets/instruments/timeline_details.h>

#include <QEvent>
#include <QScrollBar>

#include <algorithm>
#include <cmath>
#include <utility>

namespace pprocess::widgets {

namespace {

constexpr int frameTime = 33;                    ///< ms
constexpr double apart = 26;                     ///< columns between groups of marks
constexpr std::uint64_t eventsPerFrame = 50'000; ///< gone through for messages

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
    m_bars.clear();
    m_fullness.clear();
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
    takeMessages();
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
    timeline::groupMarks(m_data.marks(process), scale(), apart, groups, m_data.markSummaries(process));
    return groups;
}

/// What is laid out holds for what is shown: to scroll, to point and to be uncovered change nothing of it.
void TimelineCanvas::layOutAnew() const {
    constexpr std::size_t mostLanes = 256;
    const timeline::Scale scale = this->scale();
    const LaidOut wanted{m_data.firstEvent(), m_data.endEvent(), scale.begin, scale.length, scale.width};
    const bool isOther = wanted != std::exchange(m_laidOut, wanted);
    if (isOther || m_bars.size() > mostLanes)
        m_bars.clear();
    if (isOther || m_fullness.size() > mostLanes)
        m_fullness.clear();
}

const std::vector<timeline::Bar>& TimelineCanvas::barsOf(std::uint64_t process) const {
    layOutAnew();
    const auto [lane, isNew] = m_bars.try_emplace(process);
    if (isNew)
        timeline::layOut(m_data.activities(process), scale(), m_data.endTime(), lane->second,
                         m_data.activitySummaries(process));
    return lane->second;
}

const TimelineCanvas::Fullness& TimelineCanvas::fullnessOf(const observe::ExchangeInfo& exchange) const {
    layOutAnew();
    const auto [place, isNew] = m_fullness.try_emplace(exchange.id);
    Fullness& fullness = place->second;
    if (isNew) {
        const auto& levels = m_data.levels(exchange.id);
        const LevelSummaries& summaries = m_data.levelSummaries(exchange.id);
        const std::int64_t now = exchange.ended != 0 ? exchange.ended : m_data.endTime();
        timeline::layOutSteps(
            levels, scale(), now, [](const Level& level) { return double(level.queued); }, fullness.queued, summaries);
        timeline::layOutSteps(
            levels, scale(), now, [](const Level& level) { return double(level.running); }, fullness.running,
            summaries);
    }
    return fullness;
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
    for (const timeline::Bar& bar : barsOf(row.process)) {
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

std::optional<timeline::Span> TimelineCanvas::spanOfSelection() const {
    if (m_focusProcess != 0) {
        const auto& activities = m_data.activities(m_focusProcess);
        const std::size_t index = timeline::activityAt(activities, m_focusBegin);
        if (index < activities.size())
            return timeline::Span{activities[index].begin, std::min(activities[index].end, m_data.endTime())};
    }
    return timeline::spanOf(m_data, m_selection.current());
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
            scrollToTime(span->begin, span->end);
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
    timeline::Wanted wanted = timeline::messagesOf(m_data, m_selection.current(), m_isTaskOpen);
    m_messages.look(std::move(wanted.channels), wanted.time.begin, wanted.time.end);
    takeMessages();
}

/// A long record is gone through over some frames.
void TimelineCanvas::takeMessages() {
    if (!m_messages.update(m_data, eventsPerFrame))
        scheduleRefresh();
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
    const std::int64_t margin = std::max<std::int64_t>(TimeRange::shortest, (span->end - span->begin) / 10);
    m_range.show(span->begin - margin, span->end + margin);
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
    return *m_inputs.insert(key, timeline::inputOf(m_data, process, activity));
}

QString TimelineCanvas::details(const Hit& hit) const {
    if (hit.row < 0)
        return {};
    const timeline::Row& row = m_rows.rows[static_cast<std::size_t>(hit.row)];
    if (row.process == 0)
        return timeline::exchangeDetails(m_data, row.exchange,
                                         scale().timeAt(std::max(0, m_pointer.x() - m_nameWidth)));
    if (hit.mark)
        return timeline::markDetails(m_data, row.process, *hit.mark);
    if (hit.activity)
        return timeline::activityDetails(m_data, row.process, *hit.activity);
    return timeline::processDetails(m_data, row.process);
}

QString TimelineCanvas::detailsAt(QPoint place) const {
    return details(hitAt(place));
}

void TimelineCanvas::readOut(QPoint place) {
    emit hovered(detailsAt(place).replace(u'\n', QStringLiteral("  ·  ")));
}

// ------------------------------------------------------------------------------------------------------------------
// the widget

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
