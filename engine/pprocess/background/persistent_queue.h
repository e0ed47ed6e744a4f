// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <filesystem>
#include <utility>

#include <pprocess/background/persistent_exchange.h>
#include <pprocess/exchange/queue.h>

namespace pprocess {

/// A queue of what background processes send: connected to any number of them, it gives results in order of arrival.
/// Each counts as collected from the moment before it is reached (or counted by `size`): what this process has not got
/// to when it ends, the next collector gets.
template <typename T>
class PersistentQueue : public background::Persistent<Queue<T>> {
public:
    /// Of no process yet.
    explicit PersistentQueue(ExchangeOptions options = {}) : background::Persistent<Queue<T>>(std::move(options)) {
        this->store_one_at_a_time();
    }
};

/// A `PersistentQueue` that is connected to one address.
template <typename T>
class BackgroundQueue : public PersistentQueue<T> {
public:
    /// Throws as `connect_persistent`.
    explicit BackgroundQueue(const std::filesystem::path& address, ExchangeOptions options = {},
                             const ConnectOptions& connect_options = {})
        : PersistentQueue<T>(std::move(options)) {
        this->connect(address, connect_options);
    }
};

} // namespace pprocess
