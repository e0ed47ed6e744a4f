// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/instruments/frame_pacer.h>
#include <widgets/instruments/recent_activity.h>
#include <widgets/instruments/waiting_tasks.h>

#include <QWidget>

#include <vector>

class QComboBox;
class QLabel;

namespace pprocess::observe {
struct ExchangeInfo;
}

namespace pprocess::widgets {

class InstrumentData;
class InstrumentSelection;
class TimeRange;

/// An exchange at the position of a record, drawn: what waits, the slots and who sits in them, what is ready, what came
/// out. Arrows are as thick as tasks went over them in the last second. Of several exchanges one is chosen, the busiest
/// when nobody chose.
class ExchangeDiagramView : public QWidget {
    Q_OBJECT

public:
    ExchangeDiagramView(InstrumentData& record, InstrumentSelection& selection, TimeRange& range,
                        QWidget* parent = nullptr);
    ~ExchangeDiagramView() override;

    /// Id of the exchange shown; 0: there is none.
    [[nodiscard]] std::uint64_t exchange() const { return m_exchange; }
    /// Who sits in which slot: keys of processes, 0 for an empty slot.
    [[nodiscard]] const std::vector<std::uint64_t>& seats() const { return m_seats; }
    /// The diagram in words.
    [[nodiscard]] QString describe() const;
    /// Takes the state at the position over, at once.
    void refresh();

protected:
private:
    class Diagram;

    void catchUp();
    void showSelection();
    void chooseExchange();
    void listExchanges(const std::vector<const observe::ExchangeInfo*>& exchanges);
    [[nodiscard]] double busyness(const observe::ExchangeInfo& exchange) const;
    [[nodiscard]] QString nameOf(const observe::ExchangeInfo& exchange) const;
    [[nodiscard]] const observe::ExchangeInfo* shown() const;
    [[nodiscard]] std::size_t readyCount() const;

    InstrumentData& m_data;
    InstrumentSelection& m_selection;
    RecentActivity m_activity;
    WaitingTasks m_waiting;
    bool m_knowsWaiting = false; ///< which they are; how many is always known
    std::uint64_t m_exchange = 0;
    bool m_isChosen = false; ///< by somebody, and not because it is the busiest
    std::vector<std::uint64_t> m_seats;
    std::vector<std::uint64_t> m_listed;
    Diagram* m_diagram = nullptr;
    QComboBox* m_chooser = nullptr;
    QLabel* m_summary = nullptr;
    FramePacer m_pacer;
};

} // namespace pprocess::widgets
