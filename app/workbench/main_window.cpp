// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/main_window.h>

#include <app/workbench/attach_dialog.h>
#include <app/workbench/background_collector.h>
#include <app/workbench/background_page.h>
#include <app/workbench/comparison_page.h>
#include <app/workbench/history_dialog.h>
#include <app/workbench/instrument_board.h>
#include <app/workbench/instrument_page.h>
#include <app/workbench/job_list.h>
#include <app/workbench/job_list_model.h>
#include <app/workbench/job_notifier.h>
#include <app/workbench/playback_actions.h>
#include <app/workbench/value_page.h>
#include <app/workbench/welcome_page.h>

#include <widgets/format.h>
#include <widgets/instruments/attached_source.h>
#include <widgets/instruments/recorder_source.h>
#include <widgets/instruments/trace_source.h>

#include <QActionGroup>
#include <QCloseEvent>
#include <QDropEvent>
#include <QFileDialog>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QStatusBar>
#include <QTabBar>
#include <QTabWidget>
#include <QThreadPool>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>

namespace pprocess::workbench {

using namespace widgets;

namespace {

constexpr int stateVersion = 1;
const QString welcomedKey = QStringLiteral("welcomed");
const QString listUnwantedKey = QStringLiteral("window/noJobList");

ListedJob listed(const JobPage& page, JobController& controller) {
    return {.title = page.title(),
            .state = controller.state(),
            .isElsewhere = controller.isElsewhere(),
            .progress = controller.progress(),
            .remaining = page.remaining(),
            .elapsed = controller.elapsed()};
}

int percent(double part) {
    return static_cast<int>(part * 100);
}

} // namespace

MainWindow::MainWindow(std::unique_ptr<ForkServer> server, Theme& theme, QSettings& settings)
    : m_theme(theme),
      m_settings(settings),
      m_message(new MessageBar),
      m_pages(new QTabWidget),
      m_notifier(new JobNotifier(*this, settings)),
      m_jobs(new JobListModel(this)),
      m_jobList(new JobList(*m_jobs)),
      m_playback(new PlaybackActions(this)) {
    setWindowIcon(QIcon(QStringLiteral(":/icons/pprocess.svg")));
    setMinimumSize(760, 520);
    resize(1280, 800);
    setAcceptDrops(true);

    m_pages->setObjectName(QStringLiteral("pages"));
    m_pages->setDocumentMode(true);
    m_pages->setTabBarAutoHide(true);
    // It would hand the focus to its bar of tabs, which is hidden while there is one page, and nothing would have it.
    m_pages->setFocusPolicy(Qt::NoFocus);
    auto* content = new QWidget;
    m_message->setContentsMargins(14, 10, 14, 0);
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_message);
    layout->addWidget(m_pages, 1);
    setCentralWidget(content);
    statusBar()->setSizeGripEnabled(false);

    addDockWidget(Qt::BottomDockWidgetArea, m_jobList);
    m_jobList->hide();
    connect(m_jobList, &JobList::chosen, this, [this](int row) { m_pages->setCurrentWidget(m_jobPages[row]); });
    // Numbers that nobody could read any faster.
    m_jobsSoon.setSingleShot(true);
    m_jobsSoon.setInterval(200);
    connect(&m_jobsSoon, &QTimer::timeout, this, &MainWindow::showJobs);

    connect(m_pages, &QTabWidget::currentChanged, this, &MainWindow::showFrontPage);
    if (auto* source = m_record.source()) {
        connect(source, &InstrumentSource::controlAnswered, this,
                [this](const QString& text) { showMessage(MessageBar::Kind::note, text); });
    }
    makeMenus();
    addJobPage(std::move(server), 0);
    restoreState();
}

MainWindow::~MainWindow() {
    // Pages that go, one after the other, must not have this window show those that are left.
    m_pages->disconnect(this);
    for (int i = 0; i < m_pages->count(); ++i) {
        m_pages->widget(i)->disconnect(this);
    }
    delete m_pages;
}

QAction* MainWindow::keepPlace(QMenu* menu, QList<QAction*> JobPage::Actions::*actions) {
    QAction* before = menu->addSeparator();
    m_places += {menu, before, actions};
    return before;
}

