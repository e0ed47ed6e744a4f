// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/thumbnail_model.h>

#include <widgets/format.h>
#include <widgets/picture_source.h>

#include <QGuiApplication>
#include <QPainter>
#include <QPalette>

#include <algorithm>

namespace pprocess::widgets {

namespace {

/// All of one size, so that they stand in line.
QPixmap canvas() {
    QPixmap picture(ThumbnailModel::side, ThumbnailModel::height);
    picture.fill(Qt::transparent);
    return picture;
}

QPixmap framed(const QImage& image) {
    QPixmap picture = canvas();
    QPainter painter(&picture);
    QRect place(QPoint(), image.size());
    place.moveCenter(picture.rect().center());
    painter.drawImage(place, image);
    return picture;
}

/// In the place of a picture that is being read or cannot be.
QPixmap blank(const QString& sign) {
    QPixmap picture = canvas();
    QPainter painter(&picture);
    QColor color = QGuiApplication::palette().color(QPalette::PlaceholderText);
    painter.setPen(color);
    painter.drawRoundedRect(QRectF(picture.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    painter.drawText(picture.rect(), Qt::AlignCenter | Qt::TextWordWrap, sign);
    return picture;
}

} // namespace

ThumbnailModel::ThumbnailModel(ResultModel& results, QObject* parent)
    : QAbstractListModel(parent),
      m_results(results),
      m_pictures(mostKept) {
    m_timer.setSingleShot(true);
    m_timer.setInterval(200);
    connect(&m_timer, &QTimer::timeout, this, &ThumbnailModel::find);
    const auto changed = [this] {
        m_isStale = true;
        if (m_isShown && !m_timer.isActive()) {
            m_timer.start();
        }
    };
    connect(&results, &ResultModel::countsChanged, this, changed);
    connect(&results, &QAbstractItemModel::modelReset, this, changed);
    connect(&results, &QAbstractItemModel::layoutChanged, this, changed);
    connect(&results, &QAbstractItemModel::dataChanged, this, [this, changed] {
        m_pictures.clear();
        ++m_generation;
        changed();
    });
}

void ThumbnailModel::setFolder(const QString& folder) {
    if (m_folder != folder) {
        m_folder = folder;
        m_pictures.clear();
    }
}

void ThumbnailModel::setShown(bool isShown) {
    m_isShown = isShown;
    if (isShown && m_isStale) {
        find();
    }
}

void ThumbnailModel::find() {
    m_isStale = false;
    std::vector<std::size_t> items;
    bool isCut = false;
    const int rows = m_results.rowCount();
    for (int row = 0; row < rows; ++row) {
        const ResultView view = m_results.viewAt(row);
        if (picture_source::mayHavePicture(view)) {
            if (items.size() == mostRows) {
                isCut = true;
                break;
            }
            items.push_back(view.index);
        }
    }
    m_isCut = isCut;
    if (m_results.counts().all == 0) {
        m_pictures.clear();
        m_underWay.clear();
        ++m_generation;
    }
    const bool isLonger = items.size() > m_items.size() && std::equal(m_items.begin(), m_items.end(), items.begin());
    if (isLonger) {
        beginInsertRows({}, static_cast<int>(m_items.size()), static_cast<int>(items.size()) - 1);
        m_items = std::move(items);
        endInsertRows();
    } else if (items != m_items) {
        beginResetModel();
        m_items = std::move(items);
        endResetModel();
    } else if (!m_items.empty()) {
        emit dataChanged(index(0), index(static_cast<int>(m_items.size()) - 1));
    }
    emit updated();
}

int ThumbnailModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_items.size());
}

std::size_t ThumbnailModel::itemAt(const QModelIndex& index) const {
    return m_items[static_cast<std::size_t>(index.row())];
}

QModelIndex ThumbnailModel::indexOfItem(std::size_t item) const {
    const auto place = std::find(m_items.begin(), m_items.end(), item);
    return place == m_items.end() ? QModelIndex() : index(static_cast<int>(place - m_items.begin()));
}

void ThumbnailModel::read(std::size_t item) const {
    if (m_underWay.contains(item)) {
        return;
    }
    m_underWay.insert(item);
    auto source = picture_source::of(m_results.resultOfItem(item), m_folder);
    auto* self = const_cast<ThumbnailModel*>(this);
    const auto take = [self, item, generation = m_generation](const QImage& image, const QString& /*problem*/) {
        self->m_underWay.remove(item);
        if (generation != self->m_generation) {
            return;
        }
        self->m_pictures.insert(item, new QPixmap(image.isNull() ? blank(tr("no picture")) : framed(image)));
        if (const QModelIndex place = self->indexOfItem(item); place.isValid()) {
            emit self->dataChanged(place, place, {Qt::DecorationRole});
        }
    };
    if (source) {
        picture_source::readInBackground(std::move(*source), {side, height}, self, take);
    } else {
        QMetaObject::invokeMethod(
            self, [take] { take({}, {}); }, Qt::QueuedConnection);
    }
}

QVariant ThumbnailModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const std::size_t item = itemAt(index);
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole: {
        const auto row = m_results.resultOfItem(item);
        if (!row) {
            return {};
        }
        const QString input = format::oneLine(row->input, 1000);
        return role == Qt::ToolTipRole ? input : input.section(QLatin1Char('/'), -1);
    }
    case Qt::DecorationRole:
        if (const QPixmap* picture = m_pictures.object(item)) {
            return *picture;
        }
        read(item);
        return blank(QStringLiteral("…"));
    default:
        return {};
    }
}

} // namespace pprocess::widgets
