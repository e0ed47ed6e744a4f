// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/main_window.h>

#include <app/workbench/background_page.h>
#include <app/workbench/instrument_board.h>
#include <app/workbench/instrument_page.h>
#include <app/workbench/job_list.h>
#include <app/workbench/job_list_model.h>
#include <app/workbench/job_notifier.h>
#include <app/workbench/playback_actions.h>
#include <app/workbench/preferences_dialog.h>
#include <app/workbench/welcome_page.h>

#include <widgets/format.h>
#include <widgets/instruments/attached_source.h>
#include <widgets/instruments/recorder_source.h>

#include <QActionGroup>
#include <QDropEvent>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QSettings>
#include <QStatusBar>
#include <QTabBar>
#include <QTabWidget>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace pprocess::workbench {

using namespace widgets;

namespace {

constexpr int stateVersion = 1;
const QString listUnwantedKey = QStringLiteral("window/noJobList");

int percent(double part) {
    return static_cast<int>(part * 100);
}

} // namespace

MainWindow::MainWindow(std::unique_ptr<ForkServer> server, Theme& theme, QSettings& settings)
    : m_theme(theme),
      m_settings(settings),
      m_preferences(settings),
      m_message(new MessageBar),
      m_pages(new QTabWidget),
      m_notifier(new JobNotifier(*this, m_preferences)),
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
    const auto applyRecord = [this] {
        m_record.setBudget(static_cast<std::size_t>(m_preferences.recordMebibytes()) << 20);
        m_record.setTraceBytes(static_cast<std::uint64_t>(m_preferences.traceMebibytes()) << 20);
    };
    applyRecord();
    connect(&m_preferences, &Preferences::changed, this, applyRecord);
    makeMenus();
    addJobPage(std::move(server), 0);
    restoreState();
    connect(&m_preferences, &Preferences::changed, this, [this, before = m_preferences.theme()]() mutable {
        // Another theme may be shown for once, by the command line.
        if (const auto wanted = m_preferences.theme(); std::exchange(before, wanted) != wanted) {
            m_theme.apply(wanted);
        }
    });
    if (!m_preferences.problems().isEmpty()) {
        showMessage(MessageBar::Kind::problem,
                    tr("%1 The usual value is taken; choose another in the preferences (Ctrl+,).")
                        .arg(m_preferences.problems().join(QLatin1Char(' '))));
    }
}

void MainWindow::askPreferences() {
    auto* dialog = new PreferencesDialog(m_preferences, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
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
    file->addAction(tr("Prefere&nces…"), this, &MainWindow::askPreferences)->setShortcut(QKeySequence(tr("Ctrl+,")));
    file->addAction(tr("&Quit"), this, &QWidget::close)->setShortcut(QKeySequence(tr("Ctrl+Q")));

    auto* jobs = menuBar()->addMenu(tr("&Job"));
    keepPlace(jobs, &JobPage::Actions::run);
    QAction* notify = jobs->addAction(tr("Tell me at the &end of a job"), this,
                                      [this](bool isWanted) { m_preferences.setNotifies(isWanted); });
    notify->setToolTip(tr("A notification of the desktop, while this window is not in front"));
    notify->setCheckable(true);
    const auto showNotify = [this, notify] { notify->setChecked(m_preferences.notifies()); };
    connect(&m_preferences, &Preferences::changed, notify, showNotify);
    showNotify();

    menuBar()->addMenu(tr("&Playback"))->addActions(m_playback->all());

    auto* view = menuBar()->addMenu(tr("&View"));
    keepPlace(view, &JobPage::Actions::view);
    QAction* list = m_jobList->toggleViewAction();
    list->setText(tr("&Jobs"));
    list->setShortcut(QKeySequence(Qt::Key_F8));
    connect(list, &QAction::triggered, this, [this](bool isShown) {
        m_isListUnwanted = !isShown;
        if (isShown) {
            showJobList();
        }
    });
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
            m_preferences.setTheme(wanted);
            m_theme.apply(wanted);
        });
        action->setCheckable(true);
        const auto show = [this, action, its = choice] { action->setChecked(m_theme.choice() == its); };
        connect(&m_theme, &Theme::choiceChanged, action, show);
        show();
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

Page* MainWindow::pageAt(int place) const {
    return static_cast<Page*>(m_pages->widget(place));
}

Page* MainWindow::frontPage() const {
    return pageAt(m_pages->currentIndex());
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

} // namespace pprocess::workbench