void MainWindow::makeMenus() {
    auto* file = menuBar()->addMenu(tr("&File"));
    file->addAction(tr("&New job"), this, &MainWindow::newJob)->setShortcut(QKeySequence::New);
    file->addAction(tr("&Open job…"), this, &MainWindow::askOpenJob)->setShortcut(QKeySequence::Open);
    file->addAction(tr("Open the sa&mple job"), this, [this] { pageForAnother()->setJob(job::sample_job()); });
    file->addAction(tr("Ea&rlier runs…"), this, &MainWindow::askHistory)->setShortcut(QKeySequence(tr("Ctrl+H")));
    keepPlace(file, &JobPage::Actions::file);
    keepPlace(file->addMenu(tr("Save &results")), &JobPage::Actions::saveResults)->setVisible(false);
    file->addSeparator();
    file->addAction(tr("&Attach to a running program…"), this, &MainWindow::askAttach)
        ->setShortcut(QKeySequence(tr("Ctrl+Shift+A")));
    m_detachAction = file->addAction(tr("&Detach"), this, &MainWindow::detach);
    m_detachAction->setShortcut(QKeySequence(tr("Ctrl+Shift+D")));
    file->addAction(tr("Open &trace…"), this, [this] { askTrace(tr("Open a trace"), &MainWindow::openTrace); })
        ->setShortcut(QKeySequence(tr("Ctrl+T")));
    m_compareAction = file->addAction(tr("Com&pare with…"), this,
                                      [this] { askTrace(tr("Compare with a trace"), &MainWindow::compareWithTrace); });
    m_compareAction->setShortcut(QKeySequence(tr("Ctrl+Shift+T")));
    m_closeAction = file->addAction(tr("&Close the page"), this, &MainWindow::closePage);
    m_closeAction->setShortcut(QKeySequence(tr("Ctrl+W")));
    file->addAction(tr("&Quit"), this, &QWidget::close)->setShortcut(QKeySequence(tr("Ctrl+Q")));

    auto* jobs = menuBar()->addMenu(tr("&Job"));
    keepPlace(jobs, &JobPage::Actions::run);
    QAction* notify = jobs->addAction(tr("Tell me at the &end of a job"), this,
                                      [this](bool isWanted) { m_notifier->setWanted(isWanted); });
    notify->setToolTip(tr("A notification of the desktop, while this window is not in front"));
    notify->setCheckable(true);
    notify->setChecked(m_notifier->isWanted());

    menuBar()->addMenu(tr("&Playback"))->addActions(m_playback->all());

    auto* view = menuBar()->addMenu(tr("&View"));
    keepPlace(view, &JobPage::Actions::view);
    QAction* list = m_jobList->toggleViewAction();
    list->setText(tr("&Jobs"));
    list->setShortcut(QKeySequence(Qt::Key_F8));
    connect(list, &QAction::triggered, this, [this](bool isShown) { m_isListUnwanted = !isShown; });
    view->addAction(list);
    view->addAction(tr("&Background processes"), this, &MainWindow::showBackground)
        ->setShortcut(QKeySequence(tr("Ctrl+B")));
    makeThemeMenu(view);

    auto* help = menuBar()->addMenu(tr("&Help"));
    help->addAction(tr("&Things to try"), this, &MainWindow::showWelcome);
    help->addAction(tr("&About pprocess"), this, &MainWindow::showAbout);
}

void MainWindow::makeThemeMenu(QMenu* view) {
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
}

void MainWindow::showAbout() {
    QMessageBox::about(
        this, tr("About pprocess"),
        tr("<b>pprocess %1</b><p>Runs ordinary programs over many inputs in parallel processes, and lets you "
           "watch them do it.</p><p>Free software under the GNU General Public License, version 3 or later.</p>")
            .arg(QStringLiteral(PPROCESS_VERSION)));
}

JobPage* MainWindow::addJobPage(std::unique_ptr<ForkServer> server, int place) {
    auto* page = new JobPage(std::move(server), m_record);
    listenToJob(page);
    m_jobPages += page;
    m_jobs->insert(static_cast<int>(m_jobPages.size()) - 1, listed(*page, page->controller()));
    addPage(page, place);
    constexpr int leastHeight = 700; // below that the page would have too little room
    if (m_jobPages.size() > 1 && !m_isListUnwanted && height() >= leastHeight) {
        m_jobList->show();
        resizeDocks({m_jobList}, {128}, Qt::Vertical);
    }
    return page;
}

