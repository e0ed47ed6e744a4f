// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/background_page.h>

#include <app/workbench/background_model.h>
#include <app/workbench/log_tail.h>
#include <app/workbench/styled.h>

#include <widgets/format.h>
#include <widgets/row_delegate.h>
#include <widgets/table_view.h>

#include <QFile>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QVBoxLayout>

namespace pprocess::workbench {

using namespace widgets;
using background_stop::Step;

namespace {

const QString splitterKey = QStringLiteral("background/splitter");

QString addressOf(const ListedBackground& one) {
    return QFile::decodeName(one.process.address.c_str());
}

} // namespace

BackgroundPage::BackgroundPage(QWidget* parent)
    : Page(parent),
      m_processes(new BackgroundModel(this)),
      m_watcher(new BackgroundWatcher(this)) {
    m_splitter = new QSplitter(Qt::Vertical);
    m_splitter->setHandleWidth(10);
    m_splitter->addWidget(makeList());
    m_splitter->addWidget(makeLog());
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 2);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 10);
    layout->setSpacing(10);
    layout->addWidget(makeHead());
    layout->addWidget(m_splitter, 1);
    setFocusProxy(m_table);

    m_ages.setInterval(1000); // the ages are shown in seconds
    connect(&m_ages, &QTimer::timeout, m_processes, &BackgroundModel::tick);
    connect(m_watcher, &BackgroundWatcher::found, this, &BackgroundPage::showProcesses);
    connect(m_watcher, &BackgroundWatcher::failed, this, [this](const QString& message) {
        m_processes->setProcesses({});
        m_table->setEmptyText(tr("Background processes cannot be listed"), format::sentence(message));
        showChoice();
    });
    showChoice();
}

BackgroundPage::~BackgroundPage() {
    m_others.waitForDone();
}

QWidget* BackgroundPage::makeHead() {
    m_collect = styled::button(tr("&Collect"), QStringLiteral("collect"),
                               tr("Take its results and show them here; what has been taken it keeps no longer"));
    m_collect->setProperty("primary", true);
    m_watch = styled::button(tr("Watch &live"), QStringLiteral("watchLive"), {});
    m_stop = styled::button(tr("&Stop"), QStringLiteral("stopBackground"), {});
    m_cleanUp = styled::button(tr("Clean &up"), QStringLiteral("cleanUp"),
                               tr("Remove what processes that are gone have left: their entries and addresses"));
    connect(m_collect, &QPushButton::clicked, this, &BackgroundPage::collect);
    connect(m_watch, &QPushButton::clicked, this, &BackgroundPage::watch);
    connect(m_stop, &QPushButton::clicked, this, &BackgroundPage::stop);
    connect(m_cleanUp, &QPushButton::clicked, this, &BackgroundPage::cleanUp);
    auto* title = new QLabel(this->title());
    title->setObjectName(QStringLiteral("jobTitle"));
    auto* head = new QWidget;
    auto* texts = new QVBoxLayout;
    texts->setSpacing(0);
    texts->addWidget(title);
    texts->addWidget(styled::muted(tr("They go on without any window, and keep their results until these are "
                                      "collected.")));
    auto* layout = new QHBoxLayout(head);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addLayout(texts, 1);
    for (QPushButton* button : {m_collect, m_watch, m_stop, m_cleanUp}) {
        layout->addWidget(button);
    }
    return head;
}

QWidget* BackgroundPage::makeList() {
    m_table = new TableView;
    m_table->setObjectName(QStringLiteral("backgroundProcesses"));
    m_table->setAccessibleName(tr("Background processes"));
    m_table->setModel(m_processes);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setItemDelegate(new RowDelegate(
        [](const QModelIndex& index) {
            return index.column() == BackgroundModel::StateColumn &&
                   index.data(BackgroundModel::HasFailedRole).toBool();
        },
        [](const QModelIndex& index) { return index.data(BackgroundModel::IsGoneRole).toBool(); }, this));
    const int widths[] = {260, 150, 90, 80, 400};
    for (int column = 0; column < BackgroundModel::ColumnCount; ++column) {
        m_table->setColumnWidth(column, widths[column]);
    }
    m_table->setStretchColumn(BackgroundModel::AddressColumn);
    m_table->setEmptyText(tr("Looking for background processes…"));
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &BackgroundPage::showChoice);
    connect(m_table, &QAbstractItemView::activated, this, &BackgroundPage::collect);
    auto* card = new QFrame;
    styled::asCard(card);
    auto* layout = new QVBoxLayout(card);
    layout->setContentsMargins(1, 6, 1, 1);
    layout->addWidget(m_table);
    return card;
}

