// SPDX-License-Identifier: LGPL-3.0-or-later

/// What the lowest floor asks of this one (observer.h).

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include <pprocess/observe/inspector.h>
#include <pprocess/observe/recorder.h>
#include <pprocess/os/observer.h>

namespace pprocess::os {

void begin_inspection_on_request() noexcept {
    try {
        const char* const wish = std::getenv("PPROCESS_INSPECT");
        const bool allow_control = wish && std::strcmp(wish, "control") == 0;
        // Until the program has ended, whatever its last words are.
        [[maybe_unused]] static const auto* const inspector = new Inspector({.allow_control = allow_control});
    } catch (const std::exception& error) {
        std::fprintf(stderr,
                     "pprocess: PPROCESS_INSPECT is set, but this program goes on without being inspected: %s\n",
                     error.what());
    }
}

void observe_into(std::span<const int> descriptors) noexcept {
    static std::array<std::unique_ptr<Recorder>, most_observers> recorders;
    set_observer(nullptr); // a copy of the program has its observers, which are among the new ones if they still are
    for (auto& recorder : recorders)
        recorder.reset();
    std::size_t place = 0;
    for (const int descriptor : descriptors) {
        try {
            Fd memory(descriptor);
            if (place < recorders.size())
                recorders[place] = std::make_unique<Recorder>(std::move(memory));
            ++place;
        } catch (const std::exception&) {
            // Its owner is of another version, or gone; nothing of that is the workers' trouble.
        }
    }
}

} // namespace pprocess::os
