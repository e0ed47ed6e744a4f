// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

#include <pprocess/job/job.h>
#include <pprocess/launch/task.h>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QVBoxLayout;

namespace pprocess::workbench {

class ArgumentRow;
class FieldMistakes;
class TaskLibraries;

/// The fields of a call of a function: its library, the function, and a field for each of its parameters.
class FunctionFields : public QWidget {
    Q_OBJECT

public:
    FunctionFields(FieldMistakes& mistakes, TaskLibraries& libraries, QWidget* parent = nullptr);

    /// The step's place in the job: 0 for the first.
    void setPlace(std::size_t place);
    /// The names of the inputs' columns, as far as they are known.
    void setColumns(const std::vector<std::string>& columns);
    void fill(const job::Function& function, bool isOther);
    [[nodiscard]] job::Function function() const;
    /// Where a placeholder goes when no field has been chosen for it; null when there is none.
    [[nodiscard]] QLineEdit* firstArgument() const;
    [[nodiscard]] QLineEdit& libraryField() { return *m_library; }

signals:
    /// `field` as in `job::JobError`, of a first step.
    void edited(const QString& field);

private:
    [[nodiscard]] QString field(const char* name) const;
    [[nodiscard]] std::vector<std::string> arguments() const;
    [[nodiscard]] const TaskDescription* task() const;
    /// The texts that stand for the fields when all of them are empty.
    [[nodiscard]] QStringList standIns() const;
    void browse();
    void choose();
    void showLibrary();
    void showFunction();
    void showArguments(std::size_t least);
    void dropArgument();
    void checkArguments();
    void tell(QLabel* label, const QString& words, bool isMistake);

    FieldMistakes& m_mistakes;
    TaskLibraries& m_libraries;
    job::Function m_given;
    std::size_t m_place = 0;
    std::vector<std::string> m_columns;
    QTimer m_timer; ///< until a library's name is typed
    QLineEdit* m_library;
    QLabel* m_libraryWords;
    QComboBox* m_functions;
    QPushButton* m_again;
    QLabel* m_functionWords;
    QWidget* m_argumentsBox;
    QVBoxLayout* m_argumentsLayout;
    QLabel* m_argumentsWords;
    std::vector<ArgumentRow*> m_rows;
};

} // namespace pprocess::workbench
