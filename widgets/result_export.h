// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/result_store.h>

#include <QObject>
#include <QString>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

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

/// Writes the output, or the value, of each row to a file of its own in `folder`, named by the item's number and the
/// last part of its input (`12 photo.jpg.txt`; pictures have the ending of their kind, values `.json`); error output
/// beside it as `12 photo.jpg.errors.txt`. A file that is there already stays, and the new one has a number behind its
/// name. Returns what went wrong and what to do about it, or nothing. Waits for the disk.
QString saveOutputs(const std::vector<ResultRowPtr>& rows, const QString& folder);

/// `saveOutputs` in a thread of its own; `done` as below.
void saveOutputsInBackground(std::vector<ResultRowPtr> rows, const QString& folder, QObject* context,
                             std::function<void(QString)> done);

/// `save` in a thread of its own; `done` is called with what it returned in the thread of `context`, unless that is
/// gone.
void saveInBackground(ResultStore rows, Format format, const QString& path, QObject* context,
                      std::function<void(QString)> done);

} // namespace pprocess::widgets::result_export
