// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/runner.h>

#include <signal.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <pprocess/exchange/exchange.h>
#include <pprocess/job/memory_kills.h>
#include <pprocess/os/cores.h>

namespace pprocess::job {

const char* to_string(Outcome outcome) {
    switch (outcome) {
    case Outcome::succeeded:
        return "succeeded";
    case Outcome::failed:
        return "failed";
    case Outcome::killed:
        return "killed";
    case Outcome::not_started:
        return "not_started";
    case Outcome::worker_lost:
        return "worker_lost";
    case Outcome::timed_out:
        return "timed_out";
    case Outcome::cancelled:
        return "cancelled";
    }
    return "unknown";
}

namespace {

/// Results that wait for an earlier one take no more than about this many bytes: then no further items are begun.
constexpr std::size_t most_held_back = std::size_t{64} << 20;

/// Where the number of items in hand is not given there are no more than half as many for each process: inputs differ,
/// and some short ones promise nothing of those behind them.
constexpr std::size_t most_chosen_ahead = 32;

/// One item on its way through the steps.
struct Passage {
    Item item;
    std::size_t order = 0; ///< in which it came
    unsigned attempts = 1;
    std::size_t step = 0;
    std::chrono::nanoseconds duration{}; ///< of the steps before
    std::string previous;                ///< what the step before gave, as a text
    std::optional<AnyValue> previous_value;
    std::string output; ///< lines that the step has written so far
};

/// Sends a new worker its first task. One that has ended already, as there was no room for it, says so by its end, and
/// the task is another's then.
template <typename Post>
void post_first(const Channel& channel, const Post& post) {
    try {
        post();
    } catch (const ChannelClosed&) {
        if (!channel.is_open())
            throw;
    }
}

/// A command, run in a worker of the fork server.
class ProgramWork final : public Work {
public:
    ProgramWork(ForkServer& server, ProgramTask task, bool stays, std::string input)
        : server_(server),
          task_(std::move(task)),
          stays_(stays),
          input_(std::move(input)) {}

    Channel launch() override {
        Channel channel = server_.start_program_worker();
        post_first(channel, [&] {
            channel.post(task_);
            if (!stays_)
                channel.post(std::monostate()); // nothing more will come: it may end after this one
        });
        return channel;
    }
    [[nodiscard]] bool is_reusable() const override { return stays_; }
    void hand_over(Channel& channel) override { channel.post(task_); }
    [[nodiscard]] std::string arguments_text() const override { return input_; }

private:
    ForkServer& server_;
    ProgramTask task_;
    bool stays_;
    std::string input_;
};

/// A call of a library's function, in a worker of the fork server.
class FunctionWork final : public Work {
public:
    FunctionWork(ForkServer& server, std::shared_ptr<const TaskName> task, AnyValue arguments, bool stays,
                 std::string input)
        : server_(server),
          task_(std::move(task)),
          arguments_(std::move(arguments)),
          stays_(stays),
          input_(std::move(input)) {}

