// SPDX-License-Identifier: GPL-3.0-or-later
//
// ctest: not with tsan
//
// Every way in which a task can go wrong (how), at every point of its life (where), in every pattern of use: each cell
// has exactly one outcome, the tasks beside it are not touched, and nothing is left behind.
#include <QTemporaryDir>
#include <QtTest>

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <pprocess/launch/program.h>
#include <pprocess/pprocess.h>

#include "support/leak_check.h"
#include "support/sync.h"

using namespace pprocess;
using namespace std::chrono_literals;

namespace {

enum class Where { before, inside, encoding, half_sent, after };
enum class How { exception, foreign, exit_3, immediate_exit_3, fault, kill, stack, memory, stop };
enum class Pattern { start, queue, map, reuse, pmap, continuous_queue, continuous_map, background };

const std::vector<std::pair<Where, const char*>> places{{Where::before, "before the function"},
                                                        {Where::inside, "inside the function"},
                                                        {Where::encoding, "while its result is encoded"},
                                                        {Where::half_sent, "with half of its result sent"},
                                                        {Where::after, "after its result was sent"}};
const std::vector<std::pair<How, const char*>> ways{{How::exception, "std::exception"},
                                                    {How::foreign, "foreign exception"},
                                                    {How::exit_3, "exit(3)"},
                                                    {How::immediate_exit_3, "_exit(3)"},
                                                    {How::fault, "SIGSEGV"},
                                                    {How::kill, "SIGKILL"},
                                                    {How::stack, "stack overflow"},
                                                    {How::memory, "out of memory"},
                                                    {How::stop, "SIGSTOP"}};
const std::vector<std::pair<Pattern, const char*>> patterns{{Pattern::start, "start"},
                                                            {Pattern::queue, "Queue"},
                                                            {Pattern::map, "Map"},
                                                            {Pattern::reuse, "reuse"},
                                                            {Pattern::pmap, "pmap in batches"},
                                                            {Pattern::continuous_queue, "continuous Queue"},
                                                            {Pattern::continuous_map, "continuous Map"},
                                                            {Pattern::background, "background"}};

// ---------------------------------------------------------------------------------------------------------------
// going wrong

/// A limit on this process's address space that goes with the object.
class NarrowMemory {
public:
    NarrowMemory() {
        ::getrlimit(RLIMIT_AS, &before_);
        long pages = 0;
        if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
            if (std::fscanf(file, "%ld", &pages) != 1)
                pages = 0;
            std::fclose(file);
        }
        rlimit narrow = before_;
        narrow.rlim_cur = static_cast<rlim_t>(pages) * static_cast<rlim_t>(::getpagesize()) + (16u << 20);
        ::setrlimit(RLIMIT_AS, &narrow);
    }
    ~NarrowMemory() { ::setrlimit(RLIMIT_AS, &before_); }
    NarrowMemory(const NarrowMemory&) = delete;
    NarrowMemory& operator=(const NarrowMemory&) = delete;

private:
    rlimit before_{};
};

void use_up_memory() {
    const NarrowMemory narrow;
    std::vector<std::vector<char>> hoard;
    for (;;)
        hoard.emplace_back(1u << 20);
}

volatile bool has_bottom = false;

[[gnu::noinline]] int use_up_stack(int depth) {
    volatile char frame[65536];
    frame[0] = static_cast<char>(depth);
    const int deeper = has_bottom ? 0 : use_up_stack(depth + 1); // NOLINT(misc-no-recursion)
    return deeper + frame[0];
}

void go_wrong(How how) {
    switch (how) {
    case How::exception:
        throw std::runtime_error("as planned");
    case How::foreign:
        throw 1; // NOLINT(hicpp-exception-baseclass)
    case How::exit_3:
        std::exit(3);
    case How::immediate_exit_3:
        ::_exit(3);
    case How::fault: {
        ::signal(SIGSEGV, SIG_DFL); // a sanitizer's handler would end it in another way
        void* page = ::mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        *static_cast<volatile char*>(page) = 1;
        break;
    }
    case How::kill:
        ::raise(SIGKILL);
        break;
    case How::stack:
        ::signal(SIGSEGV, SIG_DFL);
        use_up_stack(0);
        break;
    case How::memory:
        use_up_memory();
        break;
    case How::stop:
        ::raise(SIGSTOP);
        for (;;)
            ::pause();
    }
}

