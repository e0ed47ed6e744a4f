// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/task_libraries.h>

#include <widgets/format.h>

#include <QSocketNotifier>

#include <algorithm>

namespace pprocess::workbench {

struct TaskLibraries::Entry {
    Library library;
    std::optional<Channel> channel; ///< by which the answer comes
    std::unique_ptr<QSocketNotifier> notifier;
};

TaskLibraries::TaskLibraries(QObject* parent) : QObject(parent) {}

TaskLibraries::~TaskLibraries() {
    m_entries.clear();
}

void TaskLibraries::want(const std::filesystem::path& file, bool again) {
    if (file.empty()) {
        return;
    }
    auto& place = m_entries[file];
    const bool isNew = !place;
    if (isNew) {
        place = std::make_unique<Entry>();
    }
    Entry& entry = *place;
    // One that could not be used may have been made meanwhile.
    if (entry.library.isBeingRead || (!isNew && !again && entry.library.mistake.isEmpty())) {
        return;
    }
    try {
        if (!m_server) {
            m_server.emplace();
        }
        entry.channel.emplace(m_server->start_describing(std::filesystem::absolute(file)));
    } catch (const std::exception& error) {
        refuse(entry, widgets::format::sentence(QString::fromUtf8(error.what())));
        return;
    }
    entry.library.isBeingRead = true;
    entry.notifier = std::make_unique<QSocketNotifier>(entry.channel->fileno(), QSocketNotifier::Read);
    connect(
        entry.notifier.get(), &QSocketNotifier::activated, this, [this, file] { take(file); }, Qt::QueuedConnection);
}

void TaskLibraries::refuse(Entry& entry, const QString& mistake) {
    entry.library = {false, {}, mistake};
    entry.channel.reset();
    endServer();
    emit changed();
}

void TaskLibraries::take(const std::filesystem::path& file) {
    const auto found = m_entries.find(file);
    if (found == m_entries.end() || !found->second->library.isBeingRead) {
        return;
    }
    Entry& entry = *found->second;
    try {
        if (!entry.channel->pump()) {
            return;
        }
        entry.notifier.reset();
        entry.library = {false, entry.channel->receive<std::vector<TaskDescription>>(), {}};
    } catch (const std::exception& error) {
        entry.notifier.reset();
        refuse(entry, widgets::format::sentence(QString::fromUtf8(error.what())));
        return;
    }
    entry.channel.reset();
    endServer();
    emit changed();
}

void TaskLibraries::endServer() {
    const bool isReading = std::any_of(m_entries.begin(), m_entries.end(),
                                       [](const auto& entry) { return entry.second->library.isBeingRead; });
    if (!isReading) {
        m_server.reset();
    }
}

const TaskLibraries::Library* TaskLibraries::find(const std::filesystem::path& file) const {
    const auto found = m_entries.find(file);
    return found == m_entries.end() ? nullptr : &found->second->library;
}

TaskLibraries::Read TaskLibraries::all() const {
    Read all;
    for (const auto& [file, entry] : m_entries) {
        all[file] = entry->library;
    }
    return all;
}

TaskLibraries::Known TaskLibraries::known() const {
    Known known;
    for (const auto& [file, entry] : m_entries) {
        if (!entry->library.isBeingRead && entry->library.mistake.isEmpty()) {
            known[file] = entry->library.tasks;
        }
    }
    return known;
}

} // namespace pprocess::workbench
