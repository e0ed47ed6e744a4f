// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/folder_inputs_page.h>

#include <app/workbench/field_mistakes.h>
#include <app/workbench/form_widgets.h>

#include <QCheckBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

namespace pprocess::workbench {

FolderInputsPage::FolderInputsPage(FieldMistakes& mistakes, QWidget* parent) : InputsPage(parent) {
    m_folder = form::lineEdit(QStringLiteral("folder"), tr("Folder of the inputs"), tr("Folder"));
    auto* browse = form::smallButton(tr("&Browse…"), QStringLiteral("browseFolder"), tr("Browse for the folder"));
    m_pattern = form::lineEdit(
        QStringLiteral("filePattern"), tr("Pattern of the files' names"), QStringLiteral("*"),
        tr("As in a shell: * any text, ? any character, [a-z] one of these. Several patterns are separated by ;"));
    m_recursive = new QCheckBox(tr("In folders below, too"));
    m_recursive->setObjectName(QStringLiteral("recursive"));
    m_recursive->setToolTip(tr("Also takes the files of all folders in this one."));

    auto* folderRow = form::row();
    folderRow->addWidget(m_folder, 1);
    folderRow->addWidget(browse);
    auto* patternRow = form::row(8);
    patternRow->addWidget(form::smallCaption(tr("Files"), m_pattern));
    patternRow->addWidget(m_pattern, 1);
    const auto isShown = [this] { return isVisibleTo(parentWidget()); };
    auto* layout = form::column(this);
    layout->addLayout(folderRow);
    layout->addWidget(mistakes.add(QStringLiteral("inputs.folder"), m_folder, isShown));
    layout->addLayout(patternRow);
    layout->addWidget(mistakes.add(QStringLiteral("inputs.pattern"), m_pattern, isShown));
    layout->addWidget(m_recursive);
    layout->addStretch(1);

    connect(browse, &QPushButton::clicked, this, &FolderInputsPage::browse);
    connect(m_folder, &QLineEdit::textChanged, this, [this] { emit edited(QStringLiteral("inputs.folder")); });
    connect(m_pattern, &QLineEdit::textChanged, this, [this] { emit edited(QStringLiteral("inputs.pattern")); });
    connect(m_recursive, &QCheckBox::toggled, this, [this] { emit edited(QStringLiteral("inputs.pattern")); });
}

void FolderInputsPage::fill(const job::Inputs& inputs) {
    const auto* folder = std::get_if<job::FolderInputs>(&inputs);
    m_given = folder ? *folder : job::FolderInputs{};
    form::setText(m_folder, form::fromPath(m_given.folder));
    form::setText(m_pattern, QString::fromStdString(m_given.pattern));
    m_recursive->setChecked(m_given.recursive);
}

job::Inputs FolderInputsPage::inputs() const {
    return job::FolderInputs{form::pathOf(*m_folder, m_given.folder), m_pattern->text().trimmed().toStdString(),
                             m_recursive->isChecked()};
}

void FolderInputsPage::browse() {
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Folder of the inputs"), m_folder->text());
    if (!folder.isEmpty()) {
        m_folder->setText(folder);
    }
}

} // namespace pprocess::workbench
