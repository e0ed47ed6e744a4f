// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/process_tree_view.h>

#include <widgets/colors.h>
#include <widgets/empty_text.h>
#include <widgets/focus_forward.h>
#include <widgets/format.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/instrument_selection.h>
#include <widgets/instruments/process_state_icon.h>
#include <widgets/instruments/process_tree_model.h>
#include <widgets/instruments/related.h>
#include <widgets/instruments/reveal_menu.h>
#include <widgets/instruments/state_colors.h>
#include <widgets/row_delegate.h>

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QSettings>
#include <QToolButton>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>

namespace pprocess::widgets {

namespace {

constexpr auto columnsKey = "instruments/processes/columns";

} // namespace

/// The tree with words where there is nothing to show.
class ProcessTreeView::Tree : public QTreeView {
public:
    using QTreeView::QTreeView;

    QString emptyTitle;
    QString emptyAdvice;

protected:
    void paintEvent(QPaintEvent* event) override {
        QTreeView::paintEvent(event);
        if (model() && model()->rowCount() == 0)
            paintEmptyText(*viewport(), emptyTitle, emptyAdvice);
    }

    // The ground of a row goes on below the branches.
    void drawBranches(QPainter* painter, const QRect& rect, const QModelIndex& index) const override {
        if (selectionModel()->isSelected(index))
            painter->fillRect(rect, Colors::of(palette()).selection);
        QTreeView::drawBranches(painter, rect, index);
    }
};

ProcessTreeView::ProcessTreeView(InstrumentData& record, InstrumentSelection& selection, TimeRange&,
                                 InstrumentSource& source, QWidget* parent)
    : QWidget(parent),
      m_data(record),
      m_selection(selection),
      m_source(source),
      m_model(new ProcessTreeModel(this)),
      m_pacer(*this, record) {
    makeBar();
    makeTree();
    m_note = new QLabel;
    m_note->setObjectName(QStringLiteral("note"));
    m_note->setWordWrap(true);
    m_note->setContentsMargins(10, 3, 10, 3);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_bar);
    layout->addWidget(m_tree, 1);
    layout->addWidget(m_note);
    forwardFocus(*this, *m_tree);

    connect(&m_pacer, &FramePacer::due, this, &ProcessTreeView::refresh);
    connect(&record, &InstrumentData::wasReset, this, [this] {
        // Keys begin anew: what had one of them is another process.
        m_collapsed.clear();
        m_model->update({});
        m_pacer.request();
    });
    connect(&selection, &InstrumentSelection::changed, this, [this] { showSelection(true); });
    connect(&source, &InstrumentSource::stateChanged, &m_pacer, &FramePacer::request);
    connect(&source, &InstrumentSource::controlAnswered, this, [this](const QString& text) {
        m_note->setText(text);
        m_note->setVisible(!text.isEmpty());
    });
    showCounts();
}

ProcessTreeView::~ProcessTreeView() = default;

void ProcessTreeView::makeBar() {
    m_bar = new QWidget;
    m_text = new QLineEdit;
    m_text->setObjectName(QStringLiteral("filter"));
    m_text->setPlaceholderText(tr("Filter: PID, state, purpose, task"));
    m_text->setAccessibleName(tr("Filter the processes by text"));
    m_text->setToolTip(tr("Shows only processes of which a text contains this"));
    m_text->setClearButtonEnabled(true);
    m_text->setMaximumWidth(260);
    m_states = new QToolButton;
    m_states->setObjectName(QStringLiteral("states"));
    m_states->setText(tr("States"));
    m_states->setToolTip(tr("Show only processes in some states"));
    m_states->setPopupMode(QToolButton::InstantPopup);
    m_states->setAutoRaise(true);
    auto* menu = new QMenu(m_states);
    for (const auto state : statesInOrder) {
        QAction* action = menu->addAction(processStateIcon(state), stateText(state));
        action->setCheckable(true);
        action->setChecked(true);
        action->setData(static_cast<int>(state));
        action->setToolTip(stateExplanation(state));
        connect(action, &QAction::toggled, this, &ProcessTreeView::applyFilter);
    }
    menu->setToolTipsVisible(true);
    m_states->setMenu(menu);
    m_hidesEnded = new QCheckBox(tr("Hide ended"));
    m_hidesEnded->setObjectName(QStringLiteral("hideEnded"));
    m_hidesEnded->setToolTip(tr("Leaves out the processes that have ended"));
    connect(m_hidesEnded, &QCheckBox::toggled, this, &ProcessTreeView::applyFilter);
    m_isTree = new QCheckBox(tr("As a tree"));
    m_isTree->setObjectName(QStringLiteral("asTree"));
    m_isTree->setToolTip(tr("Each process below its creator, or all in one table"));
    m_isTree->setChecked(true);
    m_counts = new QLabel;
    m_counts->setObjectName(QStringLiteral("counts"));
    m_counts->setMinimumWidth(0);
    auto* layout = new QHBoxLayout(m_bar);
    layout->setContentsMargins(10, 4, 10, 4);
    layout->setSpacing(8);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_states);
    layout->addWidget(m_hidesEnded);
    layout->addWidget(m_isTree);
    layout->addStretch(1);
    layout->addWidget(m_counts);
    connect(m_text, &QLineEdit::textChanged, this, [this] { applyFilter(); });
    connect(m_isTree, &QCheckBox::toggled, this, [this](bool isTree) {
        m_model->setFlat(!isTree);
        m_tree->setRootIsDecorated(isTree);
        expandBelow({}, 0, m_model->rowCount() - 1);
        showSelection(true);
    });
}

