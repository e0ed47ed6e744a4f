// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>
#include <QWidget>

#include <pprocess/job/job.h>

class QPushButton;
class QVBoxLayout;

namespace pprocess::workbench {

class FieldMistakes;
class StepEditor;
class TaskLibraries;

/// The part of the form that says what is run: a step, or several of which each takes what the one before gave.
class StepsPart : public QWidget {
    Q_OBJECT

public:
    StepsPart(FieldMistakes& mistakes, TaskLibraries& libraries, QWidget* parent = nullptr);

    /// Shows another job (`isOther`) or an earlier state of the same.
    void fill(const job::Job& job, bool isOther);
    void write(job::Job& job) const;
    void setColumns(const std::vector<std::string>& columns);
    /// Puts a placeholder where the cursor was last, or else into the first step.
    void insertPlaceholder(const QString& text);

signals:
    /// `field` as in `job::JobError`; empty: of no field.
    void edited(const QString& field);
    /// What would be run is to be shown.
    void commandsWanted();

private:
    StepEditor* addEditor();
    void drop(StepEditor* editor);
    void setCount(std::size_t count);
    [[nodiscard]] std::vector<job::Step> steps() const;
    void move(std::size_t place, int by);
    void remove(std::size_t place);
    [[nodiscard]] std::size_t placeOf(const StepEditor* editor) const;

    FieldMistakes& m_mistakes;
    TaskLibraries& m_libraries;
    QVBoxLayout* m_layout;
    std::vector<StepEditor*> m_editors;
    QPushButton* m_add;
    std::vector<std::string> m_columns;
    QPointer<QWidget> m_target; ///< takes placeholders
};

} // namespace pprocess::workbench
