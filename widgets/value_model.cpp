// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/value_model.h>

#include <widgets/format.h>

#include <algorithm>
#include <vector>

namespace pprocess::widgets {

namespace {

using Kind = AnyValue::Kind;

constexpr std::size_t shownText = 400; ///< bytes of a value beside its place
constexpr std::size_t tipText = 4000;  ///< and when pointed at

QString words(const AnyValue& value, std::size_t limit) {
    if (value.is_none()) {
        return QStringLiteral("—");
    }
    return format::oneLine(to_text(value, limit), limit);
}

} // namespace

struct ValueModel::Node {
    AnyValue value;
    Node* above = nullptr;
    int row = 0;
    std::size_t shown = 0;                       ///< of what is within it
    std::vector<std::unique_ptr<Node>> children; ///< of those the ones that have been asked for; else null

    Node() = default;
    Node(AnyValue what, Node* parent, int place)
        : value(std::move(what)),
          above(parent),
          row(place),
          shown(std::min(value.size(), pieceSize)) {}

    /// One of those shown.
    Node* child(std::size_t place) {
        if (children.size() < shown) {
            children.resize(shown);
        }
        if (!children[place]) {
            children[place] = std::make_unique<Node>(value.child(place), this, static_cast<int>(place));
        }
        return children[place].get();
    }
};

ValueModel::ValueModel(QObject* parent) : QAbstractItemModel(parent), m_root(std::make_unique<Node>()) {}

ValueModel::~ValueModel() = default;

void ValueModel::setValue(AnyValue value) {
    beginResetModel();
    m_root = std::make_unique<Node>();
    m_root->children.push_back(std::make_unique<Node>(std::move(value), m_root.get(), 0));
    m_root->shown = 1;
    endResetModel();
}

void ValueModel::clear() {
    beginResetModel();
    m_root = std::make_unique<Node>();
    endResetModel();
}

ValueModel::Node* ValueModel::nodeAt(const QModelIndex& index) const {
    return index.isValid() ? static_cast<Node*>(index.internalPointer()) : m_root.get();
}

QModelIndex ValueModel::index(int row, int column, const QModelIndex& parent) const {
    Node* node = nodeAt(parent);
    if (row < 0 || column < 0 || column >= ColumnCount || static_cast<std::size_t>(row) >= node->shown ||
        parent.column() > 0) {
        return {};
    }
    return createIndex(row, column, node->child(static_cast<std::size_t>(row)));
}

QModelIndex ValueModel::parent(const QModelIndex& child) const {
    if (!child.isValid()) {
        return {};
    }
    Node* above = nodeAt(child)->above;
    return above == m_root.get() ? QModelIndex() : createIndex(above->row, 0, above);
}

int ValueModel::rowCount(const QModelIndex& parent) const {
    return parent.column() > 0 ? 0 : static_cast<int>(nodeAt(parent)->shown);
}

int ValueModel::columnCount(const QModelIndex& /*parent*/) const {
    return ColumnCount;
}

bool ValueModel::hasChildren(const QModelIndex& parent) const {
    if (!parent.isValid()) {
        return m_root->shown > 0;
    }
    return parent.column() == 0 && nodeAt(parent)->value.size() > 0;
}

bool ValueModel::canFetchMore(const QModelIndex& parent) const {
    if (!parent.isValid() || parent.column() > 0) {
        return false;
    }
    const Node* node = nodeAt(parent);
    return node->shown < node->value.size();
}

void ValueModel::fetchMore(const QModelIndex& parent) {
    if (!canFetchMore(parent)) {
        return;
    }
    Node* node = nodeAt(parent);
    const std::size_t first = node->shown;
    const std::size_t count = std::min(pieceSize, node->value.size() - first);
    beginInsertRows(parent, static_cast<int>(first), static_cast<int>(first + count) - 1);
    node->shown += count;
    endInsertRows();
}

QString ValueModel::kindText(const AnyValue& value) {
    const auto of = [&value](const QString& what) { return what.arg(format::count(value.size())); };
    switch (value.kind()) {
    case Kind::none:
        return tr("nothing");
    case Kind::boolean:
        return tr("true or false");
    case Kind::signed_integer:
    case Kind::unsigned_integer:
        return tr("whole number");
    case Kind::floating:
    case Kind::extended:
        return tr("number");
    case Kind::text:
        return tr("text of %1").arg(format::counted<ValueModel>(value.text().size(), QT_TR_N_NOOP("%1 byte(s)")));
    case Kind::bytes:
        return format::counted<ValueModel>(value.bytes().size(), QT_TR_N_NOOP("%1 byte(s)"));
    case Kind::list:
        return of(tr("list of %1"));
    case Kind::tuple:
        return of(tr("%1 together"));
    case Kind::numbers:
        return of(tr("list of %1 numbers"));
    case Kind::variant:
        return tr("alternative %1").arg(value.alternative());
    case Kind::duration:
        return tr("duration");
    case Kind::some:
        return tr("optional");
    case Kind::message:
        return tr("a message of the program's own, which is not shown");
    }
    return {};
}

QVariant ValueModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const Node& node = *nodeAt(index);
    if (role == Qt::DisplayRole || role == Qt::ToolTipRole) {
        switch (index.column()) {
        case PlaceColumn:
            return node.above == m_root.get() ? tr("value") : format::count(static_cast<std::uint64_t>(node.row));
        case ValueColumn:
            return words(node.value, role == Qt::DisplayRole ? shownText : tipText);
        case KindColumn:
            return kindText(node.value);
        default:
            return {};
        }
    }
    return {};
}

QVariant ValueModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case PlaceColumn:
        return tr("Place");
    case ValueColumn:
        return tr("Value");
    case KindColumn:
        return tr("What it is");
    default:
        return {};
    }
}

} // namespace pprocess::widgets
