// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <map>
#include <memory>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <pprocess/exchange/collector.h>

namespace pprocess {

namespace detail {

template <typename T>
struct IsTuple : std::false_type {};
template <typename... Ts>
struct IsTuple<std::tuple<Ts...>> : std::true_type {};
template <typename A, typename B>
struct IsTuple<std::pair<A, B>> : std::true_type {};

/// Calls `call` with an element, or with its members when it is a tuple (or pair) that `Function` does not take as
/// such.
template <typename Function, typename Element, typename Call>
decltype(auto) spread(Call&& call, Element&& element) {
    if constexpr (IsTuple<std::decay_t<Element>>::value && !std::is_invocable_v<Function&, Element>) {
        return std::apply(std::forward<Call>(call), std::forward<Element>(element));
    } else {
        return std::forward<Call>(call)(std::forward<Element>(element));
    }
}

template <typename Function, typename Element>
struct SpreadResult {
    using type = std::invoke_result_t<Function&, Element>;
};
template <typename Function, typename... Ts>
requires(!std::is_invocable_v<Function&, std::tuple<Ts...>>) struct SpreadResult<Function, std::tuple<Ts...>> {
    using type = std::invoke_result_t<Function&, Ts...>;
};
template <typename Function, typename A, typename B>
requires(!std::is_invocable_v<Function&, std::pair<A, B>>) struct SpreadResult<Function, std::pair<A, B>> {
    using type = std::invoke_result_t<Function&, A, B>;
};

/// The type of a sequence's elements, by value: `bool` for a `std::vector<bool>`.
template <typename Sequence>
using element_t = std::iter_value_t<decltype(std::begin(std::declval<Sequence&>()))>;

/// May the elements of a sequence passed as `Sequence&&` be moved from? Not when it is somebody's variable or only a
/// view.
template <typename Sequence>
constexpr bool owns_elements =
    !std::is_reference_v<Sequence> && !std::ranges::borrowed_range<Sequence> && !std::ranges::view<Sequence>;

/// What `pmap` over such elements gives for each.
template <typename Function, typename Sequence>
using pmap_result_t = value_of_t<typename SpreadResult<std::decay_t<Function>, element_t<Sequence>>::type>;

} // namespace detail

/// An exchange whose results are kept in the order in which their tasks were started.
///
/// A task that failed throws its error where its element is reached (`*it`, `map[i]`); the iteration can go on after
/// it, and a new loop starts again at the first. References to elements hold until the next call that starts or stores
/// something.
template <typename T>
class Map : public Collector<T> {
public:
    /// Made as an exchange is: from options, or from channels and options.
    using Collector<T>::Collector;
    /// An input iterator over the values.
    using iterator = ElementIterator<Map>;

    /// At the first element, which is waited for.
    [[nodiscard]] iterator begin() { return iterator(*this, 0); }
    /// Behind the last element.
    [[nodiscard]] iterator end() { return iterator(); }

    /// Element `index`, waited for; the others need not have ended. Throws its error, or `std::out_of_range`.
    [[nodiscard]] T& operator[](std::size_t index) {
        const bool is_beyond = !this->options().continuous && index >= size();
        if (is_beyond || !has_element(index))
            throw std::out_of_range("a map of " + std::to_string(size()) + " elements has none at " +
                                    std::to_string(index));
        return element(index);
    }

    /// How many elements there are, arrived or not; of continuous processes, those that have arrived.
    [[nodiscard]] std::size_t size() const noexcept {
        return this->options().continuous ? elements_.size() : std::max(elements_.size(), this->started());
    }
    /// Has no task been started?
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

