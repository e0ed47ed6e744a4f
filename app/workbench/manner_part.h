// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <pprocess/job/job.h>

class QCheckBox;
class QLabel;
class QRadioButton;
class QSpinBox;

namespace pprocess::workbench {

class FieldMistakes;
class PatternDrawing;

/// The part of the form for what nearly everybody chooses of how a job is run.
class MannerPart : public QWidget {
    Q_OBJECT

public:
    explicit MannerPart(FieldMistakes& mistakes, QWidget* parent = nullptr);

    void fill(const job::Job& job);
    void write(job::Job& job) const;

signals:
    void edited(const QString& field);

private:
    void showReuse();

    std::optional<std::size_t> m_given; ///< the limit
    QRadioButton* m_map;
    QRadioButton* m_queue;
    QSpinBox* m_limit;
    QCheckBox* m_reuse;
    PatternDrawing* m_reuseDrawing;
    QLabel* m_reuseWords;
};

} // namespace pprocess::workbench
