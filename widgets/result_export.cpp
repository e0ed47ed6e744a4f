// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/result_export.h>

#include <widgets/format.h>
#include <widgets/picture_source.h>

#include <QBuffer>
#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QImageReader>
#include <QPointer>
#include <QStringDecoder>
#include <QThreadPool>

#include <cstdio>
#include <optional>

#include <pprocess/job/output_file.h>
#include <pprocess/os/error.h>

namespace pprocess::widgets::result_export {

namespace {

bool isUtf8(std::string_view bytes) {
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString text = decoder(QByteArrayView(bytes.data(), static_cast<qsizetype>(bytes.size())));
    return !decoder.hasError();
}

std::string csvField(std::string_view text) {
    if (text.find_first_of("\",\r\n") == std::string_view::npos) {
        return std::string(text);
    }
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c;
        if (c == '"') {
            quoted += '"';
        }
    }
    return quoted + '"';
}

std::string jsonString(std::string_view text) {
    std::string quoted = "\"";
    quoted.reserve(text.size() + 2);
    for (const char c : text) {
        switch (c) {
        case '"':
            quoted += "\\\"";
            break;
        case '\\':
            quoted += "\\\\";
            break;
        case '\n':
            quoted += "\\n";
            break;
        case '\r':
            quoted += "\\r";
            break;
        case '\t':
            quoted += "\\t";
            break;
        default:
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
                char escape[8];
                std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
                quoted += escape;
            } else {
                quoted += c;
            }
        }
    }
    return quoted + '"';
}

std::string jsonBytes(const char* name, std::string_view bytes) {
    std::string member = std::string("\"") + name + "\": ";
    if (isUtf8(bytes)) {
        return member + jsonString(bytes);
    }
    const QByteArray encoded = QByteArray::fromRawData(bytes.data(), static_cast<qsizetype>(bytes.size())).toBase64();
    return member + jsonString(job::printable(bytes)) + ", \"" + name + "_base64\": \"" + encoded.toStdString() + '"';
}

std::string seconds(const ResultView& result) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6f", std::chrono::duration<double>(result.duration).count());
    return text;
}

} // namespace

void writeCsv(const ResultStore& rows, const Sink& sink) {
    sink("number,input,outcome,detail,exit_status,signal,seconds,tries,worker_pid,output_bytes,first_line\r\n");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const ResultRowPtr kept = rows.at(i);
        const ResultRow& row = *kept;
        const auto& result = row.result;
        std::string line = std::to_string(result.index + 1) + ',' + csvField(job::printable(row.input)) + ',' +
                           job::to_string(result.outcome) + ',' + csvField(result.detail) + ',';
        line += (result.has_exit_status() ? std::to_string(result.program.exit_code) : "") + ',';
        line += (result.program.signal != 0 ? std::to_string(result.program.signal) : "") + ',';
        line += seconds(rows.view(i)) + ',' + std::to_string(result.attempts) + ',' + std::to_string(result.worker) +
                ',' + std::to_string(result.program.output_bytes) + ',';
        line += csvField(format::oneLine(rows.view(i).firstLine()).toStdString()) + "\r\n";
        sink(line);
    }
}

void writeJson(const ResultStore& rows, const Sink& sink) {
    sink("{\"pprocess_results\": 1, \"results\": [");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const ResultRowPtr kept = rows.at(i);
        const ResultRow& row = *kept;
        const auto& result = row.result;
        const auto& program = result.program;
        std::string line = i == 0 ? "\n" : ",\n";
        line += "{\"number\": " + std::to_string(result.index + 1) + ", " + jsonBytes("input", row.input);
        line += std::string(", \"outcome\": \"") + job::to_string(result.outcome) + "\", " +
                jsonBytes("detail", result.detail);
        line += ", \"exit_status\": " + (result.has_exit_status() ? std::to_string(program.exit_code) : "null");
        line += ", \"signal\": " + (program.signal != 0 ? std::to_string(program.signal) : "null");
        line += ", \"seconds\": " + seconds(rows.view(i)) + ", \"tries\": " + std::to_string(result.attempts) +
                ", \"worker_pid\": " + std::to_string(result.worker);
        line +=
            ", \"output_bytes\": " + std::to_string(program.output_bytes) + ", " + jsonBytes("output", program.output);
        line += ", \"error_bytes\": " + std::to_string(program.error_bytes) + ", " +
                jsonBytes("error_output", program.error_output);
        if (program.start_error != 0) {
            line += ", " + jsonBytes("start_error", program.start_message);
        }
        if (result.value) {
            line += ", \"value\": " + to_json_text(*result.value);
        }
        sink(line + "}");
    }
    sink("\n]}\n");
}

