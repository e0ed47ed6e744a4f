// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <pprocess/pprocess.h>

/// An exchange of whole numbers, and what is sent to it.

/// Keeps the integers that arrive, and the texts of errors.
class Numbers : public pprocess::Exchange {
public:
    using Exchange::Exchange;
    std::vector<int> values;
    std::vector<std::string> errors;
    std::size_t most_active = 0;

protected:
    void store_data(pprocess::Channel& channel) override {
        most_active = std::max(most_active, active().size());
        values.push_back(channel.receive<int>());
    }
    void store_error(pprocess::Channel&, std::exception_ptr error) override {
        try {
            std::rethrow_exception(error);
        } catch (const pprocess::TaskTimedOut&) {
            errors.emplace_back("timed out");
        } catch (const pprocess::TaskCancelled&) {
            errors.emplace_back("cancelled");
        } catch (const pprocess::ProcessDied& death) {
            errors.emplace_back("died " + std::to_string(death.status().signal()) + "/" +
                                std::to_string(death.status().exit_code()));
        } catch (const std::exception& other) {
            errors.emplace_back(other.what());
        }
    }
};

template <typename T>
std::vector<T> sorted(std::vector<T> values) {
    std::sort(values.begin(), values.end());
    return values;
}

inline std::vector<int> up_to(int count) {
    std::vector<int> numbers;
    for (int n = 0; n < count; ++n)
        numbers.push_back(n);
    return numbers;
}

inline void double_it(pprocess::Channel& channel, int n) {
    channel.send(2 * n);
}
