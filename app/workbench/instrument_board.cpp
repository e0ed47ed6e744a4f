// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/instrument_board.h>

#include <app/workbench/playback_bar.h>
#include <app/workbench/styled.h>

#include <widgets/instruments/channel_matrix_view.h>
#include <widgets/instruments/event_log_view.h>
#include <widgets/instruments/exchange_diagram_view.h>
#include <widgets/instruments/failures_view.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/process_tree_view.h>
#include <widgets/instruments/throughput_view.h>
#include <widgets/instruments/timeline_view.h>

#include <QKeyEvent>
#include <QLabel>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

namespace pprocess::workbench {

using namespace widgets;

namespace {

const QString splitterKey = QStringLiteral("instruments/splitter");
const QString frontKey = QStringLiteral("instruments/front");

} // namespace

InstrumentBoard::InstrumentBoard(InstrumentSource& source, QWidget* parent)
    : QWidget(parent),
      m_source(source),
      m_playback(source.data()) {
    // Before the views hear of new events, so that they find the range as it is then.
    connect(&data(), &InstrumentData::appended, this, &InstrumentBoard::showWhole);
    connect(&data(), &InstrumentData::wasReset, this, [this] {
        m_selection.clear();
        showWhole();
        m_range.showAll();
    });
    connect(&data(), &InstrumentData::positionChanged, this, &InstrumentBoard::keepPositionInSight);
    connect(&m_playback, &Playback::failureReached, this,
            [this](quint64 event) { m_selection.select(Selected::event(event)); });
    connect(&m_selection, &InstrumentSelection::revealRequested, this, &InstrumentBoard::reveal);

    m_splitter = new QSplitter(Qt::Vertical);
    m_splitter->setHandleWidth(6);
    m_splitter->setChildrenCollapsible(false);
    m_tabs = new QTabWidget;
    m_tabs->setObjectName(QStringLiteral("views"));
    m_tabs->setAccessibleName(tr("Views"));
    m_tabs->setDocumentMode(true);
    addViews();
    // Some views would like more than half of the window; the timeline is what one looks at first.
    m_tabs->setMinimumHeight(160);
    m_splitter->addWidget(m_tabs);
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 2);
    m_splitter->setSizes({390, 260});
    auto* full = new QWidget;
    auto* fullLayout = new QVBoxLayout(full);
    fullLayout->setContentsMargins(0, 0, 0, 0);
    fullLayout->setSpacing(0);
    fullLayout->addWidget(m_splitter, 1);
    fullLayout->addWidget(new PlaybackBar(m_playback));

    m_emptyTitle = styled::heading({});
    m_emptyTitle->setObjectName(QStringLiteral("emptyTitle"));
    m_emptyAdvice = styled::muted();
    m_emptyAdvice->setObjectName(QStringLiteral("emptyAdvice"));
    auto* empty = new QWidget;
    auto* emptyLayout = new QVBoxLayout(empty);
    emptyLayout->addStretch(2);
    for (QLabel* label : {m_emptyTitle, m_emptyAdvice}) {
        label->setAlignment(Qt::AlignHCenter);
        label->setWordWrap(true);
        emptyLayout->addWidget(label);
    }
    emptyLayout->addStretch(3);

    m_pages = new QStackedWidget;
    m_pages->addWidget(empty);
    m_pages->addWidget(full);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_pages);

    connect(&m_source, &InstrumentSource::stateChanged, this, &InstrumentBoard::showWhetherEmpty);
    showWhole();
    showWhetherEmpty();
}

InstrumentBoard::~InstrumentBoard() {
    // The views look at members of this object.
    delete m_pages;
}

void InstrumentBoard::addViews() {
    m_processes = new ProcessTreeView(data(), m_selection, m_range, m_source);
    m_failures = new FailuresView(data(), m_selection);
    addView(QStringLiteral("timeline"), {}, new TimelineView(data(), m_selection, m_range));
    addView(QStringLiteral("processes"), tr("Processes"), m_processes);
    addView(QStringLiteral("channels"), tr("Channels"), new ChannelMatrixView(data(), m_selection, m_range));
    addView(QStringLiteral("exchange"), tr("Exchange"), new ExchangeDiagramView(data(), m_selection, m_range));
    addView(QStringLiteral("throughput"), tr("Throughput"), new ThroughputView(data(), m_selection, m_range));
    addView(QStringLiteral("failures"), tr("Failures"), m_failures);
    addView(QStringLiteral("events"), tr("Events"), new EventLogView(data(), m_selection, m_range));
}

void InstrumentBoard::addView(const QString& name, const QString& title, QWidget* view) {
    view->setObjectName(name);
    m_views.insert(name, view);
    if (name == QLatin1String("timeline")) {
        m_splitter->insertWidget(0, view);
    } else {
        m_tabs->addTab(view, title);
    }
}

void InstrumentBoard::setEmptyText(const QString& title, const QString& advice) {
    m_emptyTitle->setText(title);
    m_emptyAdvice->setText(advice);
}

bool InstrumentBoard::event(QEvent* event) {
    // In the views Esc takes back what is selected. In the window it may mean to stop the job, which nobody wants who
    // looks at a task of it.
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        event->accept();
        return true;
    }
    return QWidget::event(event);
}

void InstrumentBoard::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) {
        m_selection.clear();
    } else {
        QWidget::keyPressEvent(event);
    }
}

bool InstrumentBoard::reveal(const QString& view) {
    QWidget* widget = m_views.value(view);
    if (!widget) {
        return false;
    }
    bringForward(widget);
    widget->setFocus(Qt::OtherFocusReason);
    return true;
}

void InstrumentBoard::bringForward(QWidget* view) {
    if (m_tabs->indexOf(view) >= 0) {
        m_tabs->setCurrentWidget(view);
    }
}

QString InstrumentBoard::frontView() const {
    return m_tabs->currentWidget() ? m_tabs->currentWidget()->objectName() : QString();
}

void InstrumentBoard::showWhole() {
    if (data().endEvent() > data().firstEvent()) {
        m_range.setWhole(data().beginTime(), data().endTime());
    }
    showWhetherEmpty();
}

void InstrumentBoard::showWhetherEmpty() {
    m_playback.setLive(m_source.state() == InstrumentSource::State::live);
    m_pages->setCurrentIndex(isEmpty() ? 0 : 1);
}

bool InstrumentBoard::isEmpty() const {
    const InstrumentData& record = m_source.data();
    return record.endEvent() == record.firstEvent() && record.head().processes().empty();
}

void InstrumentBoard::keepPositionInSight() {
    if (m_playback.state() == Playback::State::following) {
        return;
    }
    const std::int64_t at = data().positionTime();
    if (at < m_range.begin() || at > m_range.end()) {
        // A tenth before it stays visible, and most of what follows.
        m_range.pan(at - m_range.length() / 10 - m_range.begin());
    }
}

void InstrumentBoard::storeState(QSettings& settings) const {
    settings.setValue(splitterKey, m_splitter->saveState());
    settings.setValue(frontKey, frontView());
}

void InstrumentBoard::restoreState(const QSettings& settings) {
    m_splitter->restoreState(settings.value(splitterKey).toByteArray());
    bringForward(m_views.value(settings.value(frontKey).toString()));
}

} // namespace pprocess::workbench
