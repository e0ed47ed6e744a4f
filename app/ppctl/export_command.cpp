// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/export_command.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <app/ppctl/exit_status.h>
#include <app/ppctl/json_lines.h>
#include <app/ppctl/words.h>
#include <pprocess/job/history.h>
#include <pprocess/job/log_export.h>
#include <pprocess/job/output_file.h>

namespace ppctl {

namespace {

using namespace pprocess;
namespace fs = std::filesystem;

/// The log that is meant, and the run of the history that it belongs to, if it does.
struct Source {
    fs::path log;
    std::optional<job::PastRun> run;
};

Source source_of(const std::string& text) {
    std::error_code error;
    const auto of_folder = [](const fs::path& folder) {
        auto run = job::past_run(folder);
        if (!run)
            throw UsageError("the folder " + folder.string() +
                             " holds no run; ppctl list --runs shows those there are");
        return Source{run->log(), run};
    };
    if (fs::is_directory(text, error))
        return of_folder(text);
    if (fs::exists(text, error))
        return {text, {}};
    const bool is_name = text.find('/') == std::string::npos;
    if (is_name && fs::is_directory(job::history_folder() / text, error))
        return of_folder(job::history_folder() / text);
    throw UsageError("there is no log " + text +
                     ", nor a run of that name; ppctl list --runs shows the runs there are");
}

void say(const job::LogExport::Counts& counts, const Source& source) {
    const std::size_t failed = counts.items - counts.succeeded;
    std::string text = count_text(counts.items, "item") + ": " + std::to_string(counts.succeeded) + " ok, " +
                       std::to_string(failed) + " failed";
    if (source.run && source.run->total > counts.items)
        text += "; of the run's " + count_text(source.run->total, "item") + " the others have come to no end";
    if (source.run && source.run->state == job::RunState::running)
        text += " yet: it is running";
    if (counts.unreadable > 0)
        text += "; " + count_text(counts.unreadable, "line") + " of the log could not be read";
    std::fprintf(stderr, "ppctl: %s. A log holds no outputs: save them, or collect them as they come.\n", text.c_str());
}

} // namespace

void add_export_command(CLI::App& app, ExportOptions& options) {
    CLI::App* command =
        app.add_subcommand("export", "Write the results of a run, as its log has them, as a file of results");
    command
        ->add_option("log", options.run,
                     "A log (ppctl run --log), the folder of a run of the workbench, or its name (ppctl list --runs)")
        ->required();
    command
        ->add_option("--format", options.format,
                     "csv: a line for each item, as the workbench saves them; json: one document (default: csv, or as "
                     "the output's name ends)")
        ->check(CLI::IsMember({"csv", "json"}));
    command->add_flag("--failed", options.only_failed, "Only the items that have not succeeded");
    command->add_option("-o,--output", options.output, "where to write it instead of standard output");
    command->footer("Of an item that was begun again only its last end counts. A log holds no outputs: what a command\n"
                    "printed is on the standard output of ppctl run, with --json in the same lines as all else.");
}

int export_results(const ExportOptions& options) {
    const Source source = source_of(options.run);
    std::error_code error;
    if (!options.output.empty() && fs::equivalent(source.log, options.output, error))
        throw UsageError("the log itself would be overwritten; choose another file for --output");
    job::LogExport written;
    written.log = source.log;
    written.only_failed = options.only_failed;
    const bool is_json = options.format.empty() ? options.output.ends_with(".json") : options.format == "json";
    written.format = is_json ? job::LogExport::Format::json : job::LogExport::Format::csv;
    try {
        std::optional<job::OutputFile> file;
        if (!options.output.empty())
            file.emplace(options.output);
        const auto counts =
            written.write([&](std::string_view text) { file ? file->write(text) : print_bytes(std::string(text)); });
        file ? file->finish() : flush_output();
        say(counts, source);
    } catch (const job::JobError& mistake) {
        throw UsageError(mistake.what());
    }
    return 0;
}

} // namespace ppctl
