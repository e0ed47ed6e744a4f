// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <pprocess/launch/fork_server.h>

class QSocketNotifier;

namespace pprocess::workbench {

/// What functions task libraries have. Each library is loaded by a process of its own, never by the window, and nothing
/// here waits for it.
class TaskLibraries : public QObject {
    Q_OBJECT

public:
    /// What is known of a library.
    struct Library {
        bool isBeingRead = false;
        std::vector<TaskDescription> tasks;
        QString mistake; ///< why it cannot be used
    };
    using Read = std::map<std::filesystem::path, Library>;
    using Known = std::map<std::filesystem::path, std::vector<TaskDescription>>;

    explicit TaskLibraries(QObject* parent = nullptr);
    ~TaskLibraries() override;

    /// Reads a library, unless it is known or being read; `changed` tells when that is done. With `again` also one that
    /// is known, as its file may have changed.
    void want(const std::filesystem::path& file, bool again = false);
    /// What is known; null for a library that nobody has wanted.
    [[nodiscard]] const Library* find(const std::filesystem::path& file) const;
    /// All that have been wanted.
    [[nodiscard]] Read all() const;
    /// Those that could be read.
    [[nodiscard]] Known known() const;

signals:
    void changed();

private:
    struct Entry;

    void take(const std::filesystem::path& file);
    void refuse(Entry& entry, const QString& mistake);
    void endServer();

    std::optional<ForkServer> m_server; ///< while something is being read
    std::map<std::filesystem::path, std::unique_ptr<Entry>> m_entries;
};

} // namespace pprocess::workbench
