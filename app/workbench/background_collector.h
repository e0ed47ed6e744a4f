// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include <pprocess/channel/channel.h>
#include <pprocess/message/any_value.h>

class QSocketNotifier;

namespace pprocess::workbench {

/// Collects what a background process has for this user: connects to its address in another thread, then takes its
/// values as they come, never waiting. What has been taken is the process's no longer; the rest stays with it when the
/// collector goes.
class BackgroundCollector : public QObject {
    Q_OBJECT

public:
    explicit BackgroundCollector(std::filesystem::path address, QObject* parent = nullptr);
    /// Lets the process go, which lives on.
    ~BackgroundCollector() override;

    /// Ends in `ended`, or in `failed` when nothing can be collected there.
    void start();
    /// Has the process end, in another thread; `stopFailed` when that is not possible.
    void stopProcess();

    [[nodiscard]] const std::filesystem::path& address() const { return m_address; }

signals:
    void connected();
    void arrived(const std::vector<pprocess::AnyValue>& values);
    /// Nothing more comes. `problem` says what was wrong with the process, and is empty when nothing was.
    void ended(const QString& problem);
    void failed(const QString& why);
    void stopFailed(const QString& why);

private:
    void take(std::shared_ptr<Channel> channel);
    void step();
    void end(const QString& problem);

    std::filesystem::path m_address;
    std::shared_ptr<Channel> m_channel;
    std::unique_ptr<QSocketNotifier> m_notifier;
    QString m_problem; ///< what the process has said of its end
    bool m_isEnded = false;
};

} // namespace pprocess::workbench
