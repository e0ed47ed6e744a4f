// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractItemModel>

#include <memory>

#include <pprocess/message/any_value.h>

namespace pprocess::widgets {

/// A value as a tree: what is within lists, tuples and the like stands below them. Long lists come piece by piece, as a
/// view asks for more.
class ValueModel : public QAbstractItemModel {
    Q_OBJECT

public:
    enum Column { PlaceColumn, ValueColumn, KindColumn, ColumnCount };

    explicit ValueModel(QObject* parent = nullptr);
    ~ValueModel() override;

    void setValue(AnyValue value);
    void clear();

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& child) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    bool hasChildren(const QModelIndex& parent = {}) const override;
    bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// "list of 3", "text of 12 bytes", "whole number" …
    static QString kindText(const AnyValue& value);

    /// So many more are there each time that a view asks for more.
    static constexpr std::size_t pieceSize = 1000;

private:
    struct Node;
    [[nodiscard]] Node* nodeAt(const QModelIndex& index) const;

    std::unique_ptr<Node> m_root; ///< the only row of the top is the value itself
};

} // namespace pprocess::widgets
