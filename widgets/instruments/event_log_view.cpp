// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/event_log_view.h>

#include <widgets/focus_forward.h>
#include <widgets/format.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/time_range.h>
#include <widgets/row_delegate.h>
#include <widgets/table_view.h>

#include <QAction>
#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QIntValidator>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QScrollBar>
#include <QShortcut>
#include <QToolButton>
#include <QVBoxLayout>

namespace pprocess::widgets {

EventLogView::EventLogView(InstrumentData& record, InstrumentSelection& selection, TimeRange& range, QWidget* parent)
    : QWidget(parent),
      m_data(record),
      m_selection(selection),
      m_range(range),
      m_model(new EventLogModel(record, this)),
      m_table(new TableView(this)),
      m_text(new QLineEdit(this)),
      m_process(new QLineEdit(this)),
      m_kinds(new QToolButton(this)),
      m_failures(new QAction(tr("Failures only"), this)),
      m_scope(new QComboBox(this)),
      m_counts(new QLabel(this)),
      m_new(new QPushButton(m_table)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(makeControls());
    layout->addWidget(m_table, 1);
    // Before the table hears of it, which moves its current row off those that go and scrolls there.
    connect(m_model, &QAbstractItemModel::rowsAboutToBeRemoved, this, [this] {
        m_isMoving = true;
        m_valueBefore = m_table->verticalScrollBar()->value();
    });
    m_table->setModel(m_model);
    m_table->setAccessibleName(tr("Events"));
    forwardFocus(*this, *m_table);
    m_table->setItemDelegate(new RowDelegate(
        [](const QModelIndex& index) { return index.data(EventLogModel::FailedRole).toBool(); },
        [](const QModelIndex& index) {
            return index.column() == EventLogModel::TimeColumn || index.column() == EventLogModel::BytesColumn;
        },
        m_table));
    applyWidths();
    m_table->setStretchColumn(EventLogModel::WhatColumn, 240);
    m_new->setObjectName(QStringLiteral("newEvents"));
    m_new->setFocusPolicy(Qt::NoFocus);
    m_new->hide();
    wire();
    showCounts();
    showSelection();
}

QWidget* EventLogView::makeControls() {
    auto* controls = new QWidget(this);
    auto* row = new QHBoxLayout(controls);
    row->setContentsMargins(8, 6, 8, 6);
    m_text->setObjectName(QStringLiteral("eventText"));
    m_text->setPlaceholderText(tr("Search what happened"));
    m_text->setAccessibleName(tr("Search what happened"));
    m_text->setToolTip(tr("Shows only events whose text contains this"));
    m_text->setClearButtonEnabled(true);
    m_process->setObjectName(QStringLiteral("eventProcess"));
    m_process->setPlaceholderText(tr("Process number"));
    m_process->setAccessibleName(tr("Only this process"));
    m_process->setToolTip(tr("Shows only events of the process with this number"));
    m_process->setValidator(new QIntValidator(0, INT_MAX, m_process));
    m_process->setClearButtonEnabled(true);
    m_process->setMaximumWidth(fontMetrics().horizontalAdvance(QStringLiteral("Process number")) + 56);
    m_kinds->setObjectName(QStringLiteral("eventKinds"));
    m_kinds->setText(tr("All kinds"));
    m_kinds->setToolTip(tr("Which kinds of events are shown"));
    m_kinds->setPopupMode(QToolButton::InstantPopup);
    m_kinds->setMenu(makeKinds());
    m_scope->addItems({tr("All times"), tr("Visible time range"), tr("Selection only")});
    m_scope->setToolTip(tr("Whether all events are shown, those of the time that the views show, or those that belong "
                           "to what is selected"));
    m_scope->setAccessibleName(m_scope->toolTip());
    m_counts->setObjectName(QStringLiteral("eventCounts"));
    m_counts->setProperty("muted", true);
    m_counts->setTextInteractionFlags(Qt::TextSelectableByMouse);
    row->addWidget(m_text, 1);
    row->addWidget(m_process);
    row->addWidget(m_kinds);
    row->addWidget(m_scope);
    row->addWidget(m_counts);
    return controls;
}

QMenu* EventLogView::makeKinds() {
    auto* menu = new QMenu(m_kinds);
    for (int group = 0; group < eventGroups; ++group) {
        QAction* const action = menu->addAction(groupName(static_cast<EventGroup>(group)));
        action->setCheckable(true);
        action->setChecked(true);
        connect(action, &QAction::toggled, this, &EventLogView::applyFilter);
        m_groups.append(action);
    }
    menu->addSeparator();
    m_failures->setCheckable(true);
    menu->addAction(m_failures);
    connect(m_failures, &QAction::toggled, this, &EventLogView::applyFilter);
    QAction* const all = menu->addAction(tr("Show all kinds"));
    connect(all, &QAction::triggered, this, [this] {
        m_failures->setChecked(false);
        for (QAction* group : m_groups)
            group->setChecked(true);
    });
    return menu;
}

void EventLogView::wire() {
    connect(m_text, &QLineEdit::textChanged, this, &EventLogView::applyFilter);
    connect(m_process, &QLineEdit::textChanged, this, &EventLogView::applyFilter);
    connect(m_scope, &QComboBox::currentIndexChanged, this, [this] {
        applyFilter();
        applyTimes();
    });
    connect(&m_range, &TimeRange::changed, this, &EventLogView::applyTimes);
    connect(&m_selection, &InstrumentSelection::changed, this, &EventLogView::showSelection);
    connect(m_model, &EventLogModel::progressChanged, this, &EventLogView::showCounts);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &EventLogView::selectCurrent);
    connect(m_table, &QWidget::customContextMenuRequested, this, &EventLogView::showMenu);
    connect(m_new, &QPushButton::clicked, this, &EventLogView::goToEnd);
    QScrollBar* const bar = m_table->verticalScrollBar();
    connect(bar, &QScrollBar::valueChanged, this, [this, bar](int value) {
        if (m_isMoving)
            return;
        const bool follows = value >= bar->maximum();
        if (m_isFollowing && !follows && m_model->rowCount() > 0)
            m_seenUpTo = m_model->eventAt(m_model->rowCount() - 1) + 1;
        m_isFollowing = follows;
        showCounts();
    });
    connect(bar, &QScrollBar::rangeChanged, this, [this, bar] {
        const QScopedValueRollback moving(m_isMoving, true);
        if (m_isFollowing)
            bar->setValue(bar->maximum());
    });
    connect(m_model, &QAbstractItemModel::rowsRemoved, this, [this, bar](const QModelIndex&, int first, int last) {
        // What one looks at stays where it is when older rows go.
        if (first == 0 && !m_isFollowing)
            bar->setValue(m_valueBefore - (last + 1) * m_table->verticalHeader()->defaultSectionSize());
        m_isMoving = false;
    });
    connect(m_model, &QAbstractItemModel::modelAboutToBeReset, this, [this] { m_isMoving = true; });
    connect(m_model, &QAbstractItemModel::modelReset, this, [this] {
        m_table->setCurrentIndex({});
        m_isMoving = false;
        m_isFollowing = true;
    });
    m_table->viewport()->installEventFilter(this);
    auto* find = new QShortcut(QKeySequence::Find, this);
    find->setContext(Qt::WidgetWithChildrenShortcut);
    connect(find, &QShortcut::activated, this, [this] {
        m_text->setFocus(Qt::ShortcutFocusReason);
        m_text->selectAll();
    });
}

