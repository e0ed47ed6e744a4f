// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/inputs_page.h>

class QCheckBox;
class QLineEdit;

namespace pprocess::workbench {

class FieldMistakes;

/// The files of a folder as inputs.
class FolderInputsPage : public InputsPage {
    Q_OBJECT

public:
    explicit FolderInputsPage(FieldMistakes& mistakes, QWidget* parent = nullptr);

    void fill(const job::Inputs& inputs) override;
    [[nodiscard]] job::Inputs inputs() const override;

private:
    void browse();

    job::FolderInputs m_given;
    QLineEdit* m_folder;
    QLineEdit* m_pattern;
    QCheckBox* m_recursive;
};

} // namespace pprocess::workbench
