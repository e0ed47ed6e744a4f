// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/background_stop.h>
#include <app/workbench/page.h>

#include <QHash>
#include <QThreadPool>
#include <QTimer>

class QLabel;
class QPushButton;
class QSplitter;

namespace pprocess::widgets {
class TableView;
}

namespace pprocess::workbench {

class BackgroundModel;
class BackgroundWatcher;
struct ListedBackground;
class LogTail;

/// The page of all background processes of this user, whoever has started them: how each stands, the end of its log,
/// and what can be done with it.
class BackgroundPage : public Page {
    Q_OBJECT

public:
    explicit BackgroundPage(QWidget* parent = nullptr);
    /// Waits for processes that are being ended, for a few seconds at most.
    ~BackgroundPage() override;

    [[nodiscard]] QString title() const override;
    [[nodiscard]] QList<Status> status() const override;
    void storeState(QSettings& settings) const override;
    void restoreState(const QSettings& settings) override;

signals:
    /// Take its results, and show them.
    void collectRequested(const QString& address, const QString& name);
    /// Attach to this program.
    void watchRequested(qint64 program);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    [[nodiscard]] QWidget* makeHead();
    [[nodiscard]] QWidget* makeList();
    [[nodiscard]] QWidget* makeLog();
    void showProcesses(const std::vector<ListedBackground>& processes);
    void showChoice();
    [[nodiscard]] const ListedBackground* chosen() const;
    void collect();
    void watch();
    void stop();
    void stopNow(const QString& address, const QString& name);
    void cleanUp();

    BackgroundModel* m_processes;
    BackgroundWatcher* m_watcher;
    widgets::TableView* m_table;
    LogTail* m_log;
    QLabel* m_logTitle;
    QPushButton* m_collect;
    QPushButton* m_watch;
    QPushButton* m_stop;
    QPushButton* m_cleanUp;
    QSplitter* m_splitter;
    QTimer m_ages;
    QHash<QString, background_stop::Step> m_nextSteps; ///< by address, of those that were asked to end
    QThreadPool m_others;
};

} // namespace pprocess::workbench
