// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/process_sampler.h>

#include <QTimer>

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

namespace pprocess::widgets {

namespace {

using Clock = std::chrono::steady_clock;

std::string readAll(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return {};
    }
    char buffer[4096];
    const ssize_t size = ::read(fd, buffer, sizeof buffer);
    ::close(fd);
    return size > 0 ? std::string(buffer, static_cast<std::size_t>(size)) : std::string();
}

struct Usage {
    std::uint64_t ticks = 0;
    std::uint64_t pages = 0;
};

// `withEnded` counts the children that have ended too: their time moves there when they are reaped, so the sum never
// falls back.
std::optional<Usage> usageOf(pid_t pid, bool withEnded) {
    const std::string stat = readAll("/proc/" + std::to_string(pid) + "/stat");
    // The name in parentheses may hold spaces and parentheses itself.
    const auto end = stat.rfind(')');
    if (end == std::string::npos) {
        return {};
    }
    unsigned long long user = 0, system = 0, endedUser = 0, endedSystem = 0;
    long long resident = 0;
    const int read =
        std::sscanf(stat.c_str() + end + 2,
                    "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %llu %llu %*d %*d %*d %*d %*u %*u %lld",
                    &user, &system, &endedUser, &endedSystem, &resident);
    if (read != 5) {
        return {};
    }
    return Usage{user + system + (withEnded ? endedUser + endedSystem : 0),
                 static_cast<std::uint64_t>(resident > 0 ? resident : 0)};
}

std::vector<pid_t> childrenOf(pid_t pid) {
    const std::string id = std::to_string(pid);
    const std::string list = readAll("/proc/" + id + "/task/" + id + "/children");
    std::vector<pid_t> children;
    const char* at = list.c_str();
    char* next = nullptr;
    for (long child = std::strtol(at, &next, 10); next != at; child = std::strtol(at, &next, 10)) {
        children.push_back(static_cast<pid_t>(child));
        at = next;
    }
    return children;
}

} // namespace

class ProcessSampler::Reader : public QObject {
public:
    explicit Reader(ProcessSampler* sampler) : m_sampler(sampler) {}

    void watch(std::vector<pid_t> pids) {
        m_pids = std::move(pids);
        if (m_pids.empty()) {
            m_before.clear();
            if (m_timer) {
                m_timer->stop();
            }
            return;
        }
        if (!m_timer) {
            m_timer = new QTimer(this);
            m_timer->setInterval(intervalMs);
            connect(m_timer, &QTimer::timeout, this, [this] { sample(); });
        }
        if (!m_timer->isActive()) {
            m_timer->start();
        }
    }

private:
    struct Before {
        std::uint64_t ticks = 0;
        Clock::time_point at;
    };

    void sample() {
        static const double ticksPerSecond = static_cast<double>(::sysconf(_SC_CLK_TCK));
        static const auto pageSize = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
        ProcessSamples samples;
        QHash<pid_t, Before> now;
        for (const pid_t pid : m_pids) {
            auto usage = usageOf(pid, true);
            if (!usage) {
                continue;
            }
            for (const pid_t child : childrenOf(pid)) {
                if (const auto more = usageOf(child, true)) {
                    usage->ticks += more->ticks;
                    usage->pages += more->pages;
                }
            }
            const auto at = Clock::now();
            ProcessSample sample;
            sample.residentBytes = usage->pages * pageSize;
            if (const auto before = m_before.constFind(pid); before != m_before.constEnd()) {
                const double seconds = std::chrono::duration<double>(at - before->at).count();
                const auto ticks = usage->ticks > before->ticks ? usage->ticks - before->ticks : 0;
                sample.cpuPercent = seconds > 0 ? static_cast<double>(ticks) / ticksPerSecond / seconds * 100 : 0;
            }
            now.insert(pid, {usage->ticks, at});
            samples.insert(pid, sample);
        }
        m_before = std::move(now);
        // From the sampler's own thread, whatever the kind of connection.
        QMetaObject::invokeMethod(
            m_sampler, [sampler = m_sampler, samples] { emit sampler->sampled(samples); }, Qt::QueuedConnection);
    }

    ProcessSampler* m_sampler;
    QTimer* m_timer = nullptr;
    std::vector<pid_t> m_pids;
    QHash<pid_t, Before> m_before;
};

ProcessSampler::ProcessSampler(QObject* parent) : QObject(parent), m_reader(new Reader(this)) {
    qRegisterMetaType<ProcessSamples>();
    m_thread.setObjectName(QStringLiteral("ProcessSampler"));
    m_reader->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_reader, &QObject::deleteLater);
    m_thread.start(QThread::LowPriority);
}

ProcessSampler::~ProcessSampler() {
    m_thread.quit();
    m_thread.wait();
}

void ProcessSampler::watch(std::vector<pid_t> pids) {
    QMetaObject::invokeMethod(
        m_reader, [reader = m_reader, pids = std::move(pids)]() mutable { reader->watch(std::move(pids)); },
        Qt::QueuedConnection);
}

} // namespace pprocess::widgets