void MainWindow::listenToJob(JobPage* page) {
    connect(page, &JobPage::saved, this, &MainWindow::saved);
    connect(page, &JobPage::opened, this, &MainWindow::opened);
    connect(page, &Page::titleChanged, this, &MainWindow::showJobs);
    const auto soon = [this] {
        if (!m_jobsSoon.isActive()) {
            m_jobsSoon.start();
        }
    };
    connect(&page->controller(), &JobController::progressChanged, &m_jobsSoon, soon);
    connect(page, &Page::statusChanged, &m_jobsSoon, soon);
    connect(&page->controller(), &JobController::stateChanged, this, [this] {
        showJobs();
        closeWhenIdle();
    });
    connect(&page->controller(), &JobController::finished, this, [this, page](const JobController::Summary& summary) {
        pruneHistory();
        const std::size_t failures = summary.progress.failed;
        m_notifier->tell(failures == 0 ? tr("%1 has ended").arg(page->title())
                                       : tr("%1: %2 failed").arg(page->title(), format::count(failures)),
                         page->summaryText());
    });
    connect(&page->controller(), &JobController::failed, this, [this, page](const QString& message) {
        m_notifier->tell(page->title(), message);
        if (m_closing == Closing::leaving) {
            m_closing = Closing::no; // to be read
        }
    });
}

JobPage* MainWindow::newJob() {
    // Beside the other jobs, before whatever else is open.
    JobPage* page = addJobPage(nullptr, m_pages->indexOf(m_jobPage) + 1);
    page->setJob({});
    return page;
}

JobPage* MainWindow::pageForAnother() {
    return m_jobPage->isBlank() ? m_jobPage : newJob();
}

void MainWindow::openJob(const QString& file) {
    const bool isNew = !m_jobPage->isBlank();
    JobPage* page = pageForAnother();
    if (isNew) {
        connect(page, &JobPage::opened, this, [this, page](bool isOpened) {
            if (!isOpened && page->isBlank()) {
                QMetaObject::invokeMethod(page, [this, page] { removePage(m_pages->indexOf(page)); });
            }
        });
    }
    page->openJob(file);
}

void MainWindow::askOpenJob() {
    const QString file = QFileDialog::getOpenFileName(this, tr("Open a job"), m_jobPage->jobFile(),
                                                      tr("Jobs (*.json *.ppjob);;All files (*)"));
    if (!file.isEmpty()) {
        openJob(file);
    }
}

void MainWindow::askHistory() {
    auto* dialog = new HistoryDialog(m_settings, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &HistoryDialog::goOnRequested, this,
            [this](const job::PastRun& run) { pageForAnother()->goOn(run); });
    connect(dialog, &HistoryDialog::jobRequested, this,
            [this](const job::PastRun& run, bool isToRun) { pageForAnother()->showRun(run, isToRun); });
    dialog->open();
}

void MainWindow::showBackground() {
    if (m_backgroundPage) {
        m_pages->setCurrentWidget(m_backgroundPage);
        return;
    }
    m_backgroundPage = new BackgroundPage;
    connect(m_backgroundPage, &BackgroundPage::collectRequested, this, &MainWindow::collect);
    connect(m_backgroundPage, &BackgroundPage::watchRequested, this,
            [this](qint64 program) { attach(QString::number(program)); });
    addPage(m_backgroundPage, m_pages->count());
}

void MainWindow::collect(const QString& address, const QString& name) {
    const std::filesystem::path place(QFile::encodeName(address).toStdString());
    auto collector = std::make_unique<BackgroundCollector>(place);
    collector->start();
    const auto asJob = [this, name](std::unique_ptr<BackgroundCollector> from, const std::vector<AnyValue>& values) {
        pageForAnother()->collect(std::move(from), values, name);
    };
    job::PastRun run;
    run.folder = place.parent_path();
    if (run.background_address() == place && QFile::exists(QFile::decodeName(run.job_file().c_str()))) {
        asJob(std::move(collector), {});
        return;
    }
    auto* page = new ValuePage(std::move(collector), name);
    connect(page, &ValuePage::jobFound, this, [this, page, asJob](const std::vector<AnyValue>& values) {
        asJob(page->takeCollector(), values);
        // Not here: it is just being called.
        QMetaObject::invokeMethod(
            page, [this, page] { removePage(m_pages->indexOf(page)); }, Qt::QueuedConnection);
    });
    addPage(page, m_pages->count());
}

