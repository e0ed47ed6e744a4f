// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/job_list.h>

#include <app/workbench/job_list_model.h>

#include <widgets/colors.h>
#include <widgets/row_delegate.h>
#include <widgets/stacked_bar.h>
#include <widgets/table_view.h>

#include <QHeaderView>
#include <QPainter>
#include <QPainterPath>

namespace pprocess::workbench {

using namespace widgets;

namespace {

/// The counts, with a bar at their left.
class ProgressDelegate : public RowDelegate {
public:
    using RowDelegate::RowDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const auto progress = index.data(JobListModel::ProgressRole).value<job::Progress>();
        constexpr int barWidth = 90;
        RowDelegate::paint(painter, option, index);
        if (progress.total == 0 || option.rect.width() < 2 * barWidth) {
            return;
        }
        const Colors colors = Colors::of(option.palette);
        const QRectF bar(option.rect.left() + 6, option.rect.center().y() - 4, barWidth, 9);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        QPainterPath outline;
        outline.addRoundedRect(bar, 3, 3);
        painter->setClipPath(outline, Qt::IntersectClip);
        painter->fillRect(bar, colors.track);
        const QColor hues[] = {colors.done, colors.failed, colors.cancelled, colors.running};
        double x = bar.left();
        const auto widths = StackedBar::parts(progress, bar.width(), 2);
        for (std::size_t i = 0; i < widths.size(); ++i) {
            painter->fillRect(QRectF(x, bar.top(), widths[i], bar.height()), hues[i]);
            x += widths[i];
        }
        painter->restore();
    }
};

} // namespace

JobList::JobList(JobListModel& jobs, QWidget* parent) : QDockWidget(tr("Jobs"), parent), m_table(new TableView) {
    setObjectName(QStringLiteral("jobs"));
    setFeatures(QDockWidget::DockWidgetClosable);
    m_table->setObjectName(QStringLiteral("jobList"));
    m_table->setAccessibleName(tr("The jobs of this window"));
    m_table->setModel(&jobs);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    const auto isFailed = [](const QModelIndex& index) {
        return index.column() == JobListModel::FailedColumn && index.data(JobListModel::HasFailedRole).toBool();
    };
    const auto isMuted = [](const QModelIndex& index) { return index.column() == JobListModel::StateColumn; };
    m_table->setItemDelegate(new RowDelegate(isFailed, isMuted, this));
    m_table->setItemDelegateForColumn(JobListModel::ProgressColumn, new ProgressDelegate(isFailed, isMuted, this));
    const int widths[] = {260, 140, 220, 100, 80, 100};
    for (int column = 0; column < JobListModel::ColumnCount; ++column) {
        m_table->setColumnWidth(column, widths[column]);
    }
    m_table->setStretchColumn(JobListModel::NameColumn);
    m_table->setMinimumHeight(86);
    setWidget(m_table);
    const auto choose = [this](const QModelIndex& index) { emit chosen(index.row()); };
    connect(m_table, &QAbstractItemView::clicked, this, choose);
    connect(m_table, &QAbstractItemView::activated, this, choose);
}

void JobList::showFront(int row) {
    if (row < 0) {
        m_table->clearSelection();
    } else {
        m_table->selectRow(row);
    }
}

} // namespace pprocess::workbench