// ------------------------------------------------------------------------------------------------------------------
// what is shown

void EventLogView::applyFilter() {
    EventFilter filter;
    filter.text = m_text->text().trimmed();
    filter.process = m_process->text().toInt();
    filter.failuresOnly = m_failures->isChecked();
    int shown = 0;
    for (int group = 0; group < eventGroups; ++group) {
        filter.groups.set(static_cast<std::size_t>(group), m_groups[group]->isChecked());
        shown += m_groups[group]->isChecked() ? 1 : 0;
    }
    if (m_scope->currentIndex() == OfSelection)
        filter.selected = m_scopeSelected;
    m_kinds->setText(m_failures->isChecked() ? tr("Failures only")
                     : shown == eventGroups  ? tr("All kinds")
                                             : tr("%1 of %2 kinds").arg(shown).arg(eventGroups));
    m_model->setFilter(filter);
    showCounts();
}

void EventLogView::applyTimes() {
    if (m_scope->currentIndex() == VisibleTimes)
        m_model->setTimes(std::pair(m_range.begin(), m_range.end()));
    else
        m_model->setTimes({});
}

void EventLogView::searchFor(const QString& text) {
    m_text->setText(text);
}

void EventLogView::showProcess(int pid) {
    m_process->setText(pid > 0 ? QString::number(pid) : QString());
}

