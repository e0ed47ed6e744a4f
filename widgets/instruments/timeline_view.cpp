// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/timeline_view.h>

#include <widgets/elided_label.h>
#include <widgets/focus_forward.h>
#include <widgets/format.h>
#include <widgets/instruments/timeline_canvas.h>
#include <widgets/instruments/timeline_legend.h>
#include <widgets/instruments/timeline_overview.h>

#include <QCheckBox>
#include <QHBoxLayout>
#include <QToolButton>
#include <QVBoxLayout>

namespace pprocess::widgets {

TimelineView::TimelineView(InstrumentData& record, InstrumentSelection& selection, TimeRange& range, QWidget* parent)
    : QWidget(parent),
      m_canvas(new TimelineCanvas(record, selection, range, this)),
      m_overview(new TimelineOverview(record, range, this)),
      m_hideEnded(new QCheckBox(tr("Hide ended"), this)),
      m_follow(new QToolButton(this)),
      m_note(new ElidedLabel(this)),
      m_readOut(new ElidedLabel(this)) {
    setAccessibleName(tr("Timeline"));
    forwardFocus(*this, *m_canvas);
    m_hideEnded->setToolTip(tr("Leaves out the processes that had ended before the time that is shown."));
    m_follow->setText(tr("Follow"));
    m_follow->setObjectName(QStringLiteral("follow"));
    m_follow->setCheckable(true);
    m_follow->setToolTip(tr("Moves with the end of the record. Panning or zooming away from it stops that."));
    auto* all = new QToolButton(this);
    all->setText(tr("Show all"));
    all->setToolTip(tr("Shows the whole record."));
    auto* fit = new QToolButton(this);
    fit->setText(tr("Fit"));
    fit->setToolTip(tr("Shows what is selected as large as it fits (F)."));

    auto* top = new QHBoxLayout;
    top->setContentsMargins(8, 4, 8, 4);
    top->setSpacing(6);
    top->addWidget(new TimelineLegend(this), 1);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_hideEnded, fit, all, m_follow})
        top->addWidget(widget, 0, Qt::AlignTop);
    auto* bottom = new QHBoxLayout;
    bottom->setContentsMargins(8, 2, 8, 4);
    bottom->addWidget(m_readOut, 1);
    bottom->addWidget(m_note, 0);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(top);
    layout->addWidget(m_overview);
    layout->addWidget(m_canvas, 1);
    layout->addLayout(bottom);

    m_follow->setChecked(range.isFollowing());
    connect(m_follow, &QToolButton::toggled, &range, &TimeRange::setFollowing);
    connect(&range, &TimeRange::followingChanged, m_follow, &QToolButton::setChecked);
    connect(all, &QToolButton::clicked, &range, &TimeRange::showAll);
    connect(fit, &QToolButton::clicked, m_canvas, &TimelineCanvas::fitSelection);
    connect(m_hideEnded, &QCheckBox::toggled, m_canvas, &TimelineCanvas::setHideEnded);
    connect(m_canvas, &TimelineCanvas::refreshed, m_overview, qOverload<>(&QWidget::update));
    connect(m_canvas, &TimelineCanvas::rowsChanged, this, [this] { showNote({}); });
    connect(m_canvas, &TimelineCanvas::hovered, this, &TimelineView::showNote);
    showNote({});
}

QString TimelineView::note() const {
    const timeline::Rows& rows = m_canvas->rows();
    if (rows.shown == rows.processes)
        return {};
    QString text = tr("Showing %1 of %2 processes").arg(format::count(rows.shown), format::count(rows.processes));
    if (rows.hidden > 0)
        text += tr("; %1 ended earlier").arg(format::count(rows.hidden));
    return text;
}

void TimelineView::showNote(const QString& hovered) {
    m_note->setText(note());
    m_readOut->setText(hovered.isEmpty() ? tr("Ctrl+wheel or W/S zooms, drag or A/D moves, F fits, "
                                              "drag on the ruler chooses a range")
                                         : hovered);
}

} // namespace pprocess::widgets
