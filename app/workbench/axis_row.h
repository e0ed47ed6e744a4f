// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <pprocess/job/job.h>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;

namespace pprocess::workbench {

class FieldMistakes;

/// The fields of one axis of a grid.
class AxisRow : public QWidget {
    Q_OBJECT

public:
    explicit AxisRow(FieldMistakes& mistakes, QWidget* parent = nullptr);

    void fill(const job::Axis& axis);
    /// A number that cannot be read is none (NaN).
    [[nodiscard]] job::Axis axis() const;
    /// Tells which axis of the grid it is, from 0.
    void setPlace(int place);
    [[nodiscard]] QLineEdit& nameField() { return *m_name; }

signals:
    void edited();
    void removeRequested();

private:
    FieldMistakes& m_mistakes;
    QLineEdit* m_name;
    QComboBox* m_kind;
    QPushButton* m_remove;
    QStackedWidget* m_pages;
    QLineEdit* m_from;
    QLineEdit* m_to;
    QLineEdit* m_step;
    QLineEdit* m_values;
};

} // namespace pprocess::workbench