/// A task as it travels: where and how it goes wrong, or that it does not.
constexpr int good = -1;
int code(Where where, How how) {
    return 16 * static_cast<int>(where) + static_cast<int>(how);
}
void go_wrong_at(Where where, int task) {
    if (task != good && task / 16 == static_cast<int>(where))
        go_wrong(static_cast<How>(task % 16));
}

/// The function's parameter, made from what travels: in the created process, before the function's first line.
struct Task {
    Task(int given) : number(given) { go_wrong_at(Where::before, number); } // NOLINT(google-explicit-constructor)
    int number;
};

/// Gives 0, 1, 2: as a view, whose elements are made while it is encoded.
auto work(Task task) {
    go_wrong_at(Where::inside, task.number);
    return std::views::iota(0, 3) | std::views::transform([number = task.number](int element) {
               if (element == 1)
                   go_wrong_at(Where::encoding, number);
               return element;
           });
}
using Result = std::vector<int>; // as which it is received

Result plain_work(Task task) {
    go_wrong_at(Where::inside, task.number);
    return {0, 1, 2};
}

/// Sends a result, goes wrong half-way through it or after it.
void send_result(Channel& own, int task) {
    if (task != good && task / 16 == static_cast<int>(Where::half_sent)) {
        message::OutgoingMessage message(message::FrameKind::value);
        message::encode(Result{0, 1, 2}, message.root().initValue());
        std::string bytes;
        for (const iovec& part : message.frame())
            bytes.append(static_cast<const char*>(part.iov_base), part.iov_len);
        static_cast<void>(!::write(own.fileno(), bytes.data(), bytes.size() / 2));
        go_wrong_at(Where::half_sent, task);
    }
    own.send(work(task));
    go_wrong_at(Where::after, task);
}

void send_one(Channel& own, int task) {
    send_result(own, task);
}
/// As MakeReusable does it, by hand, so that there is code after the sending.
void send_many(Channel& own, int task) {
    std::optional<std::tuple<int>> next(task);
    while (next) {
        send_result(own, std::get<0>(*next));
        next = own.receive<std::optional<std::tuple<int>>>();
    }
}

// ---------------------------------------------------------------------------------------------------------------
// outcomes

QString in_words(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const RemoteError& remote) {
        return QString("threw %1: %2").arg(QString::fromStdString(remote.type_name()), remote.what());
    } catch (const ProcessDied& death) {
        return death.status().signaled() ? QString("killed by %1").arg(death.status().signal())
                                         : QString("exited with %1").arg(death.status().exit_code());
    } catch (const TaskTimedOut&) {
        return "timed out";
    } catch (const TaskCancelled&) {
        return "cancelled";
    } catch (const std::exception& other) {
        return QString("another error: ") + other.what();
    }
}

const QString value = "value 0 1 2";

QString in_words(const Result& result) {
    QString text = "value";
    for (const int element : result)
        text += QString(" %1").arg(element);
    return text;
}

/// The words for a process that ends in this way where a result was due.
QString failure(How how) {
    switch (how) {
    case How::exception:
        return "threw std::runtime_error: as planned";
    case How::foreign:
        return "threw int: 1";
    case How::exit_3:
    case How::immediate_exit_3:
        return "exited with 3";
    case How::fault:
    case How::stack:
        return QString("killed by %1").arg(SIGSEGV);
    case How::kill:
        return QString("killed by %1").arg(SIGKILL);
    case How::memory:
        return "threw std::bad_alloc: std::bad_alloc";
    case How::stop:
        return "timed out";
    }
    return {};
}

/// What must come of such a task, and nothing else.
QStringList expected(Where where, How how, Pattern pattern) {
    if (where != Where::after)
        return {failure(how)};
    // A value that has arrived stands, and what its process does then is nobody's outcome (Settled 4); but where any
    // number of values is welcome the failure is a last element (Settled 3), and a channel tells all it knows.
    const bool tells_all =
        pattern == Pattern::start || pattern == Pattern::continuous_queue || pattern == Pattern::continuous_map;
    QStringList all{value};
    if (tells_all)
        all << failure(how);
    return all;
}

