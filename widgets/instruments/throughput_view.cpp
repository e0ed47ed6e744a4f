// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/throughput_view.h>

#include <widgets/colors.h>
#include <widgets/elided_label.h>
#include <widgets/focus_forward.h>
#include <widgets/format.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/instrument_selection.h>
#include <widgets/instruments/stage_histograms.h>
#include <widgets/instruments/time_plots.h>
#include <widgets/instruments/time_range.h>

#include <QComboBox>
#include <QElapsedTimer>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <pprocess/os/cores.h>

namespace pprocess::widgets {

using observe::StageTimes;
using observe::TaskStage;

namespace {

constexpr int frame = 33;                 ///< ms
constexpr int figuresPeriod = 200;        ///< ms; nobody reads faster
constexpr std::int64_t slice = 8'000'000; ///< ns of a frame that adding up may take
constexpr int figureColumns = 5;

QString kindText(observe::Limit limit) {
    switch (limit) {
    case observe::Limit::unknown:
        return ThroughputView::tr("Nothing to judge yet");
    case observe::Limit::failing:
        return ThroughputView::tr("Failing tasks");
    case observe::Limit::slow_collector:
        return ThroughputView::tr("Slow collector");
    case observe::Limit::skew:
        return ThroughputView::tr("Skew");
    case observe::Limit::slow_inputs:
        return ThroughputView::tr("Slow inputs");
    case observe::Limit::small_tasks:
        return ThroughputView::tr("Small tasks");
    case observe::Limit::few_slots:
        return ThroughputView::tr("Too few slots");
    case observe::Limit::cores:
        return ThroughputView::tr("The machine");
    case observe::Limit::nothing:
        return ThroughputView::tr("No limit");
    }
    return {};
}

QToolButton* button(const QString& text, const QString& toolTip, QWidget* parent) {
    auto* made = new QToolButton(parent);
    made->setText(text);
    made->setToolTip(toolTip);
    return made;
}

} // namespace

ThroughputView::ThroughputView(InstrumentData& record, InstrumentSelection& selection, TimeRange& range,
                               QWidget* parent)
    : QWidget(parent),
      m_data(record),
      m_selection(selection),
      m_range(range),
      m_cores(static_cast<unsigned>(available_cores())),
      m_pages(new QStackedWidget(this)),
      m_empty(new QLabel(tr("Nothing has been recorded yet.\n\nAs soon as tasks run, their rates, what their slots are "
                            "used for and how long they take appear here,\nwith a sentence on what limits the job."),
                         this)),
      m_kind(new QLabel(this)),
      m_sentence(new QLabel(this)),
      m_exchanges(new QComboBox(this)),
      m_follow(button(tr("Follow"), tr("Moves with the end of the record. Panning or zooming away from it stops that."),
                      this)),
      m_plots(new TimePlots(range, this)),
      m_histograms(new StageHistograms(this)),
      m_table(new QTableWidget(2 * static_cast<int>(observe::task_stages), 2 + figureColumns, this)),
      m_shownTotals(new QLabel(this)),
      m_allTotals(new QLabel(this)),
      m_readOut(new ElidedLabel(this)) {
    setAccessibleName(tr("Throughput and latency"));
    forwardFocus(*this, *m_plots);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    QFont bold = m_kind->font();
    bold.setBold(true);
    m_kind->setFont(bold);
    m_kind->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Preferred);
    m_sentence->setWordWrap(true);
    m_sentence->setTextFormat(Qt::PlainText);
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_sentence->setAccessibleName(tr("What limits the job"));
    m_exchanges->setAccessibleName(tr("Exchange"));
    m_exchanges->setToolTip(tr("Whose tasks are counted: those of all exchanges, or of one"));
    m_exchanges->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_exchanges->setMinimumContentsLength(26);
    // Where there is little room the sentence gets it.
    m_exchanges->setMinimumWidth(110);
    m_sentence->setMinimumWidth(220);
    m_follow->setCheckable(true);
    m_follow->setChecked(range.isFollowing());
    for (QLabel* label : {m_shownTotals, m_allTotals}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->setContentsMargins(8, 2, 8, 2);
        label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
        label->setMinimumHeight(2 * label->fontMetrics().lineSpacing() + 4); // a wrapped text asks for one line alone
    }

