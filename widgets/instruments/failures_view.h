// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/instruments/failure_models.h>
#include <widgets/instruments/instrument_selection.h>

#include <QList>
#include <QWidget>

#include <functional>
#include <utility>

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QSortFilterProxyModel;
class QSplitter;
class QStackedWidget;

namespace pprocess::widgets {

class TableView;

/// Tasks that failed, up to the position: in groups, each with its tasks, and all there is to know of one of them.
class FailuresView : public QWidget {
    Q_OBJECT

public:
    /// Tasks by exchange and index.
    using Tasks = QList<std::pair<quint64, quint64>>;

    FailuresView(InstrumentData& record, InstrumentSelection& selection, QWidget* parent = nullptr);

    [[nodiscard]] FailureList& failures() { return *m_list; }
    [[nodiscard]] TableView& groupTable() { return *m_groupTable; }
    [[nodiscard]] TableView& failureTable() { return *m_failureTable; }
    /// "3 of 1,204 tasks failed.", or why there is nothing to see.
    [[nodiscard]] QString summary() const;
    /// The tasks that "Run these again" means: those selected when there are several, else all of the group.
    [[nodiscard]] Tasks tasksToRunAgain() const;

    /// Can tasks be run again? Why not, the button's tool tip says.
    void setCanRunAgain(bool canRunAgain, const QString& reason = {});
    /// From now on there is a button for a failed task's output; this says whether there is any.
    void setOutputs(std::function<bool(const Failure& failure)> hasOutput);

signals:
    /// Somebody wants these tasks to be run once more.
    void runAgainRequested(const pprocess::widgets::FailuresView::Tasks& tasks);
    /// Somebody wants to read what this task has written.
    void outputRequested(const pprocess::widgets::Failure& failure);

protected:
    void changeEvent(QEvent* event) override;

private:
    QWidget* makeFailurePane();
    QWidget* makeDetailPane();
    void makeTables();
    void wire();
    void applyWidths();
    void showGroup();
    void showChange();
    void showSummary();
    void showDetail();
    void showWhetherOutput();
    void showSelection();
    void showMenu(const QPoint& at);
    void reveal(const Selected& selected, const QString& view);
    [[nodiscard]] const Failure* current() const;

    InstrumentData& m_data;
    InstrumentSelection& m_selection;
    FailureList* m_list;
    FailureGroupModel* m_groups;
    QSortFilterProxyModel* m_sortedGroups;
    FailureModel* m_failures;
    TableView* m_groupTable;
    TableView* m_failureTable;
    QStackedWidget* m_pages;
    QLabel* m_emptyTitle;
    QLabel* m_emptyAdvice;
    QLabel* m_summary;
    QLabel* m_shown;
    QPushButton* m_again;
    QLabel* m_title;
    QLabel* m_facts;
    QPlainTextEdit* m_input;
    QPlainTextEdit* m_text;
    QPushButton* m_inTimeline;
    QPushButton* m_inEvents;
    QPushButton* m_output;
    std::function<bool(const Failure&)> m_hasOutput; ///< none: nobody keeps outputs
    QWidget* m_detail;
    bool m_canRunAgain = false;
    bool m_isSelecting = false; ///< by itself
    std::uint64_t m_detailEvent = Event::unknown;
};

} // namespace pprocess::widgets