/// Why there is no such cell; null when there is.
const char* no_such_cell(Where where, How how, Pattern pattern) {
    const bool is_thrown = how == How::exception || how == How::foreign || how == How::memory;
    if (where == Where::half_sent && is_thrown)
        return "nothing throws between two parts of a message: it is encoded before the first goes out";
    if (pattern == Pattern::pmap && (where == Where::half_sent || where == Where::after))
        return "what sends in a pmap is the library, and nothing of the user's comes after it";
    if (pattern == Pattern::pmap && where == Where::encoding)
        return "a type that a pmap can receive as it was returned has no code of its own that encoding would run";
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    if (how == How::memory)
        return "a sanitizer's own address space is beyond any limit, and its allocator ends the process";
#endif
    return nullptr;
}

using Outcomes = std::map<std::size_t, QStringList>; // by index of the task

template <typename Container>
Outcomes outcomes_of(Container& container) {
    Outcomes all;
    for (const auto& outcome : container.outcomes())
        all[outcome.index()] << (outcome.error() ? in_words(outcome.error()) : in_words(outcome.value()));
    return all;
}

bool is_by_hand(Where where) {
    return where == Where::half_sent || where == Where::after;
}

/// Background processes, each at an address of its own, collected by one queue.
Outcomes run_in_background(const std::vector<std::pair<Where, int>>& tasks, const ExchangeOptions& options) {
    const QTemporaryDir folder;
    Outcomes outcomes;
    std::vector<pid_t> pids;
    {
        PersistentQueue<Result> queue(options);
        for (const auto& [where, task] : tasks) {
            const std::string address = folder.filePath(QString::number(pids.size())).toStdString();
            if (is_by_hand(where))
                BackgroundCallable(address, send_one)(task);
            else
                BackgroundCallable(address, MakeParallel(work))(task);
            pids.push_back(queue.connect(address).pid());
        }
        outcomes = outcomes_of(queue);
    }
    for (const pid_t pid : pids)
        if (!wait_for_end(pid))
            outcomes[pids.size()] << "a background process is left";
    for (const BackgroundProcess& process : background_processes())
        if (!wait_for_end(process.keeper_pid)) // which was asked to leave, and may need a moment
            outcomes[pids.size()] << "a keeper is left";
    return outcomes;
}

template <typename Container>
void start_in(Container& container, Where where, int task) {
    const bool by_hand = is_by_hand(where);
    if (container.options().reuse) {
        by_hand ? container.start(send_many, task) : container.start(MakeReusable(work), task);
    } else {
        by_hand ? container.start(send_one, task) : container.start(MakeParallel(work), task);
    }
}

/// Calls `use` with a container as the pattern has it.
template <typename Use>
Outcomes with_container(Pattern pattern, ExchangeOptions options, Use&& use) {
    options.reuse = pattern == Pattern::reuse;
    options.continuous = pattern == Pattern::continuous_queue || pattern == Pattern::continuous_map;
    if (pattern == Pattern::map || pattern == Pattern::continuous_map) {
        Map<Result> map(options);
        use(map);
        return outcomes_of(map);
    }
    Queue<Result> queue(options);
    use(queue);
    return outcomes_of(queue);
}

/// Runs tasks, all of which go wrong at `where` if at all.
Outcomes run(Pattern pattern, Where where, const std::vector<int>& tasks, ExchangeOptions options) {
    if (pattern == Pattern::pmap) {
        options.reuse = true;
        auto map = pmap(plain_work, tasks, options);
        return outcomes_of(map);
    }
    if (pattern == Pattern::background) {
        std::vector<std::pair<Where, int>> places_and_tasks;
        for (const int task : tasks)
            places_and_tasks.emplace_back(where, task);
        return run_in_background(places_and_tasks, options);
    }
    return with_container(pattern, options, [&](auto& container) {
        for (const int task : tasks)
            start_in(container, where, task);
    });
}

Channel start_alone(Where where, int task) {
    if (where == Where::half_sent || where == Where::after)
        return start(send_one, task);
    return start(MakeParallel(work), task);
}