void MainWindow::addPage(Page* page, int place) {
    listenTo(page);
    m_pages->insertTab(place, page, page->title());
    if (m_settings.value(QStringLiteral("window/version")).toInt() == stateVersion) {
        page->restoreState(m_settings);
    }
    m_pages->setCurrentWidget(page);
    showCloseButtons();
    if (m_pages->count() > 1) {
        page->setFocus();
    }
}

/// Every page can be closed but the only one of a job.
void MainWindow::showCloseButtons() {
    for (int i = 0; i < m_pages->count(); ++i) {
        Page* page = pageAt(i);
        QWidget* button = m_pages->tabBar()->tabButton(i, QTabBar::RightSide);
        const bool stays = m_jobPages.size() == 1 && page == m_jobPages.constFirst();
        if (stays && button) {
            m_pages->tabBar()->setTabButton(i, QTabBar::RightSide, nullptr);
            button->deleteLater();
        } else if (!stays && !button) {
            auto* close = new QToolButton;
            close->setObjectName(QStringLiteral("closePage"));
            close->setText(QStringLiteral("✕"));
            close->setAutoRaise(true);
            close->setFocusPolicy(Qt::NoFocus);
            close->setToolTip(tr("Close the page (Ctrl+W)"));
            close->setAccessibleName(tr("Close the page"));
            connect(close, &QToolButton::clicked, page, [this, page] { requestRemoval(m_pages->indexOf(page)); });
            m_pages->tabBar()->setTabButton(i, QTabBar::RightSide, close);
        }
    }
}

void MainWindow::listenTo(Page* page) {
    connect(page, &Page::titleChanged, this, &MainWindow::showTitles);
    connect(page, &Page::said, this, [this, page](MessageBar::Kind kind, const QString& text) {
        if (page == frontPage()) {
            showMessage(kind, text);
        } else if (!text.isEmpty()) {
            showMessage(kind, tr("%1: %2").arg(page->title(), text));
        }
    });
    connect(page, &Page::statusChanged, this, [this, page] {
        if (page == frontPage()) {
            showStatus();
            showActions();
        }
    });
    connect(page, &Page::boardChanged, this, [this, page] {
        if (page == frontPage()) {
            m_playback->setBoard(page->board());
            showActions();
        }
    });
    connect(page, &Page::wanted, this, [this, page] { m_pages->setCurrentWidget(page); });
}

void MainWindow::requestRemoval(int place) {
    auto* job = qobject_cast<JobPage*>(pageAt(place));
    if (job && job->controller().isBusy() && !job->controller().isElsewhere()) {
        askToStop(job);
    } else {
        removePage(place);
    }
}

void MainWindow::removePage(int place) {
    Page* page = pageAt(place);
    const qsizetype row = m_jobPages.indexOf(qobject_cast<JobPage*>(page));
    if (!page || (row >= 0 && m_jobPages.size() == 1)) {
        return;
    }
    page->storeState(m_settings);
    page->disconnect(this);
    if (row >= 0) {
        m_jobPages[row]->controller().disconnect(this);
        m_jobPages.removeAt(row);
        m_jobs->remove(static_cast<int>(row));
        if (page == m_jobPage) {
            setJobPage(m_jobPages[qMin(row, m_jobPages.size() - 1)]);
        }
    }
    m_pages->removeTab(place);
    delete page;
    showCloseButtons();
    showFrontPage();
}

void MainWindow::askToStop(JobPage* page) {
    auto* question = new QMessageBox(QMessageBox::Question, tr("The job is under way"),
                                     tr("“%1” is under way. Stop it and close its page?").arg(page->title()),
                                     QMessageBox::Cancel, this);
    auto* stop = question->addButton(tr("&Stop and close"), QMessageBox::AcceptRole);
    question->setDefaultButton(stop);
    question->setAttribute(Qt::WA_DeleteOnClose);
    QAbstractButton* leave = nullptr;
    if (page->controller().canLeaveInBackground()) {
        leave = question->addButton(tr("&Leave in the background"), QMessageBox::ActionRole);
    }
    connect(question, &QMessageBox::buttonClicked, page, [this, page, stop, leave](QAbstractButton* button) {
        if (button != stop && (!leave || button != leave)) {
            return;
        }
        auto& controller = page->controller();
        // When it cannot be left, the page stays to say so.
        auto watch = std::make_shared<QMetaObject::Connection>();
        const auto remove = [this, page, watch] {
            if (!page->controller().isBusy()) {
                disconnect(*watch);
                removePage(m_pages->indexOf(page));
            }
        };
        connect(&controller, &JobController::failed, page, [watch] { disconnect(*watch); });
        *watch = connect(&controller, &JobController::stateChanged, page, remove, Qt::QueuedConnection);
        if (button == leave) {
            controller.leaveInBackground();
        } else {
            controller.stop();
        }
        if (!controller.isBusy()) {
            remove();
        }
    });
    question->open();
}

