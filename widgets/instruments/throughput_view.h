// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

#include <cstdint>

#include <pprocess/observe/statistics.h>

class QComboBox;
class QLabel;
class QSplitter;
class QStackedWidget;
class QTableWidget;
class QToolButton;

namespace pprocess::widgets {

class ElidedLabel;
class InstrumentData;
class InstrumentSelection;
class StageHistograms;
class TimePlots;
class TimeRange;

/// Throughput and latency: one sentence on what limits the job, rates and the use of slots over the shared range of
/// time, and how long tasks took in each stage, for that range and for all. Uses, and does not own, the record, the
/// selection and the range.
///
/// Events are added up while the view is visible, and in pieces between two frames when there are many.
class ThroughputView : public QWidget {
    Q_OBJECT

public:
    ThroughputView(InstrumentData& record, InstrumentSelection& selection, TimeRange& range, QWidget* parent = nullptr);

    /// What has been added up so far.
    [[nodiscard]] const observe::Statistics& statistics() const { return m_statistics; }
    /// Id of the exchange that is shown; 0: all.
    [[nodiscard]] std::uint64_t exchange() const;
    /// What limits the job at the position of the views.
    [[nodiscard]] const observe::Verdict& verdict() const { return m_verdict; }
    [[nodiscard]] TimePlots& plots() { return *m_plots; }
    /// Cores of the machine that the record is of; 0: not known. At first those of this one.
    void setCores(unsigned cores);
    /// Adds up what is left and shows it at once.
    void catchUp();

protected:
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void begin();
    void addUp();
    bool addUpFor(std::int64_t nanoseconds);
    void refresh();
    void refreshFigures();
    void refreshExchanges();
    void refreshPosition();
    void chooseExchange();
    void followSelection();
    void fillRow(int row, const observe::Distribution& times);
    [[nodiscard]] QString totals(const observe::StageTimes& times, const observe::Step& step) const;

    InstrumentData& m_data;
    InstrumentSelection& m_selection;
    TimeRange& m_range;
    observe::Statistics m_statistics;
    observe::Verdict m_verdict;
    std::uint64_t m_added = 0; ///< events up to this index are in `m_statistics`
    unsigned m_cores;

    QStackedWidget* m_pages;
    QLabel* m_empty;
    QLabel* m_kind;
    QLabel* m_sentence;
    QComboBox* m_exchanges;
    QToolButton* m_follow;
    TimePlots* m_plots;
    QSplitter* m_halves;
    StageHistograms* m_histograms;
    QTableWidget* m_table;
    QLabel* m_shownTotals;
    QLabel* m_allTotals;
    ElidedLabel* m_readOut;
    QTimer m_frame;               ///< the next refresh of what is drawn
    QTimer m_figures;             ///< the next refresh of what is read
    bool m_figuresAreDue = false; ///< they are older than what is shown, and wait for the timer
};

} // namespace pprocess::widgets
