// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/runner.h>

#include <map>
#include <utility>

#include <pprocess/exchange/exchange.h>
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
    case Outcome::cancelled:
        return "cancelled";
    }
    return "unknown";
}

namespace {

/// One item's program, run in a worker of the fork server.
class ProgramWork final : public Work {
public:
    ProgramWork(ForkServer& server, const Job& job, const std::string& input, std::size_t index)
        : server_(server),
          job_(job),
          input_(input),
          index_(index) {}

    Channel launch() override {
        Channel channel = server_.start_program_worker();
        channel.post(task());
        if (!job_.reuse)
            channel.post(std::monostate()); // nothing more will come: it may end after this one
        return channel;
    }
    [[nodiscard]] bool is_reusable() const override { return job_.reuse; }
    void hand_over(Channel& channel) override { channel.post(task()); }
    [[nodiscard]] std::string arguments_text() const override { return input_; }

private:
    [[nodiscard]] ProgramTask task() const {
        ProgramTask task;
        task.arguments = command_line(job_, input_, index_);
        task.working_folder = job_.working_folder.string();
        task.output_cap = job_.output_cap;
        return task;
    }

    ForkServer& server_;
    const Job& job_;
    const std::string& input_;
    std::size_t index_;
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

void judge(ItemResult& result, const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const ProcessDied& death) {
        const ProcessStatus& status = death.status();
        result.outcome = status.signaled() ? Outcome::killed : Outcome::worker_lost;
        result.detail = status.signaled()
                            ? "killed by signal " + std::to_string(status.signal())
                            : "its worker process " + std::to_string(death.pid()) + " " + status.to_string();
    } catch (const TaskCancelled&) {
        result.outcome = Outcome::cancelled;
        result.detail = result.attempts > 0 ? "stopped while it ran" : "stopped before it ran";
    } catch (const std::exception& other) {
        result.outcome = Outcome::worker_lost;
        result.detail = other.what();
    }
}

ExchangeOptions options_for(const Job& job) {
    ExchangeOptions options;
    options.limit = job.limit.value_or(available_cores());
    options.reuse = job.reuse;
    return options;
}

} // namespace

class Runner::Impl final : public Exchange {
public:
    Impl(ForkServer& server, Job job, std::vector<std::string> inputs, OnResult on_result,
         std::vector<std::size_t> numbers)
        : Exchange(options_for(job)),
          job_(std::move(job)),
          inputs_(std::move(inputs)),
          numbers_(std::move(numbers)),
          server_(server),
          on_result_(std::move(on_result)) {
        progress_.total = progress_.waiting = inputs_.size();
        announce_tasks(inputs_.size());
    }

    /// Gives the exchange tasks as it can take them, so that a million inputs cost no more than those under way.
    void feed() {
        while (!stopping_ && next_ < inputs_.size() && waiting() == 0) {
            submit(std::make_unique<ProgramWork>(server_, job_, inputs_[next_],
                                                 numbers_.empty() ? next_ : numbers_[next_]));
            ++next_; // not before: an item whose start fails is still to be told of
        }
        if (next_ == inputs_.size() && waiting() == 0)
            dismiss_idle();
    }

    void step(std::chrono::milliseconds budget) {
        const auto deadline = os::Deadline::after(budget);
        try {
            do {
                store(std::chrono::milliseconds(0));
                feed();
                drop_rest(deadline);
            } while (has_something() && !deadline.has_passed());
        } catch (const SystemError&) {
            stop();
            drop_rest({});
            throw;
        }
    }

    void stop() {
        stopping_ = true;
        begin_cancel();
        keep_readable(next_ < inputs_.size());
    }

    /// Tells of the items that a stopped job never came to, as many as there is time for.
    void drop_rest(const os::Deadline& deadline) {
        if (!stopping_)
            return;
        for (std::size_t count = 1; next_ < inputs_.size(); ++count) {
            ItemResult result;
            result.index = next_++;
            result.detail = "stopped before it ran";
            announce_cancelled(result.index);
            take(std::move(result));
            if (count % 256 == 0 && deadline.has_passed())
                return;
        }
        keep_readable(false);
    }

