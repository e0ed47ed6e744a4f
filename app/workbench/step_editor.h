// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <pprocess/job/job.h>

class QCheckBox;
class QLabel;
class QPlainTextEdit;
class QPushButton;
class QTabBar;

namespace pprocess::workbench {

class FieldMistakes;
class FunctionFields;
class TaskLibraries;

/// The fields of one step of a job: a command, or a function of a task library.
class StepEditor : public QWidget {
    Q_OBJECT

public:
    StepEditor(FieldMistakes& mistakes, TaskLibraries& libraries, QWidget* parent = nullptr);

    /// Tells which of how many steps it is, from 0.
    void setPlace(std::size_t place, std::size_t count);
    void setColumns(const std::vector<std::string>& columns);
    /// With `isOther` the fields of the kind that is not shown are emptied too.
    void fill(const job::Step& step, bool isOther);
    [[nodiscard]] job::Step step() const;
    /// The field in which the step begins: the command or the library.
    [[nodiscard]] QWidget& mainField();
    /// The field that takes a placeholder when none has been chosen for it.
    [[nodiscard]] QWidget* placeholderField();

signals:
    /// `field` as in `job::JobError`; empty: of no field.
    void edited(const QString& field);
    void moveRequested(int by);
    void removeRequested();

protected:
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] QWidget* makeHeader();
    [[nodiscard]] QWidget* makeCommandPage(FieldMistakes& mistakes);
    void showKind(int kind);
    void showPreviousWords();
    void applyFonts();

    FieldMistakes& m_mistakes;
    std::size_t m_place = 0;
    std::string m_given; ///< the command
    QLabel* m_title;
    QTabBar* m_kinds;
    QPushButton* m_up;
    QPushButton* m_down;
    QPushButton* m_remove;
    QWidget* m_commandPage;
    QPlainTextEdit* m_command;
    QCheckBox* m_useShell;
    QLabel* m_legend;
    FunctionFields* m_function;
    QLabel* m_previousWords;
};

} // namespace pprocess::workbench
