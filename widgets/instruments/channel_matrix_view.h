// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/instruments/frame_pacer.h>
#include <widgets/instruments/recent_activity.h>

#include <QWidget>

#include <vector>

class QCheckBox;
class QLabel;

namespace pprocess::observe {
struct ChannelInfo;
}

namespace pprocess::widgets {

class InstrumentData;
class InstrumentSelection;
class TimeRange;

/// A cell for each channel: can something be read from it now, what waits in it, how many bytes a second went each way,
/// how old its last message is, and what its process is at. Sorted by exchange, then by appearance.
class ChannelMatrixView : public QWidget {
    Q_OBJECT

public:
    ChannelMatrixView(InstrumentData& record, InstrumentSelection& selection, TimeRange& range,
                      QWidget* parent = nullptr);
    ~ChannelMatrixView() override;

    /// The channels shown, by their ids, in the order of their cells.
    [[nodiscard]] const std::vector<std::uint64_t>& channels() const { return m_channels; }
    /// All that is known of a channel, in sentences.
    [[nodiscard]] QString describe(std::uint64_t channel) const;
    /// Takes the state at the position over, at once.
    void refresh();

protected:
private:
    class Grid;

    void catchUp();

    void showSelection();
    void explain();
    void showMenu(const QPoint& place);
    [[nodiscard]] const observe::ChannelInfo* channel(std::uint64_t id) const;

    InstrumentData& m_data;
    InstrumentSelection& m_selection;
    RecentActivity m_activity;
    std::vector<std::uint64_t> m_channels;
    double m_largestRate = 0;
    std::uint64_t m_selected = 0; ///< id of the channel that belongs to what is selected
    Grid* m_grid = nullptr;
    QCheckBox* m_hidesClosed = nullptr;
    QLabel* m_counts = nullptr;
    QLabel* m_detail = nullptr;
    QLabel* m_scale = nullptr;
    FramePacer m_pacer;
};

} // namespace pprocess::widgets
