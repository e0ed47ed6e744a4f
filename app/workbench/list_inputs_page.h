// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/inputs_page.h>

class QPlainTextEdit;

namespace pprocess::workbench {

class FieldMistakes;

/// Inputs that are typed in, one a line.
class ListInputsPage : public InputsPage {
    Q_OBJECT

public:
    explicit ListInputsPage(FieldMistakes& mistakes, QWidget* parent = nullptr);

    void fill(const job::Inputs& inputs) override;
    [[nodiscard]] job::Inputs inputs() const override;

private:
    job::ListInputs m_given;
    QString m_givenText;
    QPlainTextEdit* m_list;
};

} // namespace pprocess::workbench
