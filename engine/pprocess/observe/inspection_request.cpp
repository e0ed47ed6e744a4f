// SPDX-License-Identifier: LGPL-3.0-or-later

/// What the lowest floor asks of this one (observer.h).

#include <memory>

#include <pprocess/observe/recorder.h>
#include <pprocess/os/observer.h>

namespace pprocess::os {

void begin_inspection_on_request() noexcept {}

void observe_into(int descriptor) noexcept {
    static std::unique_ptr<Recorder> recorder;
    try {
        Fd memory(descriptor);
        recorder.reset();
        recorder = std::make_unique<Recorder>(std::move(memory));
    } catch (const std::exception&) {
        // Its owner is of another version, or gone; nothing of that is the workers' trouble.
    }
}

} // namespace pprocess::os
