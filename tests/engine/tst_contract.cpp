// SPDX-License-Identifier: GPL-3.0-or-later
//
/// Every name that programs are promised, spelled and typed as promised. What each does is tried by the other tests;
/// this one need only compile.
#include <QtTest>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <pprocess/pprocess.h>

namespace {

using namespace pprocess;
using std::chrono::milliseconds;

template <typename T, typename... Others>
concept IsOneOf = (std::same_as<T, Others> || ...);

// ---------------------------------------------------------------------------------------------------- channels

int half(int number) {
    return number / 2;
}
void work(Channel& channel, int number, const std::string& text) {
    channel.send(std::to_string(number) + text);
}

static_assert(std::movable<Channel> && !std::copyable<Channel>);
static_assert(requires(Channel channel, capnp::MessageBuilder& message) {
    { start(work, 1, "text") } -> std::same_as<Channel>;
    { create() } -> std::same_as<Channel>;
    { channel.send(1) } -> std::same_as<void>;
    { channel.receive<std::string>() } -> std::same_as<std::string>;
    { channel.send_message(message) } -> std::same_as<void>;
    { channel.receive_message() } -> std::same_as<std::unique_ptr<capnp::MessageReader>>;
    { channel.pid() } -> std::same_as<pid_t>;
    { channel.fileno() } -> std::same_as<int>;
    { channel.is_open() } -> std::same_as<bool>;
    { channel.close() } -> std::same_as<void>;
    { channel.wait() } -> std::same_as<ProcessStatus>;
    { channel_pair() } -> std::same_as<std::pair<Channel, Channel>>;
    channel.limit_incoming(std::uint64_t{1} << 20);
});
static_assert(std::same_as<decltype(static_cast<void (*)(Channel&, int)>(pprocess::exit)), void (*)(Channel&, int)>);
static_assert(requires(const ProcessStatus& status) {
    { status.exited() } -> std::same_as<bool>;
    { status.exit_code() } -> std::same_as<int>;
    { status.signaled() } -> std::same_as<bool>;
    { status.signal() } -> std::same_as<int>;
});

// ---------------------------------------------------------------------------------------------------- errors

static_assert(std::derived_from<Error, std::runtime_error>);
template <typename... Errors>
inline constexpr bool are_errors = (std::derived_from<Errors, Error> && ...);
static_assert(are_errors<RemoteError, ProcessDied, ChannelClosed, TypeMismatch, ProtocolError, TaskTimedOut,
                         TaskCancelled, SystemError>);
static_assert(requires(const RemoteError& remote, const ProcessDied& death, const SystemError& refused) {
    { remote.type_name() } -> std::convertible_to<std::string>;
    { remote.what() } -> std::same_as<const char*>;
    { remote.pid() } -> std::same_as<pid_t>;
    { death.pid() } -> std::same_as<pid_t>;
    { death.status() } -> std::convertible_to<ProcessStatus>;
    { refused.code() } -> std::convertible_to<std::error_code>;
});

// ---------------------------------------------------------------------------------------------------- exchanges

static_assert(std::is_aggregate_v<ExchangeOptions>);
static_assert(std::same_as<decltype(ExchangeOptions::limit), std::optional<std::size_t>> &&
              std::same_as<decltype(ExchangeOptions::reuse), bool> &&
              std::same_as<decltype(ExchangeOptions::continuous), bool> &&
              std::same_as<decltype(ExchangeOptions::autoclose), bool> &&
              std::same_as<decltype(ExchangeOptions::timeout), std::optional<milliseconds>> &&
              std::same_as<decltype(ExchangeOptions::retries), unsigned> &&
              std::same_as<decltype(ExchangeOptions::max_tasks_per_process), std::size_t>);

static_assert(std::movable<Exchange> && std::movable<Queue<int>> && std::movable<Map<int>>);
static_assert(std::constructible_from<Exchange> && std::constructible_from<Exchange, ExchangeOptions> &&
              std::constructible_from<Exchange, std::vector<Channel>> &&
              std::constructible_from<Exchange, std::vector<Channel>, ExchangeOptions>);
static_assert(requires(Exchange exchange, Channel& channel) {
    { exchange.add(std::move(channel)) } -> std::same_as<Channel&>;
    { exchange.add_wait(std::move(channel)) } -> std::same_as<Channel&>;
    { exchange.active() } -> std::same_as<std::vector<Channel*>>;
    { exchange.ready() } -> std::same_as<std::vector<Channel*>>;
    { exchange.ready(milliseconds(0)) } -> std::same_as<std::vector<Channel*>>;
    { exchange.remove(channel) } -> std::same_as<Channel>;
    { exchange.busy() } -> std::same_as<bool>;
    { exchange.unfinished() } -> std::same_as<bool>;
    exchange.wait();
    exchange.store();
    exchange.store(std::chrono::seconds(0));
    exchange.finish();
    exchange.start(work, 1, "text");
    { exchange.create() } -> std::same_as<std::optional<Channel>>;
    exchange.manage(work)(1, "text");
    { exchange.fileno() } -> std::same_as<int>;
    exchange.cancel();
});

struct Overriding : Exchange {
    using Exchange::Exchange;

protected:
    void store_data(Channel& channel) override { (void)channel.receive<int>(); }
    void store_error(Channel& channel, std::exception_ptr error) override { Exchange::store_error(channel, error); }
};

template <typename Container>
concept HasOutcomes = requires(Container container) {
    { *container.begin() } -> std::same_as<int&>;
    container.begin() == container.end();
    { container.size() } -> std::same_as<std::size_t>;
    { container.outcomes() } -> std::same_as<const std::vector<Outcome<int>>&>;
};
static_assert(HasOutcomes<Queue<int>> && HasOutcomes<Map<int>>);
static_assert(requires(Queue<int> queue, Map<int> map, std::vector<int> numbers) {
    { queue.next() } -> std::same_as<std::optional<int>>;
    { queue.empty() } -> std::same_as<bool>;
    { map[0] } -> std::same_as<int&>;
    map(MakeParallel(half), numbers);
    { pmap(half, numbers) } -> std::same_as<Map<int>>;
    { pmap(half, numbers, {.limit = 2, .reuse = true}) } -> std::same_as<Map<int>>;
    {
        pmap([](int) {}, numbers)
        } -> std::same_as<Map<std::monostate>>;
    queue.start(MakeReusable(half), 1);
});
static_assert(requires(const Outcome<int>& outcome) {
    { outcome.index() } -> std::same_as<std::size_t>;
    { outcome.has_value() } -> std::same_as<bool>;
    { outcome.value() } -> std::convertible_to<int>;
    { outcome.error() } -> std::convertible_to<std::exception_ptr>;
    { outcome.taken() } -> std::same_as<bool>;
    { outcome.pid() } -> std::same_as<pid_t>;
    { outcome.attempts() } -> std::same_as<unsigned>;
    { outcome.duration() } -> std::convertible_to<std::chrono::nanoseconds>;
});

// ---------------------------------------------------------------------------------------------------- background

static_assert(requires(const std::filesystem::path& address, PersistentQueue<int> queue, PersistentExchange exchange) {
    BackgroundCallable(address, MakeParallel(half))(1);
    BackgroundQueue<int>(address);
    PersistentQueue<int>(ExchangeOptions{.limit = 1});
    queue.connect(address);
    exchange.start(address, work, 1, "text");
    exchange.create(address);
    exchange.manage(address, work)(1, "text");
    exchange.connect(address);
    { create_persistent(address) } -> std::same_as<Channel>;
    { start_persistent(address, work, 1, "text") } -> std::same_as<Channel>;
    { connect_persistent(address) } -> std::same_as<Channel>;
});
static_assert(std::derived_from<BackgroundQueue<int>, PersistentQueue<int>>);

// ---------------------------------------------------------------------------------------------------- also

static_assert(requires {
    { available_cores() } -> std::same_as<std::size_t>;
    { physical_cores() } -> std::same_as<std::size_t>;
    wait_all();
});

} // namespace

PPROCESS_TASK(half, "half of a number", "number");

class TestContract : public QObject {
    Q_OBJECT

private slots:
    void defaultsAreThosePromised() {
        const ExchangeOptions options;
        QVERIFY(!options.limit && !options.reuse && !options.continuous && options.autoclose && !options.timeout);
        QVERIFY(options.retries == 0 && options.max_tasks_per_process == 0);
    }
};

QTEST_GUILESS_MAIN(TestContract)
#include "tst_contract.moc"
