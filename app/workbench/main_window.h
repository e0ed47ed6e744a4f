// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/job_page.h>
#include <app/workbench/theme.h>

#include <widgets/instruments/instrument_source.h>

#include <QMainWindow>

class QLabel;
class QTabWidget;

namespace pprocess::workbench {

class InstrumentPage;
class PlaybackActions;

/// The workbench's window: pages in tabs, the menus that go with them, one line for messages and one for the status of
/// the page in front. The first page is the job's and stays.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    /// `theme` and `settings` must outlive the window; `server` may be empty when it could not be started.
    MainWindow(std::unique_ptr<ForkServer> server, Theme& theme, QSettings& settings);
    ~MainWindow() override;

    // What the job page does (see there).
    void setJob(const job::Job& job, const QString& file = {}) { m_jobPage->setJob(job, file); }
    void openJob(const QString& file) { m_jobPage->openJob(file); }
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
    /// Shows the instruments of this window's own jobs.
    void showInstruments() { m_jobPage->showInstruments(true); }
    /// A file for `openTrace`, by its name?
    [[nodiscard]] static bool isTrace(const QString& file);

    /// Closes the page in front, unless it is the job's.
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
    void makeMenus();
    void makeThemeMenu(QMenu* view);
    void restoreState();
    void storeState();

    [[nodiscard]] Page* pageAt(int place) const;
    void addPage(Page* page, int place);
    void removePage(int place);
    void listenTo(Page* page);
    void showFrontPage();
    void showActions();
    void showTitles();
    void showStatus();
    void showMessage(widgets::MessageBar::Kind kind, const QString& text);
    void askToStopAndQuit();
    void showAbout();
    void askAttach();
    void askTrace(const QString& title, InstrumentPage* (MainWindow::*open)(const QString& file));

    Theme& m_theme;
    QSettings& m_settings;
    widgets::MessageBar* m_message;
    QTabWidget* m_pages;
    JobPage* m_jobPage;
    PlaybackActions* m_playback;
    QAction* m_detachAction;
    QAction* m_compareAction;
    QAction* m_closeAction;
    QList<QLabel*> m_statusParts;
    bool m_closeWhenIdle = false;
};

} // namespace pprocess::workbench
