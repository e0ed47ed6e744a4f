// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/job_controller.h>
#include <app/workbench/theme.h>

#include <widgets/rate_estimator.h>
#include <widgets/result_export.h>

#include <QMainWindow>
#include <QTimer>

class QAction;
class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;
class QSettings;
class QSortFilterProxyModel;
class QSplitter;
class QTabBar;

namespace pprocess::widgets {
class MessageBar;
class OutputPane;
class ProcessModel;
class ProcessSampler;
class ResultModel;
class StackedBar;
class TableView;
class ThroughputPlot;
} // namespace pprocess::widgets

namespace pprocess::workbench {

class JobForm;

/// The workbench: a form for a job at the left; its progress, processes and results at the right.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    /// `theme` and `settings` must outlive the window; `server` may be empty when it could not be started.
    MainWindow(std::unique_ptr<ForkServer> server, Theme& theme, QSettings& settings);
    ~MainWindow() override;

    void setJob(const job::Job& job, const QString& file = {});
    /// Reads a job file in another thread and shows it.
    void openJob(const QString& file);
    void saveJob(const QString& file);
    void saveResults(const QString& file, widgets::result_export::Format format);
    void run();
    void runFailedAgain();

    [[nodiscard]] JobController& controller() { return *m_controller; }
    [[nodiscard]] QString summaryText() const;

signals:
    /// After a file was written or could not be.
    void saved(bool isSaved);
    void opened(bool isOpened);

protected:
    void closeEvent(QCloseEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    QWidget* makeHeader();
    QWidget* makeProgressCard();
    QWidget* makeProcessesCard();
    QWidget* makeResultsCard();
    void makeMenus();
    void makeStatusBar();
    void restoreState();
    void storeState();

    void newJob();
    void askOpenJob();
    void askSaveJob(bool askForName);
    void askSaveResults(widgets::result_export::Format format);

    void onStateChanged(JobController::State state);
    void onStarted(bool isRerun);
    void onFinished(const JobController::Summary& summary);
    void onMistake(const QString& field, const QString& message);
    void onFailed(const QString& message);
    void sample();
    void showProgress();
    void showTitle();
    void showCounts();
    void showProcessCount();
    void showSelectedResult();
    void showEmptyTexts();
    void showStatus();
    void processMenu(const QPoint& position);
    void resultMenu(const QPoint& position);
    void signalSelected(int signal);
    [[nodiscard]] QString commandLineOf(const widgets::ResultRow& row) const;
    void note(const QString& text);
    void problem(const QString& text);

    Theme& m_theme;
    QSettings& m_settings;
    JobController* m_controller;
    JobForm* m_form;
    QScrollArea* m_formArea;
    QString m_jobFile;
    QString m_summary;

    QLabel* m_title;
    QLabel* m_subtitle;
    QPushButton* m_runButton;
    QPushButton* m_stopButton;
    QPushButton* m_againButton;
    widgets::MessageBar* m_message;

    widgets::StackedBar* m_bar;
    QLabel* m_legend;
    QLabel* m_summaryLabel;
    QLabel* m_rateFigure;
    QLabel* m_remainingFigure;
    QLabel* m_elapsedFigure;
    widgets::ThroughputPlot* m_plot;
    widgets::RateEstimator m_rate;

    widgets::ProcessModel* m_processes;
    QSortFilterProxyModel* m_sortedProcesses;
    widgets::TableView* m_processTable;
    QLabel* m_processCount;
    widgets::ProcessSampler* m_sampler;
    std::uint64_t m_workersMemory = 0;

    widgets::ResultModel* m_results;
    widgets::TableView* m_resultTable;
    QLineEdit* m_filter;
    QTabBar* m_show;
    QLabel* m_resultNote;
    widgets::OutputPane* m_output;
    QTimer m_filterTimer;
    QTimer m_sampleTimer;
    std::vector<std::size_t> m_keptSelection;

    QSplitter* m_outerSplitter;
    QSplitter* m_rowsSplitter;
    QSplitter* m_resultsSplitter;

    QAction* m_runAction;
    QAction* m_stopAction;
    QAction* m_againAction = nullptr;
    QAction* m_showOutputAction;
    QAction* m_saveCsvAction;
    QAction* m_saveJsonAction;
    QList<QAction*> m_jobFileActions;

    QLabel* m_statusProcesses;
    QLabel* m_statusLauncher;
    QLabel* m_statusMemory;
    bool m_closeWhenIdle = false;
    bool m_focusRunWhenIdle = false;
};

} // namespace pprocess::workbench