void ProcessTreeView::makeTree() {
    m_tree = new Tree;
    m_tree->setObjectName(QStringLiteral("processTree"));
    m_tree->setAccessibleName(tr("Processes"));
    m_tree->setModel(m_model);
    m_tree->setUniformRowHeights(true);
    m_tree->setAlternatingRowColors(true);
    m_tree->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_tree->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_tree->setFrameShape(QFrame::NoFrame);
    m_tree->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_tree->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_tree->setIndentation(16);
    m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
    m_tree->installEventFilter(this);
    m_tree->setItemDelegate(new RowDelegate(
        [this](const QModelIndex& index) {
            const auto* process = m_model->process(index);
            return process && ((process->state == observe::ProcessState::failed &&
                                (index.column() == ProcessTreeModel::StateColumn ||
                                 index.column() == ProcessTreeModel::EndingColumn)) ||
                               (process->tasks_failed > 0 && index.column() == ProcessTreeModel::FailedColumn));
        },
        [this](const QModelIndex& index) {
            const auto* process = m_model->process(index);
            return process && observe::has_ended(process->state);
        },
        this));
    QHeaderView& header = *m_tree->header();
    header.setSectionsMovable(true);
    header.setHighlightSections(false);
    header.setStretchLastSection(true);
    header.setSortIndicatorClearable(true);
    header.setSortIndicator(-1, Qt::AscendingOrder);
    header.setContextMenuPolicy(Qt::CustomContextMenu);
    header.setMinimumSectionSize(36);
    m_tree->setSortingEnabled(true);
    restoreColumns();

    connect(&header, &QWidget::customContextMenuRequested, this, &ProcessTreeView::showColumnMenu);
    connect(&header, &QHeaderView::sectionMoved, this, &ProcessTreeView::saveColumns);
    connect(m_tree, &QWidget::customContextMenuRequested, this, [this](const QPoint& place) {
        QMenu* menu = makeMenu();
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->popup(m_tree->viewport()->mapToGlobal(place));
    });
    connect(m_tree->selectionModel(), &QItemSelectionModel::selectionChanged, this, &ProcessTreeView::takeSelection);
    connect(m_tree, &QTreeView::collapsed, this, [this](const QModelIndex& index) {
        m_collapsed.insert(index.data(ProcessTreeModel::KeyRole).toULongLong());
    });
    connect(m_tree, &QTreeView::expanded, this, [this](const QModelIndex& index) {
        m_collapsed.erase(index.data(ProcessTreeModel::KeyRole).toULongLong());
    });
    connect(m_model, &QAbstractItemModel::rowsInserted, this, &ProcessTreeView::expandBelow);
    connect(m_model, &QAbstractItemModel::rowsMoved, this,
            [this](const QModelIndex&, int, int, const QModelIndex& parent) { expandBelow(parent, 0, -1); });
}

// ------------------------------------------------------------------------------------------------------------------
// what is shown

void ProcessTreeView::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        showCounts();
}

void ProcessTreeView::refresh() {
    const bool wasTakingOver = std::exchange(m_isTakingOver, true);
    m_model->update(m_data.snapshot());
    m_isTakingOver = wasTakingOver;
    showCounts();
    if (m_selection.current().kind != Selected::Kind::nothing && !m_tree->selectionModel()->hasSelection())
        showSelection(false);
}

