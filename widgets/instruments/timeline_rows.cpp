// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/timeline_rows.h>

#include <algorithm>

namespace pprocess::widgets::timeline {

namespace {

using Children = std::unordered_map<std::uint64_t, std::vector<const observe::ProcessInfo*>>;

struct Builder {
    const RowWishes& wishes;
    Children children;
    std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> exchanges; ///< by owner
    std::unordered_set<std::uint64_t> wanted;
    Rows result;

    void add(Row row, int height) {
        row.top = result.height;
        row.height = height;
        result.height += height;
        result.rows.push_back(row);
    }

    void addProcess(const observe::ProcessInfo& process, int depth) {
        if (!wanted.contains(process.key))
            return;
        const auto owned = exchanges.find(process.key);
        const auto below = children.find(process.key);
        const bool hasExchanges = owned != exchanges.end();
        const bool hasChildren = hasExchanges || below != children.end();
        const bool isCollapsed = hasChildren && wishes.collapsed.contains(process.key);
        ++result.shown;
        result.byProcess[process.key] = static_cast<int>(result.rows.size());
        add({.process = process.key, .depth = depth, .hasChildren = hasChildren, .isCollapsed = isCollapsed},
            wishes.processHeight);
        if (isCollapsed)
            return;
        if (hasExchanges) {
            for (const std::uint64_t exchange : owned->second)
                add({.exchange = exchange, .depth = depth + 1}, wishes.exchangeHeight);
        }
        // A process is created before its children are, so this ends.
        if (below != children.end()) {
            for (const observe::ProcessInfo* child : below->second)
                addProcess(*child, depth + 1);
        }
    }
};

} // namespace

Rows layOutRows(const observe::Snapshot& snapshot, const RowWishes& wishes) {
    Builder builder{wishes, {}, {}, {}, {}};
    const auto& processes = snapshot.processes();
    builder.result.processes = processes.size() + snapshot.forgotten();
    builder.wanted.reserve(processes.size());
    std::vector<const observe::ProcessInfo*> roots;
    const auto parentOf = [&](const observe::ProcessInfo& process) {
        // A parent that is younger than its child can only be a pid that was used again.
        const observe::ProcessInfo* parent = process.parent < process.key ? snapshot.process(process.parent) : nullptr;
        if (!parent && process.parent > process.key) {
            const observe::ProcessInfo* late = snapshot.process(process.parent);
            parent = late && late->parent < late->key && late->parent != process.key ? late : nullptr;
        }
        return parent;
    };
    for (const auto& [key, process] : processes) {
        if (const observe::ProcessInfo* parent = parentOf(process))
            builder.children[parent->key].push_back(&process);
        else
            roots.push_back(&process);
        if (wishes.hideEnded && process.ended != 0 && process.ended < wishes.endedBefore) {
            ++builder.result.hidden;
            continue;
        }
        for (const observe::ProcessInfo* one = &process; one && builder.wanted.insert(one->key).second;)
            one = parentOf(*one);
    }
    for (const auto& [id, exchange] : snapshot.exchanges()) {
        const bool isOver = wishes.hideEnded && exchange.ended != 0 && exchange.ended < wishes.endedBefore;
        if (!isOver)
            builder.exchanges[exchange.owner].push_back(id);
    }
    for (const observe::ProcessInfo* root : roots)
        builder.addProcess(*root, 0);
    // Whose owner nobody told.
    for (const std::uint64_t exchange : builder.exchanges[0])
        builder.add({.exchange = exchange}, wishes.exchangeHeight);
    return std::move(builder.result);
}

int Rows::rowAt(int y) const {
    const auto place =
        std::upper_bound(rows.begin(), rows.end(), y, [](int at, const Row& row) { return at < row.top + row.height; });
    return y < 0 || place == rows.end() ? -1 : static_cast<int>(place - rows.begin());
}

int Rows::rowOf(std::uint64_t process, const observe::Snapshot& snapshot) const {
    for (int steps = 0; process != 0 && steps < 64; ++steps) {
        if (const auto row = byProcess.find(process); row != byProcess.end())
            return row->second;
        const observe::ProcessInfo* info = snapshot.process(process);
        process = info ? info->parent : 0;
    }
    return -1;
}

int Rows::rowOfExchange(std::uint64_t exchange) const {
    const auto place = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.exchange == exchange; });
    return place == rows.end() || exchange == 0 ? -1 : static_cast<int>(place - rows.begin());
}

} // namespace pprocess::widgets::timeline
