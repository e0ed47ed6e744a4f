// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QCheckBox;
class QToolButton;

namespace pprocess::widgets {

class ElidedLabel;
class InstrumentData;
class InstrumentSelection;
class TimelineCanvas;
class TimelineOverview;
class TimeRange;

/// What each process did, over time: a lane for each process below its creator, one for each exchange, the messages of
/// what is selected, a strip of the whole record, a legend, and what is under the pointer in words. Uses, and does not
/// own, the record, the selection and the range.
class TimelineView : public QWidget {
    Q_OBJECT

public:
    TimelineView(InstrumentData& record, InstrumentSelection& selection, TimeRange& range, QWidget* parent = nullptr);

    [[nodiscard]] TimelineCanvas& canvas() { return *m_canvas; }
    [[nodiscard]] TimelineOverview& overview() { return *m_overview; }
    /// "Showing 12 of 1,001 processes …"; empty when all are shown.
    [[nodiscard]] QString note() const;

private:
    void showNote(const QString& hovered);

    TimelineCanvas* m_canvas;
    TimelineOverview* m_overview;
    QCheckBox* m_hideEnded;
    QToolButton* m_follow;
    ElidedLabel* m_note;
    ElidedLabel* m_readOut;
};

} // namespace pprocess::widgets
