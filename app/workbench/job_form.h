// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/field_mistakes.h>

#include <QUndoStack>
#include <QWidget>

#include <pprocess/job/job.h>

class QLineEdit;

namespace pprocess::workbench {

class CommandPreview;
class EquivalentsPart;
class InputsPart;
class MannerPart;
class MorePart;
class StepsPart;
class TaskLibraries;

/// The form in which a job is written: a view of one `job::Job`. What the form has no field for, and bytes that text
/// cannot hold, stay as they were given. Mistakes are told beside the field they are in. What was done in any of the
/// fields can be undone.
class JobForm : public QWidget {
    Q_OBJECT

public:
    explicit JobForm(QWidget* parent = nullptr);

    /// Shows another job; what was done to the one before cannot be undone any more.
    void setJob(const job::Job& job);
    [[nodiscard]] job::Job job() const;

    /// Shows a mistake beside its field (named as in `job::JobError`) and moves the focus there; false when the form
    /// has no such field.
    bool showMistake(const QString& field, const QString& message);
    void clearMistakes();
    /// Shows what the job would run, without running it. Ends in a dialog or in `mistaken`.
    void showCommands();
    /// The words beside a field; empty: none.
    [[nodiscard]] QString mistake(const QString& field) const;

    /// Fields cannot be changed while a job runs.
    void setLocked(bool locked);

signals:
    void changed();
    /// The job could not be run as it is written; `field` as in `job::JobError`.
    void mistaken(const QString& field, const QString& message);

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    class Change;

    void listen();
    void fill(const job::Job& job, bool isOther);
    void edited(const QString& field);
    void follow();
    void watchKeys(QObject* object);
    void applyFonts();

    job::Job m_job;  ///< as given; what the form does not show is kept from it
    job::Job m_last; ///< as it stood after the last change
    bool m_isFilling = false;
    FieldMistakes m_mistakes;
    QUndoStack m_changes;

    QWidget* m_fields;
    QLineEdit* m_name;
    TaskLibraries* m_libraries;
    StepsPart* m_steps;
    CommandPreview* m_preview;
    InputsPart* m_inputs;
    MannerPart* m_manner;
    MorePart* m_more;
    EquivalentsPart* m_equivalents;
};

} // namespace pprocess::workbench
