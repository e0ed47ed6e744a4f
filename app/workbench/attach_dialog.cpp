// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/attach_dialog.h>

#include <app/workbench/program_watcher.h>
#include <app/workbench/styled.h>

#include <widgets/format.h>
#include <widgets/table_view.h>

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace pprocess::workbench {

using widgets::TableView;

AttachDialog::AttachDialog(QWidget* parent) : QDialog(parent), m_programs(new ProgramModel(this)) {
    setWindowTitle(tr("Attach to a running program"));
    setObjectName(QStringLiteral("attachDialog"));
    resize(820, 380);
    m_table = new TableView;
    m_table->setObjectName(QStringLiteral("programs"));
    m_table->setAccessibleName(tr("Programs that can be attached to"));
    m_table->setModel(m_programs);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    const int widths[] = {130, 70, 90, 210, 220};
    for (int column = 0; column < ProgramModel::ColumnCount; ++column) {
        m_table->setColumnWidth(column, widths[column]);
    }
    m_table->setStretchColumn(ProgramModel::CommandColumn);

    auto* advice = styled::muted(tr("A program can be watched when it was started with PPROCESS_INSPECT=1 in its "
                                    "environment, or asks for it (pprocess::Inspector). It does not notice."));
    advice->setWordWrap(true);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    m_attach = buttons->addButton(tr("&Attach"), QDialogButtonBox::AcceptRole);
    m_attach->setObjectName(QStringLiteral("attach"));
    m_attach->setProperty("primary", true);
    m_attach->setDefault(true);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(m_table, 1);
    layout->addWidget(advice);
    layout->addWidget(buttons);

    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, this, &AttachDialog::choose);
    connect(m_table, &QAbstractItemView::doubleClicked, this, &AttachDialog::choose);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &AttachDialog::showChoice);
    connect(m_programs, &QAbstractItemModel::rowsRemoved, this, &AttachDialog::showChoice);

    m_table->setEmptyText(tr("Looking for programs…"));
    auto* watcher = new ProgramWatcher(this);
    connect(watcher, &ProgramWatcher::found, this, [this](const std::vector<ListedProgram>& programs) {
        showEmptyText({});
        const bool wasEmpty = m_programs->rowCount() == 0;
        m_programs->setPrograms(programs);
        if (wasEmpty && m_programs->rowCount() > 0 && m_programs->at(0).canAttach) {
            m_table->selectRow(0);
        }
    });
    connect(watcher, &ProgramWatcher::failed, this, &AttachDialog::showEmptyText);
    showChoice();
}

void AttachDialog::showEmptyText(const QString& problem) {
    if (problem.isEmpty()) {
        m_table->setEmptyText(tr("No program can be attached to now"),
                              tr("Start one with PPROCESS_INSPECT=1 in its environment: it appears here at once."));
    } else {
        m_programs->setPrograms({});
        m_table->setEmptyText(tr("Programs cannot be listed"), widgets::format::sentence(problem));
    }
}

void AttachDialog::showChoice() {
    const auto rows = m_table->selectedRows();
    m_attach->setEnabled(!rows.isEmpty() && m_programs->at(rows.first()).canAttach);
}

void AttachDialog::choose() {
    const auto rows = m_table->selectedRows();
    if (rows.isEmpty() || !m_programs->at(rows.first()).canAttach) {
        return;
    }
    const qint64 pid = m_programs->at(rows.first()).pid;
    accept();
    emit chosen(pid);
}

} // namespace pprocess::workbench