QWidget* BackgroundPage::makeLog() {
    m_logTitle = styled::heading(tr("Log"));
    m_log = new LogTail;
    m_log->setObjectName(QStringLiteral("logTail"));
    m_log->setAccessibleName(tr("The end of the log of the selected process"));
    m_log->setFrameShape(QFrame::NoFrame);
    auto* card = new QFrame;
    styled::asCard(card);
    auto* layout = new QVBoxLayout(card);
    layout->setContentsMargins(14, 10, 14, 8);
    layout->addWidget(m_logTitle);
    layout->addWidget(m_log, 1);
    return card;
}

QString BackgroundPage::title() const {
    return tr("Background processes");
}

QList<Page::Status> BackgroundPage::status() const {
    const int gone = m_processes->goneCount();
    const auto living = static_cast<std::uint64_t>(m_processes->rowCount() - gone);
    return {{format::counted<BackgroundPage>(living, QT_TR_N_NOOP("%1 background process(es)")), {}},
            {gone > 0 ? format::counted<BackgroundPage>(static_cast<std::uint64_t>(gone), QT_TR_N_NOOP("%1 gone"))
                      : QString(),
             {}}};
}

void BackgroundPage::showProcesses(const std::vector<ListedBackground>& processes) {
    const bool wasEmpty = m_processes->rowCount() == 0;
    m_processes->setProcesses(processes);
    m_table->setEmptyText(tr("Nothing runs in the background"),
                          tr("A job that takes long can go on without this window: Job, Run in the background "
                             "(Ctrl+Shift+B), or “Leave in the background” when the window is closed. It is listed "
                             "here until its results are collected."));
    if (wasEmpty && m_processes->rowCount() > 0) {
        m_table->selectRow(m_processes->rowCount() - 1); // the latest
    }
    for (auto step = m_nextSteps.begin(); step != m_nextSteps.end();) {
        const bool isThere = std::any_of(processes.begin(), processes.end(),
                                         [&](const auto& one) { return addressOf(one) == step.key(); });
        step = isThere ? std::next(step) : m_nextSteps.erase(step);
    }
    showChoice();
    emit statusChanged();
}

const ListedBackground* BackgroundPage::chosen() const {
    const auto rows = m_table->selectedRows();
    return rows.isEmpty() ? nullptr : &m_processes->at(rows.first());
}

void BackgroundPage::showChoice() {
    const ListedBackground* one = chosen();
    const bool lives = one && one->process.state != BackgroundState::gone;
    m_collect->setEnabled(lives && one->process.state != BackgroundState::collector_attached);
    m_watch->setEnabled(lives && one->program != 0);
    m_watch->setToolTip(!lives || one->program != 0
                            ? tr("Attach to it: every process, channel and message, as it happens")
                            : tr("It cannot be watched: it was not started with PPROCESS_INSPECT=1 in its "
                                 "environment."));
    m_stop->setEnabled(lives);
    switch (one ? m_nextSteps.value(addressOf(*one), Step::ask) : Step::ask) {
    case Step::ask:
        m_stop->setText(tr("&Stop"));
        m_stop->setToolTip(tr("Ask it to end; what it has kept is dropped"));
        break;
    case Step::terminate:
        m_stop->setText(tr("&Terminate"));
        m_stop->setToolTip(tr("It was asked. Now send SIGTERM to the process that keeps its results"));
        break;
    case Step::kill:
        m_stop->setText(tr("&Kill"));
        m_stop->setToolTip(tr("Send SIGKILL to the process that keeps its results, which cannot refuse that"));
        break;
    }
    m_cleanUp->setEnabled(m_processes->goneCount() > 0);
    if (!one) {
        m_log->setFile({}, tr("Select a process to read what it writes."));
    } else if (one->process.log.empty()) {
        m_log->setFile({}, tr("It keeps no log."));
    } else {
        m_log->setFile(QFile::decodeName(one->process.log.c_str()), tr("It has written nothing so far."));
    }
}

