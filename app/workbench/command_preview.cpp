// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/command_preview.h>

#include <app/workbench/command_text.h>

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>

#include <pprocess/job/item_source.h>

namespace pprocess::workbench {

namespace {

struct Preview {
    QString text;
    bool isMistake = false;
};

struct FirstInput {
    std::string text;
    std::vector<std::string> columns;
};

// Never searches a whole tree: a preview of "/" must not keep a thread for minutes. Nor waits for a pipe.
FirstInput firstInput(job::Inputs inputs) {
    auto* folder = std::get_if<job::FolderInputs>(&inputs);
    if (folder) {
        folder->recursive = false;
    }
    const auto* lines = std::get_if<job::LineInputs>(&inputs);
    const auto* table = std::get_if<job::TableInputs>(&inputs);
    const bool isReadable = lines   ? std::filesystem::is_regular_file(lines->file)
                            : table ? std::filesystem::is_regular_file(table->file)
                                    : !std::holds_alternative<job::StandardInput>(inputs);
    FirstInput found{"input", {}};
    try {
        if (isReadable) {
            const auto source = job::open_inputs(inputs);
            found.columns = source->columns();
            job::Item item;
            if (source->next(item) == job::ItemSource::Next::item) {
                found.text = item.text;
            }
            return found;
        }
    } catch (const std::exception&) {
        if (folder) {
            std::string name = folder->pattern.substr(0, folder->pattern.find(';'));
            if (const auto star = name.find('*'); star != std::string::npos) {
                name.replace(star, 1, "example");
            }
            found.text = (folder->folder / name).native();
        }
    }
    return found;
}

Preview previewOf(const job::Job& job) {
    try {
        const FirstInput input = firstInput(job.inputs);
        return {commandText(job, input.text, 0, input.columns), false};
    } catch (const std::exception& error) {
        return {QString::fromUtf8(error.what()), true};
    }
}

} // namespace

CommandPreview::CommandPreview(QWidget* parent) : QLabel(parent) {
    setObjectName(QStringLiteral("preview"));
    setAccessibleName(tr("The first command line"));
    setWordWrap(true);
    setTextFormat(Qt::PlainText);
    setProperty("muted", true);
    setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_timer.setSingleShot(true);
    m_timer.setInterval(150);
    connect(&m_timer, &QTimer::timeout, this, &CommandPreview::renew);
}

void CommandPreview::follow(const job::Job& job) {
    m_job = job;
    m_timer.start();
}

void CommandPreview::renew() {
    const quint64 number = ++m_number;
    if (m_job.command.empty() && !m_job.function) {
        clear();
        hide();
        return;
    }
    QThreadPool::globalInstance()->start([self = QPointer<CommandPreview>(this), job = m_job, number] {
        const Preview preview = previewOf(job);
        QMetaObject::invokeMethod(
            qApp,
            [self, preview, number] {
                if (self && self->m_number == number) {
                    // Only what can be seen at once: a long preview would push the form about while typing.
                    const QString text =
                        preview.text.size() > 120 ? preview.text.left(119) + QChar(0x2026) : preview.text;
                    self->setText((preview.isMistake ? QString() : QStringLiteral("→ ")) + text);
                    self->setToolTip(preview.text);
                    self->show();
                }
            },
            Qt::QueuedConnection);
    });
}

} // namespace pprocess::workbench