void EventLogView::goToEnd() {
    m_isFollowing = true;
    const QScopedValueRollback moving(m_isMoving, true);
    m_table->verticalScrollBar()->setValue(m_table->verticalScrollBar()->maximum());
    showCounts();
}

void EventLogView::applyWidths() {
    const QFontMetrics metrics(m_table->font());
    const auto width = [&](const char* sample) { return metrics.horizontalAdvance(QLatin1String(sample)) + 24; };
    m_table->setColumnWidth(EventLogModel::TimeColumn, width("8,888.888888 s"));
    m_table->setColumnWidth(EventLogModel::ProcessColumn, width("8888888"));
    m_table->setColumnWidth(EventLogModel::KindColumn, width("exchange created") + 20);
    m_table->setColumnWidth(EventLogModel::BytesColumn, width("888.8 KiB"));
}

void EventLogView::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange && m_table)
        applyWidths();
}

bool EventLogView::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Resize)
        placeNewButton();
    return QWidget::eventFilter(watched, event);
}

QString EventLogView::countText() const {
    const auto rows = static_cast<std::uint64_t>(m_model->rowCount());
    const std::uint64_t total = m_model->total();
    QStringList parts;
    const QString all = format::counted<EventLogView>(total, QT_TR_N_NOOP("%1 event(s)"));
    parts << (m_model->filter().acceptsAll() ? all : tr("%1 of %2").arg(format::count(rows), all));
    if (m_model->isSearching() && total > 0)
        parts << tr("searching, %1 %").arg(m_model->searched() * 100 / total);
    if (m_data.forgotten() > 0)
        parts << tr("the oldest %1 are no longer kept").arg(format::count(m_data.forgotten()));
    if (m_data.head().dropped() > 0)
        parts << tr("%1 were lost").arg(format::count(m_data.head().dropped()));
    return parts.join(QStringLiteral(" · "));
}

void EventLogView::showCounts() {
    m_counts->setText(countText());
    if (m_model->isSearching())
        m_table->setEmptyText(tr("Searching…"));
    else if (m_scope->currentIndex() == OfSelection && m_scopeSelected.kind == Selected::Kind::nothing)
        m_table->setEmptyText(tr("Nothing is selected"),
                              tr("Select a process, a channel, an exchange or a task in any view."));
    else if (m_model->total() > 0 || m_scope->currentIndex() != Everything)
        m_table->setEmptyText(tr("No event fits"), tr("Search for something else, or show more kinds and times."));
    else
        m_table->setEmptyText(tr("Nothing has happened yet"), tr("Events appear here as soon as something runs."));
    const int rows = m_model->rowCount();
    const int fresh = m_isFollowing ? 0 : rows - m_model->rowOf(m_seenUpTo);
    m_new->setVisible(fresh > 0);
    if (fresh > 0) {
        m_new->setText(tr("%1 new ↓").arg(format::count(static_cast<std::uint64_t>(fresh))));
        placeNewButton();
    }
    // A search has come to what is selected.
    if (const Selected& selected = m_selection.current();
        selected.kind == Selected::Kind::event && !m_table->currentIndex().isValid() && rows > 0) {
        const int row = m_model->rowOf(selected.id);
        if (row < rows && m_model->eventAt(row) == selected.id)
            showSelection();
    }
}

void EventLogView::placeNewButton() {
    m_new->adjustSize();
    const QRect area = m_table->viewport()->geometry();
    m_new->move(area.center().x() - m_new->width() / 2, area.bottom() - m_new->height() - 8);
    m_new->raise();
}

// ------------------------------------------------------------------------------------------------------------------
// the selection