    [[nodiscard]] Progress progress() const {
        Progress progress = progress_;
        for (const ProcessView& process : processes())
            progress.running += process.working ? 1 : 0;
        progress.waiting = progress.total - progress.ended() - progress.running;
        return progress;
    }

    [[nodiscard]] bool finished() const { return progress_.ended() == progress_.total && !has_processes(); }

    [[nodiscard]] std::vector<WorkerSnapshot> workers() {
        std::vector<WorkerSnapshot> snapshots = std::exchange(left_, {});
        for (const ProcessView& process : processes())
            snapshots.push_back(snapshot(process));
        return snapshots;
    }

    using Exchange::send_signal;

    [[nodiscard]] const Job& job() const { return job_; }
    [[nodiscard]] const std::vector<std::string>& inputs() const { return inputs_; }

protected:
    void store_data(Channel& channel) override {
        ItemResult result = new_result();
        try {
            result.program = channel.receive<ProgramResult>();
            judge(result);
        } catch (const Error&) {
            judge(result, std::current_exception());
        }
        if (result.outcome != Outcome::succeeded)
            call_it_failed(result.detail);
        take(std::move(result));
    }

    void store_error(Channel&, std::exception_ptr error) override {
        ItemResult result = new_result();
        judge(result, error);
        take(std::move(result));
    }

    void process_left(const ProcessView& process) override { left_.push_back(snapshot(process)); }

private:
    [[nodiscard]] bool has_something() const {
        return os::wait_readable(Exchange::fileno(), os::Deadline::after(std::chrono::seconds(0)));
    }

    [[nodiscard]] ItemResult new_result() const {
        ItemResult result;
        result.index = record().index;
        result.worker = record().pid;
        result.attempts = record().attempts;
        return result;
    }

    void take(ItemResult result) {
        if (result.outcome == Outcome::succeeded) {
            ++progress_.succeeded;
        } else if (result.outcome == Outcome::cancelled) {
            ++progress_.cancelled;
        } else {
            ++progress_.failed;
        }
        if (job_.pattern == Pattern::queue) {
            on_result_(std::move(result));
            return;
        }
        early_.emplace(result.index, std::move(result));
        while (!early_.empty() && early_.begin()->first == delivered_) {
            ++delivered_;
            on_result_(std::move(early_.extract(early_.begin()).mapped()));
        }
    }

    [[nodiscard]] WorkerSnapshot snapshot(const ProcessView& process) const {
        const Channel& channel = *process.channel;
        WorkerSnapshot snapshot;
        snapshot.id = process.id;
        snapshot.pid = channel.pid();
        snapshot.item = process.index;
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

    const Job job_;
    const std::vector<std::string> inputs_;
    const std::vector<std::size_t> numbers_;
    ForkServer& server_;
    OnResult on_result_;
    std::size_t next_ = 0;
    bool stopping_ = false;
    Progress progress_;                       ///< of ended items; those running and waiting are counted when asked
    std::map<std::size_t, ItemResult> early_; ///< results whose turn has not come
    std::size_t delivered_ = 0;
    std::vector<WorkerSnapshot> left_;
};

Runner::Runner(ForkServer& server, Job job, std::vector<std::string> inputs, OnResult on_result,
               std::vector<std::size_t> numbers)
    : impl_(std::make_unique<Impl>(server, std::move(job), std::move(inputs), std::move(on_result),
                                   std::move(numbers))) {}
Runner::~Runner() = default;

void Runner::start() {
    impl_->feed();
}
int Runner::fileno() const {
    return impl_->fileno();
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
Progress Runner::progress() const {
    return impl_->progress();
}
bool Runner::finished() const {
    return impl_->finished();
}
const Job& Runner::job() const {
    return impl_->job();
}
const std::vector<std::string>& Runner::inputs() const {
    return impl_->inputs();
}
std::vector<WorkerSnapshot> Runner::workers() {
    return impl_->workers();
}

} // namespace pprocess::job
