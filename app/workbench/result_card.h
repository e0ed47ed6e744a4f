// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/job_controller.h>

#include <widgets/message_bar.h>
#include <widgets/result_export.h>

#include <QFrame>

#include <optional>

class QAction;
class QLabel;
class QLineEdit;
class QListView;
class QPushButton;
class QSettings;
class QSplitter;
class QStackedWidget;
class QTabBar;

namespace pprocess::widgets {
class OutputPane;
class ResultModel;
class ResultPlot;
class TableView;
class ThumbnailModel;
} // namespace pprocess::widgets

namespace pprocess::workbench {

class LinesView;

/// The results of the job: a table that is sorted, filtered and saved, and the whole output of the selected one.
class ResultCard : public QFrame {
    Q_OBJECT

public:
    /// `controller` is only asked, and must outlive every call.
    explicit ResultCard(const JobController& controller, QWidget* parent = nullptr);

    /// Forgets the job before.
    void clear();
    /// Shows the results as they come by the pattern of the job that begins: in the places of their inputs, or line by
    /// line.
    void showPattern(job::Pattern pattern);
    /// Says what is missing, by the state that the controller is in.
    void showEmptyText();
    [[nodiscard]] std::size_t failedCount() const;
    [[nodiscard]] std::vector<widgets::ResultRowPtr> failedRows() const;
    /// What there is of an item; null: nothing yet.
    [[nodiscard]] widgets::ResultRowPtr resultOfItem(std::size_t item) const;
    /// What a worker has done last; null: nothing that is kept.
    [[nodiscard]] widgets::ResultRowPtr latestResultOf(pid_t worker) const;
    /// Can items be run again: has any not succeeded?
    [[nodiscard]] bool hasUnsuccessful() const;
    /// Selects the item and shows its output, whatever the filter and the pane were.
    void showItem(std::size_t item);

    /// Writes all results in another thread; ends in `saved`.
    void save(const QString& file, widgets::result_export::Format format);
    /// Writes the output of each selected result to a file of its own; ends in `saved`.
    void saveOutputs(const QString& folder);
    /// Saving as CSV and as JSON, and the outputs of what is selected; each asks for a name. Enabled while there are
    /// results.
    [[nodiscard]] const QList<QAction*>& saveActions() const { return m_saveActions; }
    /// Shows or hides the output of the selected result.
    [[nodiscard]] QAction* showOutputAction() const { return m_showOutputAction; }
    void focusFilter();
    /// A control that takes the focus when the one that had it can have it no longer.
    [[nodiscard]] QWidget* focusRefuge() const;

    void storeState(QSettings& settings) const;
    void restoreState(const QSettings& settings);

signals:
    void countsChanged();
    void saved(bool isSaved, const QString& message);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void makeActions();
    void makeTable();
    [[nodiscard]] QLayout* makeHead();
    void askSave(widgets::result_export::Format format);
    void applyFilter();
    void showCounts();
    void makeKinds();
    void showKinds();
    void showKind();
    [[nodiscard]] QString folder() const;
    void askSaveOutputs();
    void showSelected();
    void showMenu(const QPoint& position);
    void rememberSelection();
    void restoreSelection();
    [[nodiscard]] QString commandLineOf(const widgets::ResultRow& row) const;

    const JobController& m_controller;
    widgets::ResultModel* m_results;
    widgets::TableView* m_table;
    QLineEdit* m_filter;
    QTabBar* m_show;
    QLabel* m_heading;
    QLabel* m_note;
    QPushButton* m_save;
    widgets::OutputPane* m_output;
    QSplitter* m_splitter;
    QTabBar* m_kind; ///< how the results are shown
    QStackedWidget* m_kinds;
    LinesView* m_lines;
    bool m_showsLines = false;        ///< is there a job whose lines are told?
    bool m_isSortedByPattern = false; ///< and not by anybody's choice
    widgets::ResultPlot* m_plot;
    widgets::ThumbnailModel* m_thumbnails;
    QListView* m_pictures;
    QTimer m_plotTimer;
    QTimer m_filterTimer;
    std::vector<std::size_t> m_keptSelection;
    std::optional<std::size_t> m_wantedItem; ///< to be selected once it is in the table
    QList<QAction*> m_saveActions;
    QAction* m_showOutputAction;
    QAction* m_saveOutputsAction;
};

} // namespace pprocess::workbench