void BackgroundPage::collect() {
    if (const ListedBackground* one = chosen(); one && m_collect->isEnabled()) {
        emit collectRequested(addressOf(*one), format::oneLine(one->process.name));
    }
}

void BackgroundPage::watch() {
    if (const ListedBackground* one = chosen(); one && one->program != 0) {
        emit watchRequested(one->program);
    }
}

void BackgroundPage::stop() {
    const ListedBackground* one = chosen();
    if (!one || one->process.state == BackgroundState::gone) {
        return;
    }
    const QString address = addressOf(*one);
    const QString name = format::oneLine(one->process.name);
    if (one->process.state != BackgroundState::result_waiting || m_nextSteps.contains(address)) {
        stopNow(address, name);
        return;
    }
    auto* question =
        new QMessageBox(QMessageBox::Question, tr("A result is waiting"),
                        tr("“%1” keeps results that nobody has collected. Stop it and drop them?").arg(name),
                        QMessageBox::Cancel, this);
    auto* drop = question->addButton(tr("&Stop and drop"), QMessageBox::DestructiveRole);
    question->setAttribute(Qt::WA_DeleteOnClose);
    connect(drop, &QAbstractButton::clicked, this, [this, address, name] { stopNow(address, name); });
    question->open();
}

void BackgroundPage::stopNow(const QString& address, const QString& name) {
    const Step step = m_nextSteps.value(address, Step::ask);
    // While this step is being done the next can be.
    m_nextSteps[address] = step == Step::ask ? Step::terminate : Step::kill;
    showChoice();
    m_others.start([this, address, name, step] {
        const QString problem =
            background_stop::stop(std::filesystem::path(QFile::encodeName(address).toStdString()), step);
        QMetaObject::invokeMethod(
            this,
            [this, problem, name] {
                if (problem.isEmpty()) {
                    emit said(MessageBar::Kind::success, tr("“%1” has ended.").arg(name));
                } else {
                    emit said(
                        MessageBar::Kind::problem,
                        tr("“%1” has not ended. %2 Wait, or take the next step.").arg(name, format::sentence(problem)));
                }
                m_watcher->look();
            },
            Qt::QueuedConnection);
    });
}

void BackgroundPage::cleanUp() {
    m_others.start([this] {
        QString text;
        bool isDone = false;
        try {
            const auto count = static_cast<std::uint64_t>(remove_entries_of_the_gone());
            text = tr("Removed what %1 had left.")
                       .arg(format::counted<BackgroundPage>(count, QT_TR_N_NOOP("%1 background process(es)")));
            isDone = true;
        } catch (const std::exception& error) {
            text = format::sentence(QString::fromUtf8(error.what()));
        }
        QMetaObject::invokeMethod(
            this,
            [this, text, isDone] {
                emit said(isDone ? MessageBar::Kind::success : MessageBar::Kind::problem, text);
                m_watcher->look();
            },
            Qt::QueuedConnection);
    });
}

void BackgroundPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    m_ages.start();
}

void BackgroundPage::hideEvent(QHideEvent* event) {
    Page::hideEvent(event);
    m_ages.stop();
}

void BackgroundPage::storeState(QSettings& settings) const {
    settings.setValue(splitterKey, m_splitter->saveState());
}

void BackgroundPage::restoreState(const QSettings& settings) {
    m_splitter->restoreState(settings.value(splitterKey).toByteArray());
}

} // namespace pprocess::workbench
