// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <pprocess/observe/recorder.h>

namespace pprocess {

/// How a program lets itself be inspected.
struct InspectorOptions {
    std::string name;                              ///< by which it is found; empty: that of its file
    bool allow_control = false;                    ///< may whoever attaches end its tasks and processes?
    std::size_t memory = Recorder::default_memory; ///< of its record, in bytes
};

/// While it exists, this program and the processes created from it can be watched by other programs of the same user:
/// by `ppctl attach`, the workbench, or an `Attachment`. A program needs no object of this class for that when it is
/// started with PPROCESS_INSPECT=1 in its environment, or PPROCESS_INSPECT=control (`allow_control`).
///
/// What happens is written to shared memory. A process of its own (`pprocess-launcher`, by the name of pp-inspector,
/// which is no child of this one) reads it and serves those who attach; it ends by itself when this program and all
/// that was created from it have ended. Nothing that attachers do or leave undone holds this program up.
class Inspector {
public:
    /// Begins. Where the environment has asked for inspection already, that stands, and this object does nothing.
    /// Throws `SystemError` when the record or the other process cannot be had, `std::logic_error` when there
    /// are `os::most_observers` already.
    explicit Inspector(const InspectorOptions& options = {});
    /// Whoever is attached gets what has been recorded so far; then that is over.
    ~Inspector();
    Inspector(const Inspector&) = delete;
    Inspector& operator=(const Inspector&) = delete;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace pprocess
