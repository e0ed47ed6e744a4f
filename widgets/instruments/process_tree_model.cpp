// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/process_tree_model.h>

#include <widgets/format.h>
#include <widgets/instruments/process_state_icon.h>
#include <widgets/instruments/state_colors.h>

#include <QSignalBlocker>

#include <algorithm>
#include <chrono>
#include <set>

namespace pprocess::widgets {

using observe::ProcessInfo;

struct ProcessTreeModel::Node {
    ProcessInfo info;       ///< key 0: the root
    Node* parent = nullptr; ///< null: not shown
    int row = 0;            ///< below its parent
    std::vector<Node*> children;
    bool isGone = false;   ///< not in the latest snapshot
    bool isWanted = false; ///< to be shown
    mutable std::optional<QString> task;
    mutable std::optional<bool> matches;

    [[nodiscard]] bool isBelow(const Node& other) const {
        for (const Node* node = this; node; node = node->parent) {
            if (node == &other)
                return true;
        }
        return false;
    }
    void number(std::size_t from) {
        for (std::size_t place = from; place < children.size(); ++place)
            children[place]->row = static_cast<int>(place);
    }
};

namespace {

bool looksTheSame(const ProcessInfo& one, const ProcessInfo& other) {
    return one.state == other.state && one.since == other.since && one.task == other.task &&
           one.messages_in == other.messages_in && one.messages_out == other.messages_out &&
           one.bytes_in == other.bytes_in && one.bytes_out == other.bytes_out && one.tasks_done == other.tasks_done &&
           one.tasks_failed == other.tasks_failed && one.sampled == other.sampled && one.cpu == other.cpu &&
           one.pid == other.pid && one.parent == other.parent && one.channel == other.channel &&
           one.exchange == other.exchange && one.created == other.created && one.ended == other.ended &&
           one.is_program == other.is_program && one.purpose == other.purpose && one.ending == other.ending &&
           one.input.is_body == other.input.is_body && one.input.bytes == other.input.bytes;
}

bool isNumber(int column) {
    switch (column) {
    case ProcessTreeModel::PidColumn: // it has the branches of the tree
    case ProcessTreeModel::StateColumn:
    case ProcessTreeModel::PurposeColumn:
    case ProcessTreeModel::TaskColumn:
    case ProcessTreeModel::EndingColumn:
        return false;
    default:
        return true;
    }
}

/// Negative, 0 or positive, by what a column means.
int compare(const ProcessInfo& one, const ProcessInfo& other, int column) {
    const auto by = [](const auto& a, const auto& b) { return a < b ? -1 : b < a ? 1 : 0; };
    // What is not known comes before all that is.
    const auto sampled = [](const ProcessInfo& info, auto value) {
        return info.sampled == 0 ? decltype(value)(-1) : value;
    };
    const auto share = [&](const ProcessInfo& info) {
        return observe::has_ended(info.state) ? -1.0 : sampled(info, info.cpu_share);
    };
    const auto number = [&](const ProcessInfo& info, std::uint64_t value) {
        return sampled(info, static_cast<std::int64_t>(value));
    };
    switch (column) {
    case ProcessTreeModel::PidColumn:
        return by(one.pid, other.pid);
    case ProcessTreeModel::StateColumn:
        return by(one.state, other.state);
    case ProcessTreeModel::PurposeColumn:
        return by(one.purpose, other.purpose);
    case ProcessTreeModel::TaskColumn:
        return by(one.task + 1, other.task + 1); // none is before the first
    case ProcessTreeModel::SinceColumn: {
        // The longest time is the earliest beginning; the ended have none.
        const auto since = [](const ProcessInfo& info) {
            return observe::has_ended(info.state) ? INT64_MIN : -info.since;
        };
        return by(since(one), since(other));
    }
    case ProcessTreeModel::CpuColumn:
        return by(share(one), share(other));
    case ProcessTreeModel::CpuTimeColumn:
        return by(number(one, one.cpu), number(other, other.cpu));
    case ProcessTreeModel::MemoryColumn:
        return by(number(one, one.memory), number(other, other.memory));
    case ProcessTreeModel::DescriptorsColumn:
        return by(number(one, one.descriptors), number(other, other.descriptors));
    case ProcessTreeModel::ThreadsColumn:
        return by(sampled(one, one.threads), sampled(other, other.threads));
    case ProcessTreeModel::MessagesInColumn:
        return by(one.messages_in, other.messages_in);
    case ProcessTreeModel::MessagesOutColumn:
        return by(one.messages_out, other.messages_out);
    case ProcessTreeModel::BytesInColumn:
        return by(one.bytes_in, other.bytes_in);
    case ProcessTreeModel::BytesOutColumn:
        return by(one.bytes_out, other.bytes_out);
    case ProcessTreeModel::DoneColumn:
        return by(one.tasks_done, other.tasks_done);
    case ProcessTreeModel::FailedColumn:
        return by(one.tasks_failed, other.tasks_failed);
    case ProcessTreeModel::StartedColumn:
        return by(one.created, other.created);
    case ProcessTreeModel::EndingColumn:
        return by(one.ending, other.ending);
    default:
        return 0;
    }
}

QString elapsed(std::int64_t nanoseconds) {
    return format::duration(std::chrono::nanoseconds(std::max<std::int64_t>(0, nanoseconds)));
}

QString bytes(std::uint64_t number) {
    return format::bytes(static_cast<double>(number));
}

} // namespace

ProcessTreeModel::ProcessTreeModel(QObject* parent) : QAbstractItemModel(parent), m_root(std::make_unique<Node>()) {}

ProcessTreeModel::~ProcessTreeModel() = default;

// ------------------------------------------------------------------------------------------------------------------
// as a model

ProcessTreeModel::Node* ProcessTreeModel::nodeOf(const QModelIndex& index) {
    return static_cast<Node*>(index.internalPointer());
}

QModelIndex ProcessTreeModel::indexOf(const Node& node, int column) const {
    return node.parent ? createIndex(node.row, column, &node) : QModelIndex();
}

QModelIndex ProcessTreeModel::indexOf(std::uint64_t key, int column) const {
    const auto place = m_nodes.find(key);
    return place == m_nodes.end() ? QModelIndex() : indexOf(*place->second, column);
}

QModelIndex ProcessTreeModel::index(int row, int column, const QModelIndex& parent) const {
    if (!hasIndex(row, column, parent))
        return {};
    const Node& above = parent.isValid() ? *nodeOf(parent) : *m_root;
    return createIndex(row, column, above.children[static_cast<std::size_t>(row)]);
}

QModelIndex ProcessTreeModel::parent(const QModelIndex& index) const {
    return index.isValid() ? indexOf(*nodeOf(index)->parent, 0) : QModelIndex();
}

int ProcessTreeModel::rowCount(const QModelIndex& parent) const {
    if (parent.isValid() && parent.column() != 0)
        return 0;
    return static_cast<int>((parent.isValid() ? nodeOf(parent)->children : m_root->children).size());
}

int ProcessTreeModel::columnCount(const QModelIndex&) const {
    return ColumnCount;
}

const ProcessInfo* ProcessTreeModel::process(const QModelIndex& index) const {
    return index.isValid() && index.model() == this ? &nodeOf(index)->info : nullptr;
}

QString ProcessTreeModel::taskText(const QModelIndex& index) const {
    return taskOf(*nodeOf(index));
}

const QString& ProcessTreeModel::taskOf(const Node& node) const {
    if (!node.task) {
        const QString input = QString::fromStdString(node.info.input.text(120));
        if (node.info.task == Event::unknown)
            node.task = input;
        else
            node.task = input.isEmpty() ? QStringLiteral("#%1").arg(node.info.task)
                                        : QStringLiteral("#%1  %2").arg(node.info.task).arg(input);
    }
    return *node.task;
}

QString ProcessTreeModel::text(const Node& node, int column) const {
    const ProcessInfo& info = node.info;
    const bool hasEnded = observe::has_ended(info.state);
    const bool isSampled = info.sampled != 0;
    switch (column) {
    case PidColumn:
        return QString::number(info.pid);
    case StateColumn:
        return stateText(info.state);
    case PurposeColumn: {
        QString purpose = QString::fromStdString(info.purpose);
        if (info.is_program) // its command line: the program's name tells more than the folder or the last argument
            purpose.remove(0, purpose.section(QLatin1Char(' '), 0, 0).lastIndexOf(QLatin1Char('/')) + 1);
        return !purpose.isEmpty() ? purpose : info.is_program ? tr("program") : QString();
    }
    case TaskColumn:
        return taskOf(node);
    case SinceColumn:
        return hasEnded ? QString() : elapsed(m_now - info.since);
    case CpuColumn:
        return hasEnded || !isSampled ? QString() : QStringLiteral("%1 %").arg(qRound(info.cpu_share * 100));
    case CpuTimeColumn:
        return isSampled ? elapsed(static_cast<std::int64_t>(info.cpu)) : QString();
    case MemoryColumn:
        return isSampled ? bytes(info.memory) : QString();
    case DescriptorsColumn:
        return isSampled && info.descriptors != Event::unknown ? format::count(info.descriptors) : QString();
    case ThreadsColumn:
        return isSampled ? QString::number(info.threads) : QString();
    case MessagesInColumn:
        return format::count(info.messages_in);
    case MessagesOutColumn:
        return format::count(info.messages_out);
    case BytesInColumn:
        return bytes(info.bytes_in);
    case BytesOutColumn:
        return bytes(info.bytes_out);
    case DoneColumn:
        return format::count(info.tasks_done);
    case FailedColumn:
        return format::count(info.tasks_failed);
    case StartedColumn:
        return QLatin1Char('+') + elapsed(info.created - m_begin);
    case EndingColumn:
        return QString::fromStdString(info.ending);
    default:
        return {};
    }
}

QVariant ProcessTreeModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Node& node = *nodeOf(index);
    switch (role) {
    case Qt::DisplayRole:
        return text(node, index.column());
    case Qt::DecorationRole:
        return index.column() == StateColumn ? QVariant(processStateIcon(node.info.state)) : QVariant();
    case Qt::TextAlignmentRole:
        return QVariant((isNumber(index.column()) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case Qt::ToolTipRole:
        if (index.column() == StateColumn)
            return stateExplanation(node.info.state);
        if (index.column() == PurposeColumn)
            return QString::fromStdString(node.info.purpose);
        if (index.column() == TaskColumn || index.column() == EndingColumn)
            return text(node, index.column());
        return {};
    case Qt::AccessibleTextRole:
        return tr("%1: %2").arg(headerData(index.column(), Qt::Horizontal).toString(), text(node, index.column()));
    case KeyRole:
        return static_cast<qulonglong>(node.info.key);
    default:
        return {};
    }
}

QVariant ProcessTreeModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    struct Heading {
        const char* title;
        const char* explanation;
    };
    static constexpr Heading headings[ColumnCount] = {
        {QT_TR_NOOP("PID"), QT_TR_NOOP("The process's number in the system")},
        {QT_TR_NOOP("State"), QT_TR_NOOP("What it is at")},
        {QT_TR_NOOP("Purpose"), QT_TR_NOOP("What it was made for")},
        {QT_TR_NOOP("Task"), QT_TR_NOOP("Its present or last task: number and input")},
        {QT_TR_NOOP("For"), QT_TR_NOOP("Time in its present state")},
        {QT_TR_NOOP("CPU"), QT_TR_NOOP("Of one processor, between the last two samples")},
        {QT_TR_NOOP("CPU time"), QT_TR_NOOP("Processor time used so far")},
        {QT_TR_NOOP("Memory"), QT_TR_NOOP("Resident memory")},
        {QT_TR_NOOP("Descriptors"), QT_TR_NOOP("Open files, sockets and pipes")},
        {QT_TR_NOOP("Threads"), QT_TR_NOOP("Number of its threads")},
        {QT_TR_NOOP("Msgs in"), QT_TR_NOOP("Messages sent to this process")},
        {QT_TR_NOOP("Msgs out"), QT_TR_NOOP("Messages received from this process")},
        {QT_TR_NOOP("Bytes in"), QT_TR_NOOP("Bytes sent to this process")},
        {QT_TR_NOOP("Bytes out"), QT_TR_NOOP("Bytes received from this process")},
        {QT_TR_NOOP("Done"), QT_TR_NOOP("Tasks of its that have ended")},
        {QT_TR_NOOP("Failed"), QT_TR_NOOP("Of these, not with a value")},
        {QT_TR_NOOP("Started"), QT_TR_NOOP("When it was first heard of, after the beginning of the record")},
        {QT_TR_NOOP("How it ended"), QT_TR_NOOP("Exit status or signal")},
    };
    if (section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::DisplayRole)
        return tr(headings[section].title);
    if (role == Qt::ToolTipRole)
        return tr(headings[section].explanation);
    if (role == Qt::TextAlignmentRole)
        return QVariant((isNumber(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return {};
}

QString ProcessTreeModel::details(const QModelIndex& index) const {
    const Node& node = *nodeOf(index);
    QString lines;
    for (int column = 0; column < ColumnCount; ++column) {
        if (const QString value = text(node, column); !value.isEmpty())
            lines += headerData(column, Qt::Horizontal, Qt::DisplayRole).toString() + QStringLiteral(": ") + value +
                     QLatin1Char('\n');
    }
    return lines;
}

// ------------------------------------------------------------------------------------------------------------------
// changes

bool ProcessTreeModel::matches(const Node& node) const {
    if (!node.matches) {
        const ProcessInfo& info = node.info;
        const auto contains = [this](const QString& text) { return text.contains(m_filterText, Qt::CaseInsensitive); };
        node.matches = m_states.test(static_cast<std::size_t>(info.state)) &&
                       (m_filterText.isEmpty() || contains(QString::number(info.pid)) ||
                        contains(stateText(info.state)) || contains(QString::fromStdString(info.purpose)) ||
                        contains(QString::fromStdString(info.ending)) || contains(taskOf(node)));
    }
    return *node.matches;
}

bool ProcessTreeModel::comesBefore(const Node& one, const Node& other) const {
    const int order = m_sortColumn < 0 ? 0 : compare(one.info, other.info, m_sortColumn);
    if (order == 0)
        return one.info.key < other.info.key;
    return m_sortOrder == Qt::AscendingOrder ? order < 0 : order > 0;
}

ProcessTreeModel::Node* ProcessTreeModel::wantedParent(const Node& node) const {
    if (m_isFlat || node.info.parent == 0)
        return m_root.get();
    if (node.parent && node.parent->info.key == node.info.parent)
        return node.parent;
    const auto place = m_nodes.find(node.info.parent);
    // A record can be damaged or made up: nobody may become its own ancestor.
    return place == m_nodes.end() || !place->second->parent || place->second->isBelow(node) ? m_root.get()
                                                                                            : place->second.get();
}

void ProcessTreeModel::update(const observe::Snapshot& snapshot) {
    const bool isLater = m_now != snapshot.end();
    m_now = snapshot.end();
    m_begin = snapshot.begin();
    std::vector<Node*> changed;
    std::vector<Node*> aged;
    auto known = m_nodes.begin();
    for (const auto& [key, info] : snapshot.processes()) {
        for (; known != m_nodes.end() && known->first < key; ++known)
            known->second->isGone = true;
        if (known == m_nodes.end() || known->first != key) {
            known = std::next(m_nodes.emplace_hint(known, key, std::make_unique<Node>()));
            std::prev(known)->second->info = info;
            continue;
        }
        Node& node = *known->second;
        if (!looksTheSame(node.info, info)) {
            if (node.info.task != info.task || node.info.input.bytes != info.input.bytes)
                node.task.reset();
            node.info = info;
            node.matches.reset();
            changed.push_back(&node);
        } else if (isLater && !observe::has_ended(info.state)) {
            aged.push_back(&node);
        }
        ++known;
    }
    for (; known != m_nodes.end(); ++known)
        known->second->isGone = true;
    arrange();
    std::erase_if(m_nodes, [](const auto& node) { return node.second->isGone; });
    announce(changed, 0, ColumnCount - 1);
    announce(aged, SinceColumn, SinceColumn);
}

void ProcessTreeModel::markWanted() {
    m_matching = 0;
    const bool isFiltered = !m_filterText.isEmpty() || !m_states.all();
    for (const auto& [key, node] : m_nodes) {
        node->isWanted = !node->isGone && (!isFiltered || matches(*node));
        m_matching += node->isWanted ? 1 : 0;
    }
    if (!isFiltered || m_isFlat)
        return;
    for (const auto& [key, node] : m_nodes) {
        if (!node->isWanted)
            continue;
        for (auto above = m_nodes.find(node->info.parent);
             above != m_nodes.end() && !above->second->isWanted && !above->second->isGone;
             above = m_nodes.find(above->second->info.parent))
            above->second->isWanted = true;
    }
}

void ProcessTreeModel::arrange() {
    markWanted();
    hideUnwanted();
    showWanted();
    for (const auto& [key, node] : m_nodes) {
        if (!node->parent)
            continue;
        if (Node* wanted = wantedParent(*node); wanted != node->parent)
            move(*node, *wanted);
    }
    sortChildren();
}

void ProcessTreeModel::hideUnwanted() {
    std::set<Node*> parents;
    std::vector<Node*> orphans;
    for (const auto& [key, node] : m_nodes) {
        if (!node->parent || node->isWanted)
            continue;
        if (node->parent == m_root.get() || node->parent->isWanted)
            parents.insert(node->parent);
        for (Node* child : node->children) {
            if (child->isWanted)
                orphans.push_back(child);
        }
    }
    for (Node* orphan : orphans)
        move(*orphan, *m_root);
    const auto detach = [](const auto& self, Node& node) -> void {
        node.parent = nullptr;
        for (Node* child : node.children)
            self(self, *child);
        node.children.clear();
    };
    for (Node* parent : parents) {
        auto& children = parent->children;
        for (auto end = children.size(); end > 0;) {
            if (children[end - 1]->isWanted) {
                --end;
                continue;
            }
            auto begin = end - 1;
            while (begin > 0 && !children[begin - 1]->isWanted)
                --begin;
            beginRemoveRows(indexOf(*parent, 0), static_cast<int>(begin), static_cast<int>(end) - 1);
            const auto first = children.begin() + static_cast<std::ptrdiff_t>(begin);
            const auto last = children.begin() + static_cast<std::ptrdiff_t>(end);
            std::for_each(first, last, [&](Node* node) { detach(detach, *node); });
            children.erase(first, last);
            parent->number(begin);
            endRemoveRows();
            end = begin;
        }
    }
}

/// To the ends of their siblings; where they belong, `sortChildren` knows.
void ProcessTreeModel::showWanted() {
    Node* parent = nullptr;
    std::vector<Node*> batch;
    const auto flush = [&] {
        if (batch.empty())
            return;
        const std::size_t first = parent->children.size();
        beginInsertRows(indexOf(*parent, 0), static_cast<int>(first), static_cast<int>(first + batch.size()) - 1);
        for (Node* node : batch)
            node->parent = parent;
        parent->children.insert(parent->children.end(), batch.begin(), batch.end());
        parent->number(first);
        endInsertRows();
        batch.clear();
    };
    for (const auto& [key, node] : m_nodes) {
        if (!node->isWanted || node->parent)
            continue;
        // Its creator may be in the batch.
        if (!batch.empty() && !m_isFlat && node->info.parent >= batch.front()->info.key)
            flush();
        Node* const wanted = wantedParent(*node);
        if (wanted != parent)
            flush();
        parent = wanted;
        batch.push_back(node.get());
    }
    flush();
}

void ProcessTreeModel::move(Node& node, Node& parent) {
    Node& before = *node.parent;
    const int from = node.row;
    beginMoveRows(indexOf(before, 0), from, from, indexOf(parent, 0), static_cast<int>(parent.children.size()));
    before.children.erase(before.children.begin() + from);
    before.number(static_cast<std::size_t>(from));
    node.parent = &parent;
    parent.children.push_back(&node);
    parent.number(parent.children.size() - 1);
    endMoveRows();
}

void ProcessTreeModel::sort(int column, Qt::SortOrder order) {
    m_sortColumn = column;
    m_sortOrder = order;
    sortChildren();
}

void ProcessTreeModel::sortChildren() {
    const auto before = [this](const Node* one, const Node* other) { return comesBefore(*one, *other); };
    std::vector<Node*> unsorted;
    const auto look = [&](Node& node) {
        if (!std::is_sorted(node.children.begin(), node.children.end(), before))
            unsorted.push_back(&node);
    };
    look(*m_root);
    for (const auto& [key, node] : m_nodes)
        look(*node);
    if (unsorted.empty())
        return;
    emit layoutAboutToBeChanged({}, VerticalSortHint);
    for (Node* node : unsorted) {
        std::sort(node->children.begin(), node->children.end(), before);
        node->number(0);
    }
    const QModelIndexList from = persistentIndexList();
    QModelIndexList to;
    for (const QModelIndex& index : from)
        to += indexOf(*nodeOf(index), index.column());
    changePersistentIndexList(from, to);
    emit layoutChanged({}, VerticalSortHint);
}

void ProcessTreeModel::setFilter(const QString& text, States states) {
    if (text == m_filterText && states == m_states)
        return;
    m_filterText = text;
    m_states = states;
    for (const auto& [key, node] : m_nodes)
        node->matches.reset();
    arrange();
}

void ProcessTreeModel::announce(const std::vector<Node*>& nodes, int firstColumn, int lastColumn) {
    struct Run {
        int first;
        int last;
    };
    std::map<Node*, Run> runs;
    // A few unchanged rows in between cost less than another signal.
    constexpr int gap = 4;
    const auto tell = [&](Node* parent, const Run& run) {
        const auto& children = parent->children;
        emit dataChanged(createIndex(run.first, firstColumn, children[static_cast<std::size_t>(run.first)]),
                         createIndex(run.last, lastColumn, children[static_cast<std::size_t>(run.last)]));
    };
    for (Node* node : nodes) {
        if (!node->parent)
            continue;
        const int row = node->row;
        const auto [place, isFirst] = runs.try_emplace(node->parent, Run{row, row});
        if (isFirst)
            continue;
        Run& run = place->second;
        if (row > run.last + gap || row < run.first - gap) {
            tell(node->parent, run);
            run = {row, row};
        } else {
            run = {std::min(run.first, row), std::max(run.last, row)};
        }
    }
    for (const auto& [parent, run] : runs)
        tell(parent, run);
}

void ProcessTreeModel::setFlat(bool isFlat) {
    if (isFlat == m_isFlat)
        return;
    beginResetModel();
    m_isFlat = isFlat;
    m_root->children.clear();
    for (const auto& [key, node] : m_nodes) {
        node->children.clear();
        node->parent = nullptr;
    }
    // Within a reset nobody listens to the steps.
    QSignalBlocker blocker(this);
    arrange();
    blocker.unblock();
    endResetModel();
}

} // namespace pprocess::widgets
