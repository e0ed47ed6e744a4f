// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/manner_part.h>

#include <app/workbench/field_mistakes.h>
#include <app/workbench/form_widgets.h>
#include <app/workbench/pattern_drawing.h>

#include <widgets/format.h>

#include <QCheckBox>
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
    m_map = new QRadioButton(tr("&Map, in order"));
    m_map->setObjectName(QStringLiteral("patternMap"));
    m_queue = new QRadioButton(tr("&Queue, as they come"));
    m_queue->setObjectName(QStringLiteral("patternQueue"));
    m_map->setAccessibleDescription(tr("Results come in the order of the inputs."));
    m_queue->setAccessibleDescription(tr("Each result comes as soon as it is there."));
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
    const auto explain = [layout](QAbstractButton* button, PatternDrawing* drawing, QLabel* words) {
        layout->addWidget(button);
        auto* row = form::row(8);
        row->setContentsMargins(22, 0, 0, 2);
        row->addWidget(drawing);
        row->addWidget(words, 1);
        layout->addLayout(row);
    };
    for (QRadioButton* button : {m_map, m_queue}) {
        button->setToolTip(button->accessibleDescription());
        explain(button,
                new PatternDrawing(button == m_map ? PatternDrawing::Pattern::map : PatternDrawing::Pattern::queue),
                form::hint(button->accessibleDescription()));
    }
    layout->addSpacing(10);
    auto* limitRow = form::row(8);
    limitRow->addWidget(form::caption(tr("A&t once"), m_limit));
    limitRow->addWidget(m_limit);
    auto* cores = form::hint(tr("of %1").arg(widgets::format::counted(available_cores(), tr("core"), tr("cores"))));
    cores->setWordWrap(false);
    limitRow->addWidget(cores, 1);
    layout->addLayout(limitRow);
    layout->addWidget(mistakes.add(QStringLiteral("limit"), m_limit));
    m_reuseDrawing = new PatternDrawing(PatternDrawing::Pattern::reused);
    m_reuseWords = form::hint({});
    m_reuseWords->setObjectName(QStringLiteral("reuseWords"));
    explain(m_reuse, m_reuseDrawing, m_reuseWords);
    showReuse();

    connect(m_map, &QRadioButton::toggled, this, [this] { emit edited({}); });
    connect(m_limit, &QSpinBox::valueChanged, this, [this] { emit edited(QStringLiteral("limit")); });
    connect(m_reuse, &QCheckBox::toggled, this, [this] {
        showReuse();
        emit edited({});
    });
}

void MannerPart::showReuse() {
    const bool isReused = m_reuse->isChecked();
    m_reuseDrawing->setPattern(isReused ? PatternDrawing::Pattern::reused : PatternDrawing::Pattern::fresh);
    m_reuseWords->setText(isReused ? tr("A process goes on from one input to the next.")
                                   : tr("Each input has a process of its own."));
    m_reuse->setAccessibleDescription(m_reuseWords->text());
}

void MannerPart::fill(const job::Job& job) {
    m_given = job.limit;
    (job.pattern == job::Pattern::map ? m_map : m_queue)->setChecked(true);
    m_limit->setValue(shown(job.limit));
    m_reuse->setChecked(job.reuse);
}

void MannerPart::write(job::Job& job) const {
    job.pattern = m_map->isChecked() ? job::Pattern::map : job::Pattern::queue;
    // A job that leaves the limit to the machine goes on doing so until another number is chosen.
    job.limit = m_limit->value() == shown(m_given) ? m_given : static_cast<std::size_t>(m_limit->value());
    job.reuse = m_reuse->isChecked();
}

} // namespace pprocess::workbench
