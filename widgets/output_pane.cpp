// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/output_pane.h>

#include <widgets/elided_label.h>
#include <widgets/fixed_font.h>
#include <widgets/format.h>
#include <widgets/picture_pane.h>
#include <widgets/picture_source.h>
#include <widgets/result_model.h>
#include <widgets/state_icon.h>
#include <widgets/value_model.h>

#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScrollBar>
#include <QTabWidget>
#include <QTextCursor>
#include <QTimer>
#include <QTreeView>
#include <QVBoxLayout>

namespace pprocess::widgets {

namespace {

/// In this order.
enum Tab { outputTab, errorsTab, valueTab, pictureTab };

} // namespace

OutputText::OutputText(QWidget* parent) : QPlainTextEdit(parent), m_timer(new QTimer(this)) {
    setReadOnly(true);
    setUndoRedoEnabled(false);
    setLineWrapMode(NoWrap);
    setFrameShape(NoFrame);
    document()->setDocumentMargin(9);
    setTabChangesFocus(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_timer->setInterval(0);
    connect(m_timer, &QTimer::timeout, this, &OutputText::addPiece);
}

void OutputText::setBytes(std::shared_ptr<const void> owner, std::string_view bytes) {
    m_owner = std::move(owner);
    m_rest = bytes;
    m_decoder = QStringDecoder(QStringDecoder::Utf8);
    m_lineLength = 0;
    clear();
    addPiece();
}

void OutputText::addPiece() {
    constexpr std::size_t piece = 64 << 10;
    const auto bytes = m_rest.substr(0, piece);
    m_rest.remove_prefix(bytes.size());
    const QString text = m_decoder(QByteArrayView(bytes.data(), static_cast<qsizetype>(bytes.size())));
    QString shown;
    shown.reserve(text.size() + 64);
    for (const QChar c : text) {
        if (c == QLatin1Char('\n')) {
            m_lineLength = 0;
        } else if (++m_lineLength > longestLine && !c.isLowSurrogate()) {
            shown += QLatin1Char('\n');
            m_lineLength = 1;
        }
        // A null character would end what is copied to other programs.
        shown += c.isNull() ? QChar(0x2400) : c;
    }
    if (m_rest.empty() && shown.endsWith(QLatin1Char('\n'))) {
        shown.chop(1);
    }
    QTextCursor end(document());
    end.movePosition(QTextCursor::End);
    end.insertText(shown);
    if (m_rest.empty()) {
        m_timer->stop();
        m_owner.reset();
        emit completed();
    } else if (!m_timer->isActive()) {
        m_timer->start();
    }
}

OutputPane::OutputPane(QWidget* parent) : QWidget(parent) {
    m_content = new QWidget(this);
    m_empty = new QLabel(tr("Select a result to read its whole output."), this);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setProperty("muted", true);
    m_empty->setContentsMargins(16, 16, 16, 16);

    m_icon = new QLabel(m_content);
    m_title = new ElidedLabel(m_content);
    m_title->setElideMode(Qt::ElideMiddle); // of a path both ends tell
    m_title->setProperty("strong", true);
    m_facts = new QLabel(m_content);
    m_facts->setTextFormat(Qt::PlainText);
    m_facts->setWordWrap(true);
    m_facts->setProperty("muted", true);
    m_facts->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_commandCaption = new QLabel(tr("Command"), m_content);
    m_commandCaption->setProperty("muted", true);
    m_command = new QPlainTextEdit(m_content);
    m_command->setReadOnly(true);
    m_command->setFrameShape(QFrame::NoFrame);
    m_command->setTabChangesFocus(true);
    m_command->setLineWrapMode(QPlainTextEdit::WidgetWidth);
    m_command->setWordWrapMode(QTextOption::WrapAnywhere);
    m_command->setAccessibleName(tr("The command line that ran"));
    m_command->setProperty("inset", true);

    m_tabs = new QTabWidget(m_content);
    m_tabs->setDocumentMode(true);
    const auto addTab = [this](OutputText*& text, QLabel*& note, const QString& title, const QString& name,
                               const QString& objectName) {
        auto* page = new QWidget(m_tabs);
        auto* layout = new QVBoxLayout(page);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(0);
        note = new QLabel(page);
        note->setProperty("muted", true);
        note->setContentsMargins(8, 5, 8, 3);
        note->setWordWrap(true);
        text = new OutputText(page);
        text->setObjectName(objectName);
        text->setAccessibleName(name);
        layout->addWidget(note);
        layout->addWidget(text, 1);
        m_tabs->addTab(page, title);
    };
    addTab(m_output, m_outputNote, tr("Output"), tr("Output of the selected result"), QStringLiteral("output"));
    addTab(m_errors, m_errorsNote, tr("Error output"), tr("Error output of the selected result"),
           QStringLiteral("errorOutput"));

    m_value = new ValueModel(this);
    m_valueTree = new QTreeView(m_tabs);
    m_valueTree->setObjectName(QStringLiteral("value"));
    m_valueTree->setAccessibleName(tr("The value that the function gave"));
    m_valueTree->setModel(m_value);
    m_valueTree->setUniformRowHeights(true);
    m_valueTree->setFrameShape(QFrame::NoFrame);
    m_valueTree->header()->setStretchLastSection(true);
    m_tabs->addTab(m_valueTree, tr("Value"));
    m_picture = new PicturePane(m_tabs);
    m_picture->setObjectName(QStringLiteral("picture"));
    m_tabs->addTab(m_picture, tr("Picture"));

    auto* titleRow = new QHBoxLayout;
    titleRow->setSpacing(6);
    titleRow->addWidget(m_icon);
    titleRow->addWidget(m_title, 1);
    auto* head = new QVBoxLayout;
    head->setContentsMargins(12, 10, 12, 6);
    head->setSpacing(4);
    head->addLayout(titleRow);
    head->addWidget(m_facts);
    head->addWidget(m_command);
    m_commandCaption->hide();
    auto* content = new QVBoxLayout(m_content);
    content->setContentsMargins(0, 0, 0, 0);
    content->setSpacing(0);
    content->addLayout(head);
    content->addWidget(m_tabs, 1);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_empty, 1);
    layout->addWidget(m_content, 1);
    m_content->hide();
    applyFonts();
}

void OutputPane::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    // What came out is worth more than what ran, which the tool tip tells too.
    const int tabs = m_tabs->minimumSizeHint().height() + fontMetrics().lineSpacing();
    m_command->setVisible(height() >= m_command->height() + tabs + 6 * fontMetrics().lineSpacing());
}

