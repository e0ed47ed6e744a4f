// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/steps_part.h>

#include <app/workbench/field_mistakes.h>
#include <app/workbench/form_widgets.h>
#include <app/workbench/step_editor.h>

#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace pprocess::workbench {

StepsPart::StepsPart(FieldMistakes& mistakes, TaskLibraries& libraries, QWidget* parent)
    : QWidget(parent),
      m_mistakes(mistakes),
      m_libraries(libraries) {
    m_layout = new QVBoxLayout;
    m_layout->setSpacing(12);
    m_add = form::smallButton(tr("A&dd a step"), QStringLiteral("addStep"), tr("Add a step"),
                              tr("A further command or function, which takes what the step before gave."));
    auto* layout = form::column(this, 6);
    layout->addLayout(m_layout);
    auto* show = form::smallButton(tr("Sho&w the commands…"), QStringLiteral("showCommands"), tr("Show the commands"),
                                   tr("Shows what would be run for the first inputs, and how many there are "
                                      "(Ctrl+E). Runs nothing."));
    auto* buttons = form::row();
    buttons->addWidget(m_add);
    buttons->addStretch(1);
    buttons->addWidget(show);
    layout->addLayout(buttons);
    layout->addWidget(m_mistakes.add(QStringLiteral("then"), m_add));
    connect(m_add, &QPushButton::clicked, this, [this] {
        addEditor();
        setCount(m_editors.size());
        m_editors.back()->mainField().setFocus(Qt::OtherFocusReason);
        emit edited({});
    });
    connect(show, &QPushButton::clicked, this, &StepsPart::commandsWanted);
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget*, QWidget* now) {
        if (now && now->property("takesPlaceholders").toBool() && isAncestorOf(now)) {
            m_target = now;
        }
    });
    setCount(1);
}

StepEditor* StepsPart::addEditor() {
    auto* editor = new StepEditor(m_mistakes, m_libraries);
    m_editors.push_back(editor);
    m_layout->addWidget(editor);
    editor->setColumns(m_columns);
    editor->show();
    connect(editor, &StepEditor::edited, this, &StepsPart::edited);
    connect(editor, &StepEditor::moveRequested, this, [this, editor](int by) { move(placeOf(editor), by); });
    connect(editor, &StepEditor::removeRequested, this, [this, editor] { remove(placeOf(editor)); });
    return editor;
}

std::size_t StepsPart::placeOf(const StepEditor* editor) const {
    return static_cast<std::size_t>(std::find(m_editors.begin(), m_editors.end(), editor) - m_editors.begin());
}

void StepsPart::drop(StepEditor* editor) {
    m_mistakes.forget(*editor);
    m_layout->removeWidget(editor);
    editor->hide();
    editor->deleteLater();
}

void StepsPart::setCount(std::size_t count) {
    while (m_editors.size() > count) {
        drop(m_editors.back());
        m_editors.pop_back();
    }
    while (m_editors.size() < count) {
        addEditor();
    }
    for (std::size_t place = 0; place < count; ++place) {
        m_editors[place]->setPlace(place, count);
    }
}

std::vector<job::Step> StepsPart::steps() const {
    std::vector<job::Step> steps;
    for (const StepEditor* editor : m_editors) {
        steps.push_back(editor->step());
    }
    return steps;
}

void StepsPart::fill(const job::Job& job, bool isOther) {
    const std::vector<job::Step> steps = job::steps_of(job);
    const std::size_t before = m_editors.size();
    setCount(steps.size());
    for (std::size_t place = 0; place < steps.size(); ++place) {
        m_editors[place]->fill(steps[place], isOther || place >= before);
    }
}

void StepsPart::write(job::Job& job) const {
    std::vector<job::Step> all = steps();
    if (auto* function = std::get_if<job::Function>(&all.front())) {
        job.function = std::move(*function);
        job.command.clear();
        job.use_shell = false;
    } else {
        auto& command = std::get<job::Command>(all.front());
        job.function.reset();
        job.command = std::move(command.line);
        job.use_shell = command.use_shell;
    }
    all.erase(all.begin());
    job.then = std::move(all);
}

void StepsPart::setColumns(const std::vector<std::string>& columns) {
    m_columns = columns;
    for (StepEditor* editor : m_editors) {
        editor->setColumns(columns);
    }
}

void StepsPart::move(std::size_t place, int by) {
    const auto other = static_cast<std::ptrdiff_t>(place) + by;
    if (other < 0 || static_cast<std::size_t>(other) >= m_editors.size()) {
        return;
    }
    // The fields move as they are, with what the kind not shown holds.
    std::swap(m_editors[place], m_editors[static_cast<std::size_t>(other)]);
    StepEditor* moved = m_editors[static_cast<std::size_t>(other)];
    m_layout->removeWidget(moved);
    m_layout->insertWidget(static_cast<int>(other), moved);
    for (std::size_t i = 1; i < m_editors.size(); ++i) {
        setTabOrder(m_editors[i - 1], m_editors[i]);
    }
    setCount(m_editors.size());
    m_mistakes.clear();
    // The button that was pressed may have gone out of use.
    if (QWidget* focus = focusWidget(); !focus || !focus->isEnabled()) {
        moved->mainField().setFocus(Qt::OtherFocusReason);
    }
    emit edited({});
}

void StepsPart::remove(std::size_t place) {
    if (m_editors.size() < 2) {
        return;
    }
    StepEditor* editor = m_editors[place];
    m_editors.erase(m_editors.begin() + static_cast<std::ptrdiff_t>(place));
    drop(editor);
    setCount(m_editors.size());
    m_mistakes.clear();
    m_add->setFocus(Qt::OtherFocusReason);
    emit edited({});
}

void StepsPart::insertPlaceholder(const QString& text) {
    QWidget* target = m_target && m_target->isVisibleTo(this) ? m_target.data() : m_editors.front()->placeholderField();
    if (auto* command = qobject_cast<QPlainTextEdit*>(target)) {
        command->insertPlainText(text);
    } else if (auto* argument = qobject_cast<QLineEdit*>(target)) {
        argument->insert(text);
    }
}

} // namespace pprocess::workbench
