// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/job_form.h>

#include <app/workbench/command_text.h>

#include <widgets/fixed_font.h>
#include <widgets/format.h>

#include <QCheckBox>
#include <QCoreApplication>
#include <QEvent>
#include <QFile>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPointer>
#include <QPushButton>
#include <QRadioButton>
#include <QSpinBox>
#include <QStackedWidget>
#include <QStyle>
#include <QTabBar>
#include <QThreadPool>
#include <QVBoxLayout>

#include <pprocess/os/cores.h>

namespace pprocess::workbench {

namespace {

QLabel* caption(const QString& text, QWidget* buddy) {
    auto* label = new QLabel(text);
    label->setProperty("heading", true);
    label->setBuddy(buddy);
    return label;
}

QLabel* hint(const QString& text) {
    auto* label = new QLabel(text);
    label->setProperty("muted", true);
    label->setWordWrap(true);
    return label;
}

void polish(QWidget* widget) {
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
    widget->update();
}

std::filesystem::path toPath(const QString& text) {
    return {QFile::encodeName(text).toStdString()};
}

QString fromPath(const std::filesystem::path& path) {
    return widgets::format::oneLine(path.native(), 8000);
}

struct Preview {
    QString text;
    bool isMistake = false;
};

// Never searches a whole tree: a preview of "/" must not keep a thread for minutes.
Preview previewOf(job::Job job) {
    std::string input;
    try {
        if (auto* folder = std::get_if<job::FolderInputs>(&job.inputs)) {
            folder->recursive = false;
        }
        input = job::collect_inputs(job.inputs).front();
    } catch (const std::exception&) {
        if (const auto* folder = std::get_if<job::FolderInputs>(&job.inputs)) {
            std::string name = folder->pattern.substr(0, folder->pattern.find(';'));
            if (const auto star = name.find('*'); star != std::string::npos) {
                name.replace(star, 1, "example");
            }
            input = (folder->folder / name).native();
        } else {
            input = "input";
        }
    }
    try {
        return {commandText(job, input, 0), false};
    } catch (const std::exception& error) {
        return {QString::fromUtf8(error.what()), true};
    }
}

} // namespace

JobForm::JobForm(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("form"));
    m_fields = new QWidget(this);

    m_name = new QLineEdit;
    m_name->setObjectName(QStringLiteral("jobName"));
    m_name->setAccessibleName(tr("Name of the job"));
    m_name->setPlaceholderText(tr("What this job does"));

    m_command = new QPlainTextEdit;
    m_command->setObjectName(QStringLiteral("command"));
    m_command->setAccessibleName(tr("Command"));
    m_command->setTabChangesFocus(true);
    m_command->setProperty("field", true);
    m_command->setPlaceholderText(tr("sha256sum {}"));
    m_command->setLineWrapMode(QPlainTextEdit::WidgetWidth);
    m_command->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    m_useShell = new QCheckBox(tr("Use a s&hell (pipes, redirections, variables)"));
    m_useShell->setObjectName(QStringLiteral("useShell"));
    m_useShell->setToolTip(tr("Gives the command to /bin/sh. Inputs are put in quoted, so their names are safe."));
    auto* legend =
        hint(tr("<table cellspacing='0' cellpadding='0'>"
                "<tr><td><b><code>{}</code></b></td><td>&nbsp; the input &nbsp; &nbsp; </td>"
                "<td><b><code>{.}</code></b></td><td>&nbsp; without extension</td></tr>"
                "<tr><td><b><code>{/}</code></b></td><td>&nbsp; its name</td>"
                "<td><b><code>{//}</code></b></td><td>&nbsp; its folder</td></tr>"
                "<tr><td><b><code>{#}</code></b></td><td>&nbsp; its number</td><td></td><td></td></tr></table>"));
    legend->setAccessibleName(tr("What the placeholders stand for"));
    m_preview = new QLabel;
    m_preview->setObjectName(QStringLiteral("preview"));
    m_preview->setAccessibleName(tr("The first command line"));
    m_preview->setWordWrap(true);
    m_preview->setTextFormat(Qt::PlainText);
    m_preview->setProperty("muted", true);
    m_preview->setTextInteractionFlags(Qt::TextSelectableByMouse);

