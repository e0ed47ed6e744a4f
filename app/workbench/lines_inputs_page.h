// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/inputs_page.h>

class QLineEdit;

namespace pprocess::workbench {

class FieldMistakes;

/// The lines of a file as inputs.
class LinesInputsPage : public InputsPage {
    Q_OBJECT

public:
    explicit LinesInputsPage(FieldMistakes& mistakes, QWidget* parent = nullptr);

    void fill(const job::Inputs& inputs) override;
    [[nodiscard]] job::Inputs inputs() const override;

private:
    void browse();

    job::LineInputs m_given;
    QLineEdit* m_file;
};

} // namespace pprocess::workbench
