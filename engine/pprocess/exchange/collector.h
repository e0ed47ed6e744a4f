// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <exception>
#include <iterator>
#include <string>
#include <utility>

#include <pprocess/exchange/exchange.h>
#include <pprocess/exchange/outcome.h>

namespace pprocess {

/// What `Queue` and `Map` share: an exchange that turns each message into an `Outcome<T>`.
template <typename T>
class Collector : public Exchange {
public:
    /// What each task gives.
    using value_type = T;
    /// Made as an exchange is.
    using Exchange::Exchange;

protected:
    /// Keeps an outcome; `last`: nothing more will come for its index.
    virtual void keep(Outcome<T> outcome, bool last) = 0;

    void store_data(Channel& channel) final {
        Outcome<T> outcome = new_outcome();
        bool last = record().last;
        try {
            outcome.set_value(channel.receive<T>());
        } catch (...) {
            outcome.set_error(std::current_exception()); // the message is consumed, whatever was wrong with it
        }
        keep(std::move(outcome), last);
    }

    void store_error(Channel&, std::exception_ptr error) final {
        Outcome<T> outcome = new_outcome();
        outcome.set_error(std::move(error));
        keep(std::move(outcome), true);
    }

    void store_removed(Channel&) final {
        Outcome<T> outcome = new_outcome();
        outcome.set_error(std::make_exception_ptr(TaskCancelled("the task was cancelled: the channel to its process " +
                                                                std::to_string(record().pid) + " was removed")));
        keep(std::move(outcome), true);
    }

private:
    Outcome<T> new_outcome() const {
        const auto& task = record();
        return {task.index, task.pid, task.attempts,
                task.attempts > 0 ? os::Clock::now() - task.started : std::chrono::nanoseconds(0)};
    }
};

/// Iterates over a `Queue` or `Map` in one pass. Moving on waits until the next element or the end is known; only
/// looking at an element throws its error.
template <typename Container>
class ElementIterator {
public:
    using value_type = typename Container::value_type; ///< for `std::iterator_traits`
    using difference_type = std::ptrdiff_t;            ///< for `std::iterator_traits`
    using reference = value_type&;                     ///< for `std::iterator_traits`
    using pointer = value_type*;                       ///< for `std::iterator_traits`
    using iterator_category = std::input_iterator_tag; ///< for `std::iterator_traits`

    /// The end.
    ElementIterator() = default;
    /// At an element of `container`, which must outlive the iterator. Waits until it or the end is known.
    ElementIterator(Container& container, std::size_t position) : container_(&container), position_(position) {
        check();
    }

    /// The element. Throws the error of a task that failed; the iteration can go on.
    reference operator*() const { return container_->element(position_); }
    /// The same.
    pointer operator->() const { return &**this; }
    /// On to the next one, which is waited for.
    ElementIterator& operator++() {
        ++position_;
        check();
        return *this;
    }
    /// The same; an input iterator keeps no copy of where it was.
    void operator++(int) { ++*this; }
    /// Only the end is worth comparing with.
    friend bool operator==(const ElementIterator& one, const ElementIterator& other) noexcept {
        return one.container_ == other.container_ && (!one.container_ || one.position_ == other.position_);
    }

private:
    void check() {
        if (!container_->has_element(position_))
            container_ = nullptr;
    }

    Container* container_ = nullptr;
    std::size_t position_ = 0;
};

} // namespace pprocess
