// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/axis_row.h>

#include <app/workbench/field_mistakes.h>
#include <app/workbench/form_widgets.h>

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStackedWidget>

#include <cmath>
#include <limits>

#include <pprocess/job/columns.h>

namespace pprocess::workbench {

namespace {

enum Kind { Range, Values };

// As in job files, whatever the language: what is shown is what the command gets.
QString textOf(double number) {
    return std::isfinite(number) ? QString::number(number, 'g', 15) : QString();
}

double numberOf(const QLineEdit& edit, double ifEmpty) {
    const QString text = edit.text().trimmed();
    bool isNumber = false;
    const double number = text.toDouble(&isNumber);
    return text.isEmpty() ? ifEmpty : isNumber ? number : std::numeric_limits<double>::quiet_NaN();
}

} // namespace

AxisRow::AxisRow(FieldMistakes& mistakes, QWidget* parent) : QWidget(parent), m_mistakes(mistakes) {
    m_name = form::lineEdit(QStringLiteral("axisName"), tr("Name of the axis"), tr("Name"),
                            tr("In the command {name} stands for the axis' value."));
    m_kind = new QComboBox;
    m_kind->setObjectName(QStringLiteral("axisKind"));
    m_kind->setAccessibleName(tr("Kind of the axis' values"));
    m_kind->setToolTip(tr("Numbers from one to another, or values that you write down"));
    m_kind->addItems({tr("Range"), tr("Values")});
    m_remove = form::smallButton(tr("✕"), QStringLiteral("removeAxis"), tr("Remove this axis"));
    m_from = form::lineEdit(QStringLiteral("axisFrom"), tr("First number"), QStringLiteral("1"));
    m_to = form::lineEdit(QStringLiteral("axisTo"), tr("Last number"), QStringLiteral("10"));
    m_step = form::lineEdit(QStringLiteral("axisStep"), tr("Step from one number to the next"), QStringLiteral("1"));
    m_values =
        form::lineEdit(QStringLiteral("axisValues"), tr("Values of the axis, separated by commas"), tr("fast, small"),
                       tr("Separated by commas. A value with a comma stands in double quotes."));

    auto* nameRow = form::row();
    nameRow->addWidget(m_name, 1);
    nameRow->addWidget(m_kind);
    nameRow->addWidget(m_remove);
    auto* range = new QWidget;
    auto* rangeRow = new QHBoxLayout(range);
    rangeRow->setContentsMargins(0, 0, 0, 0);
    rangeRow->setSpacing(5);
    rangeRow->addWidget(m_from, 1);
    rangeRow->addWidget(form::smallCaption(tr("to"), m_to));
    rangeRow->addWidget(m_to, 1);
    rangeRow->addWidget(form::smallCaption(tr("by"), m_step));
    rangeRow->addWidget(m_step, 1);
    m_pages = new QStackedWidget;
    m_pages->addWidget(range);
    m_pages->addWidget(m_values);
    auto* layout = form::column(this, 4);
    layout->addLayout(nameRow);
    layout->addWidget(m_pages);
    layout->addWidget(m_mistakes.add({}, m_name));

    for (QLineEdit* edit : {m_name, m_from, m_to, m_step, m_values}) {
        connect(edit, &QLineEdit::textChanged, this, &AxisRow::edited);
    }
    connect(m_kind, &QComboBox::currentIndexChanged, this, [this](int kind) {
        m_pages->setCurrentIndex(kind);
        emit edited();
    });
    connect(m_remove, &QPushButton::clicked, this, &AxisRow::removeRequested);
}

void AxisRow::fill(const job::Axis& axis) {
    form::setText(m_name, QString::fromStdString(axis.name));
    if (const auto* range = std::get_if<job::Range>(&axis.values)) {
        m_kind->setCurrentIndex(Range);
        // Fields that mean the same already stay as they are typed.
        if (numberOf(*m_from, 0) != range->from || m_from->text().isEmpty()) {
            form::setText(m_from, textOf(range->from));
        }
        if (numberOf(*m_to, 0) != range->to || m_to->text().isEmpty()) {
            form::setText(m_to, textOf(range->to));
        }
        if (numberOf(*m_step, 1) != range->step) {
            form::setText(m_step, textOf(range->step));
        }
    } else {
        m_kind->setCurrentIndex(Values);
        const auto& values = std::get<std::vector<std::string>>(axis.values);
        if (std::get<std::vector<std::string>>(this->axis().values) != values) {
            form::setText(m_values, QString::fromStdString(job::join_record(values)));
        }
    }
}

job::Axis AxisRow::axis() const {
    job::Axis axis;
    axis.name = m_name->text().trimmed().toStdString();
    if (m_kind->currentIndex() == Range) {
        const double nothing = std::numeric_limits<double>::quiet_NaN();
        const double from = numberOf(*m_from, nothing);
        const double to = numberOf(*m_to, nothing);
        axis.values = job::Range{from, to, numberOf(*m_step, to < from ? -1 : 1)};
    } else {
        axis.values = job::split_list(m_values->text().toStdString());
    }
    return axis;
}

void AxisRow::setPlace(int place) {
    m_mistakes.rename(m_name, QStringLiteral("inputs.grid[%1]").arg(place));
}

} // namespace pprocess::workbench
