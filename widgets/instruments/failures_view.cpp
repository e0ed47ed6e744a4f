// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/failures_view.h>

#include <widgets/focus_forward.h>
#include <widgets/format.h>
#include <widgets/instruments/event_filter.h>
#include <widgets/instruments/event_text.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/row_delegate.h>
#include <widgets/table_view.h>

#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QScrollArea>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <numeric>

namespace pprocess::widgets {

FailuresView::FailuresView(InstrumentData& record, InstrumentSelection& selection, QWidget* parent)
    : QWidget(parent),
      m_data(record),
      m_selection(selection),
      m_list(new FailureList(record, this)),
      m_groups(new FailureGroupModel(record, *m_list, this)),
      m_sortedGroups(new QSortFilterProxyModel(this)),
      m_failures(new FailureModel(record, *m_list, this)),
      m_groupTable(new TableView(this)),
      m_failureTable(new TableView(this)),
      m_pages(new QStackedWidget(this)),
      m_emptyTitle(new QLabel(this)),
      m_emptyAdvice(new QLabel(this)),
      m_summary(new QLabel(this)),
      m_shown(new QLabel(this)),
      m_again(new QPushButton(this)) {
    makeTables();
    auto* lower = new QSplitter(Qt::Horizontal, this);
    lower->addWidget(makeFailurePane());
    lower->addWidget(makeDetailPane());
    lower->setSizes({700, 420});
    lower->setStretchFactor(0, 5);
    lower->setStretchFactor(1, 3);
    lower->setChildrenCollapsible(false);
    auto* both = new QSplitter(Qt::Vertical, this);
    both->addWidget(m_groupTable);
    both->addWidget(lower);
    both->setSizes({240, 460});
    both->setStretchFactor(0, 2);
    both->setStretchFactor(1, 3);
    both->setChildrenCollapsible(false);

    auto* filled = new QWidget(this);
    auto* column = new QVBoxLayout(filled);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_summary->setContentsMargins(8, 7, 8, 7);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(m_summary);
    column->addWidget(both, 1);

    auto* empty = new QWidget(this);
    auto* words = new QVBoxLayout(empty);
    words->addStretch();
    for (QLabel* label : {m_emptyTitle, m_emptyAdvice}) {
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
        words->addWidget(label);
    }
    m_emptyTitle->setObjectName(QStringLiteral("failuresEmptyTitle"));
    m_emptyTitle->setProperty("strong", true);
    m_emptyAdvice->setProperty("muted", true);
    words->addStretch();
    m_pages->addWidget(empty);
    m_pages->addWidget(filled);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_pages);

    forwardFocus(*this, *m_failureTable);
    wire();
    applyWidths();
    setCanRunAgain(false, tr("The tasks of this record cannot be run from here."));
    showChange();
    showSelection();
}

void FailuresView::makeTables() {
    m_sortedGroups->setSourceModel(m_groups);
    m_sortedGroups->setSortRole(FailureGroupModel::SortRole);
    m_groupTable->setModel(m_sortedGroups);
    m_groupTable->setSelectionMode(QAbstractItemView::SingleSelection);
    m_groupTable->setSortingEnabled(true);
    m_groupTable->sortByColumn(FailureGroupModel::CountColumn, Qt::DescendingOrder);
    m_groupTable->setAccessibleName(tr("Kinds of failures"));
    m_groupTable->setItemDelegate(new RowDelegate(
        {}, [](const QModelIndex& index) { return index.column() >= FailureGroupModel::FirstColumn; }, m_groupTable));
    m_groupTable->setStretchColumn(FailureGroupModel::TextColumn, 200);
    m_failureTable->setModel(m_failures);
    m_failureTable->setAccessibleName(tr("Failed tasks"));
    m_failureTable->setItemDelegate(new RowDelegate(
        {}, [](const QModelIndex& index) { return index.column() == FailureModel::TimeColumn; }, m_failureTable));
    m_failureTable->setEmptyText(tr("No kind of failure is selected"), tr("Select one above to see its tasks."));
    m_failureTable->setStretchColumn(FailureModel::TextColumn, 140);
}

