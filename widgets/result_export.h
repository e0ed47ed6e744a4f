// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/result_store.h>

#include <QObject>
#include <QString>

#include <functional>
#include <string>
#include <string_view>

/// Results as files.
///
/// **CSV** (RFC 4180, UTF-8, a header line): number, input, outcome, detail, exit_status, signal, seconds, tries,
/// worker_pid, output_bytes, first_line. For people and spreadsheets: text that is not UTF-8 or holds control
/// characters is written readably (`\xff`, `\n`).
///
/// **JSON**: `{"pprocess_results": 1, "results": [...]}`, one object a line, nothing lost: `input`, `output` and
/// `error_output` hold the exact text. Where the bytes are not UTF-8 the field holds a readable form and a second field
/// beside it, `input_base64` and so on, the exact bytes.
namespace pprocess::widgets::result_export {

enum class Format { csv, json };

/// Takes the next piece of a file.
using Sink = std::function<void(std::string_view)>;

void writeCsv(const ResultStore& rows, const Sink& sink);
void writeJson(const ResultStore& rows, const Sink& sink);

/// Writes the file beside `path` and then moves it there, so that the old one stays whole if anything fails. Where
/// `path` is a device or a pipe, it writes to that. Returns what went wrong and what to do about it, or nothing. Waits
/// for the disk: not for the window's thread.
QString save(const ResultStore& rows, Format format, const QString& path);

/// `save` in a thread of its own; `done` is called with what it returned in the thread of `context`, unless that is
/// gone.
void saveInBackground(ResultStore rows, Format format, const QString& path, QObject* context,
                      std::function<void(QString)> done);

} // namespace pprocess::widgets::result_export
