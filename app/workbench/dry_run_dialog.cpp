// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/dry_run_dialog.h>

#include <app/workbench/command_text.h>

#include <widgets/fixed_font.h>
#include <widgets/format.h>

#include <QCoreApplication>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QPointer>
#include <QPushButton>
#include <QTableWidget>
#include <QThreadPool>
#include <QVBoxLayout>

#include <pprocess/job/item_source.h>
#include <pprocess/job/plan.h>

namespace pprocess::workbench {

namespace format = widgets::format;

/// What would be done with one input.
struct DryRunDialog::Line {
    std::size_t number = 0;
    QString input;
    QStringList steps;
    QString mistake; ///< why it would fail without being run
};

/// What has been found so far.
struct DryRunDialog::Report {
    std::vector<Line> lines; ///< those that are new
    std::size_t count = 0;   ///< inputs, so far
    bool isWhole = false;    ///< there are no more
    QStringList problems;
    QString field;
    QString mistake; ///< of the whole job
};

struct DryRunDialog::Search {
    job::Job job;
    TaskLibraries::Read libraries;
    QPointer<DryRunDialog> dialog; ///< to be looked at by its own thread only
    std::stop_source stop;

    void tell(const std::shared_ptr<Search>& self, Report report) {
        QMetaObject::invokeMethod(
            qApp,
            [self, report = std::move(report)] {
                if (self->dialog && !self->stop.stop_requested()) {
                    self->dialog->take(report);
                }
            },
            Qt::QueuedConnection);
    }

    std::vector<TaskDescription> describe(const std::filesystem::path& file) const {
        for (const auto& [known, library] : libraries) {
            if (std::filesystem::absolute(known) != file) {
                continue;
            }
            if (library.isBeingRead) {
                break;
            }
            if (!library.mistake.isEmpty()) {
                throw job::JobError("function.library", library.mistake.toStdString());
            }
            return library.tasks;
        }
        throw job::JobError("function.library", "The library is still being read. Try again when it has been.");
    }

    [[nodiscard]] Line lineOf(const job::Plan& plan, const job::Item& item) const {
        Line line{item.number, format::oneLine(item.text, 2000), {}, {}};
        job::Filling filling = job::filling_for(item.text, item.number, plan.columns());
        filling.previous = "{<}";
        for (const job::Step& step : job::steps_of(job)) {
            line.steps += stepText(step, line.steps.isEmpty(), filling, plan.columns());
        }
        try {
            if (const auto* function = std::get_if<job::FunctionStep>(&plan.steps().front())) {
                (void)function->arguments_for(filling, nullptr);
            }
        } catch (const std::exception& error) {
            line.mistake = QString::fromUtf8(error.what());
        }
        return line;
    }
};

DryRunDialog::DryRunDialog(const job::Job& job, TaskLibraries::Read libraries, QWidget* parent)
    : QDialog(parent),
      m_search(std::make_shared<Search>()) {
    setObjectName(QStringLiteral("dryRun"));
    setWindowTitle(tr("What the job would run"));
    m_search->job = job;
    m_search->libraries = std::move(libraries);
    m_search->dialog = this;

    m_words = new QLabel(tr("Looking for the inputs…"));
    m_words->setObjectName(QStringLiteral("dryRunWords"));
    m_words->setWordWrap(true);
    m_table = new QTableWidget(0, 3);
    m_table->setObjectName(QStringLiteral("dryRunLines"));
    m_table->setAccessibleName(tr("What would be run for the first inputs"));
    m_table->setToolTip(tr("Nothing of this has been run."));
    m_table->setHorizontalHeaderLabels({tr("#"), tr("Input"), tr("What would be run")});
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setSectionsClickable(false);
    m_table->setColumnWidth(0, 60);
    m_table->setColumnWidth(1, 240);
    m_table->verticalHeader()->hide();
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setTabKeyNavigation(false);
    m_table->setWordWrap(false);
    m_table->setShowGrid(false);
    m_table->setAlternatingRowColors(true);
    m_problems = new QLabel;
    m_problems->setObjectName(QStringLiteral("dryRunProblems"));
    m_problems->setProperty("mistake", true);
    m_problems->setTextFormat(Qt::PlainText);
    m_problems->setWordWrap(true);
    m_problems->hide();
    auto* buttons = new QDialogButtonBox;
    m_stop = buttons->addButton(tr("&Stop looking"), QDialogButtonBox::ActionRole);
    m_stop->setObjectName(QStringLiteral("dryRunStop"));
    m_stop->setToolTip(tr("Leave it at what has been found"));
    auto* close = buttons->addButton(QDialogButtonBox::Close);
    close->setToolTip(tr("Close this window"));
    close->setDefault(true);

    auto* layout = new QVBoxLayout(this);
    layout->addWidget(m_words);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_problems);
    layout->addWidget(buttons);
    resize(860, 520);