QWidget* FailuresView::makeFailurePane() {
    auto* pane = new QWidget(this);
    auto* column = new QVBoxLayout(pane);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(8, 5, 8, 5);
    m_shown->setProperty("muted", true);
    m_shown->setObjectName(QStringLiteral("failuresShown"));
    m_again->setObjectName(QStringLiteral("runFailuresAgain"));
    m_again->setProperty("small", true);
    row->addWidget(m_shown, 1);
    row->addWidget(m_again);
    column->addLayout(row);
    column->addWidget(m_failureTable, 1);
    return pane;
}

QWidget* FailuresView::makeDetailPane() {
    m_detail = new QWidget(this);
    auto* column = new QVBoxLayout(m_detail);
    column->setContentsMargins(10, 6, 10, 8);
    m_title = new QLabel(m_detail);
    m_title->setProperty("strong", true);
    QFont bold = m_title->font();
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_title->setWordWrap(true);
    m_facts = new QLabel(m_detail);
    m_facts->setProperty("muted", true);
    m_facts->setWordWrap(true);
    for (QLabel* label : {m_title, m_facts})
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_text = new QPlainTextEdit(m_detail);
    m_input = new QPlainTextEdit(m_detail);
    for (QPlainTextEdit* edit : {m_text, m_input}) {
        edit->setReadOnly(true);
        edit->setProperty("inset", true);
        edit->setTabChangesFocus(true);
        // As high as there is room, but not so high as to want to be scrolled to.
        edit->setMinimumHeight(fontMetrics().height() * 2 + 10);
        edit->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Ignored);
    }
    m_text->setObjectName(QStringLiteral("failureText"));
    m_text->setAccessibleName(tr("Text of the failure"));
    m_input->setObjectName(QStringLiteral("failureInput"));
    m_input->setAccessibleName(tr("Input of the task"));
    auto* textCaption = new QLabel(tr("Text"), m_detail);
    auto* inputCaption = new QLabel(tr("Input"), m_detail);
    m_inTimeline = new QPushButton(tr("In the timeline"), m_detail);
    m_inEvents = new QPushButton(tr("In the events"), m_detail);
    m_output = new QPushButton(tr("Its output"), m_detail);
    m_inTimeline->setObjectName(QStringLiteral("failureInTimeline"));
    m_inEvents->setObjectName(QStringLiteral("failureInEvents"));
    m_output->setObjectName(QStringLiteral("failureOutput"));
    m_inTimeline->setToolTip(tr("Selects the task in the timeline"));
    m_inEvents->setToolTip(tr("Selects the event of its failure in the event log"));
    m_output->hide();
    auto* buttons = new QHBoxLayout;
    for (QPushButton* button : {m_output, m_inTimeline, m_inEvents}) {
        button->setProperty("small", true);
        buttons->addWidget(button);
    }
    buttons->addStretch();
    column->addWidget(m_title);
    column->addWidget(m_facts);
    column->addLayout(buttons);
    column->addWidget(textCaption);
    column->addWidget(m_text, 1);
    column->addWidget(inputCaption);
    column->addWidget(m_input, 1);
    auto* scroll = new QScrollArea(this);
    scroll->setWidget(m_detail);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus); // what is in it has it
    scroll->setMinimumWidth(m_detail->minimumSizeHint().width() + 14);
    return scroll;
}