QString save(const ResultStore& rows, Format format, const QString& path) {
    std::optional<job::OutputFile> file;
    try {
        file.emplace(QFile::encodeName(path).toStdString());
    } catch (const SystemError& error) {
        return QCoreApplication::translate("ResultExport",
                                           "The results could not be saved to “%1”: %2. Choose another folder or name.")
            .arg(path, format::reason(error));
    }
    try {
        const Sink sink = [&](std::string_view text) { file->write(text); };
        format == Format::csv ? writeCsv(rows, sink) : writeJson(rows, sink);
        file->finish();
    } catch (const SystemError& error) {
        return QCoreApplication::translate(
                   "ResultExport", "The results could not be saved to “%1”: %2. A file that was there before is "
                                   "unchanged. Free some space or choose another folder, then save again.")
            .arg(path, format::reason(error));
    }
    return {};
}

namespace {

/// A file's name without its ending.
QString nameOf(const ResultRow& row) {
    QString part = format::oneLine(row.input, 200).section(QLatin1Char('/'), -1);
    constexpr int longest = 80;
    part = part.right(longest).trimmed();
    for (QChar& letter : part) {
        if (letter == QLatin1Char('/') || letter < QLatin1Char(' ')) {
            letter = QLatin1Char('_');
        }
    }
    return QStringLiteral("%1 %2").arg(row.result.index + 1).arg(part).trimmed();
}

QString endingOf(std::string_view bytes) {
    if (!picture_source::isPicture(bytes)) {
        return QStringLiteral("txt");
    }
    QByteArray data = QByteArray::fromRawData(bytes.data(), static_cast<qsizetype>(bytes.size()));
    QBuffer buffer(&data);
    buffer.open(QIODevice::ReadOnly);
    const QByteArray format = QImageReader::imageFormat(&buffer);
    return format.isEmpty() ? QStringLiteral("txt") : QString::fromLatin1(format);
}

/// Returns what went wrong.
QString writeNew(const QDir& folder, const QString& name, const QString& ending, std::string_view bytes) {
    for (int copy = 1;; ++copy) {
        const QString number = copy == 1 ? QString() : QStringLiteral(" (%1)").arg(copy);
        QFile file(folder.filePath(name + number + QLatin1Char('.') + ending));
        if (file.exists()) {
            continue;
        }
        if (file.open(QIODevice::WriteOnly | QIODevice::NewOnly) &&
            file.write(bytes.data(), static_cast<qint64>(bytes.size())) == static_cast<qint64>(bytes.size()) &&
            file.flush()) {
            return {};
        }
        const QString reason = file.errorString();
        if (file.isOpen()) {
            file.remove(); // half of it would look like the whole
        }
        return QCoreApplication::translate(
                   "ResultExport",
                   "The output could not be saved as “%1”: %2. What was saved before it is there. Free some space or "
                   "choose another folder, then save again.")
            .arg(file.fileName(), reason);
    }
}

} // namespace

QString saveOutputs(const std::vector<ResultRowPtr>& rows, const QString& folder) {
    const QDir place(folder);
    for (const ResultRowPtr& row : rows) {
        const auto& result = row->result;
        const auto& program = result.program;
        const QString name = nameOf(*row);
        QString problem;
        if (result.value && result.value->kind() == AnyValue::Kind::bytes) {
            const auto bytes = result.value->bytes();
            const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
            problem =
                writeNew(place, name, picture_source::isPicture(text) ? endingOf(text) : QStringLiteral("bin"), text);
        } else if (result.value) {
            problem = writeNew(place, name, QStringLiteral("json"), to_json_text(*result.value));
        } else {
            problem = writeNew(place, name, endingOf(program.output), program.output);
        }
        if (problem.isEmpty() && !program.error_output.empty()) {
            problem = writeNew(place, name + QStringLiteral(".errors"), QStringLiteral("txt"), program.error_output);
        }
        if (!problem.isEmpty()) {
            return problem;
        }
    }
    return {};
}

void saveOutputsInBackground(std::vector<ResultRowPtr> rows, const QString& folder, QObject* context,
                             std::function<void(QString)> done) {
    QThreadPool::globalInstance()->start(
        [rows = std::move(rows), folder, guard = QPointer<QObject>(context), done = std::move(done)] {
            const QString problem = saveOutputs(rows, folder);
            QMetaObject::invokeMethod(
                qApp,
                [guard, done, problem] {
                    if (guard) {
                        done(problem);
                    }
                },
                Qt::QueuedConnection);
        });
}

void saveInBackground(ResultStore rows, Format format, const QString& path, QObject* context,
                      std::function<void(QString)> done) {
    auto store = std::make_shared<ResultStore>(std::move(rows));
    QThreadPool::globalInstance()->start(
        [store = std::move(store), format, path, guard = QPointer<QObject>(context), done = std::move(done)]() mutable {
            const QString problem = save(*store, format, path);
            store.reset();
            QMetaObject::invokeMethod(
                qApp,
                [guard, done = std::move(done), problem] {
                    if (guard) {
                        done(problem);
                    }
                },
                Qt::QueuedConnection);
        });
}

} // namespace pprocess::widgets::result_export
