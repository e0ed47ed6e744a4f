// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/lines_inputs_page.h>

#include <app/workbench/field_mistakes.h>
#include <app/workbench/form_widgets.h>

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

namespace pprocess::workbench {

LinesInputsPage::LinesInputsPage(FieldMistakes& mistakes, QWidget* parent) : InputsPage(parent) {
    m_file = form::lineEdit(QStringLiteral("linesFile"), tr("File whose lines are the inputs"),
                            tr("Text file, one input a line"));
    auto* browse = form::smallButton(tr("&Browse…"), QStringLiteral("browseLines"), tr("Browse for the file"));
    auto* row = form::row();
    row->addWidget(m_file, 1);
    row->addWidget(browse);
    auto* layout = form::column(this);
    layout->addLayout(row);
    layout->addWidget(
        mistakes.add(QStringLiteral("inputs.file"), m_file, [this] { return isVisibleTo(parentWidget()); }));
    layout->addWidget(form::hint(tr("Empty lines are left out.")));
    layout->addStretch(1);
    connect(browse, &QPushButton::clicked, this, &LinesInputsPage::browse);
    connect(m_file, &QLineEdit::textChanged, this, [this] { emit edited(QStringLiteral("inputs.file")); });
}

void LinesInputsPage::fill(const job::Inputs& inputs) {
    const auto* lines = std::get_if<job::LineInputs>(&inputs);
    m_given = lines ? *lines : job::LineInputs{};
    form::setText(m_file, form::fromPath(m_given.file));
}

job::Inputs LinesInputsPage::inputs() const {
    return job::LineInputs{form::pathOf(*m_file, m_given.file)};
}

void LinesInputsPage::browse() {
    const QString file = QFileDialog::getOpenFileName(this, tr("File whose lines are the inputs"), m_file->text());
    if (!file.isEmpty()) {
        m_file->setText(file);
    }
}

} // namespace pprocess::workbench