void FailuresView::wire() {
    connect(m_list, &FailureList::changed, this, &FailuresView::showChange);
    connect(m_list, &FailureList::wasReset, this, &FailuresView::showChange);
    connect(m_groupTable->selectionModel(), &QItemSelectionModel::selectionChanged, this, &FailuresView::showGroup);
    connect(m_failureTable->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        showSummary(); // on the button stands how many are meant
        showDetail();
        if (const Failure* const failure = current(); failure && !m_isSelecting)
            m_selection.select(Selected::taskOf(failure->exchange, failure->task));
    });
    connect(&m_selection, &InstrumentSelection::changed, this, &FailuresView::showSelection);
    connect(m_failureTable, &QWidget::customContextMenuRequested, this, &FailuresView::showMenu);
    connect(m_again, &QPushButton::clicked, this, [this] { emit runAgainRequested(tasksToRunAgain()); });
    connect(m_output, &QPushButton::clicked, this, [this] {
        if (const Failure* const failure = current())
            emit outputRequested(*failure);
    });
    connect(m_inTimeline, &QPushButton::clicked, this, [this] {
        if (const Failure* const failure = current())
            reveal(Selected::taskOf(failure->exchange, failure->task), QStringLiteral("timeline"));
    });
    connect(m_inEvents, &QPushButton::clicked, this, [this] {
        if (const Failure* const failure = current())
            reveal(Selected::event(failure->event), QStringLiteral("events"));
    });
}

void FailuresView::applyWidths() {
    const QFontMetrics metrics(m_groupTable->font());
    const auto width = [&](const char* sample) { return metrics.horizontalAdvance(QLatin1String(sample)) + 24; };
    m_groupTable->setColumnWidth(FailureGroupModel::KindColumn, width("threw an errorrrr") + 20);
    m_groupTable->setColumnWidth(FailureGroupModel::CountColumn, width("8,888,888"));
    m_groupTable->setColumnWidth(FailureGroupModel::FirstColumn, width("8,888.888888 s"));
    m_groupTable->setColumnWidth(FailureGroupModel::LastColumn, width("8,888.888888 s"));
    m_failureTable->setColumnWidth(FailureModel::TimeColumn, width("888.888888 s"));
    m_failureTable->setColumnWidth(FailureModel::TaskColumn, width("8,888,888"));
    m_failureTable->setColumnWidth(FailureModel::InputColumn, width("a rather short input") + 40);
    m_failureTable->setColumnWidth(FailureModel::ProcessColumn, width("8888888"));
    m_failureTable->setColumnWidth(FailureModel::TriesColumn, width("Attempts"));
    m_failureTable->setColumnWidth(FailureModel::DurationColumn, width("88 min 88 s"));
    QFont title = font();
    title.setWeight(QFont::DemiBold);
    m_emptyTitle->setFont(title);
}

void FailuresView::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange && m_groupTable)
        applyWidths();
}

// ------------------------------------------------------------------------------------------------------------------
// what is shown

QString FailuresView::summary() const {
    const auto& finished = m_data.snapshot().finished();
    const std::uint64_t well = finished[static_cast<std::size_t>(TaskOutcome::value)];
    const std::uint64_t cancelled = finished[static_cast<std::size_t>(TaskOutcome::cancelled)];
    const std::uint64_t all = std::accumulate(finished.begin(), finished.end(), std::uint64_t{0});
    const std::uint64_t failed = all - well - cancelled;
    const auto tasks = [](std::uint64_t number) {
        return format::counted<FailuresView>(number, QT_TR_N_NOOP("%1 task(s)"));
    };
    if (all == 0)
        return tr("No task has ended yet.");
    QString text = failed == 0 ? tr("%1 ended well, none failed.").arg(tasks(well))
                               : tr("%1 of %2 failed.").arg(format::count(failed), tasks(all));
    if (cancelled > 0)
        text += QLatin1Char(' ') +
                tr("%1 cancelled.").arg(format::counted<FailuresView>(cancelled, QT_TR_N_NOOP("%1 (was|were)")));
    if (!m_list->isComplete())
        text += QLatin1Char(' ') + tr("The record is still being gone through.");
    else if (const std::uint64_t known = m_list->failuresNow(); known < failed + cancelled)
        text += QLatin1Char(' ') + tr("Of %1 it is not known how: that was before the record begins, or was lost.")
                                       .arg(format::count(failed + cancelled - known));
    return text;
}