void OutputPane::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        applyFonts();
    }
}

void OutputPane::applyFonts() {
    const QFont fixed = fixedFont(font());
    for (QPlainTextEdit* edit :
         {m_command, static_cast<QPlainTextEdit*>(m_output), static_cast<QPlainTextEdit*>(m_errors)}) {
        edit->setFont(fixed);
    }
    m_command->setFixedHeight(2 * QFontMetrics(fixed).lineSpacing() + 12);
}

QString OutputPane::note(std::size_t kept, std::uint64_t written) {
    if (written == 0 && kept == 0) {
        return tr("(no output)");
    }
    if (written > kept) {
        return tr("output cut at %1: %2 bytes in all")
            .arg(format::bytes(static_cast<double>(kept)), format::count(written));
    }
    return {};
}

void OutputPane::fill(int tab, OutputText* text, QLabel* note, const QString& title, const std::string& bytes,
                      std::uint64_t written) {
    text->setBytes(m_row, bytes);
    const QString words = OutputPane::note(bytes.size(), written);
    note->setText(words);
    note->setVisible(!words.isEmpty());
    m_tabs->setTabText(tab,
                       written == 0 ? title : tr("%1 (%2)").arg(title, format::bytes(static_cast<double>(written))));
}

namespace {

/// A row may be made anew each time that it is asked for.
bool isOfSameRun(const ResultRow& one, const ResultRow& other) {
    const auto& a = one.result;
    const auto& b = other.result;
    return a.index == b.index && a.outcome == b.outcome && a.worker == b.worker && a.attempts == b.attempts &&
           a.duration == b.duration && a.program.duration == b.program.duration && one.input == other.input &&
           a.program.output_bytes == b.program.output_bytes && a.program.error_bytes == b.program.error_bytes;
}

} // namespace

