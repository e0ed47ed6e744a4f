// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/result_model.h>

#include <QAbstractListModel>
#include <QCache>
#include <QPixmap>
#include <QSet>
#include <QTimer>

#include <vector>

namespace pprocess::widgets {

/// The results of a model that may have a picture, as they are shown there, each with a small one. Pictures are read in
/// other threads when a view first asks for them, and the oldest are let go again.
class ThumbnailModel : public QAbstractListModel {
    Q_OBJECT

public:
    /// `results` must outlive this.
    explicit ThumbnailModel(ResultModel& results, QObject* parent = nullptr);

    /// Where relative paths begin.
    void setFolder(const QString& folder);
    /// Follows the results only while it is seen.
    void setShown(bool isShown);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

    /// The item of a row.
    [[nodiscard]] std::size_t itemAt(const QModelIndex& index) const;
    [[nodiscard]] QModelIndex indexOfItem(std::size_t item) const;
    /// Were there more pictures than this shows?
    [[nodiscard]] bool isCut() const { return m_isCut; }

    static constexpr int side = 128;                ///< pixels across a thumbnail
    static constexpr int height = side * 3 / 4;     ///< and down
    static constexpr std::size_t mostRows = 20'000; ///< further ones are not shown
    static constexpr int mostKept = 1'000;          ///< pictures in memory

signals:
    /// The rows were found anew.
    void updated();

private:
    void find();
    void read(std::size_t item) const;

    ResultModel& m_results;
    QString m_folder;
    std::vector<std::size_t> m_items;
    bool m_isCut = false;
    bool m_isShown = false;
    bool m_isStale = true;
    QTimer m_timer;
    mutable QCache<std::size_t, QPixmap> m_pictures;
    mutable QSet<std::size_t> m_underWay;
    quint64 m_generation = 0; ///< of the items; pictures of an earlier one are no longer wanted
};

} // namespace pprocess::widgets
