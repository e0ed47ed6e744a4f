// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/job_header.h>

#include <app/workbench/styled.h>

#include <widgets/elided_label.h>
#include <widgets/format.h>

#include <QFileInfo>
#include <QHBoxLayout>
#include <QPushButton>
#include <QTabBar>

#include <pprocess/os/cores.h>

namespace pprocess::workbench {

using namespace widgets;

JobHeader::JobHeader(QWidget* parent) : QWidget(parent) {
    m_title = new ElidedLabel;
    m_title->setObjectName(QStringLiteral("jobTitle"));
    m_subtitle = new ElidedLabel;
    m_subtitle->setProperty("muted", true);
    m_run = styled::button(tr("&Run"), QStringLiteral("run"), tr("Run the job (Ctrl+R or F5)"));
    m_run->setProperty("primary", true);
    m_stop = styled::button(tr("&Stop"), QStringLiteral("stop"), tr("Stop the job (Esc or Ctrl+.)"));
    m_again = styled::button(tr("Run f&ailed again"), QStringLiteral("again"),
                             tr("Run only the items that failed, as the form says now (Ctrl+Shift+R)"));

    m_side = styled::segments(QStringLiteral("side"), tr("What is shown of the job"));
    m_side->addTab(tr("Results"));
    m_side->addTab(tr("Instruments"));

    auto* texts = new QVBoxLayout;
    texts->setSpacing(0);
    texts->addWidget(m_title);
    texts->addWidget(m_subtitle);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addLayout(texts, 1);
    layout->addWidget(m_side);
    layout->addSpacing(8);
    layout->addWidget(m_run);
    layout->addWidget(m_stop);
    layout->addWidget(m_again);
    connect(m_side, &QTabBar::currentChanged, this, &JobHeader::sideChanged);
    connect(m_run, &QPushButton::clicked, this, &JobHeader::runRequested);
    connect(m_stop, &QPushButton::clicked, this, &JobHeader::stopRequested);
    connect(m_again, &QPushButton::clicked, this, &JobHeader::againRequested);
}

JobHeader::Side JobHeader::side() const {
    return static_cast<Side>(m_side->currentIndex());
}

void JobHeader::showSide(Side side) {
    m_side->setCurrentIndex(side);
}

QString JobHeader::title() const {
    return m_title->text();
}

QString JobHeader::wordsOf(job::Pattern pattern) {
    switch (pattern) {
    case job::Pattern::map:
        return tr("map, in order");
    case job::Pattern::queue:
        return tr("queue, as they come");
    case job::Pattern::exchange:
        return tr("exchange, each in its place");
    case job::Pattern::continuous:
        return tr("continuous, line by line");
    }
    return {};
}

void JobHeader::showJob(const job::Job& job, const QString& file) {
    m_title->setText(job.name.empty() ? tr("Untitled job") : QString::fromStdString(job.name));
    const auto limit = job.limit.value_or(available_cores());
    const bool isReused = job.reuse && job.pattern != job::Pattern::continuous;
    QStringList facts{wordsOf(job.pattern), tr("%1 at once").arg(format::count(limit)),
                      isReused ? tr("processes reused") : tr("a process for each item")};
    if (!file.isEmpty()) {
        facts += QFileInfo(file).fileName();
    }
    m_subtitle->setText(facts.join(QStringLiteral(" · ")));
}

void JobHeader::showState(JobController::State state, QWidget* refuge) {
    using State = JobController::State;
    const bool isBusy = state != State::idle;
    // Before the button that was pressed goes grey: the focus would jump to some other control.
    if (isBusy && (m_run->hasFocus() || m_again->hasFocus())) {
        m_stop->setEnabled(true);
        m_stop->setFocus(Qt::OtherFocusReason);
    } else if (state == State::stopping && m_stop->hasFocus()) {
        refuge->setFocus(Qt::OtherFocusReason);
        m_focusRunWhenIdle = true;
    } else if (!isBusy && (m_stop->hasFocus() || std::exchange(m_focusRunWhenIdle, false))) {
        m_run->setEnabled(true);
        m_run->setFocus(Qt::OtherFocusReason);
    }
    m_run->setEnabled(!isBusy);
    m_stop->setEnabled(state == State::running || state == State::collecting);
}

void JobHeader::setCanRunAgain(bool canRunAgain) {
    m_again->setEnabled(canRunAgain);
}

} // namespace pprocess::workbench
