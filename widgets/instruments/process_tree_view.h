// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/instruments/frame_pacer.h>
#include <widgets/instruments/instrument_source.h>

#include <QWidget>

#include <set>
#include <vector>

class QCheckBox;
class QLabel;
class QLineEdit;
class QMenu;
class QToolButton;
class QTreeView;

namespace pprocess::widgets {

class InstrumentData;
class InstrumentSelection;
class ProcessTreeModel;
class TimeRange;

/// Every process of a record at its position: what it is at, what it costs, what went in and out, how it ended. A tree
/// of creators and created or a flat table, sorted and filtered; from here a process can be shown in the other views
/// and, where the source allows it, be ended.
class ProcessTreeView : public QWidget {
    Q_OBJECT

public:
    ProcessTreeView(InstrumentData& record, InstrumentSelection& selection, TimeRange& range, InstrumentSource& source,
                    QWidget* parent = nullptr);
    ~ProcessTreeView() override;

    /// What the context menu of the selected rows holds. The caller owns it.
    [[nodiscard]] QMenu* makeMenu();
    /// The selected rows as tab-separated text with a header line.
    [[nodiscard]] QString selectionAsText() const;
    /// Takes the state at the position over, at once.
    void refresh();

signals:
    /// Somebody wants to read what this process has written. Its key.
    void outputRequested(quint64 key);

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    class Tree;

    void makeBar();
    void makeTree();
    void expandBelow(const QModelIndex& parent, int first, int last);
    void showSelection(bool goesThere);
    void takeSelection();
    void applyFilter();
    void showCounts();
    void showColumnMenu(const QPoint& place);
    void restoreColumns();
    void saveColumns() const;
    void addStopActions(QMenu& menu, const std::vector<std::uint64_t>& keys);
    [[nodiscard]] std::vector<std::uint64_t> selectedKeys() const;

    InstrumentData& m_data;
    InstrumentSelection& m_selection;
    InstrumentSource& m_source;
    ProcessTreeModel* m_model;
    Tree* m_tree = nullptr;
    QLineEdit* m_text = nullptr;
    QToolButton* m_states = nullptr;
    QCheckBox* m_hidesEnded = nullptr;
    QCheckBox* m_isTree = nullptr;
    QLabel* m_counts = nullptr;
    QLabel* m_note = nullptr;
    QWidget* m_bar = nullptr;
    FramePacer m_pacer;
    std::set<std::uint64_t> m_collapsed;
    bool m_isTakingOver = false;
};

} // namespace pprocess::widgets
