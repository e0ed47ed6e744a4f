// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <pprocess/exchange/collector.h>

namespace pprocess {

/// An exchange whose results are taken one by one in the order of arrival: by a `for` loop or by `next`.
///
/// A task that failed throws its error where its element is reached (`*it` or `next`); the iteration can go on after
/// it. An element once reached is done with: a new loop goes on behind it. References to elements hold until the next
/// call on the queue.
template <typename T>
class Queue : public Collector<T> {
public:
    /// Made as an exchange is: from options, or from channels and options.
    using Collector<T>::Collector;
    /// An input iterator over the values.
    using iterator = ElementIterator<Queue>;

    /// At the first element not yet taken, which is waited for.
    [[nodiscard]] iterator begin() { return iterator(*this, next_); }
    /// Behind the last element.
    [[nodiscard]] iterator end() { return iterator(); }

    /// Waits for the next element and moves it out; empty at the end. Throws the element's error.
    std::optional<T> next() {
        if (!has_element(next_))
            return std::nullopt;
        return outcomes_[next_++].take();
    }

    /// How many elements have arrived and are not yet taken.
    [[nodiscard]] std::size_t size() {
        // A process that sends faster than it is stored must not hold the caller.
        constexpr int most_rounds = 1000;
        std::size_t before = 0;
        int round = 0;
        do {
            before = outcomes_.size();
            this->store(std::chrono::seconds(0));
        } while (outcomes_.size() > before && ++round < most_rounds);
        return outcomes_.size() - next_;
    }
    /// Has nothing arrived that is not yet taken? More may come: see `unfinished`.
    [[nodiscard]] bool empty() { return size() == 0; }

    /// Waits for all tasks; every outcome so far, in order of arrival.
    [[nodiscard]] const std::vector<Outcome<T>>& outcomes() {
        while (this->unfinished())
            this->store();
        return outcomes_;
    }

protected:
    void keep(Outcome<T> outcome, bool) override { outcomes_.push_back(std::move(outcome)); }

private:
    friend iterator;

    bool has_element(std::size_t position) {
        while (outcomes_.size() <= position && this->unfinished())
            this->store();
        return outcomes_.size() > position;
    }

    T& element(std::size_t position) {
        if (next_ <= position)
            next_ = position + 1;
        return outcomes_[position].value();
    }

    std::vector<Outcome<T>> outcomes_;
    std::size_t next_ = 0;
};

} // namespace pprocess