void FailuresView::showSummary() {
    const auto& finished = m_data.snapshot().finished();
    const std::uint64_t all = std::accumulate(finished.begin(), finished.end(), std::uint64_t{0});
    const bool isAllWell = all == finished[static_cast<std::size_t>(TaskOutcome::value)];
    m_summary->setText(summary());
    m_emptyTitle->setText(all == 0    ? tr("Nothing has ended yet")
                          : isAllWell ? tr("All is well")
                                      : tr("No failure is in this record"));
    m_emptyAdvice->setText(all == 0 ? tr("Tasks that fail are listed here, with what they were given and why.")
                                    : summary());
    m_pages->setCurrentIndex(m_groups->rowCount() > 0 ? 1 : 0);
    const int rows = m_failures->rowCount();
    const std::size_t total = m_failures->total();
    m_shown->setText(!m_failures->group() ? QString()
                     : static_cast<std::size_t>(rows) < total
                         ? tr("Showing the first %1 of %2 tasks")
                               .arg(format::count(static_cast<std::uint64_t>(rows)), format::count(total))
                         : format::counted<FailuresView>(total, QT_TR_N_NOOP("%1 task(s)")));
    // Not the list itself: it may have a hundred thousand.
    const auto selected = static_cast<std::size_t>(m_failureTable->selectedRows().size());
    const std::size_t again = selected > 1 ? selected : total;
    m_again->setText(again <= 1 ? tr("Run this again") : tr("Run these %1 again").arg(format::count(again)));
    m_again->setEnabled(m_canRunAgain && again > 0);
}

void FailuresView::showChange() {
    // The worst kind is shown until somebody chooses another.
    if (!m_groupTable->selectionModel()->hasSelection() && m_groups->rowCount() > 0) {
        const QScopedValueRollback selecting(m_isSelecting, true);
        m_groupTable->setCurrentIndex(m_sortedGroups->index(0, FailureGroupModel::KindColumn));
    }
    showSummary();
    showDetail();
}

void FailuresView::showGroup() {
    const auto rows = m_groupTable->selectionModel()->selectedRows();
    {
        const QScopedValueRollback selecting(m_isSelecting, true);
        if (rows.isEmpty())
            m_failures->setGroup({});
        else
            m_failures->setGroup(static_cast<std::uint32_t>(m_sortedGroups->mapToSource(rows.first()).row()));
        if (m_failures->rowCount() > 0 && !m_failureTable->currentIndex().isValid())
            m_failureTable->setCurrentIndex(m_failures->index(0, 0));
    }
    showSummary();
    showDetail();
}

const Failure* FailuresView::current() const {
    const QModelIndex index = m_failureTable->currentIndex();
    return index.isValid() && index.row() < m_failures->rowCount() ? &m_failures->failureAt(index.row()) : nullptr;
}