void MainWindow::closePage() {
    requestRemoval(m_pages->currentIndex());
}

InstrumentPage* MainWindow::addInstruments(std::unique_ptr<InstrumentSource> source) {
    auto* page = new InstrumentPage(std::move(source));
    addPage(page, m_pages->count());
    return page;
}

InstrumentPage* MainWindow::compareWith(std::unique_ptr<InstrumentSource> source) {
    auto* left = qobject_cast<InstrumentPage*>(frontPage());
    if (!left) {
        return addInstruments(std::move(source));
    }
    const int place = m_pages->indexOf(left);
    left->disconnect(this);
    m_pages->removeTab(place);
    auto* right = new InstrumentPage(std::move(source));
    addPage(new ComparisonPage(left, right), place);
    return right;
}

bool MainWindow::isTrace(const QString& file) {
    return file.endsWith(QLatin1String(".pptrace"), Qt::CaseInsensitive);
}

InstrumentPage* MainWindow::openTrace(const QString& file) {
    return addInstruments(std::make_unique<TraceSource>(file));
}

InstrumentPage* MainWindow::compareWithTrace(const QString& file) {
    return compareWith(std::make_unique<TraceSource>(file));
}

InstrumentPage* MainWindow::attach(const QString& nameOrPid) {
    try {
        return addInstruments(std::make_unique<AttachedSource>(inspectable_program(nameOrPid.toStdString())));
    } catch (const std::exception& error) {
        showMessage(MessageBar::Kind::problem,
                    tr("“%1” cannot be attached to: %2").arg(nameOrPid, QString::fromUtf8(error.what())));
        return nullptr;
    }
}

void MainWindow::detach() {
    if (InstrumentBoard* board = frontPage()->board()) {
        if (auto* source = qobject_cast<AttachedSource*>(&board->source())) {
            source->detach();
        }
    }
}

void MainWindow::askAttach() {
    auto* dialog = new AttachDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &AttachDialog::chosen, this, [this](qint64 pid) { attach(QString::number(pid)); });
    dialog->open();
}

void MainWindow::askTrace(const QString& title, InstrumentPage* (MainWindow::*open)(const QString& file)) {
    const QString file = QFileDialog::getOpenFileName(this, title, {}, tr("Traces (*.pptrace);;All files (*)"));
    if (!file.isEmpty()) {
        (this->*open)(file);
    }
}

bool MainWindow::isJob(const QString& file) {
    return file.endsWith(QLatin1String(".ppjob"), Qt::CaseInsensitive) ||
           file.endsWith(QLatin1String(".json"), Qt::CaseInsensitive);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    for (const QUrl& url : event->mimeData()->urls()) {
        if (url.isLocalFile() && (isTrace(url.toLocalFile()) || isJob(url.toLocalFile()))) {
            event->acceptProposedAction();
            return;
        }
    }
}

void MainWindow::dropEvent(QDropEvent* event) {
    for (const QUrl& url : event->mimeData()->urls()) {
        if (!url.isLocalFile()) {
            continue;
        }
        const QString file = url.toLocalFile();
        if (isTrace(file)) {
            openTrace(file);
        } else if (isJob(file)) {
            openJob(file);
        }
    }
    event->acceptProposedAction();
}

void MainWindow::showWelcomeOnce() {
    if (!m_settings.value(welcomedKey).toBool()) {
        m_settings.setValue(welcomedKey, true);
        showWelcome();
    }
}

void MainWindow::showWelcome() {
    if (m_welcome) {
        m_pages->setCurrentWidget(m_welcome);
        return;
    }
    m_welcome = new WelcomePage;
    const auto leave = [this] {
        // Not here: it is just calling.
        QMetaObject::invokeMethod(
            m_welcome, [this] { removePage(m_pages->indexOf(m_welcome)); }, Qt::QueuedConnection);
    };
    connect(m_welcome, &WelcomePage::tried, this, [this, leave](const job::Job& job, bool isWithInstruments) {
        JobPage* page = pageForAnother();
        page->setJob(job);
        page->showInstruments(isWithInstruments);
        page->run();
        leave();
    });
    connect(m_welcome, &WelcomePage::ownJobWanted, this, [this, leave] {
        pageForAnother()->setJob({});
        leave();
    });
    addPage(m_welcome, m_pages->count());
}