void EventLogView::selectCurrent() {
    const QModelIndex index = m_table->currentIndex();
    if (m_isMoving || !index.isValid() || !m_table->selectionModel()->isSelected(index))
        return;
    m_selection.select(Selected::event(m_model->eventAt(index.row())));
}

void EventLogView::showSelection() {
    const Selected& selected = m_selection.current();
    if (selected.kind != Selected::Kind::event && selected != m_scopeSelected) {
        m_scopeSelected = selected;
        if (m_scope->currentIndex() == OfSelection)
            applyFilter();
    }
    const int rows = m_model->rowCount();
    if (selected.kind == Selected::Kind::nothing || rows == 0)
        return;
    const QModelIndex current = m_table->currentIndex();
    if (current.isValid() && selected == Selected::event(m_model->eventAt(current.row())))
        return;
    const std::uint64_t event = lastEventOf(m_data, selected, m_data.position());
    if (event == UINT64_MAX)
        return;
    const int row = std::min(m_model->rowOf(event), rows - 1);
    const QModelIndex index = m_model->index(row, EventLogModel::WhatColumn);
    const bool isHere = m_model->eventAt(row) == event;
    {
        const QScopedValueRollback moving(m_isMoving, true);
        if (isHere)
            m_table->setCurrentIndex(index);
        else
            m_table->scrollTo(index);
    }
    QScrollBar* const bar = m_table->verticalScrollBar();
    if (m_isFollowing && bar->value() < bar->maximum()) {
        m_isFollowing = false;
        m_seenUpTo = m_model->eventAt(rows - 1) + 1;
    }
}

void EventLogView::reveal(const Selected& selected, const QString& view) {
    m_selection.select(selected);
    emit m_selection.revealRequested(view);
}

void EventLogView::addProcessMenu(QMenu& menu, const Event& event) {
    const std::int32_t pid = subjectOf(event);
    if (pid <= 0)
        return;
    QMenu* const process = menu.addMenu(tr("Process %1").arg(pid));
    if (const std::uint64_t key = processOf(m_data, event); key != 0) {
        const Selected selected = Selected::process(key);
        process->addAction(tr("Show in the timeline"), this,
                           [=, this] { reveal(selected, QStringLiteral("timeline")); });
        process->addAction(tr("Show among the processes"), this,
                           [=, this] { reveal(selected, QStringLiteral("processes")); });
    }
    process->addAction(tr("Show only its events"), this, [=, this] { showProcess(pid); });
}

void EventLogView::addTaskMenu(QMenu& menu, const Event& event) {
    if (event.exchange != 0 && event.task != Event::unknown) {
        const Selected selected = Selected::taskOf(event.exchange, event.task);
        QMenu* const task = menu.addMenu(tr("Task %1").arg(event.task));
        task->addAction(tr("Show in the timeline"), this, [=, this] { reveal(selected, QStringLiteral("timeline")); });
        if (event.kind == EventKind::task_finished && event.detail != static_cast<std::uint8_t>(TaskOutcome::value))
            task->addAction(tr("Show among the failures"), this,
                            [=, this] { reveal(selected, QStringLiteral("failures")); });
    }
    if (event.channel != 0)
        menu.addAction(tr("Show its channel"), this,
                       [=, this] { reveal(Selected::channel(event.channel), QStringLiteral("channels")); });
    if (event.exchange != 0)
        menu.addAction(tr("Show its exchange"), this,
                       [=, this] { reveal(Selected::exchange(event.exchange), QStringLiteral("exchange")); });
}

void EventLogView::showMenu(const QPoint& at) {
    const QModelIndex index = m_table->currentIndex();
    if (!index.isValid() || m_model->eventAt(index.row()) < m_data.firstEvent())
        return;
    // A copy: while the menu is open the record goes on.
    const Event event = m_data.event(m_model->eventAt(index.row()));
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    addProcessMenu(*menu, event);
    addTaskMenu(*menu, event);
    menu->addSeparator();
    menu->addAction(tr("Copy rows"), QKeySequence::Copy, m_table, [this] { m_table->copySelection(); });
    menu->popup(m_table->viewport()->mapToGlobal(at));
}

} // namespace pprocess::widgets