    m_table->setHorizontalHeaderLabels(
        {tr("Stage"), tr("Of"), tr("Tasks"), tr("Half"), tr("90 %"), tr("99 %"), tr("Longest")});
    m_table->setAccessibleName(tr("Durations of the stages"));
    m_table->setToolTip(tr("So long did half, 90 % and 99 % of the tasks take at most, to within an eighth."));
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 6);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    // Widths that fit any figure: to fit them to each new text costs more than all else that is shown.
    const auto widthOf = [this](const QString& text) { return m_table->fontMetrics().horizontalAdvance(text) + 12; };
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Interactive);
    m_table->setColumnWidth(0, widthOf(QStringLiteral("To its process")));
    m_table->setColumnWidth(1, widthOf(QStringLiteral("shown")));
    QFont headingFont = m_table->font();
    headingFont.setBold(true);
    const QFontMetrics headings(headingFont);
    for (int column = 2; column < m_table->columnCount(); ++column) {
        QTableWidgetItem* const heading = m_table->horizontalHeaderItem(column);
        heading->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        m_table->setColumnWidth(
            column, std::max(widthOf(QStringLiteral("00,000")), headings.horizontalAdvance(heading->text()) + 18));
    }
    for (int column = 0; column < 2; ++column)
        m_table->horizontalHeaderItem(column)->setTextAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->horizontalHeader()->setStretchLastSection(true);
    for (int row = 0; row < m_table->rowCount(); ++row) {
        for (int column = 0; column < m_table->columnCount(); ++column) {
            auto* item = new QTableWidgetItem;
            item->setTextAlignment((column < 2 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
            m_table->setItem(row, column, item);
        }
        if (row % 2 == 0)
            m_table->item(row, 0)->setText(stageText(static_cast<TaskStage>(row / 2)));
        m_table->item(row, 1)->setText(row % 2 == 0 ? tr("shown") : tr("all"));
    }

    auto* top = new QHBoxLayout;
    top->setContentsMargins(8, 6, 8, 4);
    top->setSpacing(8);
    top->addWidget(m_kind, 0, Qt::AlignTop);
    top->addWidget(m_sentence, 1, Qt::AlignTop);
    top->addWidget(m_exchanges, 0, Qt::AlignTop);
    auto* all = button(tr("Show all"), tr("Shows the whole record (double click)."), this);
    top->addWidget(all, 0, Qt::AlignTop);
    top->addWidget(m_follow, 0, Qt::AlignTop);

    auto* side = new QWidget(this);
    auto* sideLayout = new QVBoxLayout(side);
    sideLayout->setContentsMargins(0, 0, 0, 0);
    sideLayout->setSpacing(0);
    sideLayout->addWidget(m_histograms, 1);
    sideLayout->addWidget(m_table, 0);
    sideLayout->addWidget(m_shownTotals, 0);
    sideLayout->addWidget(m_allTotals, 0);
    // As high as its rows and its heading are, also after a style sheet has made that higher.
    const auto fit = [this] {
        m_table->setFixedHeight(m_table->verticalHeader()->length() + m_table->horizontalHeader()->sizeHint().height() +
                                2);
    };
    connect(m_table->horizontalHeader(), &QHeaderView::geometriesChanged, this, fit);
    fit();
    m_halves = new QSplitter(Qt::Horizontal, this);
    m_halves->addWidget(m_plots);
    m_halves->addWidget(side);
    m_halves->setStretchFactor(0, 3);
    m_halves->setStretchFactor(1, 2);
    m_halves->setChildrenCollapsible(false);
    // Every column of figures is seen.
    side->setMinimumWidth(m_table->fontMetrics().horizontalAdvance(QStringLiteral("To its process shown 000,000")) +
                          4 * m_table->fontMetrics().horizontalAdvance(QStringLiteral("0.00 ms  ")) + 40);

    auto* page = new QWidget(this);
    auto* pageLayout = new QVBoxLayout(page);
    pageLayout->setContentsMargins(0, 0, 0, 0);
    pageLayout->setSpacing(0);
    pageLayout->addLayout(top);
    auto* scroll = new QScrollArea(this);
    scroll->setWidget(m_halves);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus); // what is in it has it
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->viewport()->setAutoFillBackground(false);
    pageLayout->addWidget(scroll, 1);
    m_readOut->setContentsMargins(8, 2, 8, 4);
    pageLayout->addWidget(m_readOut);
    m_pages->addWidget(m_empty);
    m_pages->addWidget(page);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_pages);

    m_frame.setSingleShot(true);
    m_frame.setInterval(frame);
    m_figures.setSingleShot(true);
    m_figures.setInterval(figuresPeriod);
    const auto showReadOut = [this](const QString& text) {
        m_readOut->setText(text.isEmpty()
                               ? tr("Ctrl+wheel or W/S zooms, drag or A/D moves, a click goes to a moment, a "
                                    "double click shows all")
                               : text);
    };
    showReadOut({});
    connect(&m_frame, &QTimer::timeout, this, &ThroughputView::addUp);
    connect(&m_figures, &QTimer::timeout, this, [this] {
        if (!std::exchange(m_figuresAreDue, false))
            return;
        refreshFigures();
        m_figures.start();
    });
    connect(&record, &InstrumentData::appended, this, [this] {
        if (isVisible() && !m_frame.isActive())
            m_frame.start();
    });
    connect(&record, &InstrumentData::wasReset, this, &ThroughputView::begin);
    connect(&record, &InstrumentData::positionChanged, this, &ThroughputView::refreshPosition);
    connect(&range, &TimeRange::changed, this, [this] {
        if (isVisible())
            refresh();
    });
    connect(&range, &TimeRange::followingChanged, m_follow, &QToolButton::setChecked);
    connect(m_follow, &QToolButton::toggled, &range, &TimeRange::setFollowing);
    connect(all, &QToolButton::clicked, &range, &TimeRange::showAll);
    connect(m_plots, &TimePlots::hovered, this, showReadOut);
    connect(m_plots, &TimePlots::positionChosen, this,
            [this](qint64 time) { m_data.setPosition(m_data.indexAt(time)); });
    connect(m_exchanges, &QComboBox::activated, this, &ThroughputView::chooseExchange);
    connect(&selection, &InstrumentSelection::changed, this, &ThroughputView::followSelection);
    begin();
}

