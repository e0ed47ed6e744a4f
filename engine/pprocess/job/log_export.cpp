// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/log_export.h>

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <string>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include <pprocess/job/item_source.h>
#include <pprocess/job/job.h>
#include <pprocess/job/json_text.h>
#include <pprocess/message/utf8.h>
#include <pprocess/os/error.h>
#include <pprocess/os/fd.h>

namespace pprocess::job {

namespace {

using Json = nlohmann::ordered_json;

/// An item's end, as a line of the log has it.
struct Entry {
    std::string input;
    Json line;
    bool has_succeeded = false;

    [[nodiscard]] std::uint64_t number() const { return line.value("number", std::uint64_t{0}); }
    [[nodiscard]] std::uint64_t key() const {
        constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
        return std::hash<std::string>()(input) ^ number() * odd;
    }
};

/// False for a line that is no item's end.
bool read(const std::string& text, Entry& entry) {
    entry.line = Json::parse(text, nullptr, false);
    const Json& line = entry.line;
    if (!line.is_object() || !line.contains("input") || !line.contains("outcome") || !line["outcome"].is_string())
        return false;
    for (const char* field : {"number", "attempts", "exit_status", "signal"})
        if (line.contains(field) && !line[field].is_number_unsigned())
            return false;
    for (const char* field : {"ended", "seconds"})
        if (line.contains(field) && !line[field].is_number())
            return false;
    try {
        entry.input = text_from_json(line["input"], "input");
        if (line.contains("detail"))
            entry.line["detail"] = text_from_json(line["detail"], "detail");
    } catch (const JobError&) {
        return false;
    }
    entry.has_succeeded = line["outcome"] == "succeeded";
    return true;
}

/// Calls `take` with each line and its place, as far as there are more than `most` of them.
template <typename Function>
void for_each_line(const std::filesystem::path& log, std::size_t most, const Function& take) {
    const std::string name = "the job log " + printable(log.native());
    const os::Fd file(::open(log.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open())
        throw SystemError(errno, "read " + name);
    const auto lines = lines_of(file.get(), name);
    Item line;
    for (std::size_t place = 0; place < most && lines->next(line) == ItemSource::Next::item; ++place)
        take(place, line.text);
}

std::string quoted_for_csv(const std::string& text) {
    if (text.find_first_of("\",\r\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + '"';
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t three = 0;
        for (std::size_t byte = 0; byte < 3; ++byte)
            three = three << 8 | (at + byte < bytes.size() ? static_cast<unsigned char>(bytes[at + byte]) : 0U);
        for (std::size_t letter = 0; letter < 4; ++letter)
            text += at + letter <= bytes.size() ? letters[three >> (18 - 6 * letter) & 63] : '=';
    }
    return text;
}

/// Of a command that succeeded its worker has noted no more than that; a function has no exit status.
Json exit_status_of(const Entry& entry) {
    if (entry.line.contains("exit_status")) {
        const bool is_commands = entry.line["outcome"] == "failed" && entry.line["exit_status"] != 0;
        return is_commands ? entry.line["exit_status"] : Json();
    }
    return entry.has_succeeded && !entry.line.contains("detail") ? Json(0) : Json();
}

Json signal_of(const Entry& entry) {
    const Json signal = entry.line.value("signal", Json());
    return signal == 0 ? Json() : signal;
}

std::string detail_of(const Entry& entry) {
    return entry.line.value("detail", std::string(entry.has_succeeded ? "ok" : ""));
}

std::string seconds_of(const Entry& entry) {
    if (!entry.line.contains("seconds"))
        return {};
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.6f", entry.line["seconds"].get<double>());
    return text.data();
}

std::string csv_line(const Entry& entry) {
    const auto number = [](const Json& value) { return value.is_null() ? std::string() : value.dump(); };
    return std::to_string(entry.number()) + ',' + quoted_for_csv(printable(entry.input)) + ',' +
           entry.line["outcome"].get<std::string>() + ',' + quoted_for_csv(printable(detail_of(entry))) + ',' +
           number(exit_status_of(entry)) + ',' + number(signal_of(entry)) + ',' + seconds_of(entry) + ',' +
           number(entry.line.value("attempts", Json())) + ",,,\r\n";
}

std::string json_object(const Entry& entry) {
    Json object;
    object["number"] = entry.number();
    if (message::is_utf8(entry.input)) {
        object["input"] = entry.input;
    } else {
        object["input"] = printable(entry.input);
        object["input_base64"] = base64(entry.input);
    }
    object["outcome"] = entry.line["outcome"];
    object["detail"] = printable(detail_of(entry));
    object["exit_status"] = exit_status_of(entry);
    object["signal"] = signal_of(entry);
    object["seconds"] = entry.line.value("seconds", Json());
    object["tries"] = entry.line.value("attempts", Json());
    object["ended"] = entry.line.value("ended", Json());
    return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace

LogExport::Counts LogExport::write(const Sink& sink) const {
    std::unordered_map<std::uint64_t, std::uint32_t> last; // the place of the last line about each item
    Counts counts;
    Entry entry;
    std::size_t lines = 0;
    for_each_line(log, UINT32_MAX, [&](std::size_t place, const std::string& text) {
        ++lines;
        if (read(text, entry))
            last[entry.key()] = static_cast<std::uint32_t>(place);
        else
            ++counts.unreadable;
    });
    if (last.empty() && lines > 1)
        throw JobError("log", printable(log.native()) +
                                  " is not the log of a job: none of its lines names an input and its outcome");

    const bool is_csv = format == Format::csv;
    sink(is_csv ? "number,input,outcome,detail,exit_status,signal,seconds,tries,worker_pid,output_bytes,first_line\r\n"
                : "{\"pprocess_results\": 1, \"results\": [");
    bool is_first = true;
    for_each_line(log, lines, [&](std::size_t place, const std::string& text) {
        if (!read(text, entry))
            return;
        const auto found = last.find(entry.key());
        if (found == last.end() || found->second != place)
            return;
        ++counts.items;
        counts.succeeded += entry.has_succeeded ? 1 : 0;
        if (only_failed && entry.has_succeeded)
            return;
        sink(is_csv ? csv_line(entry) : (std::exchange(is_first, false) ? "\n" : ",\n") + json_object(entry));
    });
    if (!is_csv)
        sink("\n]}\n");
    return counts;
}

} // namespace pprocess::job
