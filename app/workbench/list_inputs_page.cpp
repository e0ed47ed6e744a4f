// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/list_inputs_page.h>

#include <app/workbench/field_mistakes.h>
#include <app/workbench/form_widgets.h>

#include <widgets/format.h>

#include <QLabel>
#include <QPlainTextEdit>
#include <QVBoxLayout>

namespace pprocess::workbench {

namespace {

QString textOf(const job::ListInputs& inputs) {
    QStringList items;
    for (const auto& item : inputs.items) {
        items += widgets::format::oneLine(item, 100'000);
    }
    return items.join(QLatin1Char('\n'));
}

} // namespace

ListInputsPage::ListInputsPage(FieldMistakes& mistakes, QWidget* parent) : InputsPage(parent) {
    m_list = form::textEdit(QStringLiteral("items"), tr("Inputs, one a line"), tr("One input a line"));
    m_list->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_list->setMinimumHeight(96);
    auto* layout = form::column(this);
    layout->addWidget(m_list, 1);
    layout->addWidget(mistakes.add(QStringLiteral("inputs.items"), m_list));
    connect(m_list, &QPlainTextEdit::textChanged, this, [this] { emit edited(QStringLiteral("inputs.items")); });
}

void ListInputsPage::fill(const job::Inputs& inputs) {
    const auto* list = std::get_if<job::ListInputs>(&inputs);
    m_given = list ? *list : job::ListInputs{};
    m_givenText = textOf(m_given);
    form::setText(m_list, m_givenText);
}

job::Inputs ListInputsPage::inputs() const {
    const QString text = m_list->toPlainText();
    if (text == m_givenText) {
        return m_given;
    }
    job::ListInputs inputs;
    for (const QString& line : text.split(QLatin1Char('\n'), Qt::SkipEmptyParts)) {
        inputs.items.push_back(line.toStdString());
    }
    return inputs;
}

} // namespace pprocess::workbench
