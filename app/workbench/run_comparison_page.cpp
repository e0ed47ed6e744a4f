// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/run_comparison_page.h>

#include <app/workbench/history_model.h>
#include <app/workbench/run_comparison_model.h>
#include <app/workbench/setting_words.h>
#include <app/workbench/styled.h>

#include <widgets/format.h>
#include <widgets/row_delegate.h>
#include <widgets/table_view.h>

#include <QComboBox>
#include <QCoreApplication>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPointer>
#include <QSettings>
#include <QShortcut>
#include <QSplitter>
#include <QStandardItemModel>
#include <QThreadPool>
#include <QVBoxLayout>

#include <cmath>

namespace pprocess::workbench {

using namespace widgets;
using job::Change;

/// What is found out in another thread.
struct RunComparisonPage::Found {
    std::vector<job::SettingDifference> settings;
    QString settingsProblem;
    std::shared_ptr<const job::RunComparison> items; ///< none: it was given up
};

namespace {

const QString rowsKey = QStringLiteral("runComparison/rows");
const QString columnsKey = QStringLiteral("runComparison/columns");

QString nameOf(const job::PastRun& run) {
    return run.name.empty() ? HistoryModel::tr("(no name)") : format::oneLine(run.name);
}

QList<QStandardItem*> cells(const QStringList& texts, bool isOfNumbers) {
    QList<QStandardItem*> items;
    for (const QString& text : texts) {
        auto* item = new QStandardItem(text);
        item->setToolTip(text);
        const bool isNumber = isOfNumbers && !items.isEmpty();
        item->setTextAlignment((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
        items += item;
    }
    return items;
}

/// "+12 %"
QString changeInPercent(double first, double second) {
    if (first <= 0 || second <= 0) {
        return {};
    }
    const double percent = (second / first - 1) * 100;
    const QString number = format::count(static_cast<std::uint64_t>(std::llround(std::abs(percent))));
    return number == QLatin1String("0") ? QStringLiteral("±0 %")
                                        : (percent < 0 ? QStringLiteral("−%1 %") : QStringLiteral("+%1 %")).arg(number);
}

double secondsOf(std::chrono::nanoseconds duration) {
    return std::chrono::duration<double>(duration).count();
}

TableView* makeTable(QAbstractItemModel* model, const QString& name, const QString& accessibleName) {
    auto* table = new TableView;
    table->setObjectName(name);
    table->setAccessibleName(accessibleName);
    table->setModel(model);
    QObject::connect(table, &QWidget::customContextMenuRequested, table, [table](const QPoint& place) {
        auto* menu = new QMenu(table);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        QAction* copy =
            menu->addAction(RunComparisonPage::tr("&Copy the selected rows"), table, &TableView::copySelection);
        copy->setShortcut(QKeySequence::Copy);
        copy->setEnabled(table->selectionModel()->hasSelection());
        menu->popup(table->viewport()->mapToGlobal(place));
    });
    return table;
}

QFrame* makeCard(const QString& heading, QWidget* table) {
    auto* card = new QFrame;
    styled::asCard(card);
    auto* layout = new QVBoxLayout(card);
    layout->setContentsMargins(1, 8, 1, 1);
    layout->setSpacing(4);
    auto* title = styled::heading(heading);
    title->setContentsMargins(13, 0, 13, 0);
    layout->addWidget(title);
    layout->addWidget(table, 1);
    return card;
}

} // namespace

RunComparisonPage::RunComparisonPage(job::PastRun first, job::PastRun second, QWidget* parent)
    : Page(parent),
      m_first(std::move(first)),
      m_second(std::move(second)),
      m_settings(new QStandardItemModel(this)),
      m_figures(new QStandardItemModel(this)),
      m_items(new RunComparisonModel(this)),
      m_part(std::make_shared<std::atomic<int>>(0)) {
    m_columns = new QSplitter(Qt::Horizontal);
    m_columns->setHandleWidth(10);
    m_columns->setChildrenCollapsible(false);
    m_columns->addWidget(makeSettings());
    m_columns->addWidget(makeFigures());
    m_columns->setSizes({1000, 1000});
    m_rows = new QSplitter(Qt::Vertical);
    m_rows->setHandleWidth(10);
    m_rows->setChildrenCollapsible(false);
    m_rows->addWidget(m_columns);
    m_rows->addWidget(makeItems());
    m_rows->setStretchFactor(0, 2);
    m_rows->setStretchFactor(1, 3);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 10);
    layout->setSpacing(10);
    layout->addWidget(makeHead());
    layout->addWidget(m_rows, 1);
    setFocusProxy(m_itemsTable);

    m_partTimer.setInterval(200);
    connect(&m_partTimer, &QTimer::timeout, this, &RunComparisonPage::showPart);
    read();
}

RunComparisonPage::~RunComparisonPage() {
    *m_part = -1;
}

QWidget* RunComparisonPage::makeHead() {
    auto* title = new QLabel(tr("Two runs compared"));
    title->setObjectName(QStringLiteral("jobTitle"));
    auto* head = new QWidget;
    auto* layout = new QVBoxLayout(head);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addWidget(title);
    const auto addRun = [&](const QString& words, const job::PastRun& run) {
        auto* label = styled::muted(
            words.arg(nameOf(run), HistoryModel::whenText(run.started), HistoryModel::stateText(run.state)));
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setMinimumWidth(1);
        layout->addWidget(label);
    };
    addRun(tr("First: “%1”, started %2, %3"), m_first);
    addRun(tr("Second: “%1”, started %2, %3"), m_second);
    return head;
}

QWidget* RunComparisonPage::makeSettings() {
    m_settings->setHorizontalHeaderLabels({tr("Setting"), tr("First"), tr("Second")});
    m_settingsTable = makeTable(m_settings, QStringLiteral("differingSettings"), tr("Settings that differ"));
    m_settingsTable->setColumnWidth(0, 130);
    m_settingsTable->setColumnWidth(1, 230);
    m_settingsTable->setStretchColumn(2);
    m_settingsTable->setItemDelegate(new RowDelegate(
        {}, [](const QModelIndex& index) { return index.column() == 0; }, this));
    return makeCard(tr("Settings that differ"), m_settingsTable);
}

QWidget* RunComparisonPage::makeFigures() {
    m_figures->setHorizontalHeaderLabels({tr("Outcome"), tr("First"), tr("Second"), tr("Change")});
    for (int column = 1; column < m_figures->columnCount(); ++column) {
        m_figures->horizontalHeaderItem(column)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    }
    m_figuresTable = makeTable(m_figures, QStringLiteral("runFigures"), tr("What the runs came to"));
    for (int column = 1; column < m_figures->columnCount(); ++column) {
        m_figuresTable->setColumnWidth(column, 82);
    }
    m_figuresTable->setStretchColumn(0, 120);
    m_figuresTable->setItemDelegate(new RowDelegate(
        {}, [](const QModelIndex& index) { return index.column() == 0; }, this));
    return makeCard(tr("What they came to"), m_figuresTable);
}

QWidget* RunComparisonPage::makeItems() {
    m_itemsTable = makeTable(m_items, QStringLiteral("comparedItems"), tr("The items of both runs"));
    m_itemsTable->setItemDelegate(new RowDelegate(
        [](const QModelIndex& index) { return index.data(RunComparisonModel::HasFailedRole).toBool(); },
        [](const QModelIndex& index) { return index.column() > RunComparisonModel::ChangeColumn; }, this));
    const int widths[] = {260, 130, 90, 90, 90, 100, 150};
    for (int column = 0; column < RunComparisonModel::ColumnCount; ++column) {
        m_itemsTable->setColumnWidth(column, widths[column]);
    }
    m_itemsTable->setStretchColumn(RunComparisonModel::ItemColumn, 160);
    m_itemsTable->setSortingEnabled(true);
    m_itemsTable->horizontalHeader()->setSortIndicatorClearable(true);
    m_itemsTable->sortByColumn(-1, Qt::AscendingOrder);
    m_words = styled::muted();
    m_words->setMinimumWidth(1);
    m_show = new QComboBox;
    m_show->setObjectName(QStringLiteral("showChanges"));
    m_show->setAccessibleName(tr("Which items are shown"));
    m_show->setToolTip(tr("All items, or those that changed in some way. Times that differ by less than 10 ms, or "
                          "less than a quarter, count as the same."));
    m_show->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_show->addItem(tr("All"), static_cast<int>(RunComparisonModel::Show::all));
    m_filter = new QLineEdit;
    m_filter->setObjectName(QStringLiteral("comparedFilter"));
    m_filter->setAccessibleName(tr("Filter the items"));
    m_filter->setPlaceholderText(tr("Filter (Ctrl+F)"));
    m_filter->setToolTip(tr("Shows only items that contain this text"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setMinimumWidth(110);
    m_filter->setMaximumWidth(240);
    m_filterTimer.setSingleShot(true);
    m_filterTimer.setInterval(150);
    connect(&m_filterTimer, &QTimer::timeout, this, &RunComparisonPage::applyFilter);
    connect(m_filter, &QLineEdit::textChanged, &m_filterTimer, qOverload<>(&QTimer::start));
    connect(m_show, &QComboBox::currentIndexChanged, this, &RunComparisonPage::applyFilter);
    connect(m_items, &RunComparisonModel::arranged, this, &RunComparisonPage::showWords);
    auto* find = new QShortcut(QKeySequence::Find, this);
    find->setContext(Qt::WidgetWithChildrenShortcut);
    connect(find, &QShortcut::activated, m_filter, [this] {
        m_filter->setFocus(Qt::ShortcutFocusReason);
        m_filter->selectAll();
    });

    auto* head = new QHBoxLayout;
    head->setContentsMargins(14, 8, 10, 6);
    head->setSpacing(10);
    head->addWidget(styled::heading(tr("Items")));
    head->addWidget(m_words, 3);
    head->addWidget(m_show);
    head->addWidget(m_filter, 2);
    auto* card = new QFrame;
    styled::asCard(card);
    auto* layout = new QVBoxLayout(card);
    layout->setContentsMargins(1, 1, 1, 1);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(m_itemsTable, 1);
    return card;
}

QString RunComparisonPage::title() const {
    return m_first.name == m_second.name ? tr("Runs of %1").arg(nameOf(m_first))
                                         : tr("%1 | %2").arg(nameOf(m_first), nameOf(m_second));
}

QList<Page::Status> RunComparisonPage::status() const {
    if (m_isReading) {
        return {{tr("Reading the logs: %1 %").arg(m_part->load()), tr("Close the page to stop that")}};
    }
    return {{m_words->text(), {}}};
}

RunComparisonPage::Found RunComparisonPage::look(const job::PastRun& first, const job::PastRun& second,
                                                 const job::RunComparison::MayGoOn& mayGoOn) {
    Found found;
    try {
        found.settings = job::differing_settings(job::load(first.job_file()), job::load(second.job_file()));
    } catch (const std::exception& error) {
        found.settingsProblem = QString::fromUtf8(error.what());
    }
    if (auto items = job::RunComparison::of(first.log(), second.log(), mayGoOn)) {
        found.items = std::make_shared<const job::RunComparison>(std::move(*items));
    }
    return found;
}

void RunComparisonPage::read() {
    m_isReading = true;
    m_partTimer.start();
    showPart();
    QThreadPool::globalInstance()->start(
        [self = QPointer<RunComparisonPage>(this), first = m_first, second = m_second, part = m_part] {
            auto found = std::make_shared<Found>(look(first, second, [&](double done) {
                int before = part->load();
                return before >= 0 && part->compare_exchange_strong(before, static_cast<int>(done * 100));
            }));
            QMetaObject::invokeMethod(
                qApp,
                [self, found] {
                    if (self && found->items) {
                        self->take(*found);
                    }
                },
                Qt::QueuedConnection);
        });
}

void RunComparisonPage::showPart() {
    const QString percent = tr("%1 %").arg(m_part->load());
    m_settingsTable->setEmptyText(tr("Reading the jobs…"));
    m_figuresTable->setEmptyText(tr("Reading the logs…"), percent);
    m_itemsTable->setEmptyText(tr("Reading the logs…"), percent);
    emit statusChanged();
}

void RunComparisonPage::take(const Found& found) {
    m_isReading = false;
    m_partTimer.stop();
    takeSettings(found);
    takeItems(found);
    showFigures(found.items->first(), found.items->second());
    showWords();
    emit ready();
}

void RunComparisonPage::takeSettings(const Found& found) {
    for (const job::SettingDifference& one : found.settings) {
        m_settings->appendRow(cells({setting_words::name(one.field), setting_words::value(one.field, one.first),
                                     setting_words::value(one.field, one.second)},
                                    false));
    }
    if (found.settingsProblem.isEmpty()) {
        m_settingsTable->setEmptyText(tr("The same settings"), tr("Both runs are of the same job."));
    } else {
        m_settingsTable->setEmptyText(tr("The settings cannot be compared"), found.settingsProblem);
    }
}

void RunComparisonPage::takeItems(const Found& found) {
    for (const auto& [figures, words] :
         {std::pair{&found.items->first(), tr("The first run's log cannot be read")},
          std::pair{&found.items->second(), tr("The second run's log cannot be read")}}) {
        if (!figures->problem.empty() && m_problem.isEmpty()) {
            m_problem = words;
            m_itemsTable->setEmptyText(words,
                                       tr("%1. Without it nobody knows how each item ended: compare another run, "
                                          "or run the job anew.")
                                           .arg(QString::fromStdString(figures->problem)));
        }
    }
    if (m_problem.isEmpty()) {
        m_comparison = found.items;
        offerChanges(*found.items);
        m_items->setComparison(found.items);
    }
    m_show->setEnabled(m_problem.isEmpty());
    m_filter->setEnabled(m_problem.isEmpty());
}

/// What happened to no item is not offered.
void RunComparisonPage::offerChanges(const job::RunComparison& comparison) {
    const auto numbered = [](const QString& text, std::size_t count) {
        return tr("%1 (%2)").arg(text, format::count(count));
    };
    const std::size_t differing = comparison.size() - comparison.count(Change::none);
    const QSignalBlocker quietly(m_show);
    m_show->setItemText(0, numbered(tr("All"), comparison.size()));
    m_show->addItem(numbered(tr("Only what differs"), differing),
                    static_cast<int>(RunComparisonModel::Show::differing));
    for (const Change change : {Change::succeeds_now, Change::fails_now, Change::fails_otherwise, Change::slower,
                                Change::faster, Change::only_first, Change::only_second}) {
        if (const std::size_t count = comparison.count(change); count > 0) {
            m_show->addItem(numbered(RunComparisonModel::changeText(change), count),
                            static_cast<int>(RunComparisonModel::Show::one));
            m_show->setItemData(m_show->count() - 1, static_cast<int>(change), Qt::UserRole + 1);
        }
    }
    m_show->setCurrentIndex(differing > 0 ? 1 : 0);
    applyFilter();
}

void RunComparisonPage::applyFilter() {
    m_items->setFilter(m_filter->text().trimmed(), static_cast<RunComparisonModel::Show>(m_show->currentData().toInt()),
                       static_cast<Change>(m_show->currentData(Qt::UserRole + 1).toInt()));
}

void RunComparisonPage::showFigures(const job::RunFigures& first, const job::RunFigures& second) {
    const auto add = [this](const QStringList& texts) { m_figures->appendRow(cells(texts, true)); };
    using Count = std::optional<std::size_t>;
    const auto countOf = [](const job::RunFigures& figures, std::size_t count) {
        return figures.problem.empty() ? Count(count) : Count();
    };
    const auto addCounts = [&](const QString& name, Count one, Count other) {
        const auto text = [](Count count) { return count ? format::count(*count) : QStringLiteral("?"); };
        const QString change = !one || !other || *one == *other ? QString()
                               : *other > *one                  ? QStringLiteral("+") + format::count(*other - *one)
                                                                : QStringLiteral("−") + format::count(*one - *other);
        add({name, text(one), text(other), change});
    };
    const auto addTimes = [&](const QString& name, std::optional<std::chrono::nanoseconds> one,
                              std::optional<std::chrono::nanoseconds> other) {
        add({name, one ? format::duration(*one) : QStringLiteral("?"),
             other ? format::duration(*other) : QStringLiteral("?"),
             one && other ? changeInPercent(secondsOf(*one), secondsOf(*other)) : QString()});
    };
    // What the history noted of a run whose log is gone.
    const auto ended = [](const job::PastRun& run, const job::RunFigures& figures) {
        return figures.problem.empty() ? figures.items() : run.succeeded + run.failed;
    };
    const auto succeeded = [](const job::PastRun& run, const job::RunFigures& figures) {
        return figures.problem.empty() ? figures.succeeded() : run.succeeded;
    };
    addCounts(tr("Items that ended"), ended(m_first, first), ended(m_second, second));
    addCounts(RunComparisonModel::outcomeText(job::Outcome::succeeded), succeeded(m_first, first),
              succeeded(m_second, second));
    for (std::size_t outcome = 1; outcome < job::outcome_count; ++outcome) {
        if (first.outcomes[outcome] > 0 || second.outcomes[outcome] > 0) {
            addCounts(RunComparisonModel::outcomeText(static_cast<job::Outcome>(outcome)),
                      countOf(first, first.outcomes[outcome]), countOf(second, second.outcomes[outcome]));
        }
    }
    const auto took = job::elapsed_of(m_first);
    const auto tookSecond = job::elapsed_of(m_second);
    addTimes(tr("From start to end"), took, tookSecond);
    const auto rateOf = [](const job::RunFigures& figures, std::optional<std::chrono::nanoseconds> time) {
        return time && time->count() > 0 && figures.problem.empty()
                   ? std::optional(static_cast<double>(figures.items()) / secondsOf(*time))
                   : std::nullopt;
    };
    const auto rate = rateOf(first, took);
    const auto rateSecond = rateOf(second, tookSecond);
    add({tr("Items per second"), rate ? format::rate(*rate) : QStringLiteral("?"),
         rateSecond ? format::rate(*rateSecond) : QStringLiteral("?"),
         rate && rateSecond ? changeInPercent(*rate, *rateSecond) : QString()});
    const auto workOf = [](const job::RunFigures& figures) {
        return figures.problem.empty() ? std::optional(figures.work) : std::nullopt;
    };
    addTimes(tr("Time of all items together"), workOf(first), workOf(second));
    const auto averageOf = [](const job::RunFigures& figures) {
        return figures.items() > 0 ? std::optional(figures.work / static_cast<std::int64_t>(figures.items()))
                                   : std::nullopt;
    };
    addTimes(tr("Time of an item, on average"), averageOf(first), averageOf(second));
}

void RunComparisonPage::showWords() {
    if (m_comparison) {
        m_words->setText(m_comparison->size() == 0 ? QString()
                         : m_comparison->common() == 0
                             ? tr("no item is in both runs")
                             : format::counted<RunComparisonPage>(m_comparison->common(),
                                                                  QT_TR_N_NOOP("%1 item(s) (is|are) in both runs")));
        if (m_items->isArranging()) {
            m_itemsTable->setEmptyText(tr("Sorting…"));
        } else if (m_comparison->size() == 0) {
            m_itemsTable->setEmptyText(tr("No item has ended in either run"));
        } else if (m_filter->text().trimmed().isEmpty()) {
            m_itemsTable->setEmptyText(tr("No item differs"), tr("Choose All to see them."));
        } else {
            m_itemsTable->setEmptyText(tr("No item fits the filter"), tr("Clear the filter or choose All."));
        }
    }
    emit statusChanged();
}

void RunComparisonPage::storeState(QSettings& settings) const {
    settings.setValue(rowsKey, m_rows->saveState());
    settings.setValue(columnsKey, m_columns->saveState());
}

void RunComparisonPage::restoreState(const QSettings& settings) {
    m_rows->restoreState(settings.value(rowsKey).toByteArray());
    m_columns->restoreState(settings.value(columnsKey).toByteArray());
}

} // namespace pprocess::workbench
