// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/main_window.h>

#include <app/workbench/command_text.h>
#include <app/workbench/job_form.h>

#include <widgets/colors.h>
#include <widgets/elided_label.h>
#include <widgets/format.h>
#include <widgets/message_bar.h>
#include <widgets/output_pane.h>
#include <widgets/process_model.h>
#include <widgets/process_sampler.h>
#include <widgets/result_model.h>
#include <widgets/row_delegate.h>
#include <widgets/stacked_bar.h>
#include <widgets/table_view.h>
#include <widgets/throughput_plot.h>

#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QCloseEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QPointer>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSettings>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QStatusBar>
#include <QTabBar>
#include <QThreadPool>
#include <QVBoxLayout>

#include <csignal>

#include <pprocess/os/cores.h>

namespace pprocess::workbench {

using namespace widgets;

namespace {

QFrame* makeCard() {
    auto* card = new QFrame;
    card->setProperty("card", true);
    return card;
}

QLabel* makeHeading(const QString& text) {
    auto* label = new QLabel(text);
    label->setProperty("heading", true);
    return label;
}

QLabel* makeMuted(const QString& text = {}) {
    auto* label = new QLabel(text);
    label->setProperty("muted", true);
    return label;
}

QPushButton* makeButton(const QString& text, const QString& name, const QString& toolTip) {
    auto* button = new QPushButton(text);
    button->setObjectName(name);
    button->setToolTip(toolTip);
    return button;
}

// A number in large type with what it counts below.
QWidget* makeFigure(QLabel*& number, const QString& what) {
    auto* figure = new QWidget;
    auto* layout = new QVBoxLayout(figure);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    number = new QLabel(QStringLiteral("—"));
    number->setProperty("figure", true);
    number->setAccessibleName(what);
    layout->addWidget(number);
    layout->addWidget(makeMuted(what));
    return figure;
}

QString summarySentence(const JobController::Summary& summary) {
    const auto& progress = summary.progress;
    QStringList parts;
    if (progress.succeeded > 0 || progress.total == 0) {
        parts += QObject::tr("%1 ok").arg(format::count(progress.succeeded));
    }
    if (progress.failed > 0) {
        parts += QObject::tr("%1 failed").arg(format::count(progress.failed));
    }
    if (progress.cancelled > 0) {
        parts += QObject::tr("%1 stopped").arg(format::count(progress.cancelled));
    }
    const QString items = format::counted(progress.total, QObject::tr("item"), QObject::tr("items"));
    return QObject::tr("%1%2: %3, in %4")
        .arg(items, summary.isRerun ? QObject::tr(" run again") : QString(), parts.join(QStringLiteral(", ")),
             format::duration(summary.elapsed));
}

constexpr int stateVersion = 1;

} // namespace

MainWindow::MainWindow(std::unique_ptr<ForkServer> server, Theme& theme, QSettings& settings)
    : m_theme(theme),
      m_settings(settings),
      m_controller(new JobController(std::move(server), this)) {
    qRegisterMetaType<ProcessSamples>();
    setWindowTitle(tr("pprocess"));
    setWindowIcon(QIcon(QStringLiteral(":/icons/pprocess.svg")));
    setMinimumSize(760, 520);
    resize(1280, 800);

    m_form = new JobForm;
    m_formArea = new QScrollArea;
    m_formArea->setObjectName(QStringLiteral("formArea"));
    m_formArea->setWidget(m_form);
    m_formArea->setWidgetResizable(true);
    m_formArea->setFrameShape(QFrame::NoFrame);
    m_formArea->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_formArea->setMinimumWidth(288);
    m_formArea->setFocusPolicy(Qt::NoFocus);

    m_message = new MessageBar;

    m_rowsSplitter = new QSplitter(Qt::Vertical);
    m_rowsSplitter->setHandleWidth(10);
    m_rowsSplitter->addWidget(makeProgressCard());
    m_rowsSplitter->addWidget(makeProcessesCard());
    m_rowsSplitter->addWidget(makeResultsCard());
    m_rowsSplitter->setChildrenCollapsible(false);
    m_rowsSplitter->setStretchFactor(0, 0);
    m_rowsSplitter->setStretchFactor(1, 2);
    m_rowsSplitter->setStretchFactor(2, 5);
    m_rowsSplitter->setSizes({142, 178, 348});

    auto* page = new QWidget;
    page->setObjectName(QStringLiteral("page"));
    auto* pageLayout = new QVBoxLayout(page);
    pageLayout->setContentsMargins(2, 12, 14, 10);
    pageLayout->setSpacing(10);
    pageLayout->addWidget(makeHeader());
    pageLayout->addWidget(m_message);
    pageLayout->addWidget(m_rowsSplitter, 1);

    m_outerSplitter = new QSplitter(Qt::Horizontal);
    m_outerSplitter->setHandleWidth(4);
    m_outerSplitter->addWidget(m_formArea);
    m_outerSplitter->addWidget(page);
    m_outerSplitter->setCollapsible(1, false);
    m_outerSplitter->setStretchFactor(0, 0);
    m_outerSplitter->setStretchFactor(1, 1);
    m_outerSplitter->setSizes({308, 972});
    setCentralWidget(m_outerSplitter);

    makeMenus();
    makeStatusBar();

    connect(m_controller, &JobController::stateChanged, this, &MainWindow::onStateChanged);
    connect(m_controller, &JobController::started, this, &MainWindow::onStarted);
    connect(m_controller, &JobController::finished, this, &MainWindow::onFinished);
    connect(m_controller, &JobController::mistaken, this, &MainWindow::onMistake);
    connect(m_controller, &JobController::failed, this, &MainWindow::onFailed);
    connect(m_controller, &JobController::noted, this, &MainWindow::note);
    connect(m_controller, &JobController::resultsArrived, m_results, &ResultModel::merge);
    connect(m_controller, &JobController::workersChanged, m_processes, &ProcessModel::merge);
    connect(m_form, &JobForm::changed, this, &MainWindow::showTitle);

    m_sampleTimer.setInterval(100);
    connect(&m_sampleTimer, &QTimer::timeout, this, &MainWindow::sample);

    restoreState();
    showTitle();
    onStateChanged(JobController::State::idle);
    showProgress();
    showCounts();
    showProcessCount();
    showStatus();
}

MainWindow::~MainWindow() {
    // Members of this class hear from the controller; it must not speak to half of a window.
    m_controller->disconnect(this);
    delete m_controller;
}

QWidget* MainWindow::makeHeader() {
    auto* header = new QWidget;
    m_title = new ElidedLabel;
    m_title->setObjectName(QStringLiteral("jobTitle"));
    m_subtitle = new ElidedLabel;
    m_subtitle->setProperty("muted", true);
    m_runButton = makeButton(tr("&Run"), QStringLiteral("run"), tr("Run the job (Ctrl+R or F5)"));
    m_runButton->setProperty("primary", true);
    m_stopButton = makeButton(tr("&Stop"), QStringLiteral("stop"), tr("Stop the job (Esc or Ctrl+.)"));
    m_againButton = makeButton(tr("Run f&ailed again"), QStringLiteral("again"),
                               tr("Run only the items that failed again (Ctrl+Shift+R)"));

    auto* texts = new QVBoxLayout;
    texts->setSpacing(0);
    texts->addWidget(m_title);
    texts->addWidget(m_subtitle);
    auto* layout = new QHBoxLayout(header);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addLayout(texts, 1);
    layout->addWidget(m_runButton);
    layout->addWidget(m_stopButton);
    layout->addWidget(m_againButton);
    connect(m_runButton, &QPushButton::clicked, this, &MainWindow::run);
    connect(m_stopButton, &QPushButton::clicked, m_controller, &JobController::stop);
    connect(m_againButton, &QPushButton::clicked, this, &MainWindow::runFailedAgain);
    return header;
}

QWidget* MainWindow::makeProgressCard() {
    auto* card = makeCard();
    m_bar = new StackedBar;
    m_legend = new QLabel;
    m_legend->setTextFormat(Qt::RichText);
    m_legend->setObjectName(QStringLiteral("legend"));
    m_legend->setWordWrap(true);
    m_legend->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_summaryLabel = new ElidedLabel;
    m_summaryLabel->setObjectName(QStringLiteral("summary"));
    m_summaryLabel->setProperty("strong", true);
    m_plot = new ThroughputPlot;

    auto* figures = new QHBoxLayout;
    figures->setSpacing(28);
    figures->addWidget(makeFigure(m_rateFigure, tr("tasks/s")));
    figures->addWidget(makeFigure(m_remainingFigure, tr("remaining")));
    figures->addWidget(makeFigure(m_elapsedFigure, tr("elapsed")));
    figures->addStretch(1);

    auto* left = new QVBoxLayout;
    left->setContentsMargins(14, 12, 8, 10);
    left->setSpacing(7);
    left->addWidget(m_summaryLabel);
    left->addWidget(m_bar);
    left->addWidget(m_legend);
    left->addStretch(1);
    left->addLayout(figures);

    auto* plotHead = new QHBoxLayout;
    plotHead->setContentsMargins(8, 0, 8, 0);
    plotHead->addWidget(makeHeading(tr("Throughput")));
    plotHead->addSpacing(12);
    plotHead->addStretch(1);
    auto* plotLegend = new QLabel;
    plotLegend->setObjectName(QStringLiteral("plotLegend"));
    plotLegend->setTextFormat(Qt::RichText);
    plotHead->addWidget(plotLegend);
    auto* right = new QVBoxLayout;
    right->setContentsMargins(0, 10, 6, 4);
    right->setSpacing(0);
    right->addLayout(plotHead);
    right->addWidget(m_plot, 1);

    auto* layout = new QHBoxLayout(card);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addLayout(left, 8);
    layout->addLayout(right, 5);
    card->setMinimumHeight(136);
    return card;
}

QWidget* MainWindow::makeProcessesCard() {
    auto* card = makeCard();
    m_processes = new ProcessModel(this);
    m_processes->setTaskName([this](std::size_t item) { return m_controller->inputName(item); });
    m_sortedProcesses = new QSortFilterProxyModel(this);
    m_sortedProcesses->setSourceModel(m_processes);
    m_sortedProcesses->setSortRole(ProcessModel::SortRole);
    m_processTable = new TableView;
    m_processTable->setObjectName(QStringLiteral("processes"));
    m_processTable->setAccessibleName(tr("Worker processes"));
    m_processTable->setModel(m_sortedProcesses);
    m_processTable->horizontalHeader()->setSortIndicatorClearable(true);
    m_processTable->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    m_processTable->setSortingEnabled(true);
    const auto state = [](const QModelIndex& index) {
        return static_cast<job::WorkerSnapshot::State>(index.data(ProcessModel::StateRole).toInt());
    };
    m_processTable->setItemDelegate(new RowDelegate(
        [](const QModelIndex& index) {
            return (index.column() == ProcessModel::EndedColumn || index.column() == ProcessModel::StateColumn) &&
                   index.data(ProcessModel::HasFailedRole).toBool();
        },
        [state](const QModelIndex& index) { return state(index) == job::WorkerSnapshot::State::ended; }, this));
    const int widths[] = {62, 88, 152, 74, 54, 76, 68, 76, 76, 82, 142};
    for (int column = 0; column < ProcessModel::ColumnCount; ++column) {
        m_processTable->setColumnWidth(column, widths[column]);
    }

    m_processTable->setStretchColumn(ProcessModel::TaskColumn);

    m_processCount = makeMuted();
    auto* head = new QHBoxLayout;
    head->setContentsMargins(14, 8, 14, 4);
    head->addWidget(makeHeading(tr("Processes")));
    head->addSpacing(6);
    head->addWidget(m_processCount);
    head->addStretch(1);
    auto* layout = new QVBoxLayout(card);
    layout->setContentsMargins(1, 1, 1, 4);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(m_processTable, 1);
    card->setMinimumHeight(122);

    connect(m_processTable, &QWidget::customContextMenuRequested, this, &MainWindow::processMenu);
    connect(m_processes, &ProcessModel::countsChanged, this, &MainWindow::showProcessCount);
    m_sampler = new ProcessSampler(this);
    connect(m_sampler, &ProcessSampler::sampled, this, [this](const ProcessSamples& samples) {
        m_workersMemory = 0;
        for (const auto& one : samples) {
            m_workersMemory += one.residentBytes;
        }
        m_processes->setSamples(samples);
        showStatus();
    });
    return card;
}

QWidget* MainWindow::makeResultsCard() {
    auto* card = makeCard();
    m_results = new ResultModel(this);
    m_resultTable = new TableView;
    m_resultTable->setObjectName(QStringLiteral("results"));
    m_resultTable->setAccessibleName(tr("Results"));
    m_resultTable->setModel(m_results);
    m_resultTable->horizontalHeader()->setSortIndicatorClearable(true);
    m_resultTable->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    m_resultTable->setSortingEnabled(true);
    auto* delegate = new RowDelegate(
        [](const QModelIndex& index) {
            const auto outcome = static_cast<job::Outcome>(index.data(ResultModel::OutcomeRole).toInt());
            return outcome != job::Outcome::succeeded && outcome != job::Outcome::cancelled;
        },
        [](const QModelIndex& index) {
            const auto outcome = static_cast<job::Outcome>(index.data(ResultModel::OutcomeRole).toInt());
            return outcome == job::Outcome::cancelled || index.column() == ResultModel::NumberColumn ||
                   index.column() == ResultModel::TriesColumn;
        },
        this);
    delegate->setMonospaceColumn(ResultModel::FirstLineColumn);
    m_resultTable->setItemDelegate(delegate);
    const int widths[] = {60, 170, 164, 64, 78, 50, 150};
    for (int column = 0; column < ResultModel::ColumnCount; ++column) {
        m_resultTable->setColumnWidth(column, widths[column]);
    }

    m_resultTable->setStretchColumn(ResultModel::FirstLineColumn);

    m_show = new QTabBar;
    m_show->setObjectName(QStringLiteral("show"));
    m_show->setAccessibleName(tr("Which results are shown"));
    m_show->setProperty("segments", true);
    m_show->setDrawBase(false);
    m_show->setExpanding(false);
    m_show->setUsesScrollButtons(false);
    m_show->setElideMode(Qt::ElideNone);
    for (int i = 0; i < 4; ++i) {
        m_show->addTab(QString());
    }
    m_filter = new QLineEdit;
    m_filter->setObjectName(QStringLiteral("filter"));
    m_filter->setAccessibleName(tr("Filter the results"));
    m_filter->setPlaceholderText(tr("Filter (Ctrl+F)"));
    m_filter->setToolTip(tr("Shows only results whose input, outcome or first line of output contains this text"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setMinimumWidth(110);
    m_filter->setMaximumWidth(240);
    m_resultNote = makeMuted();
    auto* save = makeButton(tr("Sa&ve…"), QStringLiteral("saveResults"), tr("Save all results as CSV or JSON"));
    save->setProperty("small", true);
    auto* saveMenu = new QMenu(save);
    m_saveCsvAction = saveMenu->addAction(tr("As &CSV…"), this, [this] { askSaveResults(result_export::Format::csv); });
    m_saveJsonAction =
        saveMenu->addAction(tr("As &JSON…"), this, [this] { askSaveResults(result_export::Format::json); });
    save->setMenu(saveMenu);

    auto* head = new QHBoxLayout;
    head->setContentsMargins(14, 8, 10, 6);
    head->setSpacing(10);
    head->addWidget(makeHeading(tr("Results")));
    head->addWidget(m_show);
    head->addWidget(m_resultNote);
    head->addStretch(1);
    head->addWidget(m_filter, 2);
    head->addWidget(save);

    m_output = new OutputPane;
    m_output->setObjectName(QStringLiteral("outputPane"));
    m_output->setAttribute(Qt::WA_StyledBackground);
    m_resultsSplitter = new QSplitter(Qt::Horizontal);
    m_resultsSplitter->setHandleWidth(6);
    m_resultsSplitter->addWidget(m_resultTable);
    m_resultsSplitter->addWidget(m_output);
    m_resultsSplitter->setStretchFactor(0, 5);
    m_resultsSplitter->setStretchFactor(1, 2);
    m_resultsSplitter->setCollapsible(0, false);
    m_resultsSplitter->setSizes({676, 272});
    m_output->setMinimumWidth(210);
    m_output->hide();

    auto* layout = new QVBoxLayout(card);
    layout->setContentsMargins(1, 1, 1, 4);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(m_resultsSplitter, 1);
    card->setMinimumHeight(150);

    m_filterTimer.setSingleShot(true);
    m_filterTimer.setInterval(150);
    const auto applyFilter = [this] {
        m_results->setFilter(m_filter->text().trimmed(), static_cast<ResultModel::Show>(m_show->currentIndex()));
        showCounts();
    };
    connect(&m_filterTimer, &QTimer::timeout, this, applyFilter);
    connect(m_filter, &QLineEdit::textChanged, &m_filterTimer, qOverload<>(&QTimer::start));
    connect(m_show, &QTabBar::currentChanged, this, applyFilter);
    connect(m_results, &ResultModel::countsChanged, this, &MainWindow::showCounts);
    connect(m_results, &ResultModel::arrangingChanged, this, &MainWindow::showCounts);
    connect(m_resultTable->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &MainWindow::showSelectedResult);
    connect(m_results, &QAbstractItemModel::dataChanged, this, &MainWindow::showSelectedResult);
    connect(m_resultTable, &QAbstractItemView::clicked, this, &MainWindow::showSelectedResult);
    connect(m_resultTable, &QWidget::customContextMenuRequested, this, &MainWindow::resultMenu);
    // A new order or filter must not lose what was selected.
    connect(m_results, &QAbstractItemModel::modelAboutToBeReset, this, [this] {
        m_keptSelection.clear();
        constexpr int mostKept = 1000;
        for (const int row : m_resultTable->selectedRows()) {
            if (m_keptSelection.size() >= mostKept) {
                break;
            }
            m_keptSelection.push_back(m_results->rowAt(m_results->index(row, 0))->result.index);
        }
    });
    connect(m_results, &QAbstractItemModel::modelReset, this, [this] {
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
            m_resultTable->selectionModel()->setCurrentIndex(current, QItemSelectionModel::NoUpdate);
            m_resultTable->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
            m_resultTable->scrollTo(current);
        }
        showSelectedResult();
    });
    return card;
}

void MainWindow::makeMenus() {
    auto* file = menuBar()->addMenu(tr("&File"));
    auto* newAction = file->addAction(tr("&New job"), this, &MainWindow::newJob);
    newAction->setShortcut(QKeySequence::New);
    auto* openAction = file->addAction(tr("&Open job…"), this, &MainWindow::askOpenJob);
    openAction->setShortcut(QKeySequence::Open);
    auto* sampleAction = file->addAction(tr("Open the sa&mple job"), this, [this] { setJob(job::sample_job()); });
    file->addAction(tr("&Save job"), this, [this] { askSaveJob(false); })->setShortcut(QKeySequence::Save);
    file->addAction(tr("Save job &as…"), this, [this] { askSaveJob(true); })
        ->setShortcut(QKeySequence(tr("Ctrl+Shift+S")));
    file->addSeparator();
    auto* results = file->addMenu(tr("Save &results"));
    results->addAction(m_saveCsvAction);
    results->addAction(m_saveJsonAction);
    file->addSeparator();
    auto* quit = file->addAction(tr("&Quit"), this, &QWidget::close);
    quit->setShortcut(QKeySequence(tr("Ctrl+Q")));
    m_jobFileActions = {newAction, openAction, sampleAction};

    auto* job = menuBar()->addMenu(tr("&Job"));
    m_runAction = job->addAction(tr("&Run"), this, &MainWindow::run);
    m_runAction->setShortcuts({QKeySequence(tr("Ctrl+R")), QKeySequence(Qt::Key_F5)});
    m_stopAction = job->addAction(tr("&Stop"), m_controller, &JobController::stop);
    m_stopAction->setShortcuts({QKeySequence(Qt::Key_Escape), QKeySequence(tr("Ctrl+."))});
    m_againAction = job->addAction(tr("Run &failed again"), this, &MainWindow::runFailedAgain);
    m_againAction->setShortcut(QKeySequence(tr("Ctrl+Shift+R")));

    auto* view = menuBar()->addMenu(tr("&View"));
    auto* showForm = view->addAction(tr("&Form"));
    showForm->setCheckable(true);
    showForm->setChecked(true);
    showForm->setShortcut(QKeySequence(Qt::Key_F9));
    connect(showForm, &QAction::toggled, m_formArea, &QWidget::setVisible);
    auto* showOutput = view->addAction(tr("&Output of the selected result"));
    showOutput->setCheckable(true);
    showOutput->setChecked(true);
    showOutput->setShortcut(QKeySequence(Qt::Key_F8));
    m_showOutputAction = showOutput;
    connect(showOutput, &QAction::toggled, this, &MainWindow::showSelectedResult);
    auto* filter = view->addAction(tr("&Filter the results"), this, [this] {
        m_filter->setFocus(Qt::ShortcutFocusReason);
        m_filter->selectAll();
    });
    filter->setShortcut(QKeySequence::Find);
    view->addSeparator();
    auto* theme = view->addMenu(tr("&Theme"));
    auto* group = new QActionGroup(this);
    const std::pair<Theme::Choice, QString> choices[] = {{Theme::Choice::system, tr("As the &system")},
                                                         {Theme::Choice::light, tr("&Light")},
                                                         {Theme::Choice::dark, tr("&Dark")}};
    for (const auto& [choice, text] : choices) {
        auto* action = theme->addAction(text, this, [this, wanted = choice] {
            m_theme.apply(wanted);
            m_settings.setValue(QStringLiteral("theme"), Theme::toString(wanted));
        });
        action->setCheckable(true);
        action->setChecked(m_theme.choice() == choice);
        group->addAction(action);
    }

    auto* help = menuBar()->addMenu(tr("&Help"));
    help->addAction(tr("&About pprocess"), this, [this] {
        QMessageBox::about(
            this, tr("About pprocess"),
            tr("<b>pprocess %1</b><p>Runs ordinary programs over many inputs in parallel processes, and lets you "
               "watch them do it.</p><p>Free software under the GNU General Public License, version 3 or later.</p>")
                .arg(QStringLiteral(PPROCESS_VERSION)));
    });
}

void MainWindow::makeStatusBar() {
    m_statusProcesses = new QLabel;
    m_statusLauncher = new QLabel;
    m_statusMemory = new QLabel;
    m_statusLauncher->setToolTip(tr("The process that makes the workers"));
    m_statusMemory->setToolTip(tr("Resident memory of the workers and their commands"));
    statusBar()->addWidget(m_statusProcesses);
    statusBar()->addWidget(m_statusLauncher);
    statusBar()->addWidget(m_statusMemory);
    statusBar()->setSizeGripEnabled(false);
}

void MainWindow::restoreState() {
    restoreGeometry(m_settings.value(QStringLiteral("window/geometry")).toByteArray());
    if (m_settings.value(QStringLiteral("window/version")).toInt() != stateVersion) {
        return;
    }
    m_outerSplitter->restoreState(m_settings.value(QStringLiteral("window/outer")).toByteArray());
    m_rowsSplitter->restoreState(m_settings.value(QStringLiteral("window/rows")).toByteArray());
    m_resultsSplitter->restoreState(m_settings.value(QStringLiteral("window/results")).toByteArray());
    const auto restoreColumns = [this](TableView* table, const QString& key) {
        table->horizontalHeader()->restoreState(m_settings.value(key).toByteArray());
        table->horizontalHeader()->setSortIndicatorClearable(true);
        table->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    };
    restoreColumns(m_processTable, QStringLiteral("window/processColumns"));
    restoreColumns(m_resultTable, QStringLiteral("window/resultColumns"));
}

void MainWindow::storeState() {
    m_settings.setValue(QStringLiteral("window/version"), stateVersion);
    m_settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    m_settings.setValue(QStringLiteral("window/outer"), m_outerSplitter->saveState());
    m_settings.setValue(QStringLiteral("window/rows"), m_rowsSplitter->saveState());
    m_settings.setValue(QStringLiteral("window/results"), m_resultsSplitter->saveState());
    m_settings.setValue(QStringLiteral("window/processColumns"), m_processTable->horizontalHeader()->saveState());
    m_settings.setValue(QStringLiteral("window/resultColumns"), m_resultTable->horizontalHeader()->saveState());
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (m_controller->state() == JobController::State::collecting) {
        m_controller->stop();
    }
    if (m_controller->isBusy() && !m_closeWhenIdle) {
        event->ignore();
        auto* question = new QMessageBox(QMessageBox::Question, tr("A job is under way"),
                                         tr("A job is under way. Stop it and quit?"), QMessageBox::Cancel, this);
        auto* stop = question->addButton(tr("Stop and quit"), QMessageBox::AcceptRole);
        question->setDefaultButton(stop);
        question->setAttribute(Qt::WA_DeleteOnClose);
        connect(stop, &QAbstractButton::clicked, this, [this] {
            m_closeWhenIdle = true;
            m_controller->stop();
            if (!m_controller->isBusy()) {
                close();
            }
        });
        question->open();
        return;
    }
    if (m_controller->isBusy()) {
        event->ignore();
        return;
    }
    storeState();
    event->accept();
}

void MainWindow::changeEvent(QEvent* event) {
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_legend) {
        showProgress();
    }
}

void MainWindow::setJob(const job::Job& job, const QString& file) {
    m_jobFile = file;
    if (!m_controller->isBusy()) {
        // Under the name of this job the results of another would be taken for its own.
        m_controller->forget();
        m_summary.clear();
        m_results->clear();
        m_processes->clear();
        m_plot->clear();
        m_message->hide();
    }
    m_form->setJob(job);
    showTitle();
    showProgress();
}

void MainWindow::newJob() {
    setJob({});
}

void MainWindow::askOpenJob() {
    const QString file =
        QFileDialog::getOpenFileName(this, tr("Open a job"), m_jobFile, tr("Jobs (*.json);;All files (*)"));
    if (!file.isEmpty()) {
        openJob(file);
    }
}

void MainWindow::openJob(const QString& file) {
    QThreadPool::globalInstance()->start([self = QPointer<MainWindow>(this), file] {
        job::Job job;
        QString mistake;
        try {
            job = job::load(QFile::encodeName(file).toStdString());
        } catch (const std::exception& error) {
            mistake = QString::fromUtf8(error.what());
        }
        QMetaObject::invokeMethod(
            qApp,
            [self, job, mistake, file] {
                if (!self) {
                    return;
                }
                if (mistake.isEmpty()) {
                    self->setJob(job, file);
                } else {
                    self->problem(tr("The job “%1” could not be opened. %2").arg(QFileInfo(file).fileName(), mistake));
                }
                emit self->opened(mistake.isEmpty());
            },
            Qt::QueuedConnection);
    });
}

void MainWindow::askSaveJob(bool askForName) {
    QString file = m_jobFile;
    if (askForName || file.isEmpty()) {
        file =
            QFileDialog::getSaveFileName(this, tr("Save the job"), file.isEmpty() ? QStringLiteral("job.json") : file,
                                         tr("Jobs (*.json);;All files (*)"));
    }
    if (!file.isEmpty()) {
        saveJob(file);
    }
}

void MainWindow::saveJob(const QString& file) {
    QThreadPool::globalInstance()->start([self = QPointer<MainWindow>(this), file, job = m_form->job()] {
        QString mistake;
        try {
            job::save(job, QFile::encodeName(file).toStdString());
        } catch (const std::exception& error) {
            mistake = QString::fromUtf8(error.what());
        }
        QMetaObject::invokeMethod(
            qApp,
            [self, mistake, file] {
                if (!self) {
                    return;
                }
                if (mistake.isEmpty()) {
                    self->m_jobFile = file;
                    self->showTitle();
                    self->m_message->showMessage(MessageBar::Kind::success, tr("The job was saved to “%1”.").arg(file));
                } else {
                    self->problem(
                        tr("The job could not be saved to “%1”: %2. A file that was there before is unchanged. "
                           "Free some space or choose another folder, then save again.")
                            .arg(file, mistake));
                }
                emit self->saved(mistake.isEmpty());
            },
            Qt::QueuedConnection);
    });
}

void MainWindow::askSaveResults(result_export::Format format) {
    const bool isCsv = format == result_export::Format::csv;
    const auto all = m_results->counts().all;
    const QString file = QFileDialog::getSaveFileName(
        this, all == 1 ? tr("Save the result") : tr("Save all %1 results").arg(format::count(all)),
        isCsv ? QStringLiteral("results.csv") : QStringLiteral("results.json"),
        isCsv ? tr("Comma-separated values (*.csv);;All files (*)") : tr("JSON (*.json);;All files (*)"));
    if (!file.isEmpty()) {
        saveResults(file, format);
    }
}

void MainWindow::saveResults(const QString& file, result_export::Format format) {
    const auto rows = m_results->counts().all;
    result_export::saveInBackground(
        m_results->snapshot(), format, file, this, [this, file, rows](const QString& mistake) {
            if (mistake.isEmpty()) {
                m_message->showMessage(
                    MessageBar::Kind::success,
                    tr("%1 saved to “%2”.").arg(format::counted(rows, tr("result"), tr("results")), file));
            } else {
                problem(mistake);
            }
            emit saved(mistake.isEmpty());
        });
}

void MainWindow::run() {
    if (m_controller->isBusy()) {
        return;
    }
    m_message->hide();
    m_form->clearMistakes();
    m_controller->start(m_form->job());
}

void MainWindow::runFailedAgain() {
    if (m_controller->isBusy() || m_results->counts().failed == 0) {
        return;
    }
    m_message->hide();
    m_controller->startAgain(m_results->failedRows());
}

QString MainWindow::summaryText() const {
    return m_summary;
}

void MainWindow::onStateChanged(JobController::State state) {
    using State = JobController::State;
    const bool isBusy = state != State::idle;
    // Before the button that was pressed goes grey: the focus would jump to some other control.
    if (isBusy && (m_runButton->hasFocus() || m_againButton->hasFocus())) {
        m_stopButton->setEnabled(true);
        m_stopButton->setFocus(Qt::OtherFocusReason);
    } else if (state == State::stopping && m_stopButton->hasFocus()) {
        m_show->setFocus(Qt::OtherFocusReason);
        m_focusRunWhenIdle = true;
    } else if (!isBusy && (m_stopButton->hasFocus() || std::exchange(m_focusRunWhenIdle, false))) {
        m_runButton->setEnabled(true);
        m_runButton->setFocus(Qt::OtherFocusReason);
    }
    if (state == State::stopping) {
        m_processes->setStopping();
    }
    const bool canRunAgain = !isBusy && m_results->counts().failed > 0;
    m_form->setLocked(isBusy);
    m_runButton->setEnabled(!isBusy);
    m_runAction->setEnabled(!isBusy);
    m_stopButton->setEnabled(state == State::running || state == State::collecting);
    m_stopAction->setEnabled(m_stopButton->isEnabled());
    m_againButton->setEnabled(canRunAgain);
    m_againAction->setEnabled(canRunAgain);
    for (QAction* action : std::as_const(m_jobFileActions)) {
        action->setEnabled(!isBusy);
    }
    if (isBusy) {
        m_sampleTimer.start();
    } else {
        m_sampleTimer.stop();
        m_sampler->watch({});
        m_workersMemory = 0;
    }
    showEmptyTexts();
    showProgress();
    showStatus();
    if (!isBusy && m_closeWhenIdle) {
        QMetaObject::invokeMethod(this, &QWidget::close, Qt::QueuedConnection);
    }
}

void MainWindow::onStarted(bool isRerun) {
    m_summary.clear();
    m_processes->clear();
    if (!isRerun) {
        m_results->clear();
    }
    m_plot->clear();
    m_rate.clear();
    m_rate.add(std::chrono::steady_clock::now(), 0);
    showProgress();
    showEmptyTexts();
}

void MainWindow::onFinished(const JobController::Summary& summary) {
    m_plot->add(std::chrono::duration<double>(summary.elapsed).count(), summary.progress.ended(),
                m_controller->bytesMoved());
    m_summary = summarySentence(summary);
    if (summary.wasStopped) {
        m_summary = tr("Stopped. %1").arg(m_summary);
    }
    showProgress();
    showEmptyTexts();
    showStatus();
}

void MainWindow::onMistake(const QString& field, const QString& message) {
    if (!m_form->showMistake(field, message)) {
        problem(message);
        return;
    }
    if (!m_formArea->isVisible()) {
        problem(message);
    }
    if (QWidget* editor = m_form->focusWidget()) {
        m_formArea->ensureWidgetVisible(editor);
    }
}

void MainWindow::onFailed(const QString& message) {
    problem(message);
    showProgress();
    showEmptyTexts();
}

void MainWindow::note(const QString& text) {
    m_message->showMessage(MessageBar::Kind::note, text);
}

void MainWindow::problem(const QString& text) {
    m_message->showMessage(MessageBar::Kind::problem, text);
}

void MainWindow::sample() {
    if (m_controller->state() != JobController::State::collecting) {
        const auto& progress = m_controller->progress();
        m_rate.add(std::chrono::steady_clock::now(), progress.ended());
        if (!progress.finished()) {
            m_plot->add(std::chrono::duration<double>(m_controller->elapsed()).count(), progress.ended(),
                        m_controller->bytesMoved());
        }
        m_processes->tick();
        m_sampler->watch(m_processes->livingPids());
    }
    showProgress();
    showStatus();
}

void MainWindow::showProgress() {
    using State = JobController::State;
    const auto& progress = m_controller->progress();
    const auto state = m_controller->state();
    const Colors colors = Colors::of(palette());
    m_bar->setProgress(progress);
    const auto part = [](const QColor& color, const QString& sign, std::size_t number, const QString& what) {
        return QStringLiteral("<span style='color:%1'>%2</span>&nbsp;%3&nbsp;%4")
            .arg(color.name(), sign, format::count(number), what);
    };
    const QString full = QStringLiteral("■");
    QStringList parts{part(colors.done, full, progress.succeeded, tr("ok")),
                      part(colors.failed, QStringLiteral("▨"), progress.failed, tr("failed"))};
    if (progress.cancelled > 0) {
        parts += part(colors.cancelled, full, progress.cancelled, tr("stopped"));
    }
    parts += part(colors.running, full, progress.running, tr("running"));
    parts +=
        part(colors.cancelled.lighter(colors.isDark ? 100 : 130), QStringLiteral("□"), progress.waiting, tr("waiting"));
    m_legend->setText(parts.join(QStringLiteral("&nbsp; ")));
    findChild<QLabel*>(QStringLiteral("plotLegend"))
        ->setText(
            QStringLiteral("<span style='color:%1'>—</span>&nbsp;%2 &nbsp; <span style='color:%3'>- -</span>&nbsp;%4")
                .arg(colors.running.name(), tr("tasks/s"), colors.done.name(), tr("bytes/s")));

    const QString unknown = QStringLiteral("—");
    switch (state) {
    case State::collecting:
        m_summaryLabel->setText(tr("Looking for files…"));
        break;
    case State::running:
        m_summaryLabel->setText(
            tr("%1 of %2 done")
                .arg(format::count(progress.ended()), format::counted(progress.total, tr("item"), tr("items"))));
        break;
    case State::stopping:
        m_summaryLabel->setText(
            m_controller->livingWorkers() > 0
                ? tr("Stopping… %1 still ending")
                      .arg(format::counted(static_cast<std::uint64_t>(m_controller->livingWorkers()), tr("worker"),
                                           tr("workers")))
                : tr("Stopping…"));
        break;
    case State::idle:
        m_summaryLabel->setText(
            !m_summary.isEmpty() ? m_summary
            : progress.total == 0
                ? tr("Ready")
                : tr("%1 of %2 done")
                      .arg(format::count(progress.ended()), format::counted(progress.total, tr("item"), tr("items"))));
        break;
    }
    const bool runs = state == State::running || state == State::stopping;
    if (runs) {
        m_rateFigure->setText(format::rate(m_rate.rate()));
        const auto left = m_rate.remaining(progress.total - progress.ended());
        m_remainingFigure->setText(left && state == State::running ? format::duration(*left) : unknown);
        m_elapsedFigure->setText(format::duration(m_controller->elapsed()));
    } else if (state == State::idle && progress.total > 0) {
        // Over the whole run, as the sentence above tells of it.
        const double seconds = std::chrono::duration<double>(m_controller->elapsed()).count();
        m_rateFigure->setText(
            seconds > 0 ? format::rate(static_cast<double>(progress.succeeded + progress.failed) / seconds) : unknown);
        m_remainingFigure->setText(unknown);
        m_elapsedFigure->setText(format::duration(m_controller->elapsed()));
    } else {
        for (QLabel* figure : {m_rateFigure, m_remainingFigure, m_elapsedFigure}) {
            figure->setText(unknown);
        }
    }
}

void MainWindow::showTitle() {
    const auto job = m_form->job();
    m_title->setText(job.name.empty() ? tr("Untitled job") : QString::fromStdString(job.name));
    const auto limit = job.limit.value_or(available_cores());
    QStringList facts{job.pattern == job::Pattern::map ? tr("map, in order") : tr("queue, as they come"),
                      tr("%1 at once").arg(format::count(limit)),
                      job.reuse ? tr("processes reused") : tr("a process for each item")};
    if (!m_jobFile.isEmpty()) {
        facts += QFileInfo(m_jobFile).fileName();
    }
    m_subtitle->setText(facts.join(QStringLiteral(" · ")));
    setWindowTitle(tr("%1 – pprocess").arg(m_title->text()));
}

void MainWindow::showCounts() {
    const auto& counts = m_results->counts();
    m_show->setTabText(0, tr("All %1").arg(format::count(counts.all)));
    m_show->setTabText(1, tr("Ok %1").arg(format::count(counts.succeeded)));
    m_show->setTabText(2, tr("Failed %1").arg(format::count(counts.failed)));
    m_show->setTabText(3, tr("Stopped %1").arg(format::count(counts.cancelled)));
    m_show->setTabVisible(3, counts.cancelled > 0 || m_show->currentIndex() == 3);
    // Before it is first shown it takes no notice of its new texts, and would be cut off.
    m_show->setMinimumWidth(m_show->sizeHint().width());
    m_show->updateGeometry();
    m_resultNote->setText(m_results->isArranging() ? tr("sorting…")
                          : m_filter->text().trimmed().isEmpty()
                              ? QString()
                              : tr("%1 shown").arg(format::count(static_cast<std::uint64_t>(m_results->rowCount()))));
    const bool hasResults = counts.all > 0;
    m_saveCsvAction->setEnabled(hasResults);
    m_saveJsonAction->setEnabled(hasResults);
    if (auto* save = findChild<QPushButton*>(QStringLiteral("saveResults"))) {
        save->setEnabled(hasResults);
    }
    const bool canRunAgain = !m_controller->isBusy() && counts.failed > 0;
    m_againButton->setEnabled(canRunAgain);
    if (m_againAction) {
        m_againAction->setEnabled(canRunAgain);
    }
    showEmptyTexts();
}

void MainWindow::showProcessCount() {
    const int living = m_processes->livingCount();
    const int ended = m_processes->rowCount() - living;
    QStringList parts;
    if (living > 0) {
        parts += tr("%1 alive").arg(living);
    }
    if (m_processes->droppedCount() > 0) {
        parts += tr("the last %1 of %2 ended are shown")
                     .arg(format::count(static_cast<std::uint64_t>(ended)),
                          format::count(static_cast<std::uint64_t>(ended) + m_processes->droppedCount()));
    } else if (ended > 0) {
        parts += tr("%1 ended").arg(ended);
    }
    m_processCount->setText(parts.join(QStringLiteral(" · ")));
}

void MainWindow::showEmptyTexts() {
    using State = JobController::State;
    switch (m_controller->state()) {
    case State::collecting:
        m_resultTable->setEmptyText(tr("Looking for files…"));
        m_processTable->setEmptyText(tr("No processes yet"));
        return;
    case State::running:
    case State::stopping:
        m_processTable->setEmptyText(tr("Starting workers…"));
        break;
    case State::idle:
        m_processTable->setEmptyText(
            tr("No processes"), tr("Each worker of a job appears here while it runs, and stays to tell how it ended."));
        break;
    }
    if (m_results->counts().all > 0) {
        m_resultTable->setEmptyText(m_results->isArranging() ? tr("Sorting…") : tr("No result fits the filter"),
                                    m_results->isArranging() ? QString() : tr("Clear the filter or choose All."));
    } else if (m_controller->isBusy()) {
        m_resultTable->setEmptyText(tr("Waiting for the first result…"));
    } else {
        m_resultTable->setEmptyText(tr("No results yet"),
                                    tr("Press Run to start the job. Each item's outcome and output appear here."));
    }
}

void MainWindow::showStatus() {
    const int living = m_controller->livingWorkers();
    m_statusProcesses->setText(m_controller->isBusy() ? format::counted(static_cast<std::uint64_t>(living),
                                                                        tr("worker process"), tr("worker processes"))
                                                      : tr("no worker processes"));
    const pid_t launcher = m_controller->launcherPid();
    m_statusLauncher->setText(launcher > 0 ? tr("launcher %1").arg(launcher) : tr("no launcher"));
    m_statusMemory->setText(
        m_workersMemory > 0 ? tr("%1 in workers").arg(format::bytes(static_cast<double>(m_workersMemory))) : QString());
}

QString MainWindow::commandLineOf(const ResultRow& row) const {
    try {
        return commandText(m_controller->job(), row.input, row.result.index);
    } catch (const std::exception&) {
        return {};
    }
}

void MainWindow::showSelectedResult() {
    const auto row = m_results->rowAt(m_resultTable->currentIndex());
    m_output->setResult(row, row ? commandLineOf(*row) : QString());
    // Without a selection the table gets the room.
    m_output->setVisible(row && m_showOutputAction->isChecked());
}

void MainWindow::signalSelected(int signal) {
    for (const int row : m_processTable->selectedRows()) {
        const QModelIndex source = m_sortedProcesses->mapToSource(m_sortedProcesses->index(row, 0));
        if (const auto* worker = m_processes->snapshotAt(source)) {
            m_controller->signalWorker(worker->id, signal);
        }
    }
}

void MainWindow::processMenu(const QPoint& position) {
    QMenu menu(this);
    bool isAnyAlive = false;
    for (const int row : m_processTable->selectedRows()) {
        const auto* worker = m_processes->snapshotAt(m_sortedProcesses->mapToSource(m_sortedProcesses->index(row, 0)));
        isAnyAlive = isAnyAlive || (worker && worker->state != job::WorkerSnapshot::State::ended);
    }
    auto* stop = menu.addAction(tr("&Stop worker (SIGTERM)"), this, [this] { signalSelected(SIGTERM); });
    auto* kill = menu.addAction(tr("&Kill worker (SIGKILL)"), this, [this] { signalSelected(SIGKILL); });
    stop->setEnabled(isAnyAlive);
    kill->setEnabled(isAnyAlive);
    menu.addSeparator();
    auto* copy = menu.addAction(tr("&Copy"), m_processTable, &TableView::copySelection);
    copy->setEnabled(!m_processTable->selectedRows().isEmpty());
    menu.exec(m_processTable->viewport()->mapToGlobal(position));
}

void MainWindow::resultMenu(const QPoint& position) {
    const auto rows = m_resultTable->selectedRows();
    QMenu menu(this);
    menu.addAction(tr("&Copy rows"), m_resultTable, &TableView::copySelection);
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
    menu.addAction(m_saveCsvAction);
    menu.addAction(m_saveJsonAction);
    menu.exec(m_resultTable->viewport()->mapToGlobal(position));
}

} // namespace pprocess::workbench
