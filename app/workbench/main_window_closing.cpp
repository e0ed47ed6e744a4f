// SPDX-License-Identifier: GPL-3.0-or-later

/// How the window and its pages are closed while jobs run.

#include <app/workbench/main_window.h>

#include <app/workbench/instrument_page.h>
#include <app/workbench/job_list_model.h>
#include <app/workbench/job_notifier.h>
#include <app/workbench/playback_actions.h>

#include <widgets/format.h>

#include <QCloseEvent>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QTabWidget>

#include <algorithm>

namespace pprocess::workbench {

using namespace widgets;

void MainWindow::requestRemoval(int place) {
    auto* job = qobject_cast<JobPage*>(pageAt(place));
    if (job && job->controller().isBusy() && !job->controller().isElsewhere()) {
        askToStop(job);
    } else {
        removePage(place);
    }
}

void MainWindow::removePage(int place) {
    Page* page = pageAt(place);
    const qsizetype row = m_jobPages.indexOf(qobject_cast<JobPage*>(page));
    if (!page || (row >= 0 && m_jobPages.size() == 1)) {
        return;
    }
    page->storeState(m_settings);
    page->disconnect(this);
    if (row >= 0) {
        m_jobPages[row]->controller().disconnect(this);
        m_jobPages.removeAt(row);
        m_jobs->remove(static_cast<int>(row));
        if (page == m_jobPage) {
            setJobPage(m_jobPages[qMin(row, m_jobPages.size() - 1)]);
        }
    }
    m_pages->removeTab(place);
    delete page;
    showCloseButtons();
    showFrontPage();
}

void MainWindow::askToStop(JobPage* page) {
    auto* question = new QMessageBox(QMessageBox::Question, tr("The job is under way"),
                                     tr("“%1” is under way. Stop it and close its page?").arg(page->title()),
                                     QMessageBox::Cancel, this);
    auto* stop = question->addButton(tr("&Stop and close"), QMessageBox::AcceptRole);
    question->setDefaultButton(stop);
    question->setAttribute(Qt::WA_DeleteOnClose);
    QAbstractButton* leave = nullptr;
    if (page->controller().canLeaveInBackground()) {
        leave = question->addButton(tr("&Leave in the background"), QMessageBox::ActionRole);
    }
    connect(question, &QMessageBox::buttonClicked, page, [this, page, stop, leave](QAbstractButton* button) {
        if (button != stop && (!leave || button != leave)) {
            return;
        }
        auto& controller = page->controller();
        // When it cannot be left, the page stays to say so.
        auto watch = std::make_shared<QMetaObject::Connection>();
        const auto remove = [this, page, watch] {
            if (!page->controller().isBusy()) {
                disconnect(*watch);
                removePage(m_pages->indexOf(page));
            }
        };
        connect(&controller, &JobController::failed, page, [watch] { disconnect(*watch); });
        *watch = connect(&controller, &JobController::stateChanged, page, remove, Qt::QueuedConnection);
        if (button == leave) {
            controller.leaveInBackground();
        } else {
            controller.stop();
        }
        if (!controller.isBusy()) {
            remove();
        }
    });
    question->open();
}

void MainWindow::closePage() {
    requestRemoval(m_pages->currentIndex());
}

QList<JobPage*> MainWindow::busyPages() const {
    QList<JobPage*> busy;
    for (JobPage* page : m_jobPages) {
        if (page->controller().isBusy() && !page->controller().isElsewhere()) {
            busy += page;
        }
    }
    return busy;
}

void MainWindow::closeEvent(QCloseEvent* event) {
    for (JobPage* page : busyPages()) {
        auto& controller = page->controller();
        if (controller.state() == JobController::State::collecting && !controller.isGoingToBackground()) {
            controller.stop();
        }
    }
    if (busyPages().isEmpty()) {
        storeState();
        event->accept();
        return;
    }
    event->ignore();
    const auto busy = busyPages();
    if (std::all_of(busy.begin(), busy.end(), [](auto* page) { return page->controller().isGoingToBackground(); })) {
        m_closing = Closing::leaving;
        return;
    }
    if (m_closing != Closing::stopping && m_closing != Closing::leaving && !(m_question && m_question->isVisible())) {
        const bool canLeave =
            std::all_of(busy.begin(), busy.end(), [](auto* page) { return page->controller().canLeaveInBackground(); });
        switch (m_closing == Closing::no ? m_preferences.closing() : Preferences::Closing::ask) {
        case Preferences::Closing::wait:
            closeAfterJobs();
            break;
        case Preferences::Closing::stop:
            closeStoppingJobs();
            break;
        case Preferences::Closing::leave:
            canLeave ? closeLeavingJobs() : askHowToClose();
            break;
        case Preferences::Closing::ask:
            askHowToClose();
            break;
        }
    }
}

void MainWindow::closeAfterJobs() {
    m_closing = Closing::whenDone;
    showMessage(MessageBar::Kind::note, tr("The window closes when all jobs have ended."));
    closeWhenIdle();
}

void MainWindow::closeLeavingJobs() {
    m_closing = Closing::leaving;
    for (JobPage* page : busyPages()) {
        page->controller().leaveInBackground();
    }
    closeWhenIdle();
}

void MainWindow::closeStoppingJobs() {
    m_closing = Closing::stopping;
    for (JobPage* page : busyPages()) {
        page->controller().stop();
    }
    closeWhenIdle();
}

void MainWindow::closeWhenIdle() {
    if (m_closing != Closing::no && busyPages().isEmpty()) {
        QMetaObject::invokeMethod(
            this,
            [this] {
                if (m_closing != Closing::no) {
                    close();
                }
            },
            Qt::QueuedConnection);
    }
}

void MainWindow::askHowToClose() {
    const auto busy = busyPages();
    const QString what = busy.size() == 1 ? tr("“%1” is under way.").arg(busy.first()->title())
                                          : format::counted<MainWindow>(static_cast<std::uint64_t>(busy.size()),
                                                                        QT_TR_N_NOOP("%1 job(s) (is|are) under way."));
    m_question = new QMessageBox(QMessageBox::Question, tr("Jobs are under way"), what, QMessageBox::NoButton, this);
    m_question->setObjectName(QStringLiteral("howToClose"));
    const auto canLeave =
        std::count_if(busy.begin(), busy.end(), [](auto* page) { return page->controller().canLeaveInBackground(); });
    m_question->setInformativeText(tr("In the background a job goes on without the window; what is just being worked "
                                      "on begins anew there. A job that is stopped can be gone on with later, from the "
                                      "earlier runs."));
    m_question->setAttribute(Qt::WA_DeleteOnClose);
    auto* wait = m_question->addButton(tr("&Wait, then quit"), QMessageBox::AcceptRole);
    auto* leave = m_question->addButton(tr("&Leave in the background"), QMessageBox::ActionRole);
    leave->setEnabled(canLeave == busy.size());
    auto* stop = m_question->addButton(tr("&Stop and quit"), QMessageBox::DestructiveRole);
    auto* cancel = m_question->addButton(tr("Do &not quit"), QMessageBox::RejectRole);
    m_question->setDefaultButton(wait);
    m_question->setEscapeButton(cancel);
    connect(wait, &QAbstractButton::clicked, this, &MainWindow::closeAfterJobs);
    connect(leave, &QAbstractButton::clicked, this, &MainWindow::closeLeavingJobs);
    connect(stop, &QAbstractButton::clicked, this, &MainWindow::closeStoppingJobs);
    connect(cancel, &QAbstractButton::clicked, this, [this] {
        if (m_closing == Closing::whenDone) {
            showMessage(MessageBar::Kind::note, {});
        }
        m_closing = Closing::no;
    });
    m_question->open();
}

} // namespace pprocess::workbench