void ProcessTreeView::expandBelow(const QModelIndex& parent, int first, int last) {
    const auto expand = [this](const QModelIndex& index) {
        if (m_model->hasChildren(index) && !m_tree->isExpanded(index) &&
            !m_collapsed.contains(index.data(ProcessTreeModel::KeyRole).toULongLong()))
            m_tree->expand(index);
    };
    if (parent.isValid())
        expand(parent.siblingAtColumn(0));
    for (int row = first; row <= last; ++row) {
        const QModelIndex index = m_model->index(row, 0, parent);
        if (m_model->hasChildren(index)) {
            expand(index);
            expandBelow(index, 0, m_model->rowCount(index) - 1);
        }
    }
}

void ProcessTreeView::applyFilter() {
    ProcessTreeModel::States states;
    const auto actions = m_states->menu()->actions();
    int left = 0;
    for (const QAction* action : actions) {
        states.set(action->data().toUInt(), action->isChecked());
        left += action->isChecked() ? 1 : 0;
    }
    m_states->setText(left == actions.size() ? tr("States") : tr("States: %1 of %2").arg(left).arg(actions.size()));
    if (m_hidesEnded->isChecked()) {
        for (const auto state : statesInOrder) {
            if (observe::has_ended(state))
                states.reset(static_cast<std::size_t>(state));
        }
    }
    m_model->setFilter(m_text->text().trimmed(), states);
    showCounts();
}

void ProcessTreeView::showCounts() {
    if (!m_note)
        return;
    const auto all = m_model->size();
    const auto shown = m_model->matching();
    m_counts->setText(shown == all ? format::counted<ProcessTreeView>(all, QT_TR_N_NOOP("%1 process(es)"))
                                   : tr("%1 of %2 shown").arg(format::count(shown), format::count(all)));
    if (const auto forgotten = m_data.snapshot().forgotten(); forgotten > 0)
        m_note->setText(tr("%1 ended earlier and %2 no longer kept; the latest %3 are.")
                            .arg(format::counted<ProcessTreeView>(forgotten, QT_TR_N_NOOP("%1 process(es)")),
                                 forgotten == 1 ? tr("is") : tr("are"), format::count(observe::Snapshot::most_ended)));
    else if (m_note->text().isEmpty())
        m_note->hide();
    m_note->setVisible(!m_note->text().isEmpty());
    if (all == 0) {
        m_tree->emptyTitle = m_data.endEvent() == 0 ? tr("Nothing has happened yet") : tr("No process at this moment");
        m_tree->emptyAdvice = m_data.endEvent() == 0
                                  ? m_source.statusText()
                                  : tr("Move to a later moment, and the processes that lived then are listed here.");
    } else {
        m_tree->emptyTitle = tr("No process matches");
        m_tree->emptyAdvice =
            tr("Clear the filter, choose other states, or untick “Hide ended” to see all %1.").arg(format::count(all));
    }
}

// ------------------------------------------------------------------------------------------------------------------
// the selection

std::vector<std::uint64_t> ProcessTreeView::selectedKeys() const {
    std::vector<std::uint64_t> keys;
    for (const QModelIndex& index : m_tree->selectionModel()->selectedRows())
        keys.push_back(index.data(ProcessTreeModel::KeyRole).toULongLong());
    std::sort(keys.begin(), keys.end());
    return keys;
}

void ProcessTreeView::takeSelection() {
    if (m_isTakingOver)
        return;
    const QModelIndex current = m_tree->selectionModel()->currentIndex();
    if (!current.isValid() || !m_tree->selectionModel()->isSelected(current))
        return;
    m_isTakingOver = true;
    m_selection.select(Selected::process(current.data(ProcessTreeModel::KeyRole).toULongLong()));
    m_isTakingOver = false;
}

/// Goes there too, or leaves the place and what is expanded as they are.
void ProcessTreeView::showSelection(bool goesThere) {
    if (m_isTakingOver)
        return;
    m_isTakingOver = true;
    const std::uint64_t key = processOf(m_selection.current(), m_data);
    const QModelIndex index = m_model->indexOf(key);
    if (!index.isValid()) {
        m_tree->selectionModel()->clear();
    } else if (!m_tree->selectionModel()->isRowSelected(index.row(), index.parent())) {
        const auto rows = QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows;
        if (goesThere) {
            m_tree->selectionModel()->setCurrentIndex(index, rows);
            m_tree->scrollTo(index);
        } else {
            m_tree->selectionModel()->select(index, rows);
        }
    }
    m_isTakingOver = false;
}