void OutputPane::setResult(ResultRowPtr row, const QString& commandLine) {
    const bool isSame = row && m_row && isOfSameRun(*row, *m_row);
    m_row = std::move(row);
    m_content->setVisible(m_row != nullptr);
    m_empty->setVisible(m_row == nullptr);
    if (!m_row || isSame) {
        return;
    }
    const auto& result = m_row->result;
    const auto& program = result.program;
    m_title->setText(format::oneLine(m_row->input, 2000));
    const StateSign sign = m_row->succeeded()   ? StateSign::succeeded
                           : m_row->cancelled() ? StateSign::cancelled
                                                : StateSign::failed;
    m_icon->setPixmap(stateIcon(sign).pixmap(QSize(16, 16), devicePixelRatioF()));
    QStringList facts{tr("item %1").arg(format::count(result.index + 1)), QString::fromStdString(result.detail)};
    if (program.duration.count() > 0) {
        facts += format::duration(program.duration);
    }
    if (result.worker > 0) {
        facts += tr("worker %1").arg(result.worker);
    }
    if (result.attempts > 1) {
        facts += tr("%1 tries").arg(result.attempts);
    }
    if (!program.start_message.empty()) {
        facts += QString::fromStdString(program.start_message);
    }
    m_facts->setText(facts.join(QStringLiteral(" · ")));
    m_facts->setToolTip(commandLine);
    m_command->setPlainText(commandLine);
    fill(0, m_output, m_outputNote, tr("Output"), program.output, program.output_bytes);
    fill(1, m_errors, m_errorsNote, tr("Error output"), program.error_output, program.error_bytes);
    m_tabs->setTabVisible(outputTab, !result.value || program.output_bytes > 0);
    showValue();
    showPicture();
    // An empty one only where there is nothing else to be seen: beside a picture there is no room for three.
    const bool isShownElsewhere = result.value || m_tabs->isTabVisible(pictureTab);
    m_tabs->setTabVisible(errorsTab, !isShownElsewhere || program.error_bytes > 0);
    m_tabs->setCurrentIndex(m_tabs->isTabVisible(pictureTab)                          ? pictureTab
                            : result.value                                            ? valueTab
                            : program.output.empty() && !program.error_output.empty() ? errorsTab
                                                                                      : outputTab);
}

void OutputPane::showValue() {
    const auto& value = m_row->result.value;
    m_tabs->setTabVisible(valueTab, value.has_value());
    if (!value) {
        m_value->clear();
        return;
    }
    m_value->setValue(*value);
    m_valueTree->expandToDepth(0);
    for (const int column : {ValueModel::PlaceColumn, ValueModel::ValueColumn}) {
        m_valueTree->resizeColumnToContents(column);
        m_valueTree->setColumnWidth(column, std::min(m_valueTree->columnWidth(column), 400));
    }
}

void OutputPane::showPicture() {
    auto source = picture_source::of(m_row, m_folder);
    m_tabs->setTabVisible(pictureTab, source.has_value());
    m_picture->clear();
    const quint64 wanted = ++m_pictureWanted;
    if (!source) {
        return;
    }
    constexpr QSize most(4096, 4096);
    const QString name = source->file;
    picture_source::readInBackground(std::move(*source), most, this,
                                     [this, wanted, name](const QImage& picture, const QString& problem) {
                                         if (wanted == m_pictureWanted) {
                                             m_picture->setPicture(picture, picture.isNull() ? problem : name);
                                         }
                                     });
}

} // namespace pprocess::widgets
