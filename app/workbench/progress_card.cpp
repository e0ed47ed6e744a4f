// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/progress_card.h>

#include <app/workbench/styled.h>

#include <widgets/colors.h>
#include <widgets/elided_label.h>
#include <widgets/format.h>
#include <widgets/stacked_bar.h>
#include <widgets/throughput_plot.h>

#include <QEvent>
#include <QLabel>
#include <QVBoxLayout>

namespace pprocess::workbench {

using namespace widgets;

namespace {

const QString unknown = QStringLiteral("—");

// A number in large type with what it counts below.
QWidget* makeFigure(QLabel*& number, const QString& what) {
    auto* figure = new QWidget;
    auto* layout = new QVBoxLayout(figure);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    number = new QLabel(unknown);
    number->setProperty("figure", true);
    number->setAccessibleName(what);
    layout->addWidget(number);
    layout->addWidget(styled::muted(what));
    return figure;
}

QString items(std::size_t number) {
    return format::counted<ProgressCard>(number,
                                         QT_TRANSLATE_N_NOOP("pprocess::workbench::ProgressCard", "%1 item(s)"));
}

QString summarySentence(const JobController::Summary& summary) {
    const auto& progress = summary.progress;
    QStringList parts;
    if (progress.succeeded > 0 || progress.total == 0) {
        parts += format::counted<ProgressCard>(progress.succeeded,
                                               QT_TRANSLATE_N_NOOP("pprocess::workbench::ProgressCard", "%1 ok"));
    }
    if (progress.failed > 0) {
        parts += format::counted<ProgressCard>(progress.failed,
                                               QT_TRANSLATE_N_NOOP("pprocess::workbench::ProgressCard", "%1 failed"));
    }
    if (progress.cancelled > 0) {
        parts += format::counted<ProgressCard>(progress.cancelled,
                                               QT_TRANSLATE_N_NOOP("pprocess::workbench::ProgressCard", "%1 stopped"));
    }
    const QString sentence =
        ProgressCard::tr("%1%2: %3")
            .arg(items(progress.total), summary.isRerun ? ProgressCard::tr(" run again") : QString(),
                 parts.join(QStringLiteral(", "))) +
        // Of a job that ran elsewhere it may not be known.
        (summary.elapsed.count() > 0 ? ProgressCard::tr(", in %1").arg(format::duration(summary.elapsed)) : QString());
    return summary.wasStopped ? ProgressCard::tr("Stopped. %1").arg(sentence) : sentence;
}

} // namespace

ProgressCard::ProgressCard(const JobController& controller, QWidget* parent)
    : QFrame(parent),
      m_controller(controller) {
    styled::asCard(this);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addLayout(makeLeft(), 8);
    layout->addLayout(makeRight(), 5);
    setMinimumHeight(136);
}

QLayout* ProgressCard::makeLeft() {
    m_bar = new StackedBar;
    m_legend = new QLabel;
    m_legend->setTextFormat(Qt::RichText);
    m_legend->setObjectName(QStringLiteral("legend"));
    m_legend->setWordWrap(true);
    m_legend->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_sentence = new ElidedLabel;
    m_sentence->setObjectName(QStringLiteral("summary"));
    m_sentence->setProperty("strong", true);

    auto* figures = new QHBoxLayout;
    figures->setSpacing(28);
    figures->addWidget(makeFigure(m_rateFigure, tr("tasks/s")));
    figures->addWidget(makeFigure(m_remainingFigure, tr("remaining")));
    figures->addWidget(makeFigure(m_elapsedFigure, tr("elapsed")));
    figures->addStretch(1);

    auto* left = new QVBoxLayout;
    left->setContentsMargins(14, 12, 8, 10);
    left->setSpacing(7);
    left->addWidget(m_sentence);
    left->addWidget(m_bar);
    left->addWidget(m_legend);
    left->addStretch(1);
    left->addLayout(figures);
    return left;
}

QLayout* ProgressCard::makeRight() {
    m_plot = new ThroughputPlot;
    m_plotLegend = new QLabel;
    m_plotLegend->setTextFormat(Qt::RichText);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(8, 0, 8, 0);
    head->addWidget(styled::heading(tr("Throughput")));
    head->addSpacing(12);
    head->addStretch(1);
    head->addWidget(m_plotLegend);
    auto* right = new QVBoxLayout;
    right->setContentsMargins(0, 10, 6, 4);
    right->setSpacing(0);
    right->addLayout(head);
    right->addWidget(m_plot, 1);
    return right;
}

void ProgressCard::clear() {
    m_summary.clear();
    m_plot->clear();
    showProgress();
}

void ProgressCard::begin() {
    m_rate.clear();
    m_rate.add(std::chrono::steady_clock::now(), 0);
    clear();
}

void ProgressCard::sample() {
    const auto& progress = m_controller.progress();
    m_rate.add(std::chrono::steady_clock::now(), progress.ended());
    if (!progress.finished()) {
        m_plot->add(std::chrono::duration<double>(m_controller.elapsed()).count(), progress.ended(),
                    m_controller.bytesMoved());
    }
}

void ProgressCard::end(const JobController::Summary& summary) {
    m_plot->add(std::chrono::duration<double>(summary.elapsed).count(), summary.progress.ended(),
                m_controller.bytesMoved());
    m_summary = summarySentence(summary);
    showProgress();
}

void ProgressCard::showProgress() {
    m_bar->setProgress(m_controller.progress());
    m_sentence->setText(sentence());
    showLegends();
    showFigures();
}

void ProgressCard::showLegends() {
    const auto& progress = m_controller.progress();
    const Colors colors = Colors::of(palette());
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
    m_plotLegend->setText(
        QStringLiteral("<span style='color:%1'>—</span>&nbsp;%2 &nbsp; <span style='color:%3'>- -</span>&nbsp;%4")
            .arg(colors.running.name(), tr("tasks/s"), colors.done.name(), tr("bytes/s")));
}

QString ProgressCard::sentence() const {
    using State = JobController::State;
    const auto& progress = m_controller.progress();
    const QString soFar = tr("%1 of %2 done").arg(format::count(progress.ended()), items(progress.total));
    switch (m_controller.state()) {
    case State::collecting:
        return m_controller.isGoingToBackground() ? tr("Starting in the background…") : tr("Looking for files…");
    case State::running:
        if (m_controller.isElsewhere() && !progress.is_total_known) {
            return tr("In the background: %1 so far").arg(items(progress.ended()));
        }
        return m_controller.isElsewhere() ? tr("In the background: %1").arg(soFar) : soFar;
    case State::stopping:
        if (m_controller.isGoingToBackground()) {
            return tr("Leaving it in the background…");
        }
        return m_controller.livingWorkers() > 0
                   ? tr("Stopping… %1 still ending")
                         .arg(format::counted<ProgressCard>(static_cast<std::uint64_t>(m_controller.livingWorkers()),
                                                            QT_TR_N_NOOP("%1 worker(s)")))
                   : tr("Stopping…");
    case State::idle:
        break;
    }
    return !m_summary.isEmpty() ? m_summary : progress.total == 0 ? tr("Ready") : soFar;
}

std::optional<std::chrono::nanoseconds> ProgressCard::remaining() const {
    const auto& progress = m_controller.progress();
    return m_controller.state() == JobController::State::running && progress.is_total_known
               ? m_rate.remaining(progress.total - progress.ended())
               : std::nullopt;
}

void ProgressCard::showFigures() {
    using State = JobController::State;
    const auto& progress = m_controller.progress();
    const auto state = m_controller.state();
    if (state == State::running || state == State::stopping) {
        m_rateFigure->setText(format::rate(m_rate.rate()));
        const auto left = remaining();
        m_remainingFigure->setText(left ? format::duration(*left) : unknown);
        m_elapsedFigure->setText(format::duration(m_controller.elapsed()));
    } else if (state == State::idle && progress.total > 0) {
        // Over the whole run, as the sentence above tells of it.
        const double seconds = std::chrono::duration<double>(m_controller.elapsed()).count();
        m_rateFigure->setText(
            seconds > 0 ? format::rate(static_cast<double>(progress.succeeded + progress.failed) / seconds) : unknown);
        m_remainingFigure->setText(unknown);
        m_elapsedFigure->setText(format::duration(m_controller.elapsed()));
    } else {
        for (QLabel* figure : {m_rateFigure, m_remainingFigure, m_elapsedFigure}) {
            figure->setText(unknown);
        }
    }
}

void ProgressCard::changeEvent(QEvent* event) {
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_plotLegend) {
        showLegends();
    }
}

} // namespace pprocess::workbench