QString ProcessTreeView::selectionAsText() const {
    QModelIndexList rows = m_tree->selectionModel()->selectedRows();
    if (rows.isEmpty())
        return {};
    // In the order in which they stand on the screen.
    const auto path = [](QModelIndex index) {
        std::vector<int> places;
        for (; index.isValid(); index = index.parent())
            places.insert(places.begin(), index.row());
        return places;
    };
    std::sort(rows.begin(), rows.end(),
              [&](const QModelIndex& one, const QModelIndex& other) { return path(one) < path(other); });
    std::vector<int> columns;
    const QHeaderView& header = *m_tree->header();
    for (int place = 0; place < header.count(); ++place) {
        if (const int column = header.logicalIndex(place); !header.isSectionHidden(column))
            columns.push_back(column);
    }
    QStringList lines;
    const auto add = [&](auto&& cell) {
        QStringList cells;
        for (const int column : columns) {
            QString text = cell(column);
            cells += text.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
        }
        lines += cells.join(QLatin1Char('\t'));
    };
    add([this](int column) { return m_model->headerData(column, Qt::Horizontal).toString(); });
    for (const QModelIndex& row : rows)
        add([&](int column) { return row.siblingAtColumn(column).data().toString(); });
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

bool ProcessTreeView::eventFilter(QObject* object, QEvent* event) {
    if (object == m_tree && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->matches(QKeySequence::Copy)) {
        if (const QString text = selectionAsText(); !text.isEmpty())
            QApplication::clipboard()->setText(text);
        return true;
    }
    return QWidget::eventFilter(object, event);
}

// ------------------------------------------------------------------------------------------------------------------
// menus

QMenu* ProcessTreeView::makeMenu() {
    auto* menu = new QMenu(this);
    menu->setToolTipsVisible(true);
    const std::vector<std::uint64_t> keys = selectedKeys();
    if (keys.empty()) {
        menu->addAction(tr("No process is selected"))->setEnabled(false);
        return menu;
    }
    const QModelIndex current = m_tree->currentIndex();
    const std::uint64_t shown =
        current.isValid() ? current.data(ProcessTreeModel::KeyRole).toULongLong() : keys.front();
    addRevealMenu(*menu, m_selection, Selected::process(shown), "processes");
    QAction* output = menu->addAction(tr("Open Its Output"));
    output->setObjectName(QStringLiteral("output"));
    output->setEnabled(m_source.hasOutput(shown));
    if (!output->isEnabled())
        output->setToolTip(tr("Nothing that this process wrote has been kept here"));
    connect(output, &QAction::triggered, this, [this, shown] { emit outputRequested(shown); });
    menu->addSeparator();
    addStopActions(*menu, keys);
    menu->addSeparator();
    QAction* pids = menu->addAction(keys.size() == 1 ? tr("Copy PID") : tr("Copy PIDs"));
    pids->setObjectName(QStringLiteral("copyPid"));
    connect(pids, &QAction::triggered, this, [this, keys] {
        QStringList text;
        for (const std::uint64_t key : keys) {
            if (const auto* process = m_model->process(m_model->indexOf(key)))
                text += QString::number(process->pid);
        }
        QApplication::clipboard()->setText(text.join(QLatin1Char(' ')));
    });
    QAction* details = menu->addAction(tr("Copy Details"));
    details->setObjectName(QStringLiteral("copyDetails"));
    connect(details, &QAction::triggered, this, [this, keys] {
        QStringList text;
        for (const std::uint64_t key : keys) {
            if (const QModelIndex index = m_model->indexOf(key); index.isValid())
                text += m_model->details(index);
        }
        QApplication::clipboard()->setText(text.join(QLatin1Char('\n')));
    });
    QAction* rows = menu->addAction(tr("Copy Rows"));
    rows->setShortcut(QKeySequence::Copy);
    connect(rows, &QAction::triggered, this, [this] { QApplication::clipboard()->setText(selectionAsText()); });
    return menu;
}

void ProcessTreeView::addStopActions(QMenu& menu, const std::vector<std::uint64_t>& keys) {
    // What is shown may be the past; what can be ended lives now.
    std::vector<std::uint64_t> living;
    for (const std::uint64_t key : keys) {
        const auto* process = m_data.head().process(key);
        if (process && !observe::has_ended(process->state))
            living.push_back(key);
    }
    QString reason;
    if (!m_source.canControl())
        reason = m_source.controlText().isEmpty() ? tr("Processes cannot be ended from here.") : m_source.controlText();
    else if (living.empty())
        reason = keys.size() == 1 ? tr("It has ended already.") : tr("They have all ended already.");
    struct Offer {
        InstrumentSource::Step step;
        const char* name;
        QString title;
        QString explanation;
    };
    const Offer offers[] = {
        {InstrumentSource::Step::ask, "ask", tr("Ask to End"),
         tr("It ends after its present task, once it sees that nothing more will come")},
        {InstrumentSource::Step::terminate, "terminate", tr("Terminate"),
         tr("Sends SIGTERM: its task is lost, it can still tidy up")},
        {InstrumentSource::Step::kill, "kill", tr("Kill"), tr("Sends SIGKILL: it ends at once, without tidying up")},
    };
    for (const Offer& offer : offers) {
        QAction* action = menu.addAction(living.size() > 1 ? tr("%1 (%2 processes)").arg(offer.title).arg(living.size())
                                                           : offer.title);
        action->setObjectName(QLatin1String(offer.name));
        action->setEnabled(reason.isEmpty());
        action->setToolTip(reason.isEmpty() ? offer.explanation : reason);
        connect(action, &QAction::triggered, this, [this, living, step = offer.step] {
            for (const std::uint64_t key : living)
                m_source.endProcess(key, step);
        });
    }
    if (!reason.isEmpty()) {
        QAction* why = menu.addAction(reason);
        why->setObjectName(QStringLiteral("whyNot"));
        why->setEnabled(false);
    }
}

void ProcessTreeView::showColumnMenu(const QPoint& place) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(QStringLiteral("columns"));
    menu->setToolTipsVisible(true);
    QHeaderView* header = m_tree->header();
    for (int column = 0; column < ProcessTreeModel::ColumnCount; ++column) {
        QAction* action = menu->addAction(m_model->headerData(column, Qt::Horizontal).toString());
        action->setToolTip(m_model->headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString());
        action->setCheckable(true);
        action->setChecked(!header->isSectionHidden(column));
        // It carries the tree and the way back to this menu.
        action->setEnabled(column != ProcessTreeModel::PidColumn);
        connect(action, &QAction::toggled, this, [this, header, column](bool isShown) {
            header->setSectionHidden(column, !isShown);
            saveColumns();
        });
    }
    menu->popup(header->mapToGlobal(place));
}

