// SPDX-License-Identifier: GPL-3.0-or-later
//
// Channels beside what they are made of. Only ratios within one run mean something:
//     bench_channel --benchmark_enable_random_interleaving=true --benchmark_repetitions=5
#include <benchmark/benchmark.h>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include <pprocess/pprocess.h>

namespace {

using namespace pprocess;

void wait_for(int socket, short events) {
    pollfd entry{socket, events, 0};
    ::poll(&entry, 1, -1);
}

void write_all(int socket, const char* data, std::size_t size) {
    while (size > 0) {
        const ssize_t count = ::send(socket, data, size, MSG_NOSIGNAL);
        if (count <= 0) {
            wait_for(socket, POLLOUT);
            continue;
        }
        data += count;
        size -= static_cast<std::size_t>(count);
    }
}

void read_all(int socket, char* data, std::size_t size) {
    while (size > 0) {
        const ssize_t count = ::recv(socket, data, size, 0);
        if (count == 0)
            return;
        if (count < 0) {
            wait_for(socket, POLLIN);
            continue;
        }
        data += count;
        size -= static_cast<std::size_t>(count);
    }
}

/// A text of 64 bytes there and back, between two processes that sleep in between.
void round_trip_socket(benchmark::State& state) {
    Channel channel = start([](Channel& own) {
        char text[64];
        for (;;) {
            wait_for(own.fileno(), POLLIN);
            if (::recv(own.fileno(), text, sizeof text, 0) <= 0)
                ::_exit(0);
            write_all(own.fileno(), text, sizeof text);
        }
    });
    char text[64] = {};
    for (auto _ : state) {
        write_all(channel.fileno(), text, sizeof text);
        wait_for(channel.fileno(), POLLIN);
        read_all(channel.fileno(), text, sizeof text);
    }
    channel.socket().reset();
}
BENCHMARK(round_trip_socket)->UseRealTime();

void round_trip_channel(benchmark::State& state) {
    Channel channel = start([](Channel& own) {
        while (const auto text = own.receive<std::optional<std::string>>())
            own.send(*text);
    });
    const std::string text(64, 't');
    for (auto _ : state) {
        channel.send(text);
        benchmark::DoNotOptimize(channel.receive<std::string>());
    }
    channel.send(std::optional<std::string>());
}
BENCHMARK(round_trip_channel)->UseRealTime();

/// Numbers from a process to its creator, asked for one vector at a time.
void numbers_socket(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0)) / sizeof(double);
    Channel channel = start([size](Channel& own) {
        const std::vector<double> numbers(size, 0.5);
        while (own.receive<bool>())
            write_all(own.fileno(), reinterpret_cast<const char*>(numbers.data()), size * sizeof(double));
    });
    for (auto _ : state) {
        channel.send(true);
        std::vector<double> numbers(size);
        read_all(channel.fileno(), reinterpret_cast<char*>(numbers.data()), size * sizeof(double));
        benchmark::DoNotOptimize(numbers.data());
    }
    channel.send(false);
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(numbers_socket)->Arg(1 << 16)->Arg(1 << 22)->Arg(1 << 26)->UseRealTime();

void numbers_channel(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0)) / sizeof(double);
    Channel channel = start([size](Channel& own) {
        const std::vector<double> numbers(size, 0.5);
        while (own.receive<bool>())
            own.send(numbers);
    });
    for (auto _ : state) {
        channel.send(true);
        benchmark::DoNotOptimize(channel.receive<std::vector<double>>());
    }
    channel.send(false);
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(numbers_channel)->Arg(1 << 16)->Arg(1 << 22)->Arg(1 << 26)->UseRealTime();

} // namespace

BENCHMARK_MAIN();
