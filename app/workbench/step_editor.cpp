// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/step_editor.h>

#include <app/workbench/field_mistakes.h>
#include <app/workbench/form_widgets.h>
#include <app/workbench/function_fields.h>
#include <app/workbench/styled.h>

#include <widgets/fixed_font.h>

#include <QCheckBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabBar>

namespace pprocess::workbench {

namespace {

enum Kind { CommandKind, FunctionKind };

} // namespace

StepEditor::StepEditor(FieldMistakes& mistakes, TaskLibraries& libraries, QWidget* parent)
    : QWidget(parent),
      m_mistakes(mistakes) {
    setObjectName(QStringLiteral("step"));
    m_function = new FunctionFields(mistakes, libraries);
    m_previousWords = form::hint({});
    m_previousWords->setObjectName(QStringLiteral("previousWords"));
    auto* layout = form::column(this, 4);
    layout->addWidget(makeHeader());
    layout->addWidget(makeCommandPage(mistakes));
    layout->addWidget(m_function);
    layout->addWidget(m_previousWords);
    connect(m_kinds, &QTabBar::currentChanged, this, [this](int kind) {
        showKind(kind);
        emit edited({});
    });
    connect(m_function, &FunctionFields::edited, this, &StepEditor::edited);
    applyFonts();
    showKind(CommandKind);
    setPlace(0, 1);
}

QWidget* StepEditor::makeHeader() {
    m_kinds = styled::segments(QStringLiteral("stepKind"), tr("What is run"));
    m_kinds->setToolTip(tr("A command, or a C++ function of a task library"));
    m_kinds->setTabToolTip(m_kinds->addTab(tr("Command")), tr("A program with its arguments, or a line for a shell"));
    m_kinds->setTabToolTip(m_kinds->addTab(tr("Function")), tr("A C++ function of a task library"));
    m_title = form::caption({}, m_kinds);
    m_up = form::smallButton(QStringLiteral("▲"), QStringLiteral("stepUp"), tr("Move this step up"));
    m_down = form::smallButton(QStringLiteral("▼"), QStringLiteral("stepDown"), tr("Move this step down"));
    m_remove = form::smallButton(QStringLiteral("✕"), QStringLiteral("removeStep"), tr("Remove this step"));
    auto* header = new QWidget;
    auto* layout = new QHBoxLayout(header);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_title, 1);
    layout->addWidget(m_kinds);
    for (QPushButton* button : {m_up, m_down, m_remove}) {
        button->setProperty("sign", true);
        layout->addWidget(button);
    }
    connect(m_up, &QPushButton::clicked, this, [this] { emit moveRequested(-1); });
    connect(m_down, &QPushButton::clicked, this, [this] { emit moveRequested(1); });
    connect(m_remove, &QPushButton::clicked, this, &StepEditor::removeRequested);
    return header;
}

QWidget* StepEditor::makeCommandPage(FieldMistakes& mistakes) {
    m_command = form::textEdit(QStringLiteral("command"), tr("Command"), tr("sha256sum {}"));
    m_command->setLineWrapMode(QPlainTextEdit::WidgetWidth);
    m_command->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    m_command->setProperty("takesPlaceholders", true);
    m_useShell = new QCheckBox(tr("Use a she&ll (pipes, redirections, variables)"));
    m_useShell->setObjectName(QStringLiteral("useShell"));
    m_useShell->setToolTip(tr("Gives the command to /bin/sh. Inputs are put in quoted, so their names are safe."));
    m_legend =
        form::hint(tr("<table cellspacing='0' cellpadding='0'>"
                      "<tr><td><b><code>{}</code></b></td><td>&nbsp; the input &nbsp; &nbsp; </td>"
                      "<td><b><code>{.}</code></b></td><td>&nbsp; without extension</td></tr>"
                      "<tr><td><b><code>{/}</code></b></td><td>&nbsp; its name</td>"
                      "<td><b><code>{//}</code></b></td><td>&nbsp; its folder</td></tr>"
                      "<tr><td><b><code>{#}</code></b></td><td>&nbsp; its number</td><td></td><td></td></tr></table>"));
    m_legend->setAccessibleName(tr("What the placeholders stand for"));
    m_commandPage = new QWidget;
    auto* layout = form::column(m_commandPage, 4);
    layout->addWidget(m_command);
    layout->addWidget(
        mistakes.add(QStringLiteral("command"), m_command, [this] { return m_kinds->currentIndex() == CommandKind; }));
    layout->addWidget(m_legend);
    layout->addWidget(m_useShell);
    const auto field = [this] {
        return m_place == 0 ? QStringLiteral("command") : QStringLiteral("then[%1].command").arg(m_place - 1);
    };
    connect(m_command, &QPlainTextEdit::textChanged, this, [this, field] { emit edited(field()); });
    connect(m_useShell, &QCheckBox::toggled, this, [this, field] {
        m_mistakes.clear(field());
        emit edited({});
    });
    return m_commandPage;
}

