// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/result_card.h>

#include <app/workbench/command_text.h>
#include <app/workbench/lines_view.h>
#include <app/workbench/styled.h>
#include <app/workbench/table_columns.h>

#include <widgets/format.h>
#include <widgets/output_pane.h>
#include <widgets/result_model.h>
#include <widgets/result_plot.h>
#include <widgets/row_delegate.h>
#include <widgets/table_view.h>
#include <widgets/thumbnail_model.h>

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QFileDialog>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QSignalBlocker>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

#include <utility>

namespace pprocess::workbench {

using namespace widgets;

namespace {

const QString columnsKey = QStringLiteral("window/resultColumns");
const QString splitterKey = QStringLiteral("window/results");

/// How the results are shown, in the order of the switch.
enum Kind { TableKind, LinesKind, PlotKind, PictureKind };

job::Outcome outcomeOf(const QModelIndex& index) {
    return static_cast<job::Outcome>(index.data(ResultModel::OutcomeRole).toInt());
}

} // namespace

ResultCard::ResultCard(const JobController& controller, QWidget* parent) : QFrame(parent), m_controller(controller) {
    styled::asCard(this);
    makeActions();
    makeTable();
    m_output = new OutputPane;
    m_output->setObjectName(QStringLiteral("outputPane"));
    m_output->setAttribute(Qt::WA_StyledBackground);
    m_splitter = new QSplitter(Qt::Horizontal);
    m_splitter->setHandleWidth(6);
    makeKinds();
    m_splitter->addWidget(m_kinds);
    m_splitter->addWidget(m_output);
    m_splitter->setStretchFactor(0, 5);
    m_splitter->setStretchFactor(1, 2);
    m_splitter->setCollapsible(0, false);
    m_splitter->setSizes({676, 272});
    m_output->setMinimumWidth(210);
    m_output->hide();

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(1, 1, 1, 4);
    layout->setSpacing(0);
    layout->addLayout(makeHead());
    layout->addWidget(m_splitter, 1);
    setMinimumHeight(150);

    connect(&controller, &JobController::resultsArrived, m_results, &ResultModel::merge);
    connect(&controller, &JobController::linesArrived, this, [this](const std::vector<job::ItemOutput>& outputs) {
        m_lines->append(outputs);
        showCounts();
    });
    connect(m_results, &ResultModel::countsChanged, this, &ResultCard::showCounts);
    connect(m_results, &ResultModel::countsChanged, this, &ResultCard::showKinds);
    connect(m_results, &ResultModel::arrangingChanged, this, &ResultCard::showCounts);
    connect(m_results, &QAbstractItemModel::dataChanged, this, &ResultCard::showSelected);
    showCounts();
    showKinds();
}

void ResultCard::makeActions() {
    const auto add = [this](const QString& text, result_export::Format format) {
        auto* action = new QAction(text, this);
        connect(action, &QAction::triggered, this, [this, format] { askSave(format); });
        m_saveActions += action;
    };
    add(tr("As &CSV…"), result_export::Format::csv);
    add(tr("As &JSON…"), result_export::Format::json);
    m_saveOutputsAction = new QAction(tr("&Outputs of the selected…"), this);
    connect(m_saveOutputsAction, &QAction::triggered, this, &ResultCard::askSaveOutputs);
    m_saveActions += m_saveOutputsAction;
    m_showOutputAction = new QAction(tr("&Output of the selected result"), this);
    m_showOutputAction->setCheckable(true);
    m_showOutputAction->setChecked(true);
    m_showOutputAction->setShortcut(QKeySequence(Qt::Key_F7));
    connect(m_showOutputAction, &QAction::toggled, this, &ResultCard::showSelected);
}

void ResultCard::makeTable() {
    m_results = new ResultModel(this);
    m_table = new TableView;
    m_table->setObjectName(QStringLiteral("results"));
    m_table->setAccessibleName(tr("Results"));
    m_table->setModel(m_results);
    auto* delegate = new RowDelegate(
        [](const QModelIndex& index) {
            const auto outcome = outcomeOf(index);
            return outcome != job::Outcome::succeeded && outcome != job::Outcome::cancelled;
        },
        [](const QModelIndex& index) {
            return outcomeOf(index) == job::Outcome::cancelled || index.column() == ResultModel::NumberColumn ||
                   index.column() == ResultModel::TriesColumn;
        },
        this);
    delegate->setMonospaceColumn(ResultModel::FirstLineColumn);
    m_table->setItemDelegate(delegate);
    table_columns::makeSortable(m_table, {60, 170, 164, 64, 78, 50, 150});
    m_table->setStretchColumn(ResultModel::FirstLineColumn);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &ResultCard::showSelected);
    connect(m_table, &QAbstractItemView::clicked, this, &ResultCard::showSelected);
    connect(m_table, &QWidget::customContextMenuRequested, this, &ResultCard::showMenu);
    // A new order or filter must not lose what was selected.
    connect(m_results, &QAbstractItemModel::modelAboutToBeReset, this, &ResultCard::rememberSelection);
    connect(m_results, &QAbstractItemModel::modelReset, this, &ResultCard::restoreSelection);
}

