// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/row_delegate.h>

#include <widgets/colors.h>
#include <widgets/fixed_font.h>

#include <QAbstractItemView>
#include <QIcon>
#include <QPainter>

namespace pprocess::widgets {

namespace {
constexpr int padding = 8;
constexpr int iconGap = 5;
constexpr int iconSide = 15;
} // namespace

RowDelegate::RowDelegate(Test isFailed, Test isMuted, QObject* parent)
    : QStyledItemDelegate(parent),
      m_isFailed(std::move(isFailed)),
      m_isMuted(std::move(isMuted)) {}

void RowDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    // Painted by hand: a table of plain cells redrawn thirty times a second is where a style's generality costs most.
    const Colors colors = Colors::of(option.palette);
    const bool isSelected = option.state & QStyle::State_Selected;
    if (isSelected) {
        painter->fillRect(option.rect, colors.selection);
    } else if (option.features & QStyleOptionViewItem::Alternate) {
        painter->fillRect(option.rect, colors.alternate);
    }
    QRect area = option.rect.adjusted(padding, 0, -padding, 0);
    if (const QVariant decoration = index.data(Qt::DecorationRole); decoration.isValid()) {
        const QRect icon(area.left(), area.center().y() - iconSide / 2, iconSide, iconSide);
        decoration.value<QIcon>().paint(painter, icon);
        area.setLeft(icon.right() + iconGap);
    }
    const QString text = index.data(Qt::DisplayRole).toString();
    if (!text.isEmpty()) {
        const bool isFailed = m_isFailed && m_isFailed(index);
        const bool isMuted = m_isMuted && m_isMuted(index);
        const QFont font = index.column() == m_monospaceColumn ? fixedFont(option.font) : option.font;
        painter->setFont(font);
        painter->setPen(isFailed ? colors.failedText : isMuted ? colors.muted : colors.text);
        const auto alignment = static_cast<Qt::Alignment>(index.data(Qt::TextAlignmentRole).toInt());
        // Of a path the end tells most, of other text the beginning.
        const auto slash = text.indexOf(QLatin1Char('/'));
        const bool isPath = slash >= 0 && !QStringView(text).left(slash).contains(QLatin1Char(' '));
        const auto elide = alignment & Qt::AlignRight || (index.column() != m_monospaceColumn && isPath)
                               ? Qt::ElideLeft
                               : Qt::ElideRight;
        const QString shown = QFontMetrics(font).elidedText(text, elide, area.width());
        painter->drawText(area, static_cast<int>(alignment) | Qt::TextSingleLine, shown);
    }
    const auto* const view = qobject_cast<const QAbstractItemView*>(option.widget);
    const QModelIndex current = view && view->hasFocus() ? view->currentIndex() : QModelIndex();
    if (current.isValid() && current.row() == index.row() && current.parent() == index.parent()) {
        painter->setPen(QPen(colors.accent, 1));
        const QRectF row(option.rect);
        painter->drawLine(row.bottomLeft() + QPointF(0, -0.5), row.bottomRight() + QPointF(0, -0.5));
        painter->drawLine(row.topLeft() + QPointF(0, 0.5), row.topRight() + QPointF(0, 0.5));
    }
}

QSize RowDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const QFont font = index.column() == m_monospaceColumn ? fixedFont(option.font) : option.font;
    int width = QFontMetrics(font).horizontalAdvance(index.data(Qt::DisplayRole).toString()) + 2 * padding + 2;
    if (index.data(Qt::DecorationRole).isValid()) {
        width += iconSide + iconGap;
    }
    return {width, QFontMetrics(font).height() + 7};
}

} // namespace pprocess::widgets