std::uint64_t ThroughputView::exchange() const {
    return m_exchanges->currentData().toULongLong();
}

void ThroughputView::setCores(unsigned cores) {
    m_cores = cores;
    refreshFigures();
}

// ------------------------------------------------------------------------------------------------------------------
// adding up

void ThroughputView::begin() {
    m_statistics = {};
    m_added = m_data.firstEvent();
    m_exchanges->clear();
    m_exchanges->addItem(tr("All exchanges"), qulonglong{0});
    if (isVisible())
        m_frame.start(0);
    else
        refresh();
}

/// Returns whether all is added up.
bool ThroughputView::addUpFor(std::int64_t nanoseconds) {
    QElapsedTimer timer;
    timer.start();
    m_added = std::max(m_added, m_data.firstEvent());
    while (m_added < m_data.endEvent()) {
        m_statistics.apply(m_data.event(m_added++));
        if (m_added % 1024 == 0 && timer.nsecsElapsed() > nanoseconds)
            break;
    }
    return m_added == m_data.endEvent();
}

void ThroughputView::addUp() {
    if (!addUpFor(slice))
        m_frame.start(0);
    refresh();
}

void ThroughputView::catchUp() {
    addUpFor(INT64_MAX);
    refresh();
    refreshFigures();
}

void ThroughputView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    m_frame.start(0);
}

void ThroughputView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    // One above the other where both beside each other would be cut off.
    const int sides = m_plots->minimumSizeHint().width() + m_halves->widget(1)->minimumWidth() +
                      2 * style()->pixelMetric(QStyle::PM_ScrollBarExtent);
    m_halves->setOrientation(width() < sides ? Qt::Vertical : Qt::Horizontal);
}

