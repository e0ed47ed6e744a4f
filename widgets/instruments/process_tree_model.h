// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractItemModel>
#include <QString>

#include <bitset>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <pprocess/observe/snapshot.h>

namespace pprocess::widgets {

/// The processes of a snapshot, each below its creator, or all in one table, sorted and filtered. Any snapshot can
/// follow any other: what both have keeps its index.
///
/// Sorting and filtering are done here and not by a proxy, for then a refresh goes over the processes once.
class ProcessTreeModel : public QAbstractItemModel {
    Q_OBJECT

public:
    enum Column {
        PidColumn,
        StateColumn,
        PurposeColumn,
        TaskColumn,
        SinceColumn,
        CpuColumn,
        CpuTimeColumn,
        MemoryColumn,
        DescriptorsColumn,
        ThreadsColumn,
        MessagesInColumn,
        MessagesOutColumn,
        BytesInColumn,
        BytesOutColumn,
        DoneColumn,
        FailedColumn,
        StartedColumn,
        EndingColumn,
        ColumnCount
    };
    enum Role { KeyRole = Qt::UserRole + 1 };
    /// States, by their number.
    using States = std::bitset<static_cast<std::size_t>(observe::ProcessState::failed) + 1>;

    explicit ProcessTreeModel(QObject* parent = nullptr);
    ~ProcessTreeModel() override;

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& index) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

    /// Sorts siblings by what the column means, equal ones by their appearance; column -1: by their appearance alone.
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

    /// Becomes equal to this state, by the smallest changes.
    void update(const observe::Snapshot& snapshot);
    /// One table, or each process below its creator.
    void setFlat(bool isFlat);
    [[nodiscard]] bool isFlat() const { return m_isFlat; }

    /// Only processes in one of these states in whose pid, state, purpose, task or ending the text occurs, and what is
    /// above them.
    void setFilter(const QString& text, States states);

    /// Null for an index that is not of this model.
    [[nodiscard]] const observe::ProcessInfo* process(const QModelIndex& index) const;
    /// Invalid when there is no such process, or it is filtered out.
    [[nodiscard]] QModelIndex indexOf(std::uint64_t key, int column = 0) const;
    /// Its task: index and input, on one line; empty when it never had one.
    [[nodiscard]] QString taskText(const QModelIndex& index) const;
    /// How many processes there are.
    [[nodiscard]] std::size_t size() const { return m_nodes.size(); }
    /// How many of them pass the filter by themselves, and not only because of what is below them.
    [[nodiscard]] std::size_t matching() const { return m_matching; }
    /// All there is to say of one process, a line each.
    [[nodiscard]] QString details(const QModelIndex& index) const;

private:
    struct Node;
    using Nodes = std::map<std::uint64_t, std::unique_ptr<Node>>;

    [[nodiscard]] static Node* nodeOf(const QModelIndex& index);
    [[nodiscard]] QModelIndex indexOf(const Node& node, int column) const;
    [[nodiscard]] const QString& taskOf(const Node& node) const;
    [[nodiscard]] QString text(const Node& node, int column) const;
    [[nodiscard]] bool matches(const Node& node) const;
    [[nodiscard]] bool comesBefore(const Node& one, const Node& other) const;
    [[nodiscard]] Node* wantedParent(const Node& node) const;
    void markWanted();
    void arrange();
    void hideUnwanted();
    void showWanted();
    void move(Node& node, Node& parent);
    void sortChildren();
    void announce(const std::vector<Node*>& nodes, int firstColumn, int lastColumn);

    Nodes m_nodes; ///< by key; those without a parent are not shown
    std::unique_ptr<Node> m_root;
    bool m_isFlat = false;
    int m_sortColumn = -1;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
    QString m_filterText;
    States m_states = States().set();
    std::size_t m_matching = 0;
    std::int64_t m_begin = 0;
    std::int64_t m_now = 0;
};

} // namespace pprocess::widgets
