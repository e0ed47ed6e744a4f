// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/failure_list.h>

#include <widgets/instruments/instrument_data.h>

#include <QRegularExpression>

#include <algorithm>

namespace pprocess::widgets {

namespace {

constexpr std::uint64_t eventsAtOnce = 50'000;
constexpr std::size_t textLimit = 400;

} // namespace

QString commonText(const QString& text) {
    static const QRegularExpression number(
        QStringLiteral(R"((\b(?:status|signal|code|errno):? )?(?:\b0[xX][0-9a-fA-F]+|[0-9]+(?:\.[0-9]+)?))"));
    QString common;
    qsizetype end = 0;
    for (auto found = number.globalMatch(text); found.hasNext();) {
        const auto match = found.next();
        common += text.mid(end, match.capturedStart() - end);
        common += match.capturedLength(1) > 0 ? match.captured() : QStringLiteral("#");
        end = match.capturedEnd();
    }
    return common + text.mid(end);
}

FailureList::FailureList(InstrumentData& data, QObject* parent) : QObject(parent), m_data(data) {
    m_more.setInterval(0);
    connect(&m_more, &QTimer::timeout, this, &FailureList::takeIn);
    connect(&data, &InstrumentData::appended, this, &FailureList::takeIn);
    connect(&data, &InstrumentData::positionChanged, this, &FailureList::changed);
    connect(&data, &InstrumentData::wasReset, this, &FailureList::restart);
    takeIn();
}

void FailureList::restart() {
    m_failures.clear();
    m_groups.clear();
    m_groupOf.clear();
    m_running.clear();
    m_lacksInput.clear();
    m_next = 0;
    for (const auto& [name, task] : m_data.head().running_tasks())
        m_running[name] = {.sent = task.sent, .givenBefore = task.input};
    emit wasReset();
    takeIn();
}

void FailureList::takeIn() {
    m_next = std::max(m_next, m_data.firstEvent());
    const std::uint64_t end = std::min(m_data.endEvent(), m_next + eventsAtOnce);
    for (; m_next < end; ++m_next)
        take(m_next);
    if (m_next == m_data.endEvent())
        m_more.stop();
    else if (!m_more.isActive())
        m_more.start();
    emit changed();
}

void FailureList::take(std::uint64_t index) {
    const Event& event = m_data.event(index);
    const Name name{event.exchange, event.task};
    switch (event.kind) {
    case EventKind::task_sent: {
        Running& running = m_running[name];
        running.sent = event.time;
        if (event.payload_size > 0)
            running.input = index;
        else
            m_lacksInput[event.channel] = name;
        break;
    }
    case EventKind::message_sent:
        if (event.detail != static_cast<std::uint8_t>(ChannelEnd::creator) || m_lacksInput.empty())
            break;
        if (const auto lack = m_lacksInput.find(event.channel); lack != m_lacksInput.end()) {
            if (const auto running = m_running.find(lack->second); running != m_running.end())
                running->second.input = index;
            m_lacksInput.erase(lack);
        }
        break;
    case EventKind::task_finished:
        if (event.detail != static_cast<std::uint8_t>(TaskOutcome::value))
            addFailure(event, index);
        m_running.erase(name);
        break;
    case EventKind::exchange_ended:
        m_running.erase(m_running.lower_bound({event.exchange, 0}),
                        m_running.upper_bound({event.exchange, UINT64_MAX}));
        break;
    default:
        break;
    }
}

void FailureList::addFailure(const Event& event, std::uint64_t index) {
    Failure failure{.event = index,
                    .exchange = event.exchange,
                    .task = event.task,
                    .time = event.time,
                    .process = event.process,
                    .attempts = event.value,
                    .outcome = static_cast<TaskOutcome>(event.detail)};
    if (const auto running = m_running.find({event.exchange, event.task}); running != m_running.end()) {
        failure.sent = running->second.sent;
        failure.input = running->second.input;
        failure.givenBefore = std::move(running->second.givenBefore);
    }
    failure.group = groupFor(failure.outcome, m_data.text(index, textLimit));
    m_groups[failure.group].members.push_back(static_cast<std::uint32_t>(m_failures.size()));
    m_failures.push_back(failure);
}

std::uint32_t FailureList::groupFor(TaskOutcome outcome, const QString& text) {
    const QString common = commonText(text);
    const QChar kind(static_cast<char16_t>(u'0' + static_cast<int>(outcome)));
    QString name = kind + common;
    auto place = m_groupOf.find(name);
    const bool isRest = place == m_groupOf.end() && m_groupOf.size() >= static_cast<qsizetype>(mostGroups);
    if (isRest) {
        // No text holds a line's end.
        name = kind + QStringLiteral("\n");
        place = m_groupOf.find(name);
    }
    if (place != m_groupOf.end()) {
        FailureGroup& group = m_groups[*place];
        if (!group.isRest && group.text != text)
            group.text = common;
        return *place;
    }
    const auto number = static_cast<std::uint32_t>(m_groups.size());
    m_groups.push_back({.outcome = outcome, .text = isRest ? QString() : text, .isRest = isRest, .members = {}});
    m_groupOf.insert(name, number);
    return number;
}

std::size_t FailureList::failuresNow() const {
    const auto end = std::lower_bound(m_failures.begin(), m_failures.end(), m_data.position(),
                                      [](const Failure& one, std::uint64_t index) { return one.event < index; });
    return static_cast<std::size_t>(end - m_failures.begin());
}

std::size_t FailureList::groupsNow() const {
    const std::size_t failures = failuresNow();
    const auto end =
        std::lower_bound(m_groups.begin(), m_groups.end(), failures,
                         [](const FailureGroup& group, std::size_t number) { return group.members.front() < number; });
    return static_cast<std::size_t>(end - m_groups.begin());
}

std::size_t FailureList::membersNow(const FailureGroup& group) const {
    const auto end = std::lower_bound(group.members.begin(), group.members.end(), failuresNow());
    return static_cast<std::size_t>(end - group.members.begin());
}

QString FailureList::inputOf(const Failure& failure, std::size_t limit) const {
    if (failure.input == Event::unknown)
        return QString::fromStdString(failure.givenBefore.text(limit));
    return failure.input < m_data.firstEvent() ? tr("(no longer kept)") : m_data.text(failure.input, limit);
}

QString FailureList::textOf(const Failure& failure, std::size_t limit) const {
    return failure.event < m_data.firstEvent() ? tr("(no longer kept)") : m_data.text(failure.event, limit);
}

} // namespace pprocess::widgets