    m_patience.setSingleShot(true);
    m_patience.setInterval(300);
    connect(&m_patience, &QTimer::timeout, this, &QDialog::open);
    connect(m_stop, &QPushButton::clicked, this, &DryRunDialog::cancel);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

DryRunDialog::~DryRunDialog() {
    m_search->stop.request_stop();
}

void DryRunDialog::start() {
    m_patience.start();
    QThreadPool::globalInstance()->start([search = m_search] { DryRunDialog::search(search); });
}

void DryRunDialog::search(const std::shared_ptr<Search>& search) {
    constexpr std::size_t countsATime = 100'000;
    Report report;
    try {
        const job::Job& job = search->job;
        job::validate(job);
        if (std::holds_alternative<job::StandardInput>(job.inputs)) {
            job::collect_inputs(job.inputs); // which says why not
        }
        std::vector<std::string> problems;
        const auto items = job::open_inputs(job.inputs, &problems, search->stop.get_token());
        const job::Plan plan(job, items->columns(),
                             [&](const std::filesystem::path& file) { return search->describe(file); });
        for (const auto& problem : problems) {
            report.problems += format::oneLine(problem);
        }
        job::Item item;
        while (!search->stop.stop_requested() && items->next(item) == job::ItemSource::Next::item) {
            ++report.count;
            if (report.count <= mostShown) {
                report.lines.push_back(search->lineOf(plan, item));
            }
            const auto total = report.count > mostShown ? items->total() : std::nullopt;
            if (total) {
                report.count = *total;
                break;
            }
            if (report.count == mostShown + 1 || report.count % countsATime == 0) {
                search->tell(search, std::exchange(report, {{}, report.count, false, {}, {}, {}}));
            }
        }
        if (report.count == 0) {
            job::collect_inputs(job.inputs); // which says why there are none
        }
        report.isWhole = true;
    } catch (const job::JobError& error) {
        report.field = QString::fromStdString(error.field());
        report.mistake = QString::fromUtf8(error.what());
    } catch (const std::exception& error) {
        report.mistake = format::sentence(QString::fromUtf8(error.what()));
    }
    search->tell(search, std::move(report));
}

void DryRunDialog::take(const Report& report) {
    if (!report.mistake.isEmpty()) {
        m_patience.stop();
        emit mistaken(report.field, report.mistake);
        reject();
        return;
    }
    for (const Line& line : report.lines) {
        addLine(line);
    }
    const auto shown = static_cast<std::size_t>(m_table->rowCount());
    const QString count = format::counted<DryRunDialog>(report.count, QT_TR_N_NOOP("%1 input(s)"));
    if (!report.isWhole) {
        m_words->setText(tr("At least %1, and more being counted. Those that come first:").arg(count));
    } else if (report.count > shown) {
        m_words->setText(tr("%1. The first %2:").arg(count).arg(shown));
    } else {
        m_words->setText(tr("%1:").arg(count));
    }
    if (!report.problems.isEmpty()) {
        m_problems->setText(report.problems.join(QLatin1Char('\n')));
        m_problems->show();
    }
    m_stop->setVisible(!report.isWhole);
    m_patience.stop();
    if (!isVisible()) {
        open();
    }
    if (report.isWhole) {
        emit settled();
    }
}

void DryRunDialog::addLine(const Line& line) {
    const int row = m_table->rowCount();
    m_table->insertRow(row);
    QStringList steps = line.steps;
    if (!line.mistake.isEmpty()) {
        steps += tr("This would fail: %1.").arg(line.mistake);
    }
    const QStringList texts{format::count(line.number + 1), line.input, steps.join(QLatin1Char('\n'))};
    for (int column = 0; column < texts.size(); ++column) {
        auto* cell = new QTableWidgetItem(texts[column]);
        cell->setToolTip(texts[column]);
        cell->setTextAlignment(Qt::AlignLeft | (steps.size() > 1 ? Qt::AlignTop : Qt::AlignVCenter));
        if (column == 2) {
            cell->setFont(widgets::fixedFont(font()));
        }
        m_table->setItem(row, column, cell);
    }
    m_table->setRowHeight(row, static_cast<int>(steps.size()) * fontMetrics().lineSpacing() + 10);
}

void DryRunDialog::cancel() {
    m_search->stop.request_stop();
    m_stop->hide();
    m_words->setText(m_table->rowCount() > 0 ? tr("Not all inputs were counted. Those that come first:")
                                             : tr("Nothing had been found yet."));
    emit settled();
}

} // namespace pprocess::workbench
