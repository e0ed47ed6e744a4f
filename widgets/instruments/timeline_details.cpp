// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/timeline_details.h>

#include <widgets/format.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/state_colors.h>
#include <widgets/instruments/timeline_marks.h>
#include <widgets/instruments/timeline_messages.h>

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <chrono>

namespace pprocess::widgets::timeline {

namespace {

/// Whom translations know these texts by.
class Words {
    Q_DECLARE_TR_FUNCTIONS(pprocess::widgets::TimelineDetails)
};

QString durationText(std::int64_t time) {
    if (time < 1'000)
        return QStringLiteral("%1 ns").arg(time);
    if (time < 1'000'000)
        return QStringLiteral("%1 µs").arg(static_cast<double>(time) / 1e3, 0, 'g', 3);
    return format::duration(std::chrono::nanoseconds(time));
}

QString timeText(const InstrumentData& data, std::int64_t time) {
    return rulerLabel(time - data.head().begin(), 1'000);
}

/// What was found out with the process that it is about.
QString ofProcess(const observe::ProcessInfo& process, QStringList lines) {
    lines << Words::tr("%1 · process %2").arg(QString::fromStdString(process.purpose)).arg(process.pid);
    return lines.join(u'\n');
}

} // namespace

QString exchangeDetails(const InstrumentData& data, std::uint64_t exchange, std::int64_t time) {
    const auto& levels = data.levels(exchange);
    const auto next =
        std::partition_point(levels.begin(), levels.end(), [time](const Level& level) { return level.time <= time; });
    const auto info = data.head().exchanges().find(exchange);
    if (info == data.head().exchanges().end())
        return {};
    const Level level = next == levels.begin() ? Level{} : *(next - 1);
    QStringList lines;
    lines << (info->second.limit > 0
                  ? Words::tr("Exchange: %1 of %2 slots at work").arg(level.running).arg(info->second.limit)
                  : Words::tr("Exchange: %1 at work, no limit").arg(level.running));
    lines << Words::tr("%1 waiting")
                 .arg(format::counted<Words>(level.queued,
                                             QT_TRANSLATE_N_NOOP("pprocess::widgets::TimelineDetails", "%1 task(s)")));
    lines << Words::tr("At %1").arg(timeText(data, time));
    return lines.join(u'\n');
}

QString markDetails(const InstrumentData& data, std::uint64_t process, const MarkGroup& group) {
    const observe::ProcessInfo* info = data.head().process(process);
    if (!info)
        return {};
    const Mark& mark = data.marks(process)[group.index];
    QStringList lines{markText(mark.kind, mark.isFailure)};
    if (const QString text = mark.event >= data.firstEvent() ? data.text(mark.event) : QString(); !text.isEmpty())
        lines << text;
    if (group.count > 1)
        lines << Words::tr("and %1 here; zoom in to see each")
                     .arg(format::counted<Words>(
                         group.count - 1,
                         QT_TRANSLATE_N_NOOP("pprocess::widgets::TimelineDetails", "%1 more moment(s)")));
    lines << Words::tr("At %1").arg(timeText(data, mark.time));
    return ofProcess(*info, lines);
}

QString activityDetails(const InstrumentData& data, std::uint64_t process, std::size_t index) {
    const observe::ProcessInfo* info = data.head().process(process);
    if (!info)
        return {};
    const Activity& activity = data.activities(process)[index];
    const bool lasts = activity.end == INT64_MAX;
    const QString length = durationText(std::min(activity.end, data.endTime()) - activity.begin);
    QStringList lines{
        Words::tr("%1, %2").arg(stateText(activity.state), lasts ? Words::tr("%1 so far").arg(length) : length)};
    if (activity.task != Event::unknown && activity.state != observe::ProcessState::idle) {
        const TaskText text = textOf(data, process, activity);
        lines << Words::tr("Task %1%2")
                     .arg(activity.task)
                     .arg(text.input.isEmpty() ? QString() : QStringLiteral(": ") + text.input);
        if (activity.outcome != TaskOutcome::value)
            lines << Words::tr("Outcome: %1%2")
                         .arg(QString::fromLatin1(observe::to_string(activity.outcome)),
                              text.error.isEmpty() ? QString() : QStringLiteral(", ") + text.error);
        if (text.bytesIn > 0 || text.bytesOut > 0)
            lines << Words::tr("%1 in, %2 out")
                         .arg(format::bytes(static_cast<double>(text.bytesIn)),
                              format::bytes(static_cast<double>(text.bytesOut)));
    }
    lines << Words::tr("From %1").arg(timeText(data, activity.begin));
    return ofProcess(*info, lines);
}

QString processDetails(const InstrumentData& data, std::uint64_t process) {
    const observe::ProcessInfo* info = data.head().process(process);
    if (!info)
        return {};
    QStringList lines;
    if (!info->ending.empty())
        lines << QString::fromStdString(info->ending);
    lines << Words::tr("%1 done, %2 failed")
                 .arg(format::counted<Words>(info->tasks_done,
                                             QT_TRANSLATE_N_NOOP("pprocess::widgets::TimelineDetails", "%1 task(s)")),
                      format::count(info->tasks_failed));
    return ofProcess(*info, lines);
}

} // namespace pprocess::widgets::timeline
