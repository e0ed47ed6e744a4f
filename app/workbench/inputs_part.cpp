// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/inputs_part.h>

#include <app/workbench/folder_inputs_page.h>
#include <app/workbench/form_widgets.h>
#include <app/workbench/grid_inputs_page.h>
#include <app/workbench/lines_inputs_page.h>
#include <app/workbench/list_inputs_page.h>
#include <app/workbench/styled.h>
#include <app/workbench/table_inputs_page.h>

#include <QLabel>
#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

#include <type_traits>

namespace pprocess::workbench {

namespace {

// The pages stand in the order of the kinds.
static_assert(std::is_same_v<job::Inputs, std::variant<job::FolderInputs, job::ListInputs, job::LineInputs,
                                                       job::TableInputs, job::GridInputs, job::StandardInput>>);
constexpr int standardInput = 5;

} // namespace

InputsPart::InputsPart(FieldMistakes& mistakes, QWidget* parent) : QWidget(parent) {
    m_kinds = styled::segments(QStringLiteral("inputsKind"), tr("Where the inputs come from"));
    m_kinds->setExpanding(true);
    m_kinds->setToolTip(m_kinds->accessibleName());
    m_pages = new QStackedWidget;
    addPage(new FolderInputsPage(mistakes), tr("Folder"), tr("The files of a folder"));
    addPage(new ListInputsPage(mistakes), tr("List"), tr("Inputs that you type in, one a line"));
    addPage(new LinesInputsPage(mistakes), tr("Lines"), tr("The lines of a text file"));
    addPage(new TableInputsPage(mistakes), tr("Table"), tr("The rows of a CSV file or another table"));
    addPage(new GridInputsPage(mistakes), tr("Grid"), tr("Ranges of numbers, and every combination of values"));
    m_kinds->addTab(tr("Input"));
    m_pages->addWidget(form::hint(tr("This job reads its inputs from standard input, which only ppctl run can do. To "
                                     "run it here choose another kind.")));
    auto* layout = form::column(this, 8);
    layout->addWidget(m_kinds);
    layout->addWidget(m_pages);
    connect(m_kinds, &QTabBar::currentChanged, this, [this](int page) {
        showPage(page);
        emit edited({});
    });
    fill({}, true);
}

void InputsPart::addPage(InputsPage* page, const QString& title, const QString& toolTip) {
    m_kinds->setTabToolTip(m_kinds->addTab(title), toolTip);
    m_pages->addWidget(page);
    m_editable.push_back(page);
    connect(page, &InputsPage::edited, this, &InputsPart::edited);
    connect(page, &InputsPage::placeholderChosen, this, &InputsPart::placeholderChosen);
    connect(page, &InputsPage::columnsFound, this, &InputsPart::columnsFound);
}

void InputsPart::fill(const job::Job& job, bool isOther) {
    const std::size_t kind = job.inputs.index();
    for (std::size_t place = 0; place < m_editable.size(); ++place) {
        if (isOther || place == kind) {
            m_editable[place]->fill(job.inputs);
        }
    }
    if (isOther || kind == standardInput) {
        m_kinds->setTabVisible(standardInput, kind == standardInput);
    }
    m_kinds->setCurrentIndex(static_cast<int>(kind));
    showPage(static_cast<int>(kind));
}

void InputsPart::write(job::Job& job) const {
    const int kind = m_kinds->currentIndex();
    job.inputs = kind == standardInput ? job::Inputs(job::StandardInput{})
                                       : m_editable[static_cast<std::size_t>(kind)]->inputs();
}

std::vector<std::string> InputsPart::columns() const {
    const int kind = m_kinds->currentIndex();
    return kind == standardInput ? std::vector<std::string>() : m_editable[static_cast<std::size_t>(kind)]->columns();
}

void InputsPart::showPage(int page) {
    // Hidden pages must not reserve the height of the tallest.
    for (int i = 0; i < m_pages->count(); ++i) {
        const auto policy = i == page ? QSizePolicy::Preferred : QSizePolicy::Ignored;
        m_pages->widget(i)->setSizePolicy(QSizePolicy::Preferred, policy);
    }
    m_pages->setCurrentIndex(page);
    m_pages->adjustSize();
}

} // namespace pprocess::workbench
