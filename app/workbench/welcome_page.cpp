// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/welcome_page.h>

#include <app/workbench/styled.h>

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace pprocess::workbench {

namespace {

/// Some of its items fail, and say why.
job::Job failingJob() {
    job::Job job;
    job.name = "Some of these fail";
    job.use_shell = true;
    job.command = "n={}; sleep 0.1; test $((n % 7)) -ne 0 || { echo \"$n can be divided by 7\" >&2; exit 1; }; echo $n";
    job::ListInputs inputs;
    for (int number = 1; number <= 40; ++number) {
        inputs.items.push_back(std::to_string(number));
    }
    job.inputs = inputs;
    return job;
}

} // namespace

WelcomePage::WelcomePage(QWidget* parent) : Page(parent) {
    auto* heading = new QLabel(tr("Run a command over many inputs, and watch it"));
    heading->setObjectName(QStringLiteral("jobTitle"));
    auto* row = new QHBoxLayout;
    row->setSpacing(14);
    addCard(row, QStringLiteral("trySample"), tr("Many files at once"),
            tr("The SHA-256 sums of all header files below /usr/include, as many at a time as there are cores. Each "
               "result appears as it comes."),
            tr("&Run it"), job::sample_job(), false);
    addCard(row, QStringLiteral("tryInstruments"), tr("See inside"),
            tr("The same job, with the instruments: every process, channel and message, live. Stop, go back in time, "
               "and look again."),
            tr("Run and &watch it"), job::sample_job(), true);
    addCard(
        row, QStringLiteral("tryFailures"), tr("When something fails"),
        tr("Forty small tasks of which some fail. The results say which and why; once corrected, only these are run "
           "again."),
        tr("Run and see what &fails"), failingJob(), false);
    auto* own = styled::button(tr("Write a &job of your own"), QStringLiteral("ownJob"),
                               tr("Show the form in which a job is written"));
    connect(own, &QPushButton::clicked, this, &WelcomePage::ownJobWanted);
    auto* below = new QHBoxLayout;
    below->addWidget(styled::muted(tr("This page is found again under Help, Things to try.")), 1);
    below->addWidget(own);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(40, 30, 40, 30);
    layout->setSpacing(18);
    layout->addWidget(heading);
    layout->addLayout(row);
    layout->addLayout(below);
    layout->addStretch(1);
}

void WelcomePage::addCard(QHBoxLayout* row, const QString& name, const QString& heading, const QString& text,
                          const QString& action, const job::Job& job, bool isWithInstruments) {
    auto* button = styled::button(action, name, {});
    button->setAccessibleDescription(text);
    button->setProperty("primary", true);
    connect(button, &QPushButton::clicked, this,
            [this, job, isWithInstruments] { emit tried(job, isWithInstruments); });
    auto* words = new QLabel(text);
    words->setWordWrap(true);
    words->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    auto* card = new QFrame;
    styled::asCard(card);
    auto* layout = new QVBoxLayout(card);
    layout->setContentsMargins(18, 16, 18, 16);
    layout->setSpacing(10);
    layout->addWidget(styled::heading(heading));
    layout->addWidget(words, 1);
    layout->addWidget(button, 0, Qt::AlignLeft);
    row->addWidget(card, 1);
    if (!focusProxy()) {
        setFocusProxy(button);
    }
}

QString WelcomePage::title() const {
    return tr("Things to try");
}

} // namespace pprocess::workbench