    Channel launch() override {
        Channel channel = server_.start_task_worker(*task_, stays_);
        post_first(channel, [&] { ForkServer::post_arguments(channel, arguments_); });
        return channel;
    }
    [[nodiscard]] bool is_reusable() const override { return stays_; }
    [[nodiscard]] Key key() const override { return {typeid(FunctionWork), task_}; }
    void hand_over(Channel& channel) override { channel.post(arguments_); }
    [[nodiscard]] std::string arguments_text() const override { return input_; }

private:
    ForkServer& server_;
    std::shared_ptr<const TaskName> task_;
    AnyValue arguments_;
    bool stays_;
    std::string input_;
};

void judge(ItemResult& result) {
    const ProgramResult& program = result.program;
    if (program.start_error != 0) {
        result.outcome = Outcome::not_started;
        result.detail = printable(program.start_message);
    } else if (program.signal != 0) {
        result.outcome = Outcome::killed;
        result.detail = "killed by signal " + std::to_string(program.signal);
    } else if (program.exit_code != 0) {
        result.outcome = Outcome::failed;
        result.detail = "exit status " + std::to_string(program.exit_code);
    } else {
        result.outcome = Outcome::succeeded;
        result.detail = "ok";
    }
}

/// How a task that cannot be run at all says so.
constexpr std::string_view unavailable = "pprocess::TaskUnavailable";

void judge(ItemResult& result, const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const ProcessDied& death) {
        const ProcessStatus& status = death.status();
        result.outcome = status.signaled() ? Outcome::killed : Outcome::worker_lost;
        result.detail = status.signaled()
                            ? "killed by signal " + std::to_string(status.signal())
                            : "its worker process " + std::to_string(death.pid()) + " " + status.to_string();
    } catch (const RemoteError& failure) {
        result.outcome = failure.type_name() == unavailable ? Outcome::not_started : Outcome::failed;
        result.detail = printable(failure.what());
    } catch (const TaskTimedOut&) {
        result.outcome = Outcome::timed_out;
        result.detail = "took longer than the job allows and was ended";
    } catch (const TaskCancelled&) {
        result.outcome = Outcome::cancelled;
        result.detail = result.attempts > 0 ? "stopped while it ran" : "stopped before it ran";
    } catch (const std::exception& other) {
        result.outcome = Outcome::worker_lost;
        result.detail = other.what();
    }
}

/// Do processes stay from one item to the next?
bool reuses(const Job& job) {
    return job.reuse && job.pattern != Pattern::continuous;
}

ExchangeOptions options_for(const Job& job) {
    ExchangeOptions options;
    options.limit = job.limit.value_or(available_cores());
    options.reuse = reuses(job);
    options.continuous = job.pattern == Pattern::continuous;
    options.timeout = job.timeout;
    return options;
}

/// A result as the next step's input: a text without its last line end.
std::string as_previous(std::string text) {
    if (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

} // namespace

class Runner::Impl final : public Exchange {
public:
    Impl(ForkServer& server, Plan plan, std::unique_ptr<ItemSource> items, OnResult on_result,
         std::unique_ptr<JobLog> log)
        : Exchange(options_for(plan.job())),
          plan_(std::move(plan)),
          items_(std::move(items)),
          log_(std::move(log)),
          server_(server),
          on_result_(std::move(on_result)) {
        if (reuses(job()))
            allow_batches(job().batch);
        if (!job().working_folder.empty())
            working_folder_ = std::filesystem::absolute(job().working_folder).native();
        for (const Plan::Step& step : plan_.steps()) {
            const auto* function = std::get_if<FunctionStep>(&step);
            functions_.push_back(function ? std::make_shared<const TaskName>(function->task) : nullptr);
        }
        note_total();
    }

    /// Gives the exchange tasks as it can take them, so that a million inputs cost no more than those under way.
    void feed() {
        awaits_items_ = false;
        while (!stopping_ && waiting() < wanted_ahead()) {
            if (!again_.empty()) {
                Passage passage = std::move(again_.front());
                again_.pop_front();
                begin(std::move(passage));
                continue;
            }
            if (is_at_end_ || held_back_ > most_held_back)
                break;
            Item item;
            const ItemSource::Next found = items_->next(item);
            awaits_items_ = found == ItemSource::Next::later;
            is_at_end_ = found == ItemSource::Next::end;
            if (found != ItemSource::Next::item)
                break;
            begin({.item = std::move(item), .order = taken_++});
        }
        note_total();
        if (is_at_end_ && again_.empty() && passages_.empty() && waiting() == 0)
            dismiss_idle();
    }

    void listen(OnOutput on_output) { on_output_ = std::move(on_output); }

    /// Does what an item's end calls for and cannot be done while the exchange is at it.
    void settle() {
        if (log_trouble_)
            std::rethrow_exception(std::exchange(log_trouble_, nullptr));
        if (has_failed_ && job().stop_at_failure && !stopping_)
            stop();
    }

    void step(std::chrono::milliseconds budget) {
        const auto deadline = os::Deadline::after(budget);
        try {
            do {
                store(std::chrono::milliseconds(0));
                feed();
                settle();
                drop_rest(deadline);
            } while (!deadline.has_passed() && has_something());
        } catch (const Error&) {
            stop();
            log_.reset(); // which may be what went wrong; who is told of the error knows
            drop_rest({});
            throw;
        }
    }

    void stop() {
        stopping_ = true;
        begin_cancel();
        keep_readable(has_rest());
    }

    /// Tells of the items that a stopped job never came to, as many as there is time for. Those that have not even been
    /// read are left unread where nobody knows how many they are.
    void drop_rest(const os::Deadline& deadline) {
        if (!stopping_)
            return;
        for (; !again_.empty(); again_.pop_front())
            take(again_.front(), cancelled(again_.front()));
        for (std::size_t count = 1; has_rest(); ++count) {
            Passage passage{.attempts = 0};
            if (items_->next(passage.item) != ItemSource::Next::item)
                break;
            passage.order = taken_++;
            announce_cancelled(items_of_tasks_.size());
            items_of_tasks_.push_back(passage.item.number);
            take(passage, cancelled(passage));
            if (count % 256 == 0 && deadline.has_passed())
                return;
        }
        is_at_end_ = true;
        note_total();
        keep_readable(false);
    }

    [[nodiscard]] Progress progress() const {
        Progress progress = progress_;
        for (const ProcessView& process : processes())
            progress.running += process.working ? 1 : 0;
        progress.waiting = progress.total - progress.ended() - progress.running;
        return progress;
    }

    [[nodiscard]] bool finished() const { return progress_.finished() && !has_processes(); }

    [[nodiscard]] int items_fileno() const { return awaits_items_ && !stopping_ ? items_->fileno() : -1; }

    [[nodiscard]] std::vector<WorkerSnapshot> workers() {
        std::vector<WorkerSnapshot> snapshots = std::exchange(left_, {});
        for (const ProcessView& process : processes())
            snapshots.push_back(snapshot(process));
        return snapshots;
    }

    using Exchange::send_signal;

    [[nodiscard]] const Job& job() const { return plan_.job(); }
    [[nodiscard]] const std::vector<std::size_t>& items_of_tasks() const noexcept { return items_of_tasks_; }
    [[nodiscard]] std::vector<std::size_t> take_items_of_tasks() { return std::move(items_of_tasks_); }

protected:
    void store_data(Channel& channel) override {
        const auto place = passages_.find(record().index);
        if (place == passages_.end()) {
            refuse(channel);
            return;
        }
        ItemResult result = new_result(place->second);
        try {
            if (functions_[place->second.step])
                receive_value(channel, result);
            else if (!receive_program(channel, place->second, result))
                return;
        } catch (const ProtocolError&) {
            judge(result, std::current_exception());
            channel.fail(std::current_exception()); // nor is it to be trusted with the next one
        } catch (const Error&) {
            judge(result, std::current_exception());
        }
        explain_kill(result);
        if (result.outcome != Outcome::succeeded)
            call_it_failed(result.detail);
        advance(*take_passage(), std::move(result));
    }

    void store_error(Channel&, std::exception_ptr error) override {
        std::optional<Passage> passage = take_passage();
        if (!passage) // it had its result, which stays, whatever becomes of the process afterwards
            return;
        ItemResult result = new_result(*passage);
        result.duration += record().pid != 0 ? os::Clock::now() - record().started : os::Clock::duration{};
        result.program.output = std::move(passage->output);
        result.program.output_bytes = result.program.output.size();
        judge(result, error);
        explain_kill(result);
        advance(std::move(*passage), std::move(result));
    }

    void store_end(Channel& channel) override {
        if (passages_.contains(record().index))
            store_error(channel, std::make_exception_ptr(ProcessDied(record().pid, *channel.process().status())));
    }

    void process_left(const ProcessView& process) override {
        left_.push_back(snapshot(process));
        last_items_.erase(left_.back().pid);
    }

private:
    [[nodiscard]] bool has_something() const {
        return os::wait_readable(Exchange::fileno(), os::Deadline::after(std::chrono::seconds(0)));
    }

    /// Are there items that nobody has asked for, and is it known how many?
    [[nodiscard]] bool has_rest() const { return !is_at_end_ && items_->total().value_or(0) > taken_; }

    /// Learns how many items there are, and tells observers the first time.
    void note_total() {
        const std::optional<std::size_t> total = is_at_end_ ? taken_ : items_->total();
        if (total && !progress_.is_total_known)
            announce_tasks(*total * plan_.steps().size());
        progress_.total = total.value_or(taken_);
        progress_.is_total_known = total.has_value();
    }

    /// Submits the passage's step.
    void begin(Passage passage) {
        std::unique_ptr<Work> work;
        try {
            work = work_for(passage);
        } catch (const std::invalid_argument& mistake) { // a text that is no argument for the function
            ItemResult result = described(passage);
            result.outcome = Outcome::not_started;
            result.detail = mistake.what();
            finish(passage, std::move(result));
            return;
        }
        const std::size_t index = started();
        items_of_tasks_.push_back(passage.item.number);
        passages_.emplace(index, std::move(passage));
        try {
            submit(std::move(work));
        } catch (const SystemError&) {
            if (auto left = passages_.extract(index)) { // it is still to be told of
                again_.push_front(std::move(left.mapped()));
                items_of_tasks_.pop_back();
            }
            throw;
        }
    }

    [[nodiscard]] std::unique_ptr<Work> work_for(const Passage& passage) {
        Filling filling = filling_for(passage.item.text, passage.item.number, plan_.columns());
        filling.previous = passage.previous;
        const Plan::Step& step = plan_.steps()[passage.step];
        if (const auto* function = std::get_if<FunctionStep>(&step)) {
            const AnyValue* previous = passage.previous_value ? &*passage.previous_value : nullptr;
            return std::make_unique<FunctionWork>(server_, functions_[passage.step],
                                                  function->arguments_for(filling, previous), reuses(job()),
                                                  passage.item.text);
        }
        ProgramTask task;
        task.arguments = std::get<CommandTemplate>(step).arguments(filling);
        task.working_folder = working_folder_;
        task.output_cap = job().output_cap;
        if (passage.step > 0)
            task.input = passage.previous.empty() ? std::string() : passage.previous + "\n";
        const bool is_last = passage.step + 1 == plan_.steps().size();
        task.as_written = is_last && job().pattern == Pattern::continuous;
        if (log_ && is_last) {
            task.note_file = log_->file().native();
            task.note = JobLog::note_of(passage.item, passage.attempts);
        }
        return std::make_unique<ProgramWork>(server_, std::move(task), reuses(job()), passage.item.text);
    }

    /// Those of the task that has come to its end; none when that was so before.
    [[nodiscard]] std::optional<Passage> take_passage() {
        auto found = passages_.extract(record().index);
        if (!found)
            return {};
        if (record().pid != 0)
            last_items_[record().pid] = found.mapped().item;
        return std::move(found.mapped());
    }

    /// How many tasks the exchange should have to choose from.
    [[nodiscard]] std::size_t wanted_ahead() const {
        const std::size_t wanted = wanted_waiting();
        return job().batch ? wanted : std::min(wanted, most_chosen_ahead * options().limit.value_or(1));
    }

    [[nodiscard]] static ItemResult described(const Passage& passage) {
        ItemResult result;
        result.index = passage.item.number;
        result.input = passage.item.text;
        result.attempts = passage.attempts;
        result.step = passage.step;
        result.duration = passage.duration;
        return result;
    }

    [[nodiscard]] ItemResult new_result(const Passage& passage) const {
        ItemResult result = described(passage);
        result.worker = record().pid;
        if (record().attempts == 0 && passage.step == 0)
            result.attempts = passage.attempts - 1; // it never came to this one
        return result;
    }

    [[nodiscard]] static ItemResult cancelled(const Passage& passage) {
        ItemResult result = described(passage);
        result.detail = passage.step > 0 ? "stopped between two steps" : "stopped before it ran";
        if (passage.step == 0 && passage.attempts > 0)
            --result.attempts;
        return result;
    }

    /// Takes a value of a task that has its result, and has the process ended: who sends such a thing is not to be
    /// trusted with the next one.
    static void refuse(Channel& channel) {
        try {
            (void)channel.receive<AnyValue>();
        } catch (const Error&) { // taken all the same
        }
        channel.fail(std::make_exception_ptr(ProtocolError("its worker process " + std::to_string(channel.pid()) +
                                                           " sent more than one result, and was ended")));
    }

    /// False when the program goes on.
    bool receive_program(Channel& channel, Passage& passage, ItemResult& result) {
        result.program = channel.receive<ProgramResult>();
        if (result.program.is_part && !options().continuous)
            throw ProtocolError("its worker process " + std::to_string(channel.pid()) +
                                " sent a line of output that it was not asked for, and was ended");
        if (result.program.is_part) {
            passage.output += result.program.output;
            if (on_output_)
                on_output_(
                    {passage.item.number, passage.item.text, passage.attempts, std::move(result.program.output)});
            return false;
        }
        if (!passage.output.empty())
            result.program.output.insert(0, passage.output);
        result.duration += result.program.duration;
        judge(result);
        if (result.program.note_error != 0)
            log_trouble_ = std::make_exception_ptr(
                SystemError(result.program.note_error, "write to the job log " + printable(log_->file().native())));
        return true;
    }

    /// Nobody else says why a process was killed, but the kernel counts those that it killed for want of memory.
    void explain_kill(ItemResult& result) {
        constexpr int killed_below = 128 + SIGKILL; // what a shell says of its command
        const bool is_killed = result.outcome == Outcome::killed && result.detail == "killed by signal 9";
        const bool has_killed = result.outcome == Outcome::failed && result.program.exit_code == killed_below;
        if ((is_killed || has_killed) && memory_kills_.take_one())
            result.detail += is_killed ? ", probably by the kernel, as memory ran out"
                                       : ": probably the kernel killed a process of it, as memory ran out";
    }

    void receive_value(Channel& channel, ItemResult& result) {
        result.value = channel.receive<AnyValue>();
        result.duration += os::Clock::now() - record().started;
        result.outcome = Outcome::succeeded;
        result.detail = "ok";
    }

    /// On to the next step, to another attempt, or to the end.
    void advance(Passage passage, ItemResult result) {
        if (result.outcome == Outcome::succeeded && passage.step + 1 < plan_.steps().size()) {
            ++passage.step;
            passage.duration = result.duration;
            passage.previous = as_previous(result.value ? to_text(*result.value) : std::move(result.program.output));
            passage.previous_value = std::move(result.value);
            passage.output.clear();
            again_.push_front(std::move(passage));
            return;
        }
        const bool has_failed = result.outcome != Outcome::succeeded && result.outcome != Outcome::cancelled;
        if (has_failed && !stopping_ && passage.attempts <= job().retries) {
            again_.push_back(
                {.item = std::move(passage.item), .order = passage.order, .attempts = passage.attempts + 1});
            return;
        }
        finish(passage, std::move(result));
    }

    void finish(const Passage& passage, ItemResult result) {
        const bool has_failed = result.outcome != Outcome::succeeded && result.outcome != Outcome::cancelled;
        // A success of a command was noted by its worker.
        const bool is_noted = result.outcome == Outcome::succeeded && !functions_[passage.step];
        if (log_ && !is_noted && result.outcome != Outcome::cancelled && !log_trouble_) {
            try {
                log_->write(result);
            } catch (const SystemError&) {
                log_trouble_ = std::current_exception();
            }
        }
        has_failed_ = has_failed_ || has_failed;
        take(passage, std::move(result));
    }

    void take(const Passage& passage, ItemResult result) {
        if (result.outcome == Outcome::succeeded) {
            ++progress_.succeeded;
        } else if (result.outcome == Outcome::cancelled) {
            ++progress_.cancelled;
        } else {
            ++progress_.failed;
        }
        if (job().pattern != Pattern::map) {
            on_result_(std::move(result));
            return;
        }
        held_back_ += size_of(result);
        early_.emplace(passage.order, std::move(result));
        while (!early_.empty() && early_.begin()->first == delivered_) {
            ++delivered_;
            ItemResult next = std::move(early_.extract(early_.begin()).mapped());
            held_back_ -= size_of(next);
            on_result_(std::move(next));
        }
    }

    [[nodiscard]] static std::size_t size_of(const ItemResult& result) {
        return sizeof(ItemResult) + result.input.size() + result.program.output.size() +
               result.program.error_output.size();
    }

    [[nodiscard]] WorkerSnapshot snapshot(const ProcessView& process) const {
        const Channel& channel = *process.channel;
        WorkerSnapshot snapshot;
        snapshot.id = process.id;
        snapshot.pid = channel.pid();
        if (const auto passage = passages_.find(process.index); passage != passages_.end()) {
            snapshot.item = passage->second.item.number;
            snapshot.input = passage->second.item.text;
        } else if (const auto last = last_items_.find(snapshot.pid); last != last_items_.end()) {
            snapshot.item = last->second.number;
            snapshot.input = last->second.text;
        }
        snapshot.since = process.since;
        snapshot.items_done = process.tasks_done;
        snapshot.messages_in = channel.traffic().messages_in;
        snapshot.messages_out = channel.traffic().messages_out;
        snapshot.bytes_in = channel.traffic().bytes_in;
        snapshot.bytes_out = channel.traffic().bytes_out;
        if (const auto& status = channel.process().status()) {
            snapshot.state = WorkerSnapshot::State::ended;
            snapshot.since = os::Clock::now();
            snapshot.ended =
                status->signaled() ? "killed by signal " + std::to_string(status->signal()) : status->to_string();
        } else if (snapshot.pid == 0) {
            snapshot.state = WorkerSnapshot::State::starting;
        } else {
            snapshot.state = process.working ? WorkerSnapshot::State::running : WorkerSnapshot::State::idle;
        }
        return snapshot;
    }

    const Plan plan_;
    std::unique_ptr<ItemSource> items_;
    std::unique_ptr<JobLog> log_;
    ForkServer& server_;
    OnResult on_result_;
    OnOutput on_output_;
    MemoryKills memory_kills_;
    std::string working_folder_;
    std::vector<std::shared_ptr<const TaskName>> functions_; ///< of each step; null for a command
    std::unordered_map<std::size_t, Passage> passages_;      ///< those whose step the exchange has, by its task
    std::unordered_map<pid_t, Item> last_items_;             ///< that each process has ended
    std::deque<Passage> again_;                              ///< those that wait for their next step or attempt
    std::vector<std::size_t> items_of_tasks_;
    std::size_t taken_ = 0;  ///< items from the source
    bool is_at_end_ = false; ///< of the source
    bool awaits_items_ = false;
    bool stopping_ = false;
    bool has_failed_ = false;                    ///< an item, for good
    std::exception_ptr log_trouble_;             ///< why an end could not be noted
    Progress progress_{.is_total_known = false}; ///< of ended items; those running and waiting are counted when asked
    std::map<std::size_t, ItemResult> early_;    ///< results whose turn has not come
    std::size_t held_back_ = 0;                  ///< their bytes
    std::size_t delivered_ = 0;
    std::vector<WorkerSnapshot> left_;
};

namespace {

std::vector<TaskDescription> no_library(const std::filesystem::path& library) {
    throw JobError("function.library", "Whoever runs a job that calls functions, as of " + printable(library.native()) +
                                           ", must prepare it first (pprocess::job::prepare).");
}

Plan plan_of_commands(const Job& job) {
    return {job, columns_of(job.inputs), no_library};
}

} // namespace

Runner::Runner(ForkServer& server, Plan plan, std::unique_ptr<ItemSource> items, OnResult on_result,
               std::unique_ptr<JobLog> log)
    : impl_(std::make_unique<Impl>(server, std::move(plan), std::move(items), std::move(on_result), std::move(log))) {}
Runner::Runner(ForkServer& server, const Job& job, std::vector<std::string> inputs, OnResult on_result)
    : impl_(std::make_unique<Impl>(server, plan_of_commands(job), list_of(std::move(inputs)), std::move(on_result),
                                   nullptr)) {}
Runner::~Runner() = default;

void Runner::listen(OnOutput on_output) {
    impl_->listen(std::move(on_output));
}
void Runner::start() {
    impl_->feed();
    impl_->settle();
}
int Runner::fileno() const {
    return impl_->fileno();
}
int Runner::items_fileno() const {
    return impl_->items_fileno();
}
void Runner::step(std::chrono::milliseconds budget) {
    impl_->step(budget);
}
void Runner::stop() {
    impl_->stop();
}
bool Runner::signal_worker(std::uint64_t id, int signal) {
    return impl_->send_signal(id, signal);
}
std::uint64_t Runner::id() const noexcept {
    return impl_->id();
}
const std::vector<std::size_t>& Runner::items_of_tasks() const noexcept {
    return impl_->items_of_tasks();
}
std::vector<std::size_t> Runner::take_items_of_tasks() {
    return impl_->take_items_of_tasks();
}
Progress Runner::progress() const {
    return impl_->progress();
}
bool Runner::finished() const {
    return impl_->finished();
}
const Job& Runner::job() const {
    return impl_->job();
}
std::vector<WorkerSnapshot> Runner::workers() {
    return impl_->workers();
}

} // namespace pprocess::job
