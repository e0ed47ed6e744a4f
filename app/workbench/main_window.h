// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/job_page.h>
#include <app/workbench/job_record.h>
#include <app/workbench/preferences.h>
#include <app/workbench/theme.h>

#include <widgets/instruments/instrument_source.h>

#include <QMainWindow>
#include <QPointer>

class QLabel;
class QMessageBox;
class QTabWidget;

namespace pprocess::workbench {

class BackgroundPage;
class InstrumentPage;
class JobList;
class JobListModel;
class JobNotifier;
class PlaybackActions;
class WelcomePage;

/// The workbench's window: pages in tabs, the menus that go with them, one line for messages and one for the status of
/// the page in front. Each job has a page of its own, of which one always stays.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    /// `theme` and `settings` must outlive the window; `server` may be empty when it could not be started.
    MainWindow(std::unique_ptr<ForkServer> server, Theme& theme, QSettings& settings);
    ~MainWindow() override;

    /// Another page for a job, in front.
    JobPage* newJob();
    /// Reads a job file and shows it: in the job's page in front when nothing would be lost by that, else in another.
    void openJob(const QString& file);
    /// Offers the earlier runs.
    void askHistory();
    /// Shows two earlier runs side by side on a page of their own.
    void compareRuns(const job::PastRun& first, const job::PastRun& second);
    /// Shows the background processes of this user.
    void showBackground();
    /// What is decided for all jobs.
    [[nodiscard]] Preferences& preferences() { return m_preferences; }
    /// Offers it to be changed.
    void askPreferences();
    [[nodiscard]] JobNotifier& notifier() { return *m_notifier; }
    /// Takes the results of a background process and shows them on a page of their own.
    void collect(const QString& address, const QString& name);
    /// Stands for the page of a job that is in front, or was last.
    [[nodiscard]] JobPage& jobPage() const { return *m_jobPage; }
    [[nodiscard]] const QList<JobPage*>& jobPages() const { return m_jobPages; }

    // What that page does (see there).
    void setJob(const job::Job& job, const QString& file = {}) { m_jobPage->setJob(job, file); }
    void saveJob(const QString& file) { m_jobPage->saveJob(file); }
    void saveResults(const QString& file, widgets::result_export::Format format) {
        m_jobPage->saveResults(file, format);
    }
    void run() { m_jobPage->run(); }
    void mentionBrokenOffRun() { m_jobPage->mentionBrokenOffRun(); }
    [[nodiscard]] JobController& controller() { return m_jobPage->controller(); }
    [[nodiscard]] QString summaryText() const { return m_jobPage->summaryText(); }

    /// Shows what comes from there in a page of its own, which can be closed.
    InstrumentPage* addInstruments(std::unique_ptr<widgets::InstrumentSource> source);
    /// Puts the page in front, of a trace or a program, beside another source in one tab.
    InstrumentPage* compareWith(std::unique_ptr<widgets::InstrumentSource> source);
    /// Shows a trace file in a page of its own, or beside the page in front.
    InstrumentPage* openTrace(const QString& file);
    InstrumentPage* compareWithTrace(const QString& file);
    /// Attaches to a program, by name or pid. Null when there is none, which the window says.
    InstrumentPage* attach(const QString& nameOrPid);
    /// Detaches the page in front from its program; what has been seen of it stays.
    void detach();
    /// Shows the instruments of the job in front, or of the one that was.
    void showInstruments() { m_jobPage->showInstruments(true); }
    /// A file for `openTrace`, by its name?
    [[nodiscard]] static bool isTrace(const QString& file);
    /// One for `openJob`?
    [[nodiscard]] static bool isJob(const QString& file);

    /// Three things to try.
    void showWelcome();
    /// The same, at the first start with these settings only.
    void showWelcomeOnce();

    /// Closes the page in front, unless it is the only one of a job. Asks first when its job runs.
    void closePage();
    [[nodiscard]] Page* frontPage() const;

signals:
    /// After a file was written or could not be.
    void saved(bool isSaved);
    void opened(bool isOpened);

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    /// Where a menu has the actions of the job page.
    struct Place {
        QMenu* menu;
        QAction* before;
        QList<QAction*> JobPage::Actions::*actions;
    };

    void makeMenus();
    QAction* keepPlace(QMenu* menu, QList<QAction*> JobPage::Actions::*actions);
    void makeThemeMenu(QMenu* view);
    void restoreState();
    void storeState();

    [[nodiscard]] Page* pageAt(int place) const;
    void addPage(Page* page, int place);
    JobPage* addJobPage(std::unique_ptr<ForkServer> server, int place);
    void listenToJob(JobPage* page);
    void requestRemoval(int place);
    void removePage(int place);
    void askToStop(JobPage* page);
    /// A page that may show another job: the one in front when nothing would be lost by that, else a new one.
    JobPage* pageForAnother();
    void askOpenJob();
    void setJobPage(JobPage* page);
    void showJobs();
    void showJobList();
    void showCloseButtons();
    /// Pages whose jobs would end with this window.
    [[nodiscard]] QList<JobPage*> busyPages() const;
    void pruneHistory();
    void listenTo(Page* page);
    void showFrontPage();
    void showActions();
    void showTitles();
    void showStatus();
    void showMessage(widgets::MessageBar::Kind kind, const QString& text);
    void askHowToClose();
    void closeAfterJobs();
    void closeLeavingJobs();
    void closeStoppingJobs();
    void closeWhenIdle();
    void showAbout();
    void askAttach();
    void askTrace(const QString& title, InstrumentPage* (MainWindow::*open)(const QString& file));

    Theme& m_theme;
    QSettings& m_settings;
    Preferences m_preferences;
    widgets::MessageBar* m_message;
    JobRecord m_record;
    QTabWidget* m_pages;
    QList<JobPage*> m_jobPages; ///< as the list of jobs has them
    JobPage* m_jobPage = nullptr;
    QPointer<BackgroundPage> m_backgroundPage;
    QPointer<WelcomePage> m_welcome;
    JobNotifier* m_notifier;
    JobListModel* m_jobs;
    JobList* m_jobList;
    bool m_wasListShown = false;
    bool m_isListUnwanted = false; ///< it was closed, and does not open by itself any more
    QTimer m_jobsSoon;
    QList<Place> m_places;
    PlaybackActions* m_playback;
    QAction* m_detachAction;
    QAction* m_compareAction;
    QAction* m_closeAction;
    QList<QLabel*> m_statusParts;
    QPointer<QMessageBox> m_question;
    enum class Closing { no, whenDone, stopping, leaving } m_closing = Closing::no;
};

} // namespace pprocess::workbench
