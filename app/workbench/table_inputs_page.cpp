// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/table_inputs_page.h>

#include <app/workbench/field_mistakes.h>
#include <app/workbench/form_widgets.h>

#include <widgets/format.h>

#include <QCheckBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QTableWidget>
#include <QThreadPool>

#include <pprocess/job/columns.h>
#include <pprocess/job/item_source.h>

namespace pprocess::workbench {

namespace {

constexpr int previewRows = 4;

} // namespace

TableInputsPage::TableInputsPage(FieldMistakes& mistakes, QWidget* parent) : InputsPage(parent) {
    m_file = form::lineEdit(QStringLiteral("tableFile"), tr("File whose rows are the inputs"), tr("CSV or text file"));
    auto* browse = form::smallButton(tr("&Browse…"), QStringLiteral("browseTable"), tr("Browse for the table"));
    m_separator = new QComboBox;
    m_separator->setObjectName(QStringLiteral("separator"));
    m_separator->setAccessibleName(tr("Between two columns"));
    m_separator->setToolTip(tr("What stands between two columns. All but blanks are read as CSV, with quotes."));
    for (const auto& [words, sign] :
         {std::pair{tr("Comma"), ','}, std::pair{tr("Semicolon"), ';'}, std::pair{tr("Tab"), '\t'},
          std::pair{tr("Colon"), ':'}, std::pair{tr("Bar |"), '|'}, std::pair{tr("Blanks"), ' '}}) {
        m_separator->addItem(words, QChar::fromLatin1(sign));
    }
    m_hasHeader = new QCheckBox(tr("Header"));
    m_hasHeader->setObjectName(QStringLiteral("hasHeader"));
    m_hasHeader->setToolTip(tr("The first row names the columns. Otherwise they are called 1, 2, 3…"));
    m_preview = new QTableWidget;
    m_preview->setObjectName(QStringLiteral("tablePreview"));
    m_preview->setAccessibleName(tr("The first rows of the table"));
    m_preview->setToolTip(tr("Click a column to put it into the command."));
    m_preview->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_preview->setSelectionBehavior(QAbstractItemView::SelectColumns);
    m_preview->setSelectionMode(QAbstractItemView::SingleSelection);
    m_preview->setTabKeyNavigation(false);
    m_preview->verticalHeader()->hide();
    m_preview->setShowGrid(false);
    m_preview->horizontalHeader()->setSectionsClickable(true);
    m_preview->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_preview->hide();
    m_words = form::hint({});
    m_words->setObjectName(QStringLiteral("tableWords"));
    m_words->setTextFormat(Qt::PlainText);

    auto* fileRow = form::row();
    fileRow->addWidget(m_file, 1);
    fileRow->addWidget(browse);
    auto* howRow = form::row(8);
    howRow->addWidget(m_separator);
    howRow->addWidget(m_hasHeader);
    howRow->addStretch(1);
    auto* layout = form::column(this);
    layout->addLayout(fileRow);
    layout->addWidget(
        mistakes.add(QStringLiteral("inputs.file"), m_file, [this] { return isVisibleTo(parentWidget()); }));
    layout->addLayout(howRow);
    layout->addWidget(m_preview);
    layout->addWidget(m_words);
    layout->addStretch(1);

    m_timer.setSingleShot(true);
    m_timer.setInterval(150);
    connect(&m_timer, &QTimer::timeout, this, &TableInputsPage::renewPreview);
    connect(browse, &QPushButton::clicked, this, &TableInputsPage::browse);
    connect(m_file, &QLineEdit::textChanged, this, &TableInputsPage::changed);
    connect(m_separator, &QComboBox::currentIndexChanged, this, &TableInputsPage::changed);
    connect(m_hasHeader, &QCheckBox::toggled, this, &TableInputsPage::changed);
    connect(m_preview->horizontalHeader(), &QHeaderView::sectionClicked, this, &TableInputsPage::chooseColumn);
    connect(m_preview, &QTableWidget::cellClicked, this, [this](int, int column) { chooseColumn(column); });
    connect(m_preview, &QTableWidget::cellActivated, this, [this](int, int column) { chooseColumn(column); });
}

void TableInputsPage::fill(const job::Inputs& inputs) {
    const auto* table = std::get_if<job::TableInputs>(&inputs);
    m_given = table ? *table : job::TableInputs{};
    form::setText(m_file, form::fromPath(m_given.file));
    const QChar sign = QChar::fromLatin1(m_given.separator);
    if (m_separator->findData(sign) < 0) {
        m_separator->addItem(sign, sign);
    }
    m_separator->setCurrentIndex(m_separator->findData(sign));
    m_hasHeader->setChecked(m_given.has_header);
}

job::Inputs TableInputsPage::inputs() const {
    return job::TableInputs{form::pathOf(*m_file, m_given.file), m_separator->currentData().toChar().toLatin1(),
                            m_hasHeader->isChecked()};
}

void TableInputsPage::changed() {
    m_timer.start();
    emit edited(QStringLiteral("inputs.file"));
}

void TableInputsPage::browse() {
    const QString file = QFileDialog::getOpenFileName(this, tr("File whose rows are the inputs"), m_file->text(),
                                                      tr("Tables (*.csv *.tsv *.txt);;All files (*)"));
    if (!file.isEmpty()) {
        m_file->setText(file);
    }
}

TableInputsPage::Preview TableInputsPage::read(const job::TableInputs& table) {
    Preview preview;
    try {
        // A pipe would keep the thread until somebody writes to it.
        if (!std::filesystem::is_regular_file(table.file)) {
            preview.mistake = tr("There is no such file yet.");
            return preview;
        }
        const auto rows = job::open_inputs(table);
        preview.columns = rows->columns();
        for (job::Item item; preview.rows.size() < previewRows && rows->next(item) == job::ItemSource::Next::item;) {
            preview.rows.push_back(job::split_record(item.text, ','));
        }
    } catch (const std::exception& error) {
        preview.mistake = QString::fromUtf8(error.what());
    }
    return preview;
}

void TableInputsPage::renewPreview() {
    const auto table = std::get<job::TableInputs>(inputs());
    const quint64 number = ++m_previewNumber;
    if (table.file.empty()) {
        showPreview({});
        return;
    }
    QThreadPool::globalInstance()->start([self = QPointer<TableInputsPage>(this), table, number] {
        const Preview preview = read(table);
        QMetaObject::invokeMethod(
            qApp,
            [self, preview, number] {
                if (self && self->m_previewNumber == number) {
                    self->showPreview(preview);
                }
            },
            Qt::QueuedConnection);
    });
}

void TableInputsPage::showPreview(const Preview& preview) {
    if (std::exchange(m_columns, preview.columns) != preview.columns) {
        emit columnsFound();
    }
    m_preview->clear();
    m_preview->setColumnCount(static_cast<int>(preview.columns.size()));
    m_preview->setRowCount(static_cast<int>(preview.rows.size()));
    QStringList names;
    for (const auto& name : preview.columns) {
        names += widgets::format::oneLine(name, 60);
    }
    m_preview->setHorizontalHeaderLabels(names);
    for (std::size_t row = 0; row < preview.rows.size(); ++row) {
        for (std::size_t column = 0; column < std::min(preview.rows[row].size(), preview.columns.size()); ++column) {
            auto* cell = new QTableWidgetItem(widgets::format::oneLine(preview.rows[row][column], 80));
            cell->setToolTip(widgets::format::oneLine(preview.rows[row][column], 2000));
            m_preview->setItem(static_cast<int>(row), static_cast<int>(column), cell);
        }
    }
    m_preview->resizeColumnsToContents();
    for (int column = 0; column < m_preview->columnCount(); ++column) {
        m_preview->setColumnWidth(column, std::clamp(m_preview->columnWidth(column), 48, 120));
    }
    const int rowHeight = fontMetrics().height() + 8;
    m_preview->verticalHeader()->setDefaultSectionSize(rowHeight);
    m_preview->setFixedHeight((m_preview->rowCount() + 1) * rowHeight + 24);
    m_preview->setVisible(!preview.columns.empty());
    m_words->setText(!preview.mistake.isEmpty() ? preview.mistake
                     : preview.columns.empty()  ? QString()
                     : preview.rows.empty()     ? tr("The table has no rows.")
                                                : tr("Click a column to put it into the command."));
}

void TableInputsPage::chooseColumn(int column) {
    if (column < 0 || static_cast<std::size_t>(column) >= m_columns.size()) {
        return;
    }
    const std::string& name = m_columns[static_cast<std::size_t>(column)];
    // What cannot be a name in a placeholder has its number.
    const bool isName = job::is_column_name(name);
    emit placeholderChosen(
        QStringLiteral("{%1}").arg(isName ? QString::fromStdString(name) : QString::number(column + 1)));
}

} // namespace pprocess::workbench
