// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/inputs_page.h>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace pprocess::workbench {

class AxisRow;
class FieldMistakes;

/// Every combination of the values of some axes as inputs. A link for each axis wants its placeholder.
class GridInputsPage : public InputsPage {
    Q_OBJECT

public:
    explicit GridInputsPage(FieldMistakes& mistakes, QWidget* parent = nullptr);

    void fill(const job::Inputs& inputs) override;
    [[nodiscard]] job::Inputs inputs() const override;
    [[nodiscard]] std::vector<std::string> columns() const override;

private:
    AxisRow* addRow();
    void removeRow(AxisRow* row);
    void setRowCount(std::size_t count);
    void changed(const QString& field);
    void showWords();

    FieldMistakes& m_mistakes;
    std::vector<AxisRow*> m_rows;
    QVBoxLayout* m_rowsLayout;
    QPushButton* m_add;
    QLabel* m_words;
};

} // namespace pprocess::workbench
