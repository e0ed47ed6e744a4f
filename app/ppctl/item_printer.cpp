// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/item_printer.h>

#include <cstdio>

#include <app/ppctl/json_lines.h>

namespace ppctl {

using namespace pprocess;

void ItemPrinter::print(const job::ItemResult& result) {
    if (json_) {
        print_json(result);
    } else {
        print_text(result);
    }
}

void ItemPrinter::print(const job::ItemOutput& output) const {
    if (!json_) {
        print_bytes(output.lines);
        return;
    }
    nlohmann::ordered_json object;
    object["number"] = output.index + 1;
    set_bytes(object, "input", output.input);
    object["attempt"] = output.attempt;
    set_bytes(object, "lines", output.lines);
    print_json_line(object);
}

bool ItemPrinter::has_words(const job::ItemResult& result) const {
    const bool has_failed = result.outcome != job::Outcome::succeeded && result.outcome != job::Outcome::cancelled;
    return !json_ && (has_failed || result.program.was_cut() || !result.program.error_output.empty());
}

void ItemPrinter::print_text(const job::ItemResult& result) {
    const ProgramResult& program = result.program;
    // With lines as they come only what is behind the last one is new.
    print_bytes(by_line_ ? program.output.substr(program.output.rfind('\n') + 1) : program.output);
    if (!program.output.empty())
        ends_line_ = program.output.ends_with('\n');
    if (result.value) {
        print_bytes(to_text(*result.value) + "\n");
        ends_line_ = true;
    }
    if (!has_words(result))
        return;
    flush_output(); // an item's two streams in order where both go to one place
    std::fwrite(program.error_output.data(), 1, program.error_output.size(), stderr);
    if (!program.error_output.empty())
        ends_line_ = program.error_output.ends_with('\n');
    const bool has_failed = result.outcome != job::Outcome::succeeded && result.outcome != job::Outcome::cancelled;
    if (!has_failed && !program.was_cut())
        return;
    if (!program.error_output.empty() && !ends_line_)
        std::fputs("\n", stderr);
    ends_line_ = true;
    const std::string name = job::printable(result.input);
    if (program.was_cut())
        std::fprintf(stderr, "ppctl: %s: output cut: %llu bytes of %llu kept\n", name.c_str(),
                     static_cast<unsigned long long>(program.output.size() + program.error_output.size()),
                     static_cast<unsigned long long>(program.output_bytes + program.error_bytes));
    if (has_failed)
        std::fprintf(stderr, "ppctl: %s: %s\n", name.c_str(), result.detail.c_str());
}

void ItemPrinter::print_json(const job::ItemResult& result) {
    const ProgramResult& program = result.program;
    nlohmann::ordered_json object;
    object["number"] = result.index + 1;
    set_bytes(object, "input", result.input);
    object["outcome"] = job::to_string(result.outcome);
    object["detail"] = result.detail;
    object["exit_status"] = result.has_exit_status() ? nlohmann::ordered_json(program.exit_code) : nullptr;
    object["signal"] = program.signal != 0 ? nlohmann::ordered_json(program.signal) : nullptr;
    object["seconds"] = std::chrono::duration<double>(result.duration).count();
    object["attempts"] = result.attempts;
    set_bytes(object, "output", program.output);
    set_bytes(object, "error_output", program.error_output);
    if (result.value)
        object["value"] = nlohmann::ordered_json::parse(to_json_text(*result.value), nullptr, false);
    object["output_bytes"] = program.output_bytes;
    object["error_bytes"] = program.error_bytes;
    print_json_line(object);
}

void print_summary(const job::Progress& progress, bool json, std::optional<double> seconds) {
    if (!json)
        return;
    nlohmann::ordered_json summary{{"items", progress.total},
                                   {"succeeded", progress.succeeded},
                                   {"failed", progress.failed},
                                   {"cancelled", progress.cancelled}};
    if (seconds)
        summary["seconds"] = *seconds;
    print_json_line({{"summary", summary}});
}

} // namespace ppctl