void FailuresView::showDetail() {
    const Failure* const failure = current();
    m_detail->setVisible(failure != nullptr);
    showWhetherOutput();
    if (!failure || failure->event == m_detailEvent) {
        m_detailEvent = failure ? m_detailEvent : Event::unknown;
        return;
    }
    m_detailEvent = failure->event;
    m_title->setText(tr("Task %1 %2").arg(format::count(failure->task), outcomeName(failure->outcome)));
    QStringList facts;
    facts << (failure->process > 0 ? tr("in process %1").arg(failure->process) : tr("before any process had it"));
    facts << tr("at %1").arg(seconds(failure->time - m_data.head().begin()));
    if (failure->sent > 0)
        facts << tr("after %1").arg(format::duration(std::chrono::nanoseconds(failure->time - failure->sent)));
    if (failure->attempts > 1)
        facts << tr("in its attempt %1").arg(failure->attempts);
    m_facts->setText(facts.join(QStringLiteral(", ")));
    const QString text = m_list->textOf(*failure, 2'000);
    m_text->setPlainText(text.isEmpty() ? tr("(no text)") : text);
    const QString input = m_list->inputOf(*failure, 2'000);
    m_input->setPlainText(input.isEmpty() ? tr("(not recorded)") : input);
}

void FailuresView::setCanRunAgain(bool canRunAgain, const QString& reason) {
    m_canRunAgain = canRunAgain;
    m_again->setToolTip(canRunAgain ? tr("Runs these tasks once more, with the same inputs") : reason);
    showSummary();
    showWhetherOutput();
}

void FailuresView::setOutputs(std::function<bool(const Failure& failure)> hasOutput) {
    m_hasOutput = std::move(hasOutput);
    showWhetherOutput();
}

void FailuresView::showWhetherOutput() {
    const Failure* const failure = current();
    const bool hasOutput = failure && m_hasOutput && m_hasOutput(*failure);
    m_output->setVisible(m_hasOutput != nullptr);
    m_output->setEnabled(hasOutput);
    m_output->setToolTip(hasOutput ? tr("Shows all that the task's command has written")
                                   : tr("Its output is no longer kept: another job, or this task, has run since"));
}

FailuresView::Tasks FailuresView::tasksToRunAgain() const {
    Tasks tasks;
    const QList<int> selected = m_failureTable->selectedRows();
    if (selected.size() > 1) {
        for (const int row : selected)
            tasks.append({m_failures->failureAt(row).exchange, m_failures->failureAt(row).task});
    } else if (m_failures->group()) {
        const FailureGroup& group = m_list->groups()[*m_failures->group()];
        for (std::size_t member = 0; member < m_failures->total(); ++member) {
            const Failure& failure = m_list->failures()[group.members[member]];
            tasks.append({failure.exchange, failure.task});
        }
    }
    return tasks;
}

// ------------------------------------------------------------------------------------------------------------------
// the selection

void FailuresView::reveal(const Selected& selected, const QString& view) {
    m_selection.select(selected);
    emit m_selection.revealRequested(view);
}

void FailuresView::showSelection() {
    const Selected selected = m_selection.current();
    const Failure* const shown = current();
    if (selected.kind != Selected::Kind::task && selected.kind != Selected::Kind::event)
        return;
    if (shown && selected == Selected::taskOf(shown->exchange, shown->task))
        return;
    const auto& failures = m_list->failures();
    const auto end = failures.begin() + static_cast<std::ptrdiff_t>(m_list->failuresNow());
    const auto found = std::find_if(failures.begin(), end, [&](const Failure& failure) {
        return selected.kind == Selected::Kind::event
                   ? failure.event == selected.id
                   : failure.exchange == selected.id && failure.task == selected.task;
    });
    if (found == end)
        return;
    const QScopedValueRollback selecting(m_isSelecting, true);
    m_groupTable->setCurrentIndex(
        m_sortedGroups->mapFromSource(m_groups->index(static_cast<int>(found->group), FailureGroupModel::KindColumn)));
    const int row = m_failures->rowOf(static_cast<std::uint32_t>(found - failures.begin()));
    if (row >= 0)
        m_failureTable->setCurrentIndex(m_failures->index(row, 0));
    else
        m_failureTable->clearSelection();
}

void FailuresView::showMenu(const QPoint& at) {
    const Failure* const failure = current();
    if (!failure)
        return;
    const Selected task = Selected::taskOf(failure->exchange, failure->task);
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Show task %1 in the timeline").arg(format::count(failure->task)), this,
                    [=, this] { reveal(task, QStringLiteral("timeline")); });
    menu->addAction(tr("Show its events"), this,
                    [=, this, event = failure->event] { reveal(Selected::event(event), QStringLiteral("events")); });
    if (failure->process > 0 && failure->event >= m_data.firstEvent()) {
        if (const std::uint64_t key = processOf(m_data, m_data.event(failure->event)); key != 0)
            menu->addAction(tr("Show process %1").arg(failure->process), this,
                            [=, this] { reveal(Selected::process(key), QStringLiteral("processes")); });
    }
    menu->addSeparator();
    if (m_hasOutput) {
        QAction* const output = menu->addAction(tr("Open its output"), m_output, &QPushButton::click);
        output->setEnabled(m_output->isEnabled());
    }
    QAction* const again = menu->addAction(m_again->text(), m_again, &QPushButton::click);
    again->setEnabled(m_again->isEnabled());
    menu->addAction(tr("Copy rows"), QKeySequence::Copy, m_failureTable, [this] { m_failureTable->copySelection(); });
    menu->popup(m_failureTable->viewport()->mapToGlobal(at));
}

} // namespace pprocess::widgets