    m_inputsKind = new QTabBar;
    m_inputsKind->setObjectName(QStringLiteral("inputsKind"));
    m_inputsKind->setAccessibleName(tr("Where the inputs come from"));
    m_inputsKind->setProperty("segments", true);
    m_inputsKind->setDrawBase(false);
    m_inputsKind->setExpanding(true);
    m_inputsKind->setElideMode(Qt::ElideNone);
    m_inputsKind->setUsesScrollButtons(false);
    m_inputsKind->addTab(tr("Folder"));
    m_inputsKind->addTab(tr("List"));
    m_inputsKind->addTab(tr("Lines of a file"));
    m_inputsPages = new QStackedWidget;
    m_inputsPages->addWidget(makeFolderPage());
    m_inputsPages->addWidget(makeListPage());
    m_inputsPages->addWidget(makeLinesPage());

    m_map = new QRadioButton(tr("&Map, in order"));
    m_map->setObjectName(QStringLiteral("patternMap"));
    m_queue = new QRadioButton(tr("&Queue, as they come"));
    m_queue->setObjectName(QStringLiteral("patternQueue"));
    m_map->setAccessibleDescription(tr("Results appear in the order of the inputs."));
    m_queue->setAccessibleDescription(tr("Each result appears as soon as it is there."));

    m_limit = new QSpinBox;
    m_limit->setObjectName(QStringLiteral("limit"));
    // 0 can be typed, so that it can be told what is wrong with it.
    m_limit->setRange(0, 10'000);
    m_limit->setAccessibleName(tr("Most programs at once"));
    m_limit->setMinimumWidth(76);
    m_reuse = new QCheckBox(tr("R&euse processes"));
    m_reuse->setObjectName(QStringLiteral("reuse"));
    m_reuse->setToolTip(
        tr("Keeps each worker process for many items instead of making one for each: faster for short commands."));

    auto* fields = new QVBoxLayout(m_fields);
    fields->setContentsMargins(0, 0, 0, 0);
    fields->setSpacing(4);
    const auto gap = [fields] { fields->addSpacing(10); };
    fields->addWidget(caption(tr("&Name"), m_name));
    fields->addWidget(m_name);
    gap();
    fields->addWidget(caption(tr("&Command"), m_command));
    fields->addWidget(m_command);
    fields->addWidget(addMistakeLabel(QStringLiteral("command"), m_command));
    fields->addWidget(legend);
    fields->addWidget(m_useShell);
    fields->addWidget(m_preview);
    gap();
    fields->addWidget(caption(tr("&Inputs"), m_inputsKind));
    fields->addWidget(m_inputsKind);
    fields->addSpacing(4);
    fields->addWidget(m_inputsPages);
    gap();
    fields->addWidget(caption(tr("Results"), nullptr));
    fields->addWidget(m_map);
    auto* mapHint = hint(m_map->accessibleDescription());
    auto* queueHint = hint(m_queue->accessibleDescription());
    for (auto* label : {mapHint, queueHint}) {
        label->setContentsMargins(22, 0, 0, 2);
    }
    fields->addWidget(mapHint);
    fields->addWidget(m_queue);
    fields->addWidget(queueHint);
    gap();
    auto* limitRow = new QHBoxLayout;
    limitRow->setSpacing(8);
    limitRow->addWidget(caption(tr("A&t once"), m_limit));
    limitRow->addWidget(m_limit);
    auto* cores = hint(tr("of %1").arg(widgets::format::counted(available_cores(), tr("core"), tr("cores"))));
    cores->setWordWrap(false);
    limitRow->addWidget(cores, 1);
    fields->addLayout(limitRow);
    fields->addWidget(addMistakeLabel(QStringLiteral("limit"), m_limit));
    fields->addWidget(m_reuse);
    fields->addStretch(1);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 12);
    layout->addWidget(m_fields);

