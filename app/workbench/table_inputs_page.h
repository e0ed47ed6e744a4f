// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/inputs_page.h>

#include <QTimer>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QTableWidget;

namespace pprocess::workbench {

class FieldMistakes;

/// The rows of a table as inputs, with a look at the first of them. A click on a column wants its placeholder.
class TableInputsPage : public InputsPage {
    Q_OBJECT

public:
    explicit TableInputsPage(FieldMistakes& mistakes, QWidget* parent = nullptr);

    void fill(const job::Inputs& inputs) override;
    [[nodiscard]] job::Inputs inputs() const override;
    [[nodiscard]] std::vector<std::string> columns() const override { return m_columns; }

private:
    /// What was found at the beginning of the file.
    struct Preview {
        std::vector<std::string> columns;
        std::vector<std::vector<std::string>> rows;
        QString mistake;
    };

    static Preview read(const job::TableInputs& table);
    void browse();
    void changed();
    void renewPreview();
    void showPreview(const Preview& preview);
    void chooseColumn(int column);

    job::TableInputs m_given;
    QLineEdit* m_file;
    QComboBox* m_separator;
    QCheckBox* m_hasHeader;
    QTableWidget* m_preview;
    QLabel* m_words;
    QTimer m_timer;
    std::vector<std::string> m_columns;
    quint64 m_previewNumber = 0;
};

} // namespace pprocess::workbench
