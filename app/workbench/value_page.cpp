// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/value_page.h>

#include <app/workbench/styled.h>
#include <app/workbench/value_model.h>

#include <widgets/fixed_font.h>
#include <widgets/format.h>
#include <widgets/row_delegate.h>
#include <widgets/table_view.h>

#include <QCoreApplication>
#include <QFile>
#include <QFileDialog>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPointer>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QVBoxLayout>

#include <pprocess/job/background_job.h>
#include <pprocess/job/output_file.h>

namespace pprocess::workbench {

using namespace widgets;

namespace {

const QString splitterKey = QStringLiteral("values/splitter");

bool isOfJob(const AnyValue& value) {
    try {
        return job::job_message(value).index() != 0;
    } catch (const std::exception&) {
        return false;
    }
}

} // namespace

ValuePage::ValuePage(std::unique_ptr<BackgroundCollector> collector, QString name, QWidget* parent)
    : Page(parent),
      m_collector(std::move(collector)),
      m_name(std::move(name)),
      m_values(new ValueModel(this)) {
    m_table = new TableView;
    m_table->setObjectName(QStringLiteral("values"));
    m_table->setAccessibleName(tr("The values that were collected"));
    m_table->setModel(m_values);
    auto* delegate = new RowDelegate({}, {}, this);
    delegate->setMonospaceColumn(ValueModel::ValueColumn);
    m_table->setItemDelegate(delegate);
    m_table->setColumnWidth(ValueModel::NumberColumn, 80);
    m_table->setStretchColumn(ValueModel::ValueColumn);
    m_whole = new QPlainTextEdit;
    m_whole->setObjectName(QStringLiteral("wholeValue"));
    m_whole->setAccessibleName(tr("The selected value, whole"));
    m_whole->setReadOnly(true);
    m_whole->setFont(fixedFont(font()));
    m_whole->setFrameShape(QFrame::NoFrame);
    m_whole->setPlaceholderText(tr("Select a value to see it whole."));
    const auto inCard = [](QWidget* content, int side) {
        auto* card = new QFrame;
        styled::asCard(card);
        auto* layout = new QVBoxLayout(card);
        layout->setContentsMargins(side, 6, side, 6);
        layout->addWidget(content);
        return card;
    };
    m_splitter = new QSplitter(Qt::Vertical);
    m_splitter->setHandleWidth(10);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(inCard(m_table, 1));
    m_splitter->addWidget(inCard(m_whole, 8));
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 2);

    auto* heading = new QLabel(m_name);
    heading->setObjectName(QStringLiteral("jobTitle"));
    heading->setTextFormat(Qt::PlainText);
    m_state = styled::muted();
    m_state->setTextFormat(Qt::PlainText);
    m_save = styled::button(tr("&Save…"), QStringLiteral("saveValues"), tr("Save the values, one JSON text a line"));
    m_save->setEnabled(false);
    connect(m_save, &QPushButton::clicked, this, &ValuePage::askSave);
    auto* texts = new QVBoxLayout;
    texts->setSpacing(0);
    texts->addWidget(heading);
    texts->addWidget(m_state);
    auto* head = new QHBoxLayout;
    head->addLayout(texts, 1);
    head->addWidget(m_save);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 10);
    layout->setSpacing(10);
    layout->addLayout(head);
    layout->addWidget(m_splitter, 1);
    setFocusProxy(m_table);

    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &ValuePage::showSelected);
    connect(m_collector.get(), &BackgroundCollector::connected, this,
            [this] { showState(tr("Connected. What it sends appears here as it comes.")); });
    connect(m_collector.get(), &BackgroundCollector::arrived, this, &ValuePage::take);
    connect(m_collector.get(), &BackgroundCollector::ended, this, [this](const QString& problem) {
        showState(problem.isEmpty() ? tr("It has ended, and all was collected.") : problem);
        if (!problem.isEmpty()) {
            emit said(MessageBar::Kind::problem, tr("The background process “%1”: %2").arg(m_name, problem));
        }
    });
    connect(m_collector.get(), &BackgroundCollector::failed, this,
            [this](const QString& why) { showState(tr("Nothing can be collected. %1").arg(format::sentence(why))); });
    showState(tr("Connecting…"));
}

ValuePage::~ValuePage() = default;

std::unique_ptr<BackgroundCollector> ValuePage::takeCollector() {
    m_collector->disconnect(this);
    return std::move(m_collector);
}

void ValuePage::take(const std::vector<AnyValue>& values) {
    if (m_values->rowCount() == 0 && isOfJob(values.front())) {
        emit jobFound(values);
        return;
    }
    m_values->append(values);
    m_save->setEnabled(true);
    if (m_table->selectedRows().isEmpty()) {
        m_table->selectRow(0);
    }
    emit statusChanged();
}

void ValuePage::showState(const QString& text) {
    m_state->setText(text);
    m_table->setEmptyText(tr("No values yet"), text);
}

void ValuePage::showSelected() {
    constexpr std::size_t most = std::size_t{1} << 20; // more would hold up the window, and nobody reads it
    const auto rows = m_table->selectedRows();
    m_whole->setPlainText(rows.isEmpty() ? QString()
                                         : QString::fromStdString(to_text(
                                               m_values->values()[static_cast<std::size_t>(rows.first())], most)));
}

void ValuePage::askSave() {
    const QString file = QFileDialog::getSaveFileName(this, tr("Save the values"), QStringLiteral("values.jsonl"),
                                                      tr("JSON lines (*.jsonl);;All files (*)"));
    if (!file.isEmpty()) {
        save(file);
    }
}

void ValuePage::save(const QString& name) {
    QThreadPool::globalInstance()->start([self = QPointer(this), name, values = m_values->values()] {
        QString problem;
        try {
            job::OutputFile file(QFile::encodeName(name).toStdString());
            for (const AnyValue& value : values) {
                file.write(to_json_text(value) + '\n');
            }
            file.finish();
        } catch (const SystemError& error) {
            problem = format::reason(error);
        }
        QMetaObject::invokeMethod(
            qApp,
            [self, name, problem] {
                if (self && problem.isEmpty()) {
                    emit self->said(MessageBar::Kind::success, tr("The values were saved to “%1”.").arg(name));
                } else if (self) {
                    emit self->said(
                        MessageBar::Kind::problem,
                        tr("The values could not be saved to “%1”: %2. A file that was there before is unchanged. "
                           "Free some space or choose another folder, then save again.")
                            .arg(name, problem));
                }
            },
            Qt::QueuedConnection);
    });
}

QList<Page::Status> ValuePage::status() const {
    return {{format::counted<ValuePage>(m_values->values().size(), QT_TR_N_NOOP("%1 value(s)")), {}}};
}

void ValuePage::storeState(QSettings& settings) const {
    settings.setValue(splitterKey, m_splitter->saveState());
}

void ValuePage::restoreState(const QSettings& settings) {
    m_splitter->restoreState(settings.value(splitterKey).toByteArray());
}

} // namespace pprocess::workbench
