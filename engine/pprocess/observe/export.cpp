// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/observe/export.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <unordered_map>
#include <utility>

#include <pprocess/observe/chrome_export.h>
#include <pprocess/observe/export_text.h>
#include <pprocess/observe/task_ledger.h>

namespace pprocess::observe {

namespace {

/// What is shown of a text.
constexpr std::size_t longest_text = 400;

/// A number that is not always there.
std::string optional_number(std::uint64_t number, std::uint64_t absent) {
    return number == absent ? std::string() : std::to_string(number);
}

/// `Event::detail` in words, where there are some.
std::string detail_of(const Event& event) {
    switch (event.kind) {
    case EventKind::task_finished:
        return to_string(static_cast<TaskOutcome>(event.detail));
    case EventKind::process_ended: {
        constexpr const char* words[] = {"exited", "signalled", "not started", "unknown"};
        return words[std::min<std::size_t>(event.detail, 3)];
    }
    case EventKind::task_started:
    case EventKind::task_returned:
    case EventKind::message_sent:
    case EventKind::message_received:
    case EventKind::waiting_for_space:
    case EventKind::space_found:
        return event.detail == static_cast<std::uint8_t>(ChannelEnd::creator) ? "creator" : "created";
    default:
        return std::to_string(event.detail);
    }
}

class CsvExporter final : public Exporter {
public:
    explicit CsvExporter(std::ostream& out) : out_(out) {
        out_ << "time_ns,kind,writer,process,channel,exchange,task,number,size,value,detail,text\r\n";
    }

    void begin_with(const Snapshot::Parts& state) override {
        if (!begin_)
            begin_ = state.begin;
    }

    void add(const Event& event, std::span<const std::byte> payload) override {
        if (!begin_)
            begin_ = event.time;
        out_ << std::max<std::int64_t>(event.time - *begin_, 0) << ',' << to_string(event.kind) << ',' << event.writer
             << ',' << optional_number(static_cast<std::uint64_t>(event.process), 0) << ','
             << optional_number(event.channel, 0) << ',' << optional_number(event.exchange, 0) << ','
             << optional_number(event.task, Event::unknown) << ',' << event.number << ',' << event.size << ','
             << event.value << ',' << detail_of(event) << ',' << csv_field(text_of(event, payload, longest_text))
             << "\r\n";
    }

    void finish() override { out_.flush(); }

private:
    std::ostream& out_;
    std::optional<std::int64_t> begin_;
};

/// As `parallel --joblog` writes it: fields between tabs, so that whatever reads those files reads these.
class JobLogExporter final : public Exporter {
public:
    JobLogExporter(std::ostream& out, std::int64_t wall_clock) : out_(out), wall_clock_(wall_clock) {
        out_ << "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\tOutcome\tAttempts\n";
    }

    void begin_with(const Snapshot::Parts& state) override {
        for (const TaskInfo& task : state.running)
            sequence_of(task.exchange, task.index);
    }

    void add(const Event& event, std::span<const std::byte> payload) override {
        if (event.kind == EventKind::task_queued)
            sequence_of(event.exchange, event.task);
        const TaskRecord* record = ledger_.apply(event, payload);
        if (record && record->is_last)
            write(*record);
    }

    void finish() override { out_.flush(); }

private:
    /// Tasks are counted in the order in which they began to wait; with one exchange that is its index and one.
    std::uint64_t sequence_of(std::uint64_t exchange, std::uint64_t task) {
        const auto place = sequences_.try_emplace({exchange, task}, last_ + 1).first;
        last_ = std::max(last_, place->second);
        return place->second;
    }

    static std::string seconds(std::int64_t nanoseconds) {
        char text[40];
        std::snprintf(text, sizeof text, "%lld.%03lld", static_cast<long long>(nanoseconds / 1'000'000'000),
                      static_cast<long long>(nanoseconds / 1'000'000 % 1000));
        return text;
    }

    void write(const TaskRecord& record) {
        const std::int64_t started = record.started != 0 ? record.started : record.sent;
        const std::int64_t ended = record.returned != 0 ? record.returned : record.finished;
        int exit_value = record.outcome == TaskOutcome::value ? 0 : 1;
        int signal = 0;
        if (record.outcome != TaskOutcome::value && record.outcome != TaskOutcome::error) {
            exit_value = record.end == ProcessEnd::exited ? record.end_value : -1;
            signal = record.end == ProcessEnd::signalled ? record.end_value : 0;
        }
        const Content content = record.command.empty() ? record.input : Content{record.command, false};
        const std::uint64_t sequence = sequence_of(record.exchange, record.task);
        sequences_.erase({record.exchange, record.task});
        out_ << sequence << "\t:\t" << (started == 0 ? "0.000" : seconds(wall_clock_ + started)) << '\t'
             << (started == 0 ? "0.000" : seconds(std::max<std::int64_t>(ended - started, 0))) << '\t'
             << record.bytes_in << '\t' << record.bytes_out << '\t' << exit_value << '\t' << signal << '\t'
             << valid_utf8(content.text(longest_text)) << '\t' << to_string(record.outcome) << '\t' << record.attempts
             << '\n';
    }

    std::ostream& out_;
    std::int64_t wall_clock_;
    TaskLedger ledger_;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> sequences_;
    std::uint64_t last_ = 0;
};

} // namespace

std::optional<ExportFormat> export_format(std::string_view name) {
    if (name == "chrome")
        return ExportFormat::chrome;
    if (name == "csv")
        return ExportFormat::csv;
    if (name == "joblog")
        return ExportFormat::job_log;
    return {};
}

std::unique_ptr<Exporter> make_exporter(ExportFormat format, std::ostream& out, std::int64_t wall_clock) {
    switch (format) {
    case ExportFormat::csv:
        return std::make_unique<CsvExporter>(out);
    case ExportFormat::job_log:
        return std::make_unique<JobLogExporter>(out, wall_clock);
    case ExportFormat::chrome:
        break;
    }
    return std::make_unique<ChromeExporter>(out);
}

std::string export_trace(TraceReader& trace, ExportFormat format, std::ostream& out) {
    const auto exporter = make_exporter(format, out, trace.wall_clock());
    std::string problem = read_trace(
        trace, [&](const Event& event, std::span<const std::byte> payload) { exporter->add(event, payload); },
        [&](const Snapshot::Parts& state) { exporter->begin_with(state); });
    exporter->finish();
    return problem;
}

} // namespace pprocess::observe