    connect(m_name, &QLineEdit::textChanged, this, [this] { edited(QStringLiteral("name")); });
    connect(m_command, &QPlainTextEdit::textChanged, this, [this] { edited(QStringLiteral("command")); });
    connect(m_useShell, &QCheckBox::toggled, this, [this] { edited(QStringLiteral("command")); });
    connect(m_inputsKind, &QTabBar::currentChanged, this, [this](int page) {
        showInputs(page);
        edited({});
    });
    connect(m_folder, &QLineEdit::textChanged, this, [this] {
        m_isFolderEdited |= !m_isFilling;
        edited(QStringLiteral("inputs.folder"));
    });
    connect(m_filePattern, &QLineEdit::textChanged, this, [this] { edited(QStringLiteral("inputs.pattern")); });
    connect(m_recursive, &QCheckBox::toggled, this, [this] { edited(QStringLiteral("inputs.pattern")); });
    connect(m_list, &QPlainTextEdit::textChanged, this, [this] {
        m_isListEdited |= !m_isFilling;
        edited(QStringLiteral("inputs.items"));
    });
    connect(m_file, &QLineEdit::textChanged, this, [this] {
        m_isFileEdited |= !m_isFilling;
        edited(QStringLiteral("inputs.file"));
    });
    connect(m_limit, &QSpinBox::valueChanged, this, [this] {
        m_isLimitEdited |= !m_isFilling;
        edited(QStringLiteral("limit"));
    });
    connect(m_map, &QRadioButton::toggled, this, [this] { edited({}); });
    connect(m_reuse, &QCheckBox::toggled, this, [this] { edited({}); });

    m_previewTimer.setSingleShot(true);
    m_previewTimer.setInterval(150);
    connect(&m_previewTimer, &QTimer::timeout, this, &JobForm::renewPreview);

    applyFonts();
    setJob({});
}

QLabel* JobForm::addMistakeLabel(const QString& field, QWidget* editor, int inputsPage) {
    auto* label = new QLabel;
    label->setProperty("mistake", true);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->hide();
    m_mistakes.insert(field, {editor, label, inputsPage});
    return label;
}

QWidget* JobForm::makeFolderPage() {
    auto* page = new QWidget;
    m_folder = new QLineEdit;
    m_folder->setObjectName(QStringLiteral("folder"));
    m_folder->setAccessibleName(tr("Folder of the inputs"));
    m_folder->setPlaceholderText(tr("Folder"));
    auto* browse = new QPushButton(tr("&Browse…"));
    browse->setProperty("small", true);
    browse->setAccessibleName(tr("Browse for the folder"));
    m_filePattern = new QLineEdit;
    m_filePattern->setObjectName(QStringLiteral("filePattern"));
    m_filePattern->setAccessibleName(tr("Pattern of the files' names"));
    m_filePattern->setPlaceholderText(QStringLiteral("*"));
    m_filePattern->setToolTip(
        tr("As in a shell: * any text, ? any character, [a-z] one of these. Several patterns are separated by ;"));
    m_recursive = new QCheckBox(tr("In folders &below, too"));
    m_recursive->setObjectName(QStringLiteral("recursive"));
    auto* row = new QHBoxLayout;
    row->setSpacing(6);
    row->addWidget(m_folder, 1);
    row->addWidget(browse);
    auto* patternRow = new QHBoxLayout;
    patternRow->setSpacing(8);
    auto* label = new QLabel(tr("&Files"));
    label->setBuddy(m_filePattern);
    patternRow->addWidget(label);
    patternRow->addWidget(m_filePattern, 1);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addLayout(row);
    layout->addWidget(addMistakeLabel(QStringLiteral("inputs.folder"), m_folder, Folder));
    layout->addLayout(patternRow);
    layout->addWidget(addMistakeLabel(QStringLiteral("inputs.pattern"), m_filePattern, Folder));
    layout->addWidget(m_recursive);
    layout->addStretch(1);
    connect(browse, &QPushButton::clicked, this, &JobForm::browseFolder);
    return page;
}

QWidget* JobForm::makeListPage() {
    auto* page = new QWidget;
    m_list = new QPlainTextEdit;
    m_list->setObjectName(QStringLiteral("items"));
    m_list->setAccessibleName(tr("Inputs, one a line"));
    m_list->setPlaceholderText(tr("One input a line"));
    m_list->setProperty("field", true);
    m_list->setTabChangesFocus(true);
    m_list->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_list->setMinimumHeight(96);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(m_list, 1);
    layout->addWidget(addMistakeLabel(QStringLiteral("inputs.items"), m_list, List));
    return page;
}

