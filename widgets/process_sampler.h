// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>
#include <QThread>

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace pprocess::widgets {

/// What a process and the commands it runs use at one moment.
struct ProcessSample {
    double cpuPercent = -1; ///< of one processor, since the sample before; negative until there are two
    std::uint64_t residentBytes = 0;
};

using ProcessSamples = QHash<pid_t, ProcessSample>;

/// Reads processor time and memory of processes from /proc, in a thread of its own, some times a second. A process
/// counts with its direct children: the worker with the command that it runs.
class ProcessSampler : public QObject {
    Q_OBJECT

public:
    explicit ProcessSampler(QObject* parent = nullptr);
    ~ProcessSampler() override;

    /// From now on samples these processes; none: sleeps.
    void watch(std::vector<pid_t> pids);

    static constexpr int intervalMs = 250;

signals:
    void sampled(const pprocess::widgets::ProcessSamples& samples);

private:
    class Reader;
    QThread m_thread;
    Reader* m_reader;
};

} // namespace pprocess::widgets

Q_DECLARE_METATYPE(pprocess::widgets::ProcessSamples)