void ProcessTreeView::restoreColumns() {
    QHeaderView& header = *m_tree->header();
    const int widths[ProcessTreeModel::ColumnCount] = {112, 126, 104, 144, 74, 54, 74, 74, 84,
                                                       66,  64,  68,  76,  76, 54, 54, 76, 150};
    QFont bold = header.font();
    bold.setBold(true);
    const QFontMetrics headings(bold);
    const auto heading = [this](int column) { return m_model->headerData(column, Qt::Horizontal).toString(); };
    for (int column = 0; column < ProcessTreeModel::ColumnCount; ++column)
        header.resizeSection(column, std::max(widths[column], headings.horizontalAdvance(heading(column)) + 18));
    for (const int column : {ProcessTreeModel::CpuTimeColumn, ProcessTreeModel::DescriptorsColumn,
                             ProcessTreeModel::ThreadsColumn, ProcessTreeModel::StartedColumn})
        header.hideSection(column);
    const QVariantList columns = QSettings().value(QLatin1String(columnsKey)).toList();
    if (columns.isEmpty())
        return;
    // In their order, what is not mentioned is hidden; nonsense is passed over.
    std::set<int> mentioned{ProcessTreeModel::PidColumn};
    int place = 0;
    for (const QVariant& one : columns) {
        const int column = one.toInt();
        if (column < 0 || column >= ProcessTreeModel::ColumnCount)
            continue;
        header.moveSection(header.visualIndex(column), place++);
        mentioned.insert(column);
    }
    for (int column = 0; column < ProcessTreeModel::ColumnCount; ++column)
        header.setSectionHidden(column, !mentioned.contains(column));
}

void ProcessTreeView::saveColumns() const {
    QVariantList columns;
    const QHeaderView& header = *m_tree->header();
    for (int place = 0; place < header.count(); ++place) {
        if (const int column = header.logicalIndex(place); !header.isSectionHidden(column))
            columns += column;
    }
    QSettings().setValue(QLatin1String(columnsKey), columns);
}

} // namespace pprocess::widgets
