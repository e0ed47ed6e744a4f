// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/main_window.h>

#include <app/workbench/attach_dialog.h>
#include <app/workbench/comparison_page.h>
#include <app/workbench/instrument_board.h>
#include <app/workbench/instrument_page.h>
#include <app/workbench/playback_actions.h>

#include <widgets/instruments/attached_source.h>
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
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

namespace pprocess::workbench {

using namespace widgets;

namespace {

constexpr int stateVersion = 1;

} // namespace

MainWindow::MainWindow(std::unique_ptr<ForkServer> server, Theme& theme, QSettings& settings)
    : m_theme(theme),
      m_settings(settings),
      m_message(new MessageBar),
      m_pages(new QTabWidget),
      m_jobPage(new JobPage(std::move(server))),
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

    connect(m_jobPage, &JobPage::saved, this, &MainWindow::saved);
    connect(m_jobPage, &JobPage::opened, this, &MainWindow::opened);
    connect(&m_jobPage->controller(), &JobController::stateChanged, this, [this](JobController::State state) {
        if (state == JobController::State::idle && m_closeWhenIdle) {
            QMetaObject::invokeMethod(this, &QWidget::close, Qt::QueuedConnection);
        }
    });
    connect(m_pages, &QTabWidget::currentChanged, this, &MainWindow::showFrontPage);
    connect(m_pages, &QTabWidget::tabCloseRequested, this, &MainWindow::removePage);
    makeMenus();
    addPage(m_jobPage, 0);
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

void MainWindow::makeMenus() {
    const auto& job = m_jobPage->actions();
    auto* file = menuBar()->addMenu(tr("&File"));
    file->addActions(job.file);
    file->addSeparator();
    file->addMenu(tr("Save &results"))->addActions(job.saveResults);
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

    menuBar()->addMenu(tr("&Job"))->addActions(job.run);

    menuBar()->addMenu(tr("&Playback"))->addActions(m_playback->all());

    auto* view = menuBar()->addMenu(tr("&View"));
    view->addActions(job.view);
    view->addSeparator();
    makeThemeMenu(view);

    auto* help = menuBar()->addMenu(tr("&Help"));
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

void MainWindow::addPage(Page* page, int place) {
    listenTo(page);
    m_pages->insertTab(place, page, page->title());
    if (page == m_jobPage) {
        return;
    }
    auto* close = new QToolButton;
    close->setObjectName(QStringLiteral("closePage"));
    close->setText(QStringLiteral("✕"));
    close->setAutoRaise(true);
    close->setFocusPolicy(Qt::NoFocus);
    close->setToolTip(tr("Close the page (Ctrl+W)"));
    close->setAccessibleName(tr("Close the page"));
    connect(close, &QToolButton::clicked, this, [this, page] { removePage(m_pages->indexOf(page)); });
    m_pages->tabBar()->setTabButton(place, QTabBar::RightSide, close);
    page->restoreState(m_settings);
    m_pages->setCurrentWidget(page);
    page->setFocus();
}

void MainWindow::listenTo(Page* page) {
    connect(page, &Page::titleChanged, this, &MainWindow::showTitles);
    connect(page, &Page::said, this, &MainWindow::showMessage);
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

void MainWindow::removePage(int place) {
    Page* page = pageAt(place);
    if (!page || page == m_jobPage) {
        return;
    }
    page->storeState(m_settings);
    page->disconnect(this);
    m_pages->removeTab(place);
    delete page;
    showFrontPage();
}

void MainWindow::closePage() {
    removePage(m_pages->currentIndex());
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

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    for (const QUrl& url : event->mimeData()->urls()) {
        if (url.isLocalFile() && isTrace(url.toLocalFile())) {
            event->acceptProposedAction();
            return;
        }
    }
}

void MainWindow::dropEvent(QDropEvent* event) {
    for (const QUrl& url : event->mimeData()->urls()) {
        if (url.isLocalFile() && isTrace(url.toLocalFile())) {
            openTrace(url.toLocalFile());
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
    m_jobPage->setInFront(frontPage() == m_jobPage);
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
    m_closeAction->setEnabled(frontPage() != m_jobPage);
}

void MainWindow::showTitles() {
    for (int i = 0; i < m_pages->count(); ++i) {
        // An ampersand would be taken for the mark of a mnemonic.
        m_pages->setTabText(i, pageAt(i)->title().replace(u'&', QStringLiteral("&&")));
    }
    setWindowTitle(tr("%1 – pprocess").arg(frontPage()->title()));
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
    if (m_settings.value(QStringLiteral("window/version")).toInt() == stateVersion) {
        m_jobPage->restoreState(m_settings);
    }
}

void MainWindow::storeState() {
    m_settings.setValue(QStringLiteral("window/version"), stateVersion);
    m_settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    for (int i = 0; i < m_pages->count(); ++i) {
        pageAt(i)->storeState(m_settings);
    }
}

void MainWindow::closeEvent(QCloseEvent* event) {
    auto& controller = m_jobPage->controller();
    if (controller.state() == JobController::State::collecting) {
        controller.stop();
    }
    if (controller.isBusy()) {
        event->ignore();
        if (!m_closeWhenIdle) {
            askToStopAndQuit();
        }
        return;
    }
    storeState();
    event->accept();
}

void MainWindow::askToStopAndQuit() {
    auto* question = new QMessageBox(QMessageBox::Question, tr("A job is under way"),
                                     tr("A job is under way. Stop it and quit?"), QMessageBox::Cancel, this);
    auto* stop = question->addButton(tr("Stop and quit"), QMessageBox::AcceptRole);
    question->setDefaultButton(stop);
    question->setAttribute(Qt::WA_DeleteOnClose);
    connect(stop, &QAbstractButton::clicked, this, [this] {
        m_closeWhenIdle = true;
        m_jobPage->controller().stop();
        if (!m_jobPage->controller().isBusy()) {
            close();
        }
    });
    question->open();
}

} // namespace pprocess::workbench
