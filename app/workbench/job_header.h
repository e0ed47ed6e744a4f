// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/job_controller.h>

#include <QWidget>

class QLabel;
class QPushButton;
class QTabBar;

namespace pprocess::workbench {

/// What the job is called and how it runs, which side of it is shown, and the buttons that run it, stop it and run
/// failed items again.
class JobHeader : public QWidget {
    Q_OBJECT

public:
    /// What the page shows below.
    enum Side { Results, Instruments };

    explicit JobHeader(QWidget* parent = nullptr);

    [[nodiscard]] Side side() const;
    void showSide(Side side);

    /// `file` is where the job was read from or saved to; empty: nowhere yet.
    void showJob(const job::Job& job, const QString& file);
    [[nodiscard]] QString title() const;

    /// Enables what can be done in that state. The focus, when it is on a button that goes grey, moves to the button
    /// that takes its place, or to `refuge` until there is one.
    void showState(JobController::State state, QWidget* refuge);
    void setCanRunAgain(bool canRunAgain);

signals:
    void runRequested();
    void stopRequested();
    void againRequested();
    void sideChanged();

private:
    [[nodiscard]] static QString wordsOf(job::Pattern pattern);
    QLabel* m_title;
    QLabel* m_subtitle;
    QTabBar* m_side;
    QPushButton* m_run;
    QPushButton* m_stop;
    QPushButton* m_again;
    bool m_focusRunWhenIdle = false;
};

} // namespace pprocess::workbench
