// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/instruments/event_log_model.h>

#include <QWidget>

class QAction;
class QComboBox;
class QLabel;
class QLineEdit;
class QMenu;
class QPushButton;
class QToolButton;

namespace pprocess::widgets {

class TableView;
class TimeRange;

/// All events of a record in a table, up to the position. Follows the end until one scrolls up; what is chosen here is
/// selected in all views, and what is selected there is scrolled to.
class EventLogView : public QWidget {
    Q_OBJECT

public:
    EventLogView(InstrumentData& record, InstrumentSelection& selection, TimeRange& range, QWidget* parent = nullptr);

    [[nodiscard]] EventLogModel& model() { return *m_model; }
    [[nodiscard]] TableView& table() { return *m_table; }
    /// "1,204 of 1,000,000 events", with what is missing.
    [[nodiscard]] QString countText() const;
    /// Does it show the latest events as they come?
    [[nodiscard]] bool isFollowing() const { return m_isFollowing; }

public slots:
    /// Shows only events that contain this.
    void searchFor(const QString& text);
    /// Shows only events of this process; 0: of all.
    void showProcess(int pid);
    /// Goes to the end and stays there.
    void goToEnd();

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    enum Scope { Everything, VisibleTimes, OfSelection };

    QWidget* makeControls();
    QMenu* makeKinds();
    void wire();
    void applyFilter();
    void applyTimes();
    void applyWidths();
    void showCounts();
    void showSelection();
    void selectCurrent();
    void placeNewButton();
    void showMenu(const QPoint& at);
    void addProcessMenu(QMenu& menu, const Event& event);
    void addTaskMenu(QMenu& menu, const Event& event);
    void reveal(const Selected& selected, const QString& view);

    InstrumentData& m_data;
    InstrumentSelection& m_selection;
    TimeRange& m_range;
    EventLogModel* m_model;
    TableView* m_table;
    QLineEdit* m_text;
    QLineEdit* m_process;
    QToolButton* m_kinds;
    QList<QAction*> m_groups;
    QAction* m_failures;
    QComboBox* m_scope;
    QLabel* m_counts;
    QPushButton* m_new;
    Selected m_scopeSelected; ///< what "of the selection" means
    bool m_isFollowing = true;
    int m_valueBefore = 0;        ///< of the scroll bar, before rows go
    bool m_isMoving = false;      ///< it scrolls or selects by itself
    std::uint64_t m_seenUpTo = 0; ///< event; when following stopped
};

} // namespace pprocess::widgets