void StepEditor::setPlace(std::size_t place, std::size_t count) {
    m_place = place;
    m_mistakes.rename(m_command,
                      place == 0 ? QStringLiteral("command") : QStringLiteral("then[%1].command").arg(place - 1));
    m_function->setPlace(place);
    m_title->setText(count == 1 ? tr("R&un") : tr("Step %1").arg(place + 1));
    m_kinds->setAccessibleName(count == 1 ? tr("What is run") : tr("What step %1 runs").arg(place + 1));
    m_command->setAccessibleName(count == 1 ? tr("Command") : tr("Command of step %1").arg(place + 1));
    for (QPushButton* button : {m_up, m_down, m_remove}) {
        button->setVisible(count > 1);
    }
    m_up->setEnabled(place > 0);
    m_down->setEnabled(place + 1 < count);
    m_up->setAccessibleName(tr("Move step %1 up").arg(place + 1));
    m_down->setAccessibleName(tr("Move step %1 down").arg(place + 1));
    m_remove->setAccessibleName(tr("Remove step %1").arg(place + 1));
    m_legend->setVisible(place == 0);
    showPreviousWords();
}

void StepEditor::showPreviousWords() {
    m_previousWords->setVisible(m_place > 0);
    if (m_kinds->currentIndex() == FunctionKind) {
        m_previousWords->setText(
            tr("<b><code>{&lt;}</code></b> is what step %1 gave: a field with nothing else takes a "
               "function's value as it is, and a command's output as text.")
                .arg(m_place));
    } else {
        m_previousWords->setText(
            tr("What step %1 gave is this command's standard input, and <b><code>{&lt;}</code></b> "
               "puts it into an argument, without its last line end.")
                .arg(m_place));
    }
}

void StepEditor::setColumns(const std::vector<std::string>& columns) {
    m_function->setColumns(columns);
}

void StepEditor::fill(const job::Step& step, bool isOther) {
    const auto* command = std::get_if<job::Command>(&step);
    const auto* function = std::get_if<job::Function>(&step);
    if (command || isOther) {
        const job::Command shown = command ? *command : job::Command{};
        m_given = shown.line;
        const QString line = QString::fromStdString(shown.line);
        // What is typed with blanks at an end stays so where it means the same.
        if (isOther || m_command->toPlainText().trimmed() != line) {
            m_command->setPlainText(line);
            m_command->moveCursor(isOther ? QTextCursor::Start : QTextCursor::End);
        }
        m_useShell->setChecked(shown.use_shell);
    }
    if (function || isOther) {
        m_function->fill(function ? *function : job::Function{}, isOther);
    }
    m_kinds->setCurrentIndex(function ? FunctionKind : CommandKind);
    showKind(m_kinds->currentIndex());
}

job::Step StepEditor::step() const {
    if (m_kinds->currentIndex() == FunctionKind) {
        return m_function->function();
    }
    const QString line = m_command->toPlainText();
    // The very bytes that it was filled with, as long as nothing else is typed.
    return job::Command{line == QString::fromStdString(m_given) ? m_given : line.trimmed().toStdString(),
                        m_useShell->isChecked()};
}

QWidget& StepEditor::mainField() {
    if (m_kinds->currentIndex() == FunctionKind) {
        return m_function->libraryField();
    }
    return *m_command;
}

QWidget* StepEditor::placeholderField() {
    if (m_kinds->currentIndex() == FunctionKind) {
        return m_function->firstArgument();
    }
    return m_command;
}

void StepEditor::showKind(int kind) {
    m_commandPage->setVisible(kind == CommandKind);
    m_function->setVisible(kind == FunctionKind);
    showPreviousWords();
}

void StepEditor::applyFonts() {
    const QFont fixed = widgets::fixedFont(font());
    m_command->setFont(fixed);
    m_command->setFixedHeight(3 * QFontMetrics(fixed).lineSpacing() + 20);
}

void StepEditor::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        applyFonts();
    }
}

} // namespace pprocess::workbench
