// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/manner_part.h>

#include <app/workbench/field_mistakes.h>
#include <app/workbench/form_widgets.h>
#include <app/workbench/pattern_drawing.h>

#include <widgets/format.h>

#include <QCheckBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QRadioButton>
#include <QSpinBox>

#include <pprocess/os/cores.h>

namespace pprocess::workbench {

namespace {

int shown(std::optional<std::size_t> limit) {
    return static_cast<int>(std::min<std::size_t>(limit.value_or(available_cores()), 10'000));
}

} // namespace

MannerPart::MannerPart(FieldMistakes& mistakes, QWidget* parent) : QWidget(parent) {
    m_limit = new QSpinBox;
    m_limit->setObjectName(QStringLiteral("limit"));
    // 0 can be typed, so that it can be told what is wrong with it.
    m_limit->setRange(0, 10'000);
    m_limit->setAccessibleName(tr("Most programs at once"));
    m_limit->setToolTip(tr("Most programs at once"));
    m_limit->setMinimumWidth(76);
    m_reuse = new QCheckBox(tr("R&euse processes"));
    m_reuse->setObjectName(QStringLiteral("reuse"));
    m_reuse->setChecked(true);
    m_reuse->setToolTip(
        tr("Keeps each worker process for many items instead of making one for each: faster for short commands."));

    auto* layout = form::column(this, 4);
    layout->addWidget(form::caption(tr("Results"), nullptr));
    layout->addWidget(makePatterns());
    const auto explain = [layout](PatternDrawing* drawing, QLabel* words) {
        auto* row = form::row(8);
        row->setContentsMargins(22, 0, 0, 2);
        row->addWidget(drawing);
        row->addWidget(words, 1);
        layout->addLayout(row);
    };
    m_patternDrawing = new PatternDrawing(PatternDrawing::Pattern::map);
    m_patternWords = form::hint({});
    m_patternWords->setObjectName(QStringLiteral("patternWords"));
    explain(m_patternDrawing, m_patternWords);
    layout->addWidget(mistakes.add(QStringLiteral("pattern"), m_patterns.begin()->second));
    layout->addSpacing(10);
    auto* limitRow = form::row(8);
    limitRow->addWidget(form::caption(tr("A&t once"), m_limit));
    limitRow->addWidget(m_limit);
    auto* cores = form::hint(
        tr("of %1").arg(widgets::format::counted<MannerPart>(available_cores(), QT_TR_N_NOOP("%1 core(s)"))));
    cores->setWordWrap(false);
    limitRow->addWidget(cores, 1);
    layout->addLayout(limitRow);
    layout->addWidget(mistakes.add(QStringLiteral("limit"), m_limit));
    m_reuseDrawing = new PatternDrawing(PatternDrawing::Pattern::reused);
    m_reuseWords = form::hint({});
    m_reuseWords->setObjectName(QStringLiteral("reuseWords"));
    layout->addWidget(m_reuse);
    explain(m_reuseDrawing, m_reuseWords);
    showPattern();

    connect(m_limit, &QSpinBox::valueChanged, this, [this] { emit edited(QStringLiteral("limit")); });
    connect(m_reuse, &QCheckBox::toggled, this, [this] {
        showReuse();
        emit edited({});
    });
}

QWidget* MannerPart::makePatterns() {
    auto* patterns = new QWidget;
    auto* grid = new QGridLayout(patterns);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(4);
    grid->setVerticalSpacing(4);
    const auto add = [&](job::Pattern pattern, const char* name, const QString& words, const QString& sentence) {
        auto* button = new QRadioButton(words);
        button->setObjectName(QString::fromLatin1(name));
        button->setAccessibleDescription(sentence);
        button->setToolTip(sentence);
        const int place = static_cast<int>(m_patterns.size());
        grid->addWidget(button, place / 2, place % 2);
        m_patterns[pattern] = button;
        connect(button, &QRadioButton::toggled, this, [this](bool isChosen) {
            if (isChosen) {
                showPattern();
                emit edited(QStringLiteral("pattern"));
            }
        });
    };
    add(job::Pattern::map, "patternMap", tr("&Map, in order"), tr("Results come in the order of the inputs."));
    add(job::Pattern::queue, "patternQueue", tr("&Queue, by arrival"), tr("Each result comes as soon as it is there."));
    add(job::Pattern::exchange, "patternExchange", tr("E&xchange, in place"),
        tr("Each result comes as soon as it is there, and is put in the place of its input."));
    add(job::Pattern::continuous, "patternContinuous", tr("&Continuous, by line"),
        tr("Each line that a command writes comes at once, while the command runs on."));
    m_patterns.at(job::Pattern::map)->setChecked(true);
    return patterns;
}

job::Pattern MannerPart::pattern() const {
    for (const auto& [pattern, button] : m_patterns) {
        if (button->isChecked()) {
            return pattern;
        }
    }
    return job::Pattern::map;
}

void MannerPart::showPattern() {
    if (!m_patternDrawing) {
        return; // still being made
    }
    using Drawn = PatternDrawing::Pattern;
    static const std::map<job::Pattern, Drawn> drawings{{job::Pattern::map, Drawn::map},
                                                        {job::Pattern::queue, Drawn::queue},
                                                        {job::Pattern::exchange, Drawn::exchange},
                                                        {job::Pattern::continuous, Drawn::continuous}};
    m_patternDrawing->setPattern(drawings.at(pattern()));
    m_patternWords->setText(m_patterns.at(pattern())->toolTip());
    m_reuse->setEnabled(pattern() != job::Pattern::continuous);
    showReuse();
}

void MannerPart::showReuse() {
    const bool isReused = m_reuse->isChecked() && m_reuse->isEnabled();
    m_reuseDrawing->setPattern(isReused ? PatternDrawing::Pattern::reused : PatternDrawing::Pattern::fresh);
    m_reuseWords->setText(isReused ? tr("A process goes on from one input to the next.")
                                   : tr("Each input has a process of its own."));
    m_reuse->setAccessibleDescription(m_reuseWords->text());
}

void MannerPart::fill(const job::Job& job) {
    m_given = job.limit;
    m_patterns.at(job.pattern)->setChecked(true);
    m_limit->setValue(shown(job.limit));
    m_reuse->setChecked(job.reuse);
}

void MannerPart::write(job::Job& job) const {
    job.pattern = pattern();
    // A job that leaves the limit to the machine goes on doing so until another number is chosen.
    job.limit = m_limit->value() == shown(m_given) ? m_given : static_cast<std::size_t>(m_limit->value());
    job.reuse = m_reuse->isChecked();
}

} // namespace pprocess::workbench
