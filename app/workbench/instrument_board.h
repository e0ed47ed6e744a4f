// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/playback.h>

#include <widgets/instruments/instrument_selection.h>
#include <widgets/instruments/instrument_source.h>
#include <widgets/instruments/time_range.h>

#include <QHash>
#include <QWidget>

class QLabel;
class QSettings;
class QSplitter;
class QStackedWidget;
class QTabWidget;

namespace pprocess::widgets {
class FailuresView;
class ProcessTreeView;
} // namespace pprocess::widgets

namespace pprocess::workbench {

/// All views of one source, with one selection, one range of time and one playback: the timeline above, the others in
/// tabs below it. Until there is something to see, words say what to do.
class InstrumentBoard : public QWidget {
    Q_OBJECT

public:
    /// `source` must outlive the board.
    explicit InstrumentBoard(widgets::InstrumentSource& source, QWidget* parent = nullptr);
    ~InstrumentBoard() override;

    [[nodiscard]] widgets::InstrumentSource& source() { return m_source; }
    [[nodiscard]] widgets::InstrumentData& data() { return m_source.data(); }
    [[nodiscard]] widgets::InstrumentSelection& selection() { return m_selection; }
    [[nodiscard]] widgets::TimeRange& range() { return m_range; }
    [[nodiscard]] Playback& playback() { return m_playback; }

    // Views that ask for something which only the owner of the board can do.
    [[nodiscard]] widgets::FailuresView& failures() { return *m_failures; }
    [[nodiscard]] widgets::ProcessTreeView& processes() { return *m_processes; }

    /// Is there nothing to see yet?
    [[nodiscard]] bool isEmpty() const;
    /// What is shown while there are no events: a line in bold and advice below it.
    void setEmptyText(const QString& title, const QString& advice);
    /// Brings a view to the front (named as in `InstrumentSelection::revealRequested`); false when there is none.
    bool reveal(const QString& view);
    /// The name of the view in front of the tabs.
    [[nodiscard]] QString frontView() const;

    /// Where things are; for all boards alike.
    void storeState(QSettings& settings) const;
    void restoreState(const QSettings& settings);

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void addViews();
    void addView(const QString& name, const QString& title, QWidget* view);
    void bringForward(QWidget* view);
    void showWhole();
    void showWhetherEmpty();
    void keepPositionInSight();

    widgets::InstrumentSource& m_source;
    widgets::InstrumentSelection m_selection;
    widgets::TimeRange m_range;
    Playback m_playback;
    QStackedWidget* m_pages;
    QLabel* m_emptyTitle;
    QLabel* m_emptyAdvice;
    QSplitter* m_splitter;
    QTabWidget* m_tabs;
    QHash<QString, QWidget*> m_views;
    widgets::FailuresView* m_failures;
    widgets::ProcessTreeView* m_processes;
};

} // namespace pprocess::workbench