/// The other ways to look at the results, each offered once there is something to see in it.
void ResultCard::makeKinds() {
    m_plot = new ResultPlot;
    m_plot->setObjectName(QStringLiteral("resultPlot"));
    m_thumbnails = new ThumbnailModel(*m_results, this);
    m_pictures = new QListView;
    m_pictures->setObjectName(QStringLiteral("resultPictures"));
    m_pictures->setAccessibleName(tr("Pictures that the job made"));
    m_pictures->setModel(m_thumbnails);
    m_pictures->setViewMode(QListView::IconMode);
    m_pictures->setResizeMode(QListView::Adjust);
    m_pictures->setMovement(QListView::Static);
    m_pictures->setLayoutMode(QListView::Batched);
    m_pictures->setTextElideMode(Qt::ElideMiddle);
    m_pictures->setIconSize({ThumbnailModel::side, ThumbnailModel::height});
    m_pictures->setGridSize({ThumbnailModel::side + 16, ThumbnailModel::height + 32});
    m_pictures->setFrameShape(QFrame::NoFrame);
    m_lines = new LinesView;
    m_kinds = new QStackedWidget;
    for (QWidget* kind : std::initializer_list<QWidget*>{m_table, m_lines, m_plot, m_pictures}) {
        m_kinds->addWidget(kind);
    }
    m_kind = styled::segments(QStringLiteral("resultKind"), tr("How the results are shown"));
    m_kind->addTab(tr("Table"));
    m_kind->addTab(tr("Lines"));
    m_kind->addTab(tr("Plot"));
    m_kind->addTab(tr("Pictures"));
    m_kind->setTabToolTip(LinesKind, tr("What the commands write, line by line as it comes"));
    m_kind->setTabToolTip(PlotKind, tr("The results that are numbers, over their items"));
    m_kind->setTabToolTip(PictureKind, tr("The results that are pictures, or name one in the last line of output"));
    connect(m_kind, &QTabBar::currentChanged, this, &ResultCard::showKind);
    const auto select = [this](std::size_t item) {
        if (const QModelIndex row = m_results->indexOfItem(item); row.isValid()) {
            m_table->setCurrentIndex(row);
        }
    };
    connect(m_plot, &ResultPlot::chosen, this, select);
    connect(m_lines, &LinesView::chosen, this, select);
    connect(m_pictures->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this, select](const QModelIndex& current) {
                if (current.isValid()) {
                    select(m_thumbnails->itemAt(current));
                }
            });
    connect(m_thumbnails, &ThumbnailModel::updated, this, &ResultCard::showCounts);
    m_plotTimer.setSingleShot(true);
    m_plotTimer.setInterval(500);
    connect(&m_plotTimer, &QTimer::timeout, this, [this] { m_plot->setResults(m_results->snapshot()); });
}

void ResultCard::showKinds() {
    const auto& counts = m_results->counts();
    // A single number is no plot.
    styled::showSegment(m_kind, LinesKind, m_showsLines, tr("Lines"));
    styled::showSegment(m_kind, PlotKind, counts.numbers > 1, tr("Plot"));
    styled::showSegment(m_kind, PictureKind, counts.pictures > 0, tr("Pictures"));
    if (!m_kind->isTabVisible(m_kind->currentIndex())) {
        m_kind->setCurrentIndex(TableKind);
    }
    m_kind->setVisible(m_showsLines || counts.numbers > 1 || counts.pictures > 0);
    m_kind->setMinimumWidth(m_kind->sizeHint().width());
    if (m_kind->currentIndex() == PlotKind && !m_plotTimer.isActive()) {
        m_plotTimer.start();
    }
}

