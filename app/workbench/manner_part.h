// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <pprocess/job/job.h>

#include <map>
#include <optional>

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

    [[nodiscard]] QWidget* makePatterns();
    void showPattern();
    [[nodiscard]] job::Pattern pattern() const;

    std::optional<std::size_t> m_given; ///< the limit
    std::map<job::Pattern, QRadioButton*> m_patterns;
    PatternDrawing* m_patternDrawing = nullptr;
    QLabel* m_patternWords;
    QSpinBox* m_limit;
    QCheckBox* m_reuse;
    PatternDrawing* m_reuseDrawing;
    QLabel* m_reuseWords;
};

} // namespace pprocess::workbench
