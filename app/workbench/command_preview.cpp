// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/command_preview.h>

#include <app/workbench/command_text.h>

#include <widgets/format.h>

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>

#include <optional>
#include <system_error>

#include <pprocess/job/item_source.h>
#include <pprocess/job/plan.h>

namespace pprocess::workbench {

namespace {

struct Preview {
    QStringList lines;
    QString mistake;
};

struct FirstInput {
    std::string text;
    std::vector<std::string> columns;
};

bool isRegularFile(const std::filesystem::path& file) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(file, ignored);
}

// Never searches a whole tree: a preview of "/" must not keep a thread for minutes. Nor waits for a pipe. None where
// the columns are not known: names in placeholders would be taken for themselves.
std::optional<FirstInput> firstInput(job::Inputs inputs) {
    auto* folder = std::get_if<job::FolderInputs>(&inputs);
    if (folder) {
        folder->recursive = false;
    }
    const auto* lines = std::get_if<job::LineInputs>(&inputs);
    const auto* table = std::get_if<job::TableInputs>(&inputs);
    const bool hasColumns = table || std::holds_alternative<job::GridInputs>(inputs);
    const bool isReadable = lines   ? isRegularFile(lines->file)
                            : table ? isRegularFile(table->file)
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
    if (hasColumns) {
        return std::nullopt;
    }
    return found;
}

/// Throws what a run would, as far as the libraries are known.
void checkFunctions(const job::Job& job, const FirstInput& input, const TaskLibraries::Known& libraries) {
    for (const job::Step& step : job::steps_of(job)) {
        const auto* function = std::get_if<job::Function>(&step);
        if (function && (function->name.empty() || !libraries.contains(std::filesystem::absolute(function->library)))) {
            return;
        }
    }
    const job::Plan plan(job, input.columns,
                         [&](const std::filesystem::path& library) { return libraries.at(library); });
    if (const auto* function = std::get_if<job::FunctionStep>(&plan.steps().front())) {
        (void)function->arguments_for(job::filling_for(input.text, 0, input.columns), nullptr);
    }
}

Preview previewOf(const job::Job& job, const TaskLibraries::Known& libraries) {
    Preview preview;
    try {
        const auto input = firstInput(job.inputs);
        if (!input) {
            return preview;
        }
        job::Filling filling = job::filling_for(input->text, 0, input->columns);
        filling.previous = "{<}";
        for (const job::Step& step : job::steps_of(job)) {
            const auto* function = std::get_if<job::Function>(&step);
            if (function && function->name.empty()) {
                break; // the list of functions says what to do
            }
            preview.lines += stepText(step, preview.lines.isEmpty(), filling, input->columns);
        }
        checkFunctions(job, *input, libraries);
    } catch (const job::JobError& error) {
        preview.mistake = QString::fromUtf8(error.what());
    } catch (const std::exception& error) {
        preview.mistake = widgets::format::sentence(QString::fromUtf8(error.what()));
    }
    return preview;
}

/// Only what can be seen at once: a long preview would push the form about while typing.
QString shortened(const QString& text) {
    return text.size() > 120 ? text.left(119) + QChar(0x2026) : text;
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

void CommandPreview::follow(const job::Job& job, const TaskLibraries::Known& libraries) {
    m_job = job;
    m_libraries = libraries;
    m_timer.start();
}

void CommandPreview::renew() {
    const quint64 number = ++m_number;
    if (m_job.command.empty() && !m_job.function) {
        clear();
        hide();
        return;
    }
    // A library's name may be relative; the thread is not to wonder to what.
    TaskLibraries::Known libraries;
    for (auto& [file, tasks] : m_libraries) {
        libraries[std::filesystem::absolute(file)] = tasks;
    }
    QThreadPool::globalInstance()->start([self = QPointer<CommandPreview>(this), job = m_job, libraries, number] {
        const Preview preview = previewOf(job, libraries);
        QMetaObject::invokeMethod(
            qApp,
            [self, preview, number] {
                if (self && self->m_number == number) {
                    QStringList shown;
                    for (const QString& line : preview.lines) {
                        shown += QStringLiteral("→ ") + shortened(line);
                    }
                    if (!preview.mistake.isEmpty()) {
                        shown = {shortened(preview.mistake)};
                    }
                    self->setText(shown.join(QLatin1Char('\n')));
                    self->setToolTip(preview.mistake.isEmpty() ? preview.lines.join(QLatin1Char('\n'))
                                                               : preview.mistake);
                    self->setVisible(!shown.isEmpty());
                }
            },
            Qt::QueuedConnection);
    });
}

} // namespace pprocess::workbench