/// Rows of all cells but those of SIGSTOP.
void add_cells() {
    QTest::addColumn<int>("where");
    QTest::addColumn<int>("how");
    for (const auto& [where, place] : places)
        for (const auto& [how, way] : ways)
            if (how != How::stop)
                QTest::addRow("%s %s", way, place) << static_cast<int>(where) << static_cast<int>(how);
}

int end_pipe = -1;

} // namespace

class TestCrashMatrix : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void initTestCase() {
        const rlimit none{};
        ::setrlimit(RLIMIT_CORE, &none);
        end_pipe = ends_.writing_end();
        std::atexit([] { static_cast<void>(!::write(end_pipe, "x", 1)); });
    }
    void init() { take_stock(); }
    void cleanup() {
        QCOMPARE(left_behind(), QString());
        // No created process, however it ended, has run what is registered for the end of this one.
        const bool was_run = is_readable(ends_.reading_end());
        while (is_readable(ends_.reading_end()))
            ends_.pass();
        QVERIFY(!was_run);
    }

    void start_data() { add_cells(); }
    void start() {
        QFETCH(int, where);
        QFETCH(int, how);
        const auto [place, way] = std::pair(static_cast<Where>(where), static_cast<How>(how));
        if (const char* reason = no_such_cell(place, way, Pattern::start))
            QSKIP(reason);
        Channel beside = pprocess::start(MakeParallel(work), good);
        Channel channel = start_alone(place, code(place, way));
        QStringList told;
        try {
            for (;;)
                told << in_words(channel.receive<Result>());
        } catch (const Error&) {
            told << in_words(std::current_exception());
        }
        QCOMPARE(told, expected(place, way, Pattern::start));
        EXPECT_THROWN(Error, channel.receive<Result>()); // nothing more comes
        const ProcessStatus status = channel.wait();
        const bool is_signal = way == How::fault || way == How::kill || way == How::stack;
        const bool is_exit = way == How::exit_3 || way == How::immediate_exit_3;
        QCOMPARE(status.signaled(), is_signal);
        if (!is_signal)
            QCOMPARE(status.exit_code(), is_exit ? 3 : 1); // 1 after an exception
        QCOMPARE(in_words(beside.receive<Result>()), value);
    }

    void exchanges_data() {
        QTest::addColumn<int>("pattern");
        QTest::addColumn<int>("where");
        QTest::addColumn<int>("how");
        for (const auto& [pattern, name] : patterns)
            for (const auto& [where, place] : places)
                for (const auto& [how, way] : ways)
                    if (pattern != Pattern::start && how != How::stop)
                        QTest::addRow("%s: %s %s", name, way, place)
                            << static_cast<int>(pattern) << static_cast<int>(where) << static_cast<int>(how);
    }
    void exchanges() {
        QFETCH(int, pattern);
        QFETCH(int, where);
        QFETCH(int, how);
        const auto use = static_cast<Pattern>(pattern);
        const auto [place, way] = std::pair(static_cast<Where>(where), static_cast<How>(how));
        if (const char* reason = no_such_cell(place, way, use))
            QSKIP(reason);
        // One process at a time, so that with reuse the tasks behind were meant for the one that fails; in batches
        // there are enough to be handed over ahead.
        // A background process takes three forks, and each has an address of its own.
        const std::size_t count = use == Pattern::pmap ? 400 : use == Pattern::background ? 2 : 5;
        const std::size_t bad = count / 2;
        std::vector<int> tasks(count, good);
        tasks[bad] = code(place, way);
        const Outcomes outcomes = run(use, place, tasks, {.limit = 1});
        QCOMPARE(outcomes.size(), count);
        for (const auto& [index, told] : outcomes)
            QCOMPARE(told, index == bad ? expected(place, way, use) : QStringList{value});
    }

    /// A process that stands still is ended when its time is up; those beside it go on meanwhile.
    void stopped_data() {
        QTest::addColumn<int>("pattern");
        for (const auto& [pattern, name] : patterns)
            if (pattern != Pattern::start)
                QTest::addRow("%s", name) << static_cast<int>(pattern);
    }
    void stopped() {
        QFETCH(int, pattern);
        const auto use = static_cast<Pattern>(pattern);
        const ExchangeOptions options{.limit = 8, .timeout = stop_timeout};
        if (use == Pattern::pmap) {
            for (const Where where : {Where::before, Where::inside})
                QCOMPARE(run(use, where, {good, code(where, How::stop), good}, options),
                         (Outcomes{{0, {value}}, {1, {failure(How::stop)}}, {2, {value}}}));
            return;
        }
        if (use == Pattern::background) {
            std::vector<std::pair<Where, int>> tasks;
            Outcomes wanted;
            for (const auto& [where, place] : places) {
                wanted[tasks.size()] = expected(where, How::stop, use);
                tasks.emplace_back(where, code(where, How::stop));
                wanted[tasks.size()] = {value};
                tasks.emplace_back(where, good);
            }
            QCOMPARE(run_in_background(tasks, options), wanted);
            return;
        }
        Outcomes wanted;
        const Outcomes outcomes = with_container(use, options, [&](auto& container) {
            for (const auto& [where, place] : places) {
                wanted[wanted.size()] = expected(where, How::stop, use);
                start_in(container, where, code(where, How::stop));
            }
            // With reuse the process that stopped after its result is taken for one that waits for the next task.
            if (use == Pattern::reuse)
                container.store();
            for (const auto& [where, place] : places) {
                wanted[wanted.size()] = {value};
                start_in(container, where, good);
            }
        });
        QCOMPARE(outcomes, wanted);
    }

    /// A channel of one's own has no timeout; whoever drops it ends the process.
    void stoppedAlone() {
        for (const auto& [where, place] : places) {
            Channel channel = start_alone(where, code(where, How::stop));
            siginfo_t info{};
            QCOMPARE(::waitid(P_PID, static_cast<id_t>(channel.pid()), &info, WSTOPPED | WNOWAIT), 0);
            if (where == Where::after)
                QCOMPARE(in_words(channel.receive<Result>()), value);
            QVERIFY(!channel.pump());
        }
    }

    /// With nothing left but what the process put aside, it can still say so.
    void memoryThatNobodyGivesBack() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("a sanitizer's own address space is beyond any limit, and its allocator ends the process");
