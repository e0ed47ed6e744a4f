// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <initializer_list>
#include <span>
#include <utility>

#include <pprocess/exchange/map.h>
#include <pprocess/os/cores.h>

namespace pprocess {

/// Runs `fn` over the elements of a sequence in parallel processes and returns at once; the results come in the order
/// of the elements.
///
/// `fn` is an ordinary function. An element that is a tuple or pair is spread over its parameters when it does not take
/// the tuple itself. Without a limit in `options`, as many processes run at once as there are available cores. With
/// `reuse` the processes are kept and given several tasks ahead when those are short.
template <typename Function, typename Sequence>
[[nodiscard]] Map<detail::pmap_result_t<Function, Sequence>> pmap(Function&& fn, Sequence&& sequence,
                                                                  ExchangeOptions options = {}) {
    if (!options.limit)
        options.limit = available_cores();
    Map<detail::pmap_result_t<Function, Sequence>> results(std::move(options));
    results(std::forward<Function>(fn), std::forward<Sequence>(sequence));
    return results;
}

/// The same over the elements of a braced list: `pmap(fn, {1, 2, 3})`.
template <typename Function, typename Element>
[[nodiscard]] auto pmap(Function&& fn, std::initializer_list<Element> sequence, ExchangeOptions options = {}) {
    return pmap(std::forward<Function>(fn), std::span(sequence.begin(), sequence.size()), std::move(options));
}

} // namespace pprocess