void ThroughputView::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        refreshFigures();
}

// ------------------------------------------------------------------------------------------------------------------
// showing

void ThroughputView::refresh() {
    m_pages->setCurrentIndex(m_statistics.begin() == 0 ? 0 : 1);
    if (m_statistics.begin() == 0)
        return;
    m_range.setWhole(m_data.beginTime(), m_data.endTime());
    const observe::ExchangeStatistics* one = m_statistics.exchange(exchange());
    m_plots->draw(one ? one->series : m_statistics.series(), one ? one->slot_count() : 0);
    if (m_figures.isActive()) {
        m_figuresAreDue = true;
        return;
    }
    refreshFigures();
    m_figures.start();
}

void ThroughputView::refreshExchanges() {
    const auto& ids = m_statistics.exchanges();
    const std::uint64_t shown = exchange();
    bool isSame = static_cast<std::size_t>(m_exchanges->count()) == ids.size() + 1;
    for (std::size_t index = 0; isSame && index < ids.size(); ++index)
        isSame = m_exchanges->itemData(static_cast<int>(index) + 1).toULongLong() == ids[index];
    if (!isSame) {
        while (m_exchanges->count() > 1)
            m_exchanges->removeItem(1);
        for (const std::uint64_t id : ids)
            m_exchanges->addItem(QString(), qulonglong{id});
        m_exchanges->setCurrentIndex(std::max(0, m_exchanges->findData(qulonglong{shown})));
    }
    // Every exchange by its place in the order of their coming, as its id says nothing to a person.
    for (std::size_t index = 0; index < ids.size(); ++index) {
        const observe::ExchangeStatistics* one = m_statistics.exchange(ids[index]);
        const QString slotText =
            one->limit == 0 ? tr("no limit") : format::counted<ThroughputView>(one->limit, QT_TR_N_NOOP("%1 slot(s)"));
        const QString text =
            tr("Exchange %1: %2, %3%4")
                .arg(index + 1)
                .arg(slotText,
                     format::counted<ThroughputView>(std::max(one->arrived, one->expected), QT_TR_N_NOOP("%1 task(s)")),
                     one->ended != 0 ? tr(", ended") : QString());
        if (m_exchanges->itemText(static_cast<int>(index) + 1) != text)
            m_exchanges->setItemText(static_cast<int>(index) + 1, text);
    }
}

void ThroughputView::fillRow(int row, const observe::Distribution& times) {
    const std::array<QString, figureColumns> texts =
        times.count() == 0
            ? std::array<QString, figureColumns>{tr("none"), QString(), QString(), QString(), QString()}
            : std::array<QString, figureColumns>{format::count(times.count()), shortDuration(times.quantile(0.5)),
                                                 shortDuration(times.quantile(0.9)),
                                                 shortDuration(times.quantile(0.99)), shortDuration(times.most())};
    for (int column = 0; column < figureColumns; ++column)
        m_table->item(row, column + 2)->setText(texts[static_cast<std::size_t>(column)]);
}

QString ThroughputView::totals(const StageTimes& times, const observe::Step& step) const {
    QString text = format::counted<ThroughputView>(times.count(), QT_TR_N_NOOP("%1 task(s)"));
    const auto say = [&](TaskOutcome outcome, const QString& what) {
        if (const std::uint64_t number = times.outcomes[static_cast<std::size_t>(outcome)])
            text += QStringLiteral(", ") + format::count(number) + u' ' + what;
    };
    say(TaskOutcome::error, tr("with an error"));
    say(TaskOutcome::died, tr("died"));
    say(TaskOutcome::timed_out, tr("timed out"));
    say(TaskOutcome::cancelled, tr("cancelled"));
    return text + tr("; %1 in %2")
                      .arg(format::bytes(static_cast<double>(step.bytes)),
                           format::counted<ThroughputView>(step.messages, QT_TR_N_NOOP("%1 message(s)")));
}