#endif
        const auto hoard = [](int) -> int {
            static NarrowMemory narrow;
            static std::vector<void*> kept(1u << 20);
            for (std::size_t size = 1u << 20; size >= 16; size /= 2)
                while (void* memory = std::malloc(size))
                    kept.push_back(memory); // its room is there, so that this takes nothing
            throw std::bad_alloc();
        };
        Queue<int> queue({.limit = 1, .retries = 2});
        queue.start(MakeParallel(hoard), 0);
        EXPECT_THROWN(RemoteError, queue.next(), QCOMPARE(error.type_name(), std::string("std::bad_alloc")));
        // A process that is kept says it as well, and if it cannot, its end does: nobody waits for it for ever.
        Queue<int> reused({.limit = 1, .reuse = true});
        for (int n = 0; n < 3; ++n)
            reused.start(MakeReusable(hoard), n);
        QCOMPARE(reused.outcomes().size(), std::size_t{3});
        for (const auto& outcome : reused.outcomes())
            QVERIFY(outcome.error());
    }

    /// Whatever a created process does with std::exit, its creator's buffers and handlers are its creator's.
    void exitWritesAndCallsOnce() {
        const ProgramResult result = run_program({{PPROCESS_FIXTURES "/exits"}, {}, 4096});
        QCOMPARE(QString::fromStdString(result.output), QString("before\n"
                                                                "created\n"
                                                                "registered by the created process\n"
                                                                "exited with status 3\n"
                                                                "returned from main\n"
                                                                "exited with status 4\n"
                                                                "after\n"
                                                                "registered by the creator\n"
                                                                "destroyed\n"));
        QCOMPARE(result.exit_code, 0);
    }

private:
    static constexpr auto stop_timeout = 2s; // long enough for those that are not stopped
    Gate ends_;
};

QTEST_GUILESS_MAIN(TestCrashMatrix)
#include "tst_crash_matrix.moc"
