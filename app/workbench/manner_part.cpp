// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/manner_part.h>

#include <app/workbench/field_mistakes.h>
#include <app/workbench/form_widgets.h>

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
    m_map->setAccessibleDescription(tr("Results appear in the order of the inputs."));
    m_queue->setAccessibleDescription(tr("Each result appears as soon as it is there."));
    m_limit = new QSpinBox;
    m_limit->setObjectName(QStringLiteral("limit"));
    // 0 can be typed, so that it can be told what is wrong with it.
    m_limit->setRange(0, 10'000);
    m_limit->setAccessibleName(tr("Most programs at once"));
    m_limit->setToolTip(tr("Most programs at once"));
    m_limit->setMinimumWidth(76);
    m_reuse = new QCheckBox(tr("R&euse processes"));
    m_reuse->setObjectName(QStringLiteral("reuse"));
    m_reuse->setToolTip(
        tr("Keeps each worker process for many items instead of making one for each: faster for short commands."));

    auto* layout = form::column(this, 4);
    layout->addWidget(form::caption(tr("Results"), nullptr));
    for (QRadioButton* button : {m_map, m_queue}) {
        button->setToolTip(button->accessibleDescription());
        auto* words = form::hint(button->accessibleDescription());
        words->setContentsMargins(22, 0, 0, 2);
        layout->addWidget(button);
        layout->addWidget(words);
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
    layout->addWidget(m_reuse);

    connect(m_map, &QRadioButton::toggled, this, [this] { emit edited({}); });
    connect(m_limit, &QSpinBox::valueChanged, this, [this] { emit edited(QStringLiteral("limit")); });
    connect(m_reuse, &QCheckBox::toggled, this, [this] { emit edited({}); });
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
