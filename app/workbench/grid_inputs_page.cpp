// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/grid_inputs_page.h>

#include <app/workbench/axis_row.h>
#include <app/workbench/field_mistakes.h>
#include <app/workbench/form_widgets.h>

#include <widgets/format.h>

#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <pprocess/job/grid.h>

namespace pprocess::workbench {

GridInputsPage::GridInputsPage(FieldMistakes& mistakes, QWidget* parent) : InputsPage(parent), m_mistakes(mistakes) {
    m_rowsLayout = new QVBoxLayout;
    m_rowsLayout->setSpacing(10);
    m_add = form::smallButton(tr("Add an axis"), QStringLiteral("addAxis"), tr("Add an axis"),
                              tr("Each input is one combination of the values of all axes."));
    m_words = form::hint({});
    m_words->setObjectName(QStringLiteral("gridWords"));
    m_words->setAccessibleName(tr("Number of combinations, and the placeholders of the axes"));
    m_words->setTextFormat(Qt::RichText);
    m_words->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    auto* layout = form::column(this, 8);
    layout->addLayout(m_rowsLayout);
    layout->addWidget(m_add, 0, Qt::AlignLeft);
    layout->addWidget(m_mistakes.add(QStringLiteral("inputs.grid"), m_add));
    layout->addWidget(m_words);
    layout->addStretch(1);
    connect(m_add, &QPushButton::clicked, this, [this] {
        addRow()->nameField().setFocus(Qt::OtherFocusReason);
        changed(QStringLiteral("inputs.grid"));
    });
    connect(m_words, &QLabel::linkActivated, this, &InputsPage::placeholderChosen);
    setRowCount(1);
}

AxisRow* GridInputsPage::addRow() {
    auto* row = new AxisRow(m_mistakes);
    row->setPlace(static_cast<int>(m_rows.size()));
    m_rows.push_back(row);
    m_rowsLayout->addWidget(row);
    row->show();
    connect(row, &AxisRow::edited, this, [this, row] {
        const auto place = std::find(m_rows.begin(), m_rows.end(), row) - m_rows.begin();
        changed(QStringLiteral("inputs.grid[%1]").arg(place));
    });
    connect(row, &AxisRow::removeRequested, this, [this, row] {
        removeRow(row);
        m_add->setFocus(Qt::OtherFocusReason);
        changed(QStringLiteral("inputs.grid"));
    });
    return row;
}

void GridInputsPage::removeRow(AxisRow* row) {
    std::erase(m_rows, row);
    m_rowsLayout->removeWidget(row);
    row->setParent(nullptr);
    row->deleteLater();
    for (std::size_t place = 0; place < m_rows.size(); ++place) {
        m_rows[place]->setPlace(static_cast<int>(place));
    }
}

void GridInputsPage::setRowCount(std::size_t count) {
    while (m_rows.size() > count) {
        removeRow(m_rows.back());
    }
    while (m_rows.size() < count) {
        addRow();
    }
}

void GridInputsPage::fill(const job::Inputs& inputs) {
    const auto* grid = std::get_if<job::GridInputs>(&inputs);
    if (!grid) {
        // One that was typed for another job has no place in this one.
        setRowCount(0);
        setRowCount(1);
    } else {
        setRowCount(grid->axes.size());
        for (std::size_t place = 0; place < grid->axes.size(); ++place) {
            m_rows[place]->fill(grid->axes[place]);
        }
    }
    showWords();
}

job::Inputs GridInputsPage::inputs() const {
    job::GridInputs grid;
    for (const AxisRow* row : m_rows) {
        grid.axes.push_back(row->axis());
    }
    return grid;
}

std::vector<std::string> GridInputsPage::columns() const {
    std::vector<std::string> names;
    for (const AxisRow* row : m_rows) {
        names.push_back(row->axis().name);
    }
    return names;
}

void GridInputsPage::changed(const QString& field) {
    showWords();
    emit edited(field);
}

void GridInputsPage::showWords() {
    try {
        const job::Grid grid(std::get<job::GridInputs>(inputs()));
        QStringList links;
        for (const auto& name : grid.names()) {
            const QString placeholder = QStringLiteral("{%1}").arg(QString::fromStdString(name)).toHtmlEscaped();
            links += QStringLiteral("<a href=\"%1\">%1</a>").arg(placeholder);
        }
        m_words->setText(
            tr("%1. Put into the command: %2")
                .arg(widgets::format::counted<GridInputsPage>(grid.size(), QT_TR_N_NOOP("%1 combination(s)")),
                     links.join(QLatin1Char(' '))));
    } catch (const job::JobError&) {
        m_words->setText(tr("In the command {name} stands for an axis' value."));
    }
}

} // namespace pprocess::workbench