void ResultCard::showKind() {
    const int kind = m_kind->currentIndex();
    m_kinds->setCurrentIndex(kind);
    m_thumbnails->setFolder(folder());
    m_thumbnails->setShown(kind == PictureKind);
    if (kind == PlotKind) {
        m_plot->setResults(m_results->snapshot());
    }
    applyFilter();
}

/// Where the job's relative paths begin.
QString ResultCard::folder() const {
    const QString folder = QString::fromStdString(m_controller.job().working_folder.native());
    return folder.isEmpty() ? QDir::currentPath() : folder;
}

QLayout* ResultCard::makeHead() {
    m_show = styled::segments(QStringLiteral("show"), tr("Which results are shown"));
    for (int i = 0; i < 4; ++i) {
        m_show->addTab(QString());
    }
    m_filter = new QLineEdit;
    m_filter->setObjectName(QStringLiteral("filter"));
    m_filter->setAccessibleName(tr("Filter the results"));
    m_filter->setPlaceholderText(tr("Filter (Ctrl+F)"));
    m_filter->setToolTip(tr("Shows only results whose input, outcome or first line of output contains this text"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setMinimumWidth(60);
    m_filter->setMaximumWidth(240);
    m_note = styled::muted();
    m_save = styled::button(tr("Save…"), QStringLiteral("saveResults"), tr("Save all results as CSV or JSON"));
    m_save->setProperty("small", true);
    auto* saveMenu = new QMenu(m_save);
    saveMenu->addActions(m_saveActions);
    m_save->setMenu(saveMenu);

    auto* head = new QHBoxLayout;
    head->setContentsMargins(14, 8, 10, 6);
    head->setSpacing(8);
    m_heading = styled::heading(tr("Results"));
    head->addWidget(m_heading);
    head->addWidget(m_show);
    head->addWidget(m_kind);
    head->addWidget(m_note);
    head->addStretch(1);
    head->addWidget(m_filter, 2);
    head->addWidget(m_save);

    m_filterTimer.setSingleShot(true);
    m_filterTimer.setInterval(150);
    connect(&m_filterTimer, &QTimer::timeout, this, &ResultCard::applyFilter);
    connect(m_filter, &QLineEdit::textChanged, &m_filterTimer, qOverload<>(&QTimer::start));
    connect(m_show, &QTabBar::currentChanged, this, &ResultCard::applyFilter);
    return head;
}

void ResultCard::resizeEvent(QResizeEvent* event) {
    QFrame::resizeEvent(event);
    constexpr int whole = 640; // with all there may be beside it
    m_heading->setVisible(width() >= whole);
}

void ResultCard::clear() {
    m_results->clear();
    m_lines->clear();
}

void ResultCard::showPattern(job::Pattern pattern) {
    const bool showsLines = pattern == job::Pattern::continuous;
    if (std::exchange(m_showsLines, showsLines) != showsLines) {
        showKinds();
        m_kind->setCurrentIndex(showsLines ? LinesKind : TableKind);
    }
    const QHeaderView* header = m_table->horizontalHeader();
    const bool isSorted = header->sortIndicatorSection() >= 0;
    if (pattern == job::Pattern::exchange && !isSorted) {
        m_table->sortByColumn(ResultModel::NumberColumn, Qt::AscendingOrder);
        m_isSortedByPattern = true;
    } else if (pattern != job::Pattern::exchange && std::exchange(m_isSortedByPattern, false) &&
               header->sortIndicatorSection() == ResultModel::NumberColumn) {
        m_table->sortByColumn(-1, Qt::AscendingOrder);
    }
}

std::size_t ResultCard::failedCount() const {
    return m_results->counts().failed;
}

std::vector<ResultRowPtr> ResultCard::failedRows() const {
    return m_results->failedRows();
}

ResultRowPtr ResultCard::resultOfItem(std::size_t item) const {
    return m_results->resultOfItem(item);
}

ResultRowPtr ResultCard::latestResultOf(pid_t worker) const {
    return m_results->latestResultOf(worker);
}

bool ResultCard::hasUnsuccessful() const {
    return m_results->counts().succeeded < m_results->counts().all;
}

void ResultCard::showItem(std::size_t item) {
    m_showOutputAction->setChecked(true);
    m_table->setFocus(Qt::OtherFocusReason);
    if (!m_results->indexOfItem(item).isValid()) {
        const QSignalBlocker quietly(m_filter);
        m_filter->clear();
        m_filterTimer.stop();
        m_wantedItem = item;
        if (m_show->currentIndex() == 0) {
            applyFilter();
        } else {
            m_show->setCurrentIndex(0);
        }
    }
    // Many rows are sorted anew in another thread first.
    if (const QModelIndex index = m_results->indexOfItem(item); index.isValid()) {
        m_wantedItem.reset();
        m_table->setCurrentIndex(index);
        m_table->scrollTo(index);
    }
    showSelected();
}

QWidget* ResultCard::focusRefuge() const {
    return m_show->isEnabled() ? m_show : m_kind;
}

void ResultCard::focusFilter() {
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

void ResultCard::applyFilter() {
    // Lines lead to items whose results need not hold the text.
    const bool isOfLines = m_kind->currentIndex() == LinesKind;
    const QString text = m_filter->text().trimmed();
    m_lines->setFilter(isOfLines ? text : QString());
    m_results->setFilter(isOfLines ? QString() : text, static_cast<ResultModel::Show>(m_show->currentIndex()));
    showCounts();
}

void ResultCard::showCounts() {
    const auto& counts = m_results->counts();
    m_show->setTabText(0, tr("All %1").arg(format::count(counts.all)));
    m_show->setTabText(1, tr("Ok %1").arg(format::count(counts.succeeded)));
    m_show->setTabText(2, tr("Failed %1").arg(format::count(counts.failed)));
    styled::showSegment(m_show, 3, counts.cancelled > 0 || m_show->currentIndex() == 3,
                        tr("Stopped %1").arg(format::count(counts.cancelled)));
    // Before it is first shown it takes no notice of its new texts, and would be cut off.
    m_show->setMinimumWidth(m_show->sizeHint().width());
    m_show->updateGeometry();
    m_show->setEnabled(m_kind->currentIndex() != LinesKind);
    m_note->setText(m_kind->currentIndex() == LinesKind ? m_lines->note()
                    : m_results->isArranging()          ? tr("sorting…")
                    : m_kind->currentIndex() == PictureKind && m_thumbnails->isCut()
                        ? format::counted<ResultCard>(ThumbnailModel::mostRows, QT_TR_N_NOOP("the first %1 picture(s)"))
                    : m_filter->text().trimmed().isEmpty()
                        ? QString()
                        : tr("%1 shown").arg(format::count(static_cast<std::uint64_t>(m_results->rowCount()))));
    const bool hasResults = counts.all > 0;
    m_save->setEnabled(hasResults);
    for (QAction* action : std::as_const(m_saveActions)) {
        action->setEnabled(hasResults);
    }
    m_saveOutputsAction->setEnabled(m_table->currentIndex().isValid());
    showEmptyText();
    emit countsChanged();
}

void ResultCard::showEmptyText() {
    if (m_controller.state() == JobController::State::collecting) {
        m_table->setEmptyText(tr("Looking for files…"));
    } else if (m_results->counts().all > 0) {
        m_table->setEmptyText(m_results->isArranging() ? tr("Sorting…") : tr("No result fits the filter"),
                              m_results->isArranging() ? QString() : tr("Clear the filter or choose All."));
    } else if (m_controller.isBusy()) {
        m_table->setEmptyText(tr("Waiting for the first result…"));
    } else {
        m_table->setEmptyText(tr("No results yet"),
                              tr("Press Run to start the job. Each item's outcome and output appear here."));
    }
}

void ResultCard::askSaveOutputs() {
    const QString folder =
        QFileDialog::getExistingDirectory(this, tr("Folder for the outputs of the selected results"));
    if (!folder.isEmpty()) {
        saveOutputs(folder);
    }
}

void ResultCard::saveOutputs(const QString& folder) {
    std::vector<ResultRowPtr> rows;
    for (const int row : m_table->selectedRows()) {
        rows.push_back(m_results->rowAt(m_results->index(row, 0)));
    }
    const std::size_t count = rows.size();
    result_export::saveOutputsInBackground(
        std::move(rows), folder, this, [this, folder, count](const QString& problem) {
            emit saved(problem.isEmpty(),
                       problem.isEmpty()
                           ? tr("The output of %1 was saved in “%2”.")
                                 .arg(format::counted<ResultCard>(count, QT_TR_N_NOOP("%1 result(s)")), folder)
                           : problem);
        });
}

void ResultCard::showSelected() {
    m_saveOutputsAction->setEnabled(m_table->currentIndex().isValid());
    const auto row = m_results->rowAt(m_table->currentIndex());
    m_output->setFolder(folder());
    m_output->setResult(row, row ? commandLineOf(*row) : QString());
    // Without a selection the table gets the room.
    m_output->setVisible(row && m_showOutputAction->isChecked());
}

QString ResultCard::commandLineOf(const ResultRow& row) const {
    try {
        return commandText(m_controller.jobOf(row.result.index), row.input, row.result.index, m_controller.columns());
    } catch (const std::exception&) {
        return {};
    }
}

void ResultCard::rememberSelection() {
    m_keptSelection.clear();
    constexpr int mostKept = 1000;
    for (const int row : m_table->selectedRows()) {
        if (m_keptSelection.size() >= mostKept) {
            break;
        }
        m_keptSelection.push_back(m_results->rowAt(m_results->index(row, 0))->result.index);
    }
}

void ResultCard::restoreSelection() {
    if (m_wantedItem && m_results->indexOfItem(*m_wantedItem).isValid()) {
        m_keptSelection = {*std::exchange(m_wantedItem, {})};
    }
    QItemSelection selection;
    QModelIndex current;
    for (const std::size_t item : m_keptSelection) {
        if (const QModelIndex index = m_results->indexOfItem(item); index.isValid()) {
            selection.select(index, index.siblingAtColumn(ResultModel::ColumnCount - 1));
            current = current.isValid() ? current : index;
        }
    }
    m_keptSelection.clear();
    if (current.isValid()) {
        m_table->selectionModel()->setCurrentIndex(current, QItemSelectionModel::NoUpdate);
        m_table->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
        m_table->scrollTo(current);
    }
    showSelected();
}

void ResultCard::showMenu(const QPoint& position) {
    const auto rows = m_table->selectedRows();
    QMenu menu(this);
    menu.addAction(tr("&Copy rows"), m_table, &TableView::copySelection);
    const auto copyTexts = [this, rows](auto&& textOf) {
        QStringList texts;
        for (const int row : rows) {
            if (const auto result = m_results->rowAt(m_results->index(row, 0))) {
                texts += textOf(*result);
            }
        }
        QApplication::clipboard()->setText(texts.join(QLatin1Char('\n')));
    };
    menu.addAction(tr("Copy &input"), this,
                   [copyTexts] { copyTexts([](const ResultRow& row) { return QString::fromStdString(row.input); }); });
    menu.addAction(tr("Copy &output"), this, [copyTexts] {
        copyTexts([](const ResultRow& row) { return QString::fromStdString(row.result.program.output); });
    });
    menu.addAction(tr("Copy command &line"), this,
                   [this, copyTexts] { copyTexts([this](const ResultRow& row) { return commandLineOf(row); }); });
    for (QAction* action : menu.actions()) {
        action->setEnabled(!rows.isEmpty());
    }
    menu.addSeparator();
    menu.addActions(m_saveActions);
    menu.exec(m_table->viewport()->mapToGlobal(position));
}

void ResultCard::askSave(result_export::Format format) {
    const bool isCsv = format == result_export::Format::csv;
    const auto all = m_results->counts().all;
    const QString file = QFileDialog::getSaveFileName(
        this, format::counted<ResultCard>(all, QT_TR_N_NOOP("Save %1 result(s)")),
        isCsv ? QStringLiteral("results.csv") : QStringLiteral("results.json"),
        isCsv ? tr("Comma-separated values (*.csv);;All files (*)") : tr("JSON (*.json);;All files (*)"));
    if (!file.isEmpty()) {
        save(file, format);
    }
}

void ResultCard::save(const QString& file, result_export::Format format) {
    const auto rows = m_results->counts().all;
    result_export::saveInBackground(
        m_results->snapshot(), format, file, this, [this, file, rows](const QString& mistake) {
            emit saved(
                mistake.isEmpty(),
                mistake.isEmpty()
                    ? tr("%1 saved to “%2”.").arg(format::counted<ResultCard>(rows, QT_TR_N_NOOP("%1 result(s)")), file)
                    : mistake);
        });
}

void ResultCard::storeState(QSettings& settings) const {
    settings.setValue(splitterKey, m_splitter->saveState());
    table_columns::store(settings, columnsKey, m_table);
}

void ResultCard::restoreState(const QSettings& settings) {
    m_splitter->restoreState(settings.value(splitterKey).toByteArray());
    table_columns::restore(settings, columnsKey, m_table);
}

} // namespace pprocess::workbench