    /// Starts `fn(element)` for each element of a sequence, wrapped as `options().reuse` needs it. Never waits.
    template <typename Function, typename Sequence>
    Map& operator()(Function&& fn, Sequence&& sequence) {
        using Plain = std::decay_t<Function>;
        const auto start_all = [&]<typename Callable>(Callable callable) {
            const auto shared = std::make_shared<Callable>(std::move(callable));
            using Element = detail::element_t<Sequence>;
            const auto start_one = [&](Element element) {
                detail::spread<Plain>(
                    [&](auto&&... args) { this->start_shared(shared, std::forward<decltype(args)>(args)...); },
                    std::move(element));
            };
            for (auto&& element : sequence) {
                if constexpr (detail::owns_elements<Sequence>) {
                    start_one(static_cast<Element>(std::move(element)));
                } else {
                    start_one(static_cast<Element>(std::forward<decltype(element)>(element)));
                }
            }
        };
        if (this->options().reuse) {
            this->allow_batches();
            start_all(MakeReusable<Plain>(std::forward<Function>(fn)));
        } else {
            start_all(MakeParallel<Plain>(std::forward<Function>(fn)));
        }
        return *this;
    }

    /// The same over a braced list: `map(fn, {1, 2, 3})`.
    template <typename Function, typename Element>
    Map& operator()(Function&& fn, std::initializer_list<Element> sequence) {
        return (*this)(std::forward<Function>(fn), std::span(sequence.begin(), sequence.size()));
    }

    /// Waits for all tasks; every outcome in order of start.
    [[nodiscard]] const std::vector<Outcome<T>>& outcomes() {
        while (this->unfinished())
            this->store();
        close_gaps();
        return elements_;
    }

protected:
    void keep(Outcome<T> outcome, bool last) override {
        const std::size_t index = outcome.index();
        if (this->options().continuous) {
            keep_in_stream(std::move(outcome), last);
            return;
        }
        if (elements_.size() <= index)
            elements_.resize(this->started());
        if (arrived_.size() <= index)
            arrived_.resize(this->started(), false);
        if (arrived_[index])
            throw std::logic_error("process " + std::to_string(outcome.pid()) +
                                   " sent a second value to a map that takes one of each; "
                                   "set ExchangeOptions::continuous, or use a Queue");
        elements_[index] = std::move(outcome);
        arrived_[index] = true;
    }

    void store_end(Channel&) override { end_stream(this->record().index); }

private:
    friend iterator;

    /// Values of continuous processes are put one process after the other: those of a later one wait for the earlier to
    /// end.
    struct Stream {
        std::vector<Outcome<T>> ahead;
        bool ended = false;
    };

    void keep_in_stream(Outcome<T> outcome, bool last) {
        const std::size_t index = outcome.index();
        if (index == current_stream_) {
            elements_.push_back(std::move(outcome));
        } else {
            streams_[index].ahead.push_back(std::move(outcome));
        }
        if (last)
            end_stream(index);
    }

    void end_stream(std::size_t index) {
        streams_[index].ended = true;
        while (!streams_.empty() && streams_.begin()->first == current_stream_ && streams_.begin()->second.ended) {
            streams_.erase(streams_.begin());
            ++current_stream_;
            if (const auto place = streams_.find(current_stream_); place != streams_.end()) {
                for (Outcome<T>& outcome : place->second.ahead)
                    elements_.push_back(std::move(outcome));
                place->second.ahead.clear();
            }
        }
    }

    /// Whoever uses `ready` and `receive` beside the map takes what would have been an element.
    void close_gaps() {
        if (this->options().continuous)
            return;
        for (std::size_t index = 0; index < this->started(); ++index) {
            if (is_there(index))
                continue;
            Outcome<T> outcome(index, 0, 0, {});
            outcome.set_error(std::make_exception_ptr(
                TaskCancelled("element " + std::to_string(index) + " was received by hand, past the map")));
            keep(std::move(outcome), true);
        }
    }

    bool is_there(std::size_t position) const {
        return this->options().continuous ? position < elements_.size()
                                          : position < arrived_.size() && arrived_[position];
    }

    bool has_element(std::size_t position) {
        while (!is_there(position) && this->unfinished())
            this->store();
        if (!is_there(position))
            close_gaps();
        return is_there(position);
    }

    T& element(std::size_t position) { return elements_[position].value(); }

    std::vector<Outcome<T>> elements_;
    std::vector<bool> arrived_;
    std::map<std::size_t, Stream> streams_;
    std::size_t current_stream_ = 0;
};

} // namespace pprocess
