// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/more_part.h>

#include <app/workbench/field_mistakes.h>
#include <app/workbench/form_widgets.h>

#include <widgets/format.h>

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRegularExpressionValidator>
#include <QToolButton>

#include <cmath>
#include <limits>

namespace pprocess::workbench {

namespace {

constexpr double mebibyte = 1024.0 * 1024.0;

/// Shows no more decimals than a number has.
class PlainNumberBox : public QDoubleSpinBox {
public:
    [[nodiscard]] QString textFromValue(double value) const override { return locale().toString(value, 'g', 10); }
};

double secondsOf(const job::Job& job) {
    return job.timeout ? static_cast<double>(job.timeout->count()) / 1000 : 0;
}

int shownBatch(const job::Job& job) {
    return static_cast<int>(std::min<std::size_t>(job.batch.value_or(0), 100'000));
}

int shownRetries(const job::Job& job) {
    return static_cast<int>(std::min(job.retries, 1000u));
}

double mebibytesOf(const job::Job& job) {
    return std::round(static_cast<double>(job.output_cap) / mebibyte * 1000) / 1000;
}

QString textOf(const std::vector<std::pair<std::string, std::string>>& environment) {
    QStringList lines;
    for (const auto& [name, value] : environment) {
        lines += widgets::format::oneLine(name + "=" + value, 100'000);
    }
    return lines.join(QLatin1Char('\n'));
}

std::vector<std::pair<std::string, std::string>> environmentOf(const QString& text) {
    std::vector<std::pair<std::string, std::string>> environment;
    for (const QString& line : text.split(QLatin1Char('\n'), Qt::SkipEmptyParts)) {
        const auto sign = line.indexOf(QLatin1Char('='));
        // A line without a sign is a value without a name, so that it is told.
        environment.emplace_back(sign < 0 ? std::string() : line.left(sign).trimmed().toStdString(),
                                 line.mid(sign + 1).toStdString());
    }
    return environment;
}

QString textOf(const std::vector<unsigned>& cores) {
    QStringList numbers;
    for (const unsigned core : cores) {
        numbers += QString::number(core);
    }
    return numbers.join(QStringLiteral(", "));
}

// What cannot be read becomes a processor that no machine has, so that it is told.
std::vector<unsigned> coresOf(const QString& text) {
    constexpr unsigned none = std::numeric_limits<unsigned>::max();
    std::vector<unsigned> cores;
    for (const QString& part : text.split(QLatin1Char(','), Qt::SkipEmptyParts)) {
        if (part.trimmed().isEmpty()) {
            continue;
        }
        const QStringList ends = part.split(QLatin1Char('-'));
        bool isFirst = false;
        bool isLast = false;
        const unsigned first = ends.first().toUInt(&isFirst);
        const unsigned last = ends.last().toUInt(&isLast);
        if (!isFirst || !isLast || ends.size() > 2 || last < first || last - first > 4096) {
            return {none};
        }
        for (unsigned core = first; core <= last; ++core) {
            cores.push_back(core);
        }
    }
    return cores;
}

bool isUsed(const job::Job& job) {
    const job::Job plain;
    return job.timeout || job.retries != 0 || job.batch || job.stop_at_failure || !job.working_folder.empty() ||
           !job.environment.empty() || job.niceness != 0 || !job.cores.empty() || job.output_cap != plain.output_cap;
}

} // namespace

MorePart::MorePart(FieldMistakes& mistakes, QWidget* parent) : QWidget(parent) {
    m_fold = new QToolButton;
    m_fold->setObjectName(QStringLiteral("more"));
    m_fold->setText(tr("M&ore"));
    m_fold->setAccessibleName(tr("More settings"));
    m_fold->setToolTip(
        tr("Time limit, retries, inputs in hand, folder, environment, priority, processors, kept output"));
    m_fold->setCheckable(true);
    m_fold->setAutoRaise(true);
    m_fold->setFocusPolicy(Qt::StrongFocus);
    m_fold->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_fold->setArrowType(Qt::RightArrow);
    m_fields = makeFields(mistakes);
    m_fields->hide();
    auto* layout = form::column(this, 4);
    layout->addWidget(m_fold, 0, Qt::AlignLeft);
    layout->addWidget(m_fields);
    connect(m_fold, &QToolButton::toggled, this, [this](bool isUnfolded) {
        m_fold->setArrowType(isUnfolded ? Qt::DownArrow : Qt::RightArrow);
        m_fields->setVisible(isUnfolded);
    });
}

QWidget* MorePart::makeFields(FieldMistakes& mistakes) {
    m_timeout = new PlainNumberBox;
    m_timeout->setObjectName(QStringLiteral("timeout"));
    m_timeout->setAccessibleName(tr("Time limit of a step, in seconds; 0 for none"));
    m_timeout->setToolTip(tr("How long a step may take; then its process is ended. 0 for as long as it likes."));
    m_timeout->setDecimals(3);
    m_timeout->setRange(0, 1e9);
    m_timeout->setSuffix(tr(" s"));
    m_timeout->setSpecialValueText(tr("none"));
    m_retries = new QSpinBox;
    m_retries->setObjectName(QStringLiteral("retries"));
    m_retries->setAccessibleName(tr("Retries"));
    m_retries->setToolTip(tr("How often an item that did not succeed is begun again, from its first step"));
    m_retries->setRange(0, 1000);
    m_retries->setSpecialValueText(tr("none"));
    m_batch = new QSpinBox;
    m_batch->setObjectName(QStringLiteral("batch"));
    m_batch->setAccessibleName(tr("Most inputs that a process has in hand"));
    m_batch->setToolTip(tr("A process that is kept can be given inputs ahead, so that it need not wait for the next. "
                           "By itself it gets as many as take about a millisecond."));
    m_batch->setRange(0, 100'000);
    m_batch->setSpecialValueText(tr("by time"));
    m_stopAtFailure = new QCheckBox(tr("Stop at the first failure"));
    m_stopAtFailure->setObjectName(QStringLiteral("stopAtFailure"));
    m_stopAtFailure->setToolTip(tr("Begins nothing more once an item has failed for good."));
    m_folder =
        form::lineEdit(QStringLiteral("workingFolder"), tr("Folder that the job runs in"), tr("The workbench's own"));
    auto* browse =
        form::smallButton(tr("Browse…"), QStringLiteral("browseWorking"), tr("Browse for the folder to run in"));
    m_environment = form::textEdit(QStringLiteral("environment"), tr("Variables of the environment, NAME=VALUE a line"),
                                   tr("NAME=VALUE"));
    m_environment->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_environment->setFixedHeight(3 * fontMetrics().lineSpacing() + 20);
    m_niceness = new QSpinBox;
    m_niceness->setObjectName(QStringLiteral("niceness"));
    m_niceness->setAccessibleName(tr("By how much the job gives way to other programs"));
    m_niceness->setToolTip(tr("0 as others, 19 only when nobody else wants the processor. Below 0 comes before others, "
                              "which only the administrator may ask for."));
    m_niceness->setRange(-20, 19);
    m_cores = form::lineEdit(QStringLiteral("cores"), tr("Processors to run on"), tr("All"),
                             tr("Numbers from 0, such as 0, 2-3. Empty for all that may be used."));
    m_cores->setValidator(new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[0-9, -]*")), m_cores));
    m_outputCap = new PlainNumberBox;
    m_outputCap->setObjectName(QStringLiteral("outputCap"));
    m_outputCap->setAccessibleName(tr("Kept of each item's output, in mebibytes"));
    m_outputCap->setToolTip(tr("The rest of an item's output is counted and dropped."));
    m_outputCap->setDecimals(3);
    m_outputCap->setRange(0, 1e6);
    m_outputCap->setSuffix(tr(" MiB"));

    auto* fields = new QWidget;
    auto* grid = new QGridLayout(fields);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(6);
    grid->setColumnStretch(1, 1);
    const auto reveal = [this] {
        unfold(true);
        return true;
    };
    const auto add = [&](const QString& words, QWidget* editor, const QString& field) {
        grid->addWidget(form::smallCaption(words, editor), grid->rowCount(), 0);
        grid->addWidget(editor, grid->rowCount() - 1, 1);
        grid->addWidget(mistakes.add(field, editor, reveal), grid->rowCount(), 0, 1, 2);
    };
    const auto addWide = [&](const QString& words, QWidget* editor, QWidget* beside, const QString& field) {
        grid->addWidget(form::smallCaption(words, editor), grid->rowCount(), 0, 1, 2);
        auto* line = form::row();
        line->addWidget(editor, 1);
        if (beside) {
            line->addWidget(beside);
        }
        grid->addLayout(line, grid->rowCount(), 0, 1, 2);
        grid->addWidget(mistakes.add(field, editor, reveal), grid->rowCount(), 0, 1, 2);
    };
    add(tr("Time limit"), m_timeout, QStringLiteral("timeout"));
    add(tr("Retries"), m_retries, QStringLiteral("retries"));
    add(tr("Inputs in hand"), m_batch, QStringLiteral("batch"));
    grid->addWidget(m_stopAtFailure, grid->rowCount(), 0, 1, 2);
    addWide(tr("Runs in the folder"), m_folder, browse, QStringLiteral("working_folder"));
    addWide(tr("Environment"), m_environment, nullptr, QStringLiteral("environment"));
    add(tr("Gives wa&y by"), m_niceness, QStringLiteral("niceness"));
    add(tr("Processors"), m_cores, QStringLiteral("cores"));
    add(tr("&Keep output"), m_outputCap, QStringLiteral("output_cap"));

    connect(browse, &QPushButton::clicked, this, &MorePart::browse);
    connect(m_timeout, &QDoubleSpinBox::valueChanged, this, [this] { emit edited(QStringLiteral("timeout")); });
    connect(m_retries, &QSpinBox::valueChanged, this, [this] { emit edited(QStringLiteral("retries")); });
    connect(m_batch, &QSpinBox::valueChanged, this, [this] { emit edited(QStringLiteral("batch")); });
    connect(m_stopAtFailure, &QCheckBox::toggled, this, [this] { emit edited(QStringLiteral("stop_at_failure")); });
    connect(m_folder, &QLineEdit::textChanged, this, [this] { emit edited(QStringLiteral("working_folder")); });
    connect(m_environment, &QPlainTextEdit::textChanged, this, [this] { emit edited(QStringLiteral("environment")); });
    connect(m_niceness, &QSpinBox::valueChanged, this, [this] { emit edited(QStringLiteral("niceness")); });
    connect(m_cores, &QLineEdit::textChanged, this, [this] { emit edited(QStringLiteral("cores")); });
    connect(m_outputCap, &QDoubleSpinBox::valueChanged, this, [this] { emit edited(QStringLiteral("output_cap")); });
    return fields;
}

void MorePart::fill(const job::Job& job, bool isOther) {
    m_given = job;
    m_timeout->setValue(secondsOf(job));
    m_retries->setValue(shownRetries(job));
    m_batch->setValue(shownBatch(job));
    m_stopAtFailure->setChecked(job.stop_at_failure);
    form::setText(m_folder, form::fromPath(job.working_folder));
    if (environmentOf(m_environment->toPlainText()) != job.environment) {
        form::setText(m_environment, textOf(job.environment));
    }
    m_niceness->setValue(job.niceness);
    if (coresOf(m_cores->text()) != job.cores) {
        form::setText(m_cores, textOf(job.cores));
    }
    m_outputCap->setValue(mebibytesOf(job));
    if (isUsed(job)) {
        unfold(true);
    } else if (isOther) {
        unfold(false);
    }
}

void MorePart::write(job::Job& job) const {
    // What the fields cannot show exactly stays as it was given until it is changed.
    if (m_timeout->value() != secondsOf(m_given)) {
        job.timeout.reset();
        if (m_timeout->value() > 0) {
            job.timeout = std::chrono::milliseconds(std::llround(m_timeout->value() * 1000));
        }
    } else {
        job.timeout = m_given.timeout;
    }
    const int retries = m_retries->value();
    job.retries = retries == shownRetries(m_given) ? m_given.retries : static_cast<unsigned>(retries);
    if (m_batch->value() == shownBatch(m_given)) {
        job.batch = m_given.batch;
    } else {
        job.batch.reset();
        if (m_batch->value() > 0) {
            job.batch = static_cast<std::size_t>(m_batch->value());
        }
    }
    job.stop_at_failure = m_stopAtFailure->isChecked();
    job.working_folder = form::pathOf(*m_folder, m_given.working_folder);
    const QString environment = m_environment->toPlainText();
    job.environment = environment == textOf(m_given.environment) ? m_given.environment : environmentOf(environment);
    job.niceness = m_niceness->value();
    job.cores = coresOf(m_cores->text());
    job.output_cap = m_outputCap->value() == mebibytesOf(m_given)
                         ? m_given.output_cap
                         : static_cast<std::uint64_t>(m_outputCap->value() * mebibyte);
}

bool MorePart::isUnfolded() const {
    return m_fold->isChecked();
}

void MorePart::unfold(bool unfold) {
    m_fold->setChecked(unfold);
}

void MorePart::browse() {
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Folder that the job runs in"), m_folder->text());
    if (!folder.isEmpty()) {
        m_folder->setText(folder);
    }
}

} // namespace pprocess::workbench
