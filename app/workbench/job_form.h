// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QTimer>
#include <QWidget>

#include <pprocess/job/job.h>

class QCheckBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QRadioButton;
class QSpinBox;
class QStackedWidget;
class QTabBar;

namespace pprocess::workbench {

/// The form in which a job is written: a view of one `job::Job`. What the form has no field for, and bytes that text
/// cannot hold, stay as they were given. Mistakes are told beside the field they are in.
class JobForm : public QWidget {
    Q_OBJECT

public:
    explicit JobForm(QWidget* parent = nullptr);

    void setJob(const job::Job& job);
    [[nodiscard]] job::Job job() const;

    /// Shows a mistake beside its field (named as in `job::JobError`) and moves the focus there; false when the form
    /// has no such field.
    bool showMistake(const QString& field, const QString& message);
    void clearMistakes();
    /// The words beside a field; empty: none.
    [[nodiscard]] QString mistake(const QString& field) const;

    /// Fields cannot be changed while a job runs.
    void setLocked(bool locked);

signals:
    void changed();

protected:
    void changeEvent(QEvent* event) override;

private:
    enum Inputs { Folder, List, Lines };

    struct Field {
        QWidget* editor = nullptr;
        QLabel* message = nullptr;
        int inputsPage = -1;
    };

    QLabel* addMistakeLabel(const QString& field, QWidget* editor, int inputsPage = -1);
    QWidget* makeFolderPage();
    QWidget* makeListPage();
    QWidget* makeLinesPage();
    void showInputs(int page);
    void edited(const QString& field);
    void browseFolder();
    void browseFile();
    void renewPreview();
    void applyFonts();

    job::Job m_job; ///< as given; what the form does not show is kept from it
    bool m_isFolderEdited = false;
    bool m_isListEdited = false;
    bool m_isFileEdited = false;
    bool m_isLimitEdited = false;
    bool m_isFilling = false;
    quint64 m_previewNumber = 0;

    QWidget* m_fields;
    QLineEdit* m_name;
    QPlainTextEdit* m_command;
    QCheckBox* m_useShell;
    QLabel* m_preview;
    QTabBar* m_inputsKind;
    QStackedWidget* m_inputsPages;
    QLineEdit* m_folder;
    QLineEdit* m_filePattern;
    QCheckBox* m_recursive;
    QPlainTextEdit* m_list;
    QLineEdit* m_file;
    QRadioButton* m_map;
    QRadioButton* m_queue;
    QSpinBox* m_limit;
    QCheckBox* m_reuse;
    QHash<QString, Field> m_mistakes;
    QTimer m_previewTimer;
};

} // namespace pprocess::workbench