void ThroughputView::refreshFigures() {
    if (m_statistics.begin() == 0)
        return;
    refreshExchanges();
    const std::uint64_t id = exchange();
    const observe::ExchangeStatistics* one = m_statistics.exchange(id);
    const StageTimes& all = one ? one->times : m_statistics.times();
    const observe::Series& series = one ? one->series : m_statistics.series();
    const StageTimes shown = m_range.showsAll() ? all : m_statistics.times_within(m_range.begin(), m_range.end(), id);
    m_histograms->draw(shown);
    for (std::size_t stage = 0; stage < observe::task_stages; ++stage) {
        fillRow(static_cast<int>(2 * stage), shown.stages[stage]);
        fillRow(static_cast<int>(2 * stage) + 1, all.stages[stage]);
    }
    const std::int64_t end = m_statistics.end() + series.width();
    const observe::Step everything = series.sum(m_statistics.begin(), end);
    QString shownText =
        tr("Shown: %1")
            .arg(totals(shown, m_range.showsAll() ? everything : series.sum(m_range.begin(), m_range.end())));
    if (const auto& kept = m_statistics.tasks();
        m_statistics.forgotten_tasks() != 0 && !m_range.showsAll() && m_range.begin() < kept.front().finished)
        shownText += format::counted<ThroughputView>(
            kept.size(), QT_TR_N_NOOP(". Only the latest %1 task(s) (is|are) known one by one"));
    m_shownTotals->setText(shownText);
    QString allText = tr("All: %1").arg(totals(all, everything));
    if (m_data.head().dropped() != 0)
        allText += format::counted<ThroughputView>(m_data.head().dropped(),
                                                   QT_TR_N_NOOP(". %1 event(s) (is|are) missing: the record was full"));
    if (m_added < m_data.endEvent())
        allText = tr("Adding up %1 of %2 events …").arg(format::count(m_added), format::count(m_data.endEvent()));
    m_allTotals->setText(allText);
    refreshPosition();
}

void ThroughputView::refreshPosition() {
    const bool isAtEnd = m_data.isFollowing();
    m_plots->setPosition(isAtEnd ? std::nullopt : std::optional(m_data.positionTime()));
    const std::int64_t now = m_data.positionTime();
    m_verdict = isAtEnd ? m_statistics.verdict(exchange(), m_cores)
                        : m_statistics.verdict_within(std::max(m_statistics.begin(), now - observe::Statistics::recent),
                                                      now, exchange(), m_cores);
    const Colors colors = Colors::of(palette());
    const bool isBad = m_verdict.limit == observe::Limit::failing;
    QPalette kind = palette();
    kind.setColor(QPalette::WindowText, isBad ? colors.failedText : colors.isDark ? colors.running : colors.accent);
    m_kind->setPalette(kind);
    const std::uint64_t recorded = m_data.endEvent() - m_data.firstEvent();
    if (const std::uint64_t left = m_data.endEvent() - m_added; left > recorded / 10 && left > 20'000) {
        // The beginning of a record says nothing of the rest.
        m_kind->setText(tr("Adding up"));
        m_sentence->setText(tr("%1 of %2 events so far; what limits the job is said at the end.")
                                .arg(format::count(recorded - left), format::count(recorded)));
        return;
    }
    const QString kindName = kindText(m_verdict.limit);
    QString sentence = QString::fromStdString(m_verdict.sentence);
    // The same words need not stand there twice.
    if (sentence.startsWith(kindName + QStringLiteral(": "))) {
        sentence.remove(0, kindName.size() + 2);
        sentence.replace(0, 1, sentence.at(0).toUpper());
    }
    m_kind->setText(kindName);
    m_sentence->setText(sentence);
}

void ThroughputView::chooseExchange() {
    if (exchange() != 0)
        m_selection.select(Selected::exchange(exchange()));
    refresh();
    refreshFigures();
}

void ThroughputView::followSelection() {
    const Selected& selected = m_selection.current();
    if (selected.kind != Selected::Kind::exchange && selected.kind != Selected::Kind::task)
        return;
    const int index = m_exchanges->findData(qulonglong{selected.id});
    if (index < 0 || index == m_exchanges->currentIndex())
        return;
    m_exchanges->setCurrentIndex(index);
    refresh();
    refreshFigures();
}

} // namespace pprocess::widgets
