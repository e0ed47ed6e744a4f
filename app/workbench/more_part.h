// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <pprocess/job/job.h>

class QCheckBox;
class QDoubleSpinBox;
class QLineEdit;
class QPlainTextEdit;
class QSpinBox;
class QToolButton;

namespace pprocess::workbench {

class FieldMistakes;

/// The part of the form for what few jobs need to say of how they are run. Folded away until it is wanted or used.
class MorePart : public QWidget {
    Q_OBJECT

public:
    explicit MorePart(FieldMistakes& mistakes, QWidget* parent = nullptr);

    /// Unfolds when the job uses one of the fields. Folds for another job (`isOther`) that uses none.
    void fill(const job::Job& job, bool isOther);
    void write(job::Job& job) const;
    [[nodiscard]] bool isUnfolded() const;
    void unfold(bool unfold);

signals:
    void edited(const QString& field);

private:
    [[nodiscard]] QWidget* makeFields(FieldMistakes& mistakes);
    void browse();

    job::Job m_given;
    QToolButton* m_fold;
    QWidget* m_fields;
    QDoubleSpinBox* m_timeout;
    QSpinBox* m_retries;
    QSpinBox* m_batch;
    QCheckBox* m_stopAtFailure;
    QLineEdit* m_folder;
    QPlainTextEdit* m_environment;
    QSpinBox* m_niceness;
    QLineEdit* m_cores;
    QDoubleSpinBox* m_outputCap;
};

} // namespace pprocess::workbench