/// What has ended long ago makes room, in another thread.
void MainWindow::pruneHistory() {
    job::HistoryLimits limits;
    limits.runs =
        m_settings.value(QLatin1String(HistoryDialog::mostRunsKey), static_cast<qulonglong>(limits.runs)).toULongLong();
    QThreadPool::globalInstance()->start([limits] {
        try {
            job::prune_history(limits);
        } catch (const std::exception&) {
            // Then it is tried again after the next run.
        }
    });
}

Page* MainWindow::pageAt(int place) const {
    return static_cast<Page*>(m_pages->widget(place));
}

Page* MainWindow::frontPage() const {
    return pageAt(m_pages->currentIndex());
}

void MainWindow::setJobPage(JobPage* page) {
    for (const Place& place : std::as_const(m_places)) {
        if (m_jobPage) {
            for (QAction* action : m_jobPage->actions().*place.actions) {
                place.menu->removeAction(action);
            }
        }
        place.menu->insertActions(place.before, page->actions().*place.actions);
    }
    m_jobPage = page;
}

void MainWindow::showFrontPage() {
    if (auto* page = qobject_cast<JobPage*>(frontPage()); page && page != m_jobPage) {
        setJobPage(page);
    }
    for (JobPage* page : std::as_const(m_jobPages)) {
        page->setInFront(page == frontPage());
    }
    m_jobList->showFront(static_cast<int>(m_jobPages.indexOf(qobject_cast<JobPage*>(frontPage()))));
    m_playback->setBoard(frontPage()->board());
    showActions();
    showTitles();
    showStatus();
}

void MainWindow::showActions() {
    InstrumentBoard* board = frontPage()->board();
    m_detachAction->setEnabled(board && qobject_cast<AttachedSource*>(&board->source()) &&
                               board->source().state() == InstrumentSource::State::live);
    m_compareAction->setEnabled(qobject_cast<InstrumentPage*>(frontPage()) != nullptr);
    m_closeAction->setEnabled(m_jobPages.size() > 1 || frontPage() != m_jobPage);
}

void MainWindow::showJobs() {
    for (qsizetype i = 0; i < m_jobPages.size(); ++i) {
        m_jobs->set(static_cast<int>(i), listed(*m_jobPages[i], m_jobPages[i]->controller()));
    }
    showTitles();
}

void MainWindow::showTitles() {
    for (int i = 0; i < m_pages->count(); ++i) {
        // An ampersand would be taken for the mark of a mnemonic.
        QString text = pageAt(i)->title().replace(u'&', QStringLiteral("&&"));
        const qsizetype row = m_jobPages.indexOf(qobject_cast<JobPage*>(pageAt(i)));
        if (const auto part =
                row < 0 ? std::nullopt : overallProgress({m_jobs->jobs()[static_cast<std::size_t>(row)]})) {
            text = tr("%1 · %2 %").arg(text).arg(percent(*part));
        }
        if (m_pages->tabText(i) != text) {
            m_pages->setTabText(i, text);
        }
    }
    const QString title = tr("%1 – pprocess").arg(frontPage()->title());
    // First, as a bar of tasks shows the beginning only.
    const auto overall = overallProgress(m_jobs->jobs());
    m_notifier->showProgress(overall);
    setWindowTitle(overall ? tr("%1 % – %2").arg(percent(*overall)).arg(title) : title);
}

void MainWindow::showStatus() {
    const auto parts = frontPage()->status();
    while (m_statusParts.size() < parts.size()) {
        m_statusParts += new QLabel;
        statusBar()->addWidget(m_statusParts.back());
    }
    for (qsizetype i = 0; i < m_statusParts.size(); ++i) {
        const auto part = i < parts.size() ? parts[i] : Page::Status{};
        m_statusParts[i]->setText(part.text);
        m_statusParts[i]->setToolTip(part.toolTip);
        m_statusParts[i]->setVisible(!part.text.isEmpty());
    }
}