QWidget* JobForm::makeLinesPage() {
    auto* page = new QWidget;
    m_file = new QLineEdit;
    m_file->setObjectName(QStringLiteral("linesFile"));
    m_file->setAccessibleName(tr("File whose lines are the inputs"));
    m_file->setPlaceholderText(tr("Text file, one input a line"));
    auto* browse = new QPushButton(tr("&Browse…"));
    browse->setProperty("small", true);
    browse->setAccessibleName(tr("Browse for the file"));
    auto* row = new QHBoxLayout;
    row->setSpacing(6);
    row->addWidget(m_file, 1);
    row->addWidget(browse);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addLayout(row);
    layout->addWidget(addMistakeLabel(QStringLiteral("inputs.file"), m_file, Lines));
    layout->addWidget(hint(tr("Empty lines are left out.")));
    layout->addStretch(1);
    connect(browse, &QPushButton::clicked, this, &JobForm::browseFile);
    return page;
}

void JobForm::showInputs(int page) {
    // Hidden pages must not reserve the height of the tallest.
    for (int i = 0; i < m_inputsPages->count(); ++i) {
        const auto policy = i == page ? QSizePolicy::Preferred : QSizePolicy::Ignored;
        m_inputsPages->widget(i)->setSizePolicy(QSizePolicy::Preferred, policy);
    }
    m_inputsPages->setCurrentIndex(page);
    m_inputsPages->adjustSize();
}

void JobForm::applyFonts() {
    const QFont fixed = widgets::fixedFont(font());
    m_command->setFont(fixed);
    m_list->setFont(fixed);
    m_preview->setFont(fixed);
    m_command->setFixedHeight(3 * QFontMetrics(fixed).lineSpacing() + 20);
}

void JobForm::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        applyFonts();
    }
}

