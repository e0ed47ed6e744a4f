// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/collect_command.h>

#include <signal.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <variant>

#include <app/ppctl/background_address.h>
#include <app/ppctl/exit_status.h>
#include <app/ppctl/item_printer.h>
#include <app/ppctl/json_lines.h>
#include <app/ppctl/progress_line.h>
#include <app/ppctl/words.h>
#include <pprocess/background/persistent.h>
#include <pprocess/channel/errors.h>
#include <pprocess/job/background_job.h>

namespace ppctl {

namespace {

using namespace pprocess;

/// Prints what is collected and counts it.
class Collection {
public:
    explicit Collection(bool json) : json_(json), items_(json) {}

    void take(const AnyValue& value) {
        const job::JobMessage message = job::job_message(value);
        if (const auto* item = std::get_if<job::ItemResult>(&message)) {
            items_.print(*item);
            is_job_ = true;
            failed_items_ += item->outcome != job::Outcome::succeeded && item->outcome != job::Outcome::cancelled;
        } else if (const auto* end = std::get_if<job::Progress>(&message)) {
            is_job_ = true;
            end_ = *end;
        } else {
            ++values_;
            print(value);
        }
        flush_output(); // whoever reads sees each as it comes
    }

    void take(const RemoteError& error) {
        ++errors_;
        flush_output();
        if (json_)
            print_json_line({{"error", error.what()}, {"type", error.type_name()}, {"pid", error.pid()}});
        std::fprintf(stderr, "ppctl: the background process %d ended with an error: %s\n", error.pid(), error.what());
    }

    /// How the process ended, when not by exiting with 0.
    void take(const ProcessDied& death) {
        flush_output();
        if (death.status().success()) {
            std::fputs("ppctl: it ended without a result\n", stderr);
        } else if (errors_++ == 0) { // one that has said why exits with 1 after it
            const std::string how =
                death.status().is_unknown() ? "is gone, and nobody knows how it ended" : death.status().to_string();
            if (json_)
                print_json_line({{"error", how}, {"type", "ProcessDied"}, {"pid", death.pid()}});
            std::fprintf(stderr, "ppctl: the background process %d %s\n", death.pid(), how.c_str());
        }
    }

    int finish() {
        if (is_job_ && !end_ && errors_ == 0)
            ++errors_;
        flush_output();
        if (is_job_) {
            if (end_) {
                print_summary(*end_, json_);
                flush_output();
                std::fprintf(stderr, "%s: %s\n", count_text(end_->total, "item").c_str(), counts_text(*end_).c_str());
            }
            return end_ && errors_ == 0 ? for_failures(end_->failed) : for_failures(std::max(failed_items_, errors_));
        }
        if (json_)
            print_json_line({{"summary", {{"values", values_}, {"errors", errors_}}}});
        return errors_ == 0 ? 0 : 1;
    }

private:
    void print(const AnyValue& value) {
        if (json_) {
            print_json_line(
                {{"number", values_}, {"value", nlohmann::ordered_json::parse(to_json_text(value), nullptr, false)}});
            return;
        }
        std::string text = to_text(value);
        if (value.kind() != AnyValue::Kind::bytes && !text.ends_with('\n'))
            text += '\n';
        print_bytes(text);
    }

    bool json_;
    ItemPrinter items_;
    std::uint64_t values_ = 0;
    std::size_t errors_ = 0;
    std::size_t failed_items_ = 0;
    bool is_job_ = false;
    std::optional<job::Progress> end_;
};

Channel connect(const std::string& address) {
    try {
        return connect_persistent(address);
    } catch (const SystemError& error) {
        const int number = error.code().value();
        if (number == EBUSY)
            throw;
        throw UsageError(std::string(error.what()) + ". ppctl list shows what can be collected");
    }
}

} // namespace

void add_collect_command(CLI::App& app, CollectOptions& options) {
    CLI::App* collect = app.add_subcommand("collect", "Take the results of a background process, as they come");
    collect->add_option("address", options.address, "Its socket file, as ppctl list says")->required();
    collect->add_flag("--json", options.json, "Print one JSON object a line for each result");
    collect->footer("Of a job that was started by ppctl run --background it prints what ppctl run would have.\n"
                    "Broken off, it leaves what it has not printed to the next collector.\n"
                    "Exit status: 0 all well; 1 the process threw an error or died (of a job: as ppctl run); 125 bad "
                    "usage, such as an\naddress where nothing is; 126 something else, such as another collector.");
}

int collect(const CollectOptions& options) {
    const auto process = background_process_at(options.address);
    Channel channel = connect(options.address);
    if (process)
        std::fprintf(stderr, "ppctl: collecting from %s, process %d, started %s ago\n",
                     safe_text(process->name, 40).c_str(), process->pid, age_words(*process).c_str());
    else
        std::fprintf(stderr, "ppctl: collecting from process %d\n", channel.pid());
    ::signal(SIGPIPE, SIG_IGN); // a reader that goes is an error like others, and what it did not get is not lost
    Collection collection(options.json);
    const auto take = [&](const AnyValue& value) {
        try {
            collection.take(value);
        } catch (const SystemError& error) {
            throw SystemError(error.code().value(), "write to standard output",
                              "What could not be printed is kept: ppctl collect " + options.address);
        }
    };
    for (bool more = true; more;) {
        try {
            channel.receive_then<AnyValue>(take);
        } catch (const RemoteError& error) {
            collection.take(error);
        } catch (const ProcessDied& death) {
            collection.take(death);
            more = false;
        } catch (const ChannelClosed&) {
            more = false;
        }
    }
    return collection.finish();
}

} // namespace ppctl