void MainWindow::showMessage(MessageBar::Kind kind, const QString& text) {
    if (text.isEmpty()) {
        m_message->hide();
    } else {
        m_message->showMessage(kind, text);
    }
}

void MainWindow::restoreState() {
    restoreGeometry(m_settings.value(QStringLiteral("window/geometry")).toByteArray());
    m_isListUnwanted = m_settings.value(listUnwantedKey).toBool();
}

void MainWindow::storeState() {
    m_settings.setValue(QStringLiteral("window/version"), stateVersion);
    m_settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    m_settings.setValue(listUnwantedKey, m_isListUnwanted);
    for (int i = 0; i < m_pages->count(); ++i) {
        pageAt(i)->storeState(m_settings);
    }
}

QList<JobPage*> MainWindow::busyPages() const {
    QList<JobPage*> busy;
    for (JobPage* page : m_jobPages) {
        if (page->controller().isBusy() && !page->controller().isElsewhere()) {
            busy += page;
        }
    }
    return busy;
}

void MainWindow::closeEvent(QCloseEvent* event) {
    for (JobPage* page : busyPages()) {
        auto& controller = page->controller();
        if (controller.state() == JobController::State::collecting && !controller.isGoingToBackground()) {
            controller.stop();
        }
    }
    if (busyPages().isEmpty()) {
        storeState();
        event->accept();
        return;
    }
    event->ignore();
    const auto busy = busyPages();
    if (std::all_of(busy.begin(), busy.end(), [](auto* page) { return page->controller().isGoingToBackground(); })) {
        m_closing = Closing::leaving;
        return;
    }
    if (m_closing != Closing::stopping && m_closing != Closing::leaving && !(m_question && m_question->isVisible())) {
        askHowToClose();
    }
}

void MainWindow::closeWhenIdle() {
    if (m_closing != Closing::no && busyPages().isEmpty()) {
        QMetaObject::invokeMethod(
            this,
            [this] {
                if (m_closing != Closing::no) {
                    close();
                }
            },
            Qt::QueuedConnection);
    }
}

void MainWindow::askHowToClose() {
    const auto busy = busyPages();
    const QString what = busy.size() == 1 ? tr("“%1” is under way.").arg(busy.first()->title())
                                          : tr("%1 jobs are under way.").arg(busy.size());
    m_question = new QMessageBox(QMessageBox::Question, tr("Jobs are under way"), what, QMessageBox::NoButton, this);
    m_question->setObjectName(QStringLiteral("howToClose"));
    const auto canLeave =
        std::count_if(busy.begin(), busy.end(), [](auto* page) { return page->controller().canLeaveInBackground(); });
    m_question->setInformativeText(tr("In the background a job goes on without the window; what is just being worked "
                                      "on begins anew there. A job that is stopped can be gone on with later, from the "
                                      "earlier runs."));
    m_question->setAttribute(Qt::WA_DeleteOnClose);
    auto* wait = m_question->addButton(tr("&Wait, then quit"), QMessageBox::AcceptRole);
    auto* leave = m_question->addButton(tr("&Leave in the background"), QMessageBox::ActionRole);
    leave->setEnabled(canLeave == busy.size());
    auto* stop = m_question->addButton(tr("&Stop and quit"), QMessageBox::DestructiveRole);
    auto* cancel = m_question->addButton(tr("Do &not quit"), QMessageBox::RejectRole);
    m_question->setDefaultButton(wait);
    m_question->setEscapeButton(cancel);
    connect(wait, &QAbstractButton::clicked, this, [this] {
        m_closing = Closing::whenDone;
        showMessage(MessageBar::Kind::note, tr("The window closes when all jobs have ended."));
        closeWhenIdle();
    });
    connect(leave, &QAbstractButton::clicked, this, [this] {
        m_closing = Closing::leaving;
        for (JobPage* page : busyPages()) {
            page->controller().leaveInBackground();
        }
        closeWhenIdle();
    });
    connect(stop, &QAbstractButton::clicked, this, [this] {
        m_closing = Closing::stopping;
        for (JobPage* page : busyPages()) {
            page->controller().stop();
        }
        closeWhenIdle();
    });
    connect(cancel, &QAbstractButton::clicked, this, [this] {
        if (m_closing == Closing::whenDone) {
            showMessage(MessageBar::Kind::note, {});
        }
        m_closing = Closing::no;
    });
    m_question->open();
}

} // namespace pprocess::workbench