void JobForm::setJob(const job::Job& job) {
    m_isFilling = true;
    m_job = job;
    m_isFolderEdited = m_isListEdited = m_isFileEdited = m_isLimitEdited = false;
    m_name->setText(QString::fromStdString(job.name));
    m_command->setPlainText(QString::fromStdString(job.command));
    m_useShell->setChecked(job.use_shell);
    const auto* folder = std::get_if<job::FolderInputs>(&job.inputs);
    const auto* list = std::get_if<job::ListInputs>(&job.inputs);
    const auto* lines = std::get_if<job::LineInputs>(&job.inputs);
    m_folder->setText(folder ? fromPath(folder->folder) : QString());
    m_filePattern->setText(folder ? QString::fromStdString(folder->pattern) : QStringLiteral("*"));
    m_recursive->setChecked(!folder || folder->recursive);
    QStringList items;
    if (list) {
        for (const auto& item : list->items) {
            items += widgets::format::oneLine(item, 100'000);
        }
    }
    m_list->setPlainText(items.join(QLatin1Char('\n')));
    m_file->setText(lines ? fromPath(lines->file) : QString());
    m_inputsKind->setCurrentIndex(folder ? Folder : list ? List : Lines);
    showInputs(m_inputsKind->currentIndex());
    (job.pattern == job::Pattern::map ? m_map : m_queue)->setChecked(true);
    m_limit->setValue(static_cast<int>(std::min<std::size_t>(job.limit.value_or(available_cores()), 10'000)));
    m_reuse->setChecked(job.reuse);
    m_isFilling = false;
    clearMistakes();
    m_previewTimer.start();
    emit changed();
}

job::Job JobForm::job() const {
    job::Job job = m_job;
    job.name = m_name->text().trimmed().toStdString();
    job.command = m_command->toPlainText().trimmed().toStdString();
    job.use_shell = m_useShell->isChecked();
    switch (m_inputsKind->currentIndex()) {
    case Folder: {
        job::FolderInputs inputs;
        const auto* given = std::get_if<job::FolderInputs>(&m_job.inputs);
        inputs.folder = given && !m_isFolderEdited ? given->folder : toPath(m_folder->text());
        inputs.pattern = m_filePattern->text().trimmed().toStdString();
        inputs.recursive = m_recursive->isChecked();
        job.inputs = std::move(inputs);
        break;
    }
    case List: {
        job::ListInputs inputs;
        const auto* given = std::get_if<job::ListInputs>(&m_job.inputs);
        if (given && !m_isListEdited) {
            inputs = *given;
        } else {
            for (const QString& line : m_list->toPlainText().split(QLatin1Char('\n'), Qt::SkipEmptyParts)) {
                inputs.items.push_back(line.toStdString());
            }
        }
        job.inputs = std::move(inputs);
        break;
    }
    default: {
        const auto* given = std::get_if<job::LineInputs>(&m_job.inputs);
        job.inputs = job::LineInputs{given && !m_isFileEdited ? given->file : toPath(m_file->text())};
    }
    }
    job.pattern = m_map->isChecked() ? job::Pattern::map : job::Pattern::queue;
    // A job that leaves the limit to the machine goes on doing so until a number is chosen.
    if (m_isLimitEdited) {
        job.limit = static_cast<std::size_t>(m_limit->value());
    }
    job.reuse = m_reuse->isChecked();
    return job;
}

void JobForm::edited(const QString& field) {
    if (m_isFilling) {
        return;
    }
    if (const auto found = m_mistakes.constFind(field); found != m_mistakes.constEnd() && !found->message->isHidden()) {
        found->message->hide();
        found->editor->setProperty("wrong", false);
        polish(found->editor);
    }
    m_previewTimer.start();
    emit changed();
}

bool JobForm::showMistake(const QString& field, const QString& message) {
    const auto found = m_mistakes.constFind(field == QLatin1String("inputs") ? QStringLiteral("inputs.folder") : field);
    if (found == m_mistakes.constEnd()) {
        return false;
    }
    if (found->inputsPage >= 0) {
        m_inputsKind->setCurrentIndex(found->inputsPage);
    }
    found->message->setText(message);
    found->message->show();
    found->editor->setProperty("wrong", true);
    found->editor->setAccessibleDescription(message);
    polish(found->editor);
    found->editor->setFocus(Qt::OtherFocusReason);
    return true;
}

void JobForm::clearMistakes() {
    for (const Field& field : std::as_const(m_mistakes)) {
        field.message->hide();
        field.editor->setProperty("wrong", false);
        field.editor->setAccessibleDescription({});
        polish(field.editor);
    }
}

QString JobForm::mistake(const QString& field) const {
    const auto found = m_mistakes.constFind(field);
    return found == m_mistakes.constEnd() || found->message->isHidden() ? QString() : found->message->text();
}

void JobForm::setLocked(bool locked) {
    m_fields->setEnabled(!locked);
}

void JobForm::browseFolder() {
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Folder of the inputs"), m_folder->text());
    if (!folder.isEmpty()) {
        m_folder->setText(folder);
    }
}

void JobForm::browseFile() {
    const QString file = QFileDialog::getOpenFileName(this, tr("File whose lines are the inputs"), m_file->text());
    if (!file.isEmpty()) {
        m_file->setText(file);
    }
}

void JobForm::renewPreview() {
    const auto given = job();
    if (given.command.empty()) {
        ++m_previewNumber;
        m_preview->clear();
        m_preview->hide();
        return;
    }
    QThreadPool::globalInstance()->start([self = QPointer<JobForm>(this), given, number = ++m_previewNumber] {
        const Preview preview = previewOf(given);
        QMetaObject::invokeMethod(
            qApp,
            [self, preview, number] {
                if (self && self->m_previewNumber == number) {
                    // Only what can be seen at once: a long preview would push the form about while typing.
                    const QString text =
                        preview.text.size() > 120 ? preview.text.left(119) + QChar(0x2026) : preview.text;
                    self->m_preview->setText((preview.isMistake ? QString() : QStringLiteral("→ ")) + text);
                    self->m_preview->setToolTip(preview.text);
                    self->m_preview->show();
                }
            },
            Qt::QueuedConnection);
    });
}

} // namespace pprocess::workbench
