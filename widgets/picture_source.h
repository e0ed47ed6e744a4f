// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/stored_row.h>

#include <QByteArray>
#include <QImage>
#include <QObject>
#include <QSize>
#include <QString>

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

/// The pictures that results are or name.
namespace pprocess::widgets::picture_source {

/// Where a picture comes from: bytes or a file.
struct Source {
    ResultRowPtr row; ///< keeps the bytes
    QByteArray bytes; ///< of the picture, which are the row's; empty: it is in a file
    QString file;     ///< its path
    [[nodiscard]] QString name() const;
};

/// Do these bytes begin like a picture (PNG, JPEG, GIF, BMP, WebP, PPM and its kin)?
bool isPicture(std::string_view bytes);
/// Is this the path of a picture, by the end of its name?
bool isPicturePath(std::string_view path);
/// May a row have a picture: is its output one, or is the last line of it the path of one? Looks at no file.
bool mayHavePicture(const ResultView& row);

/// The picture of a result: its output, a byte buffer that its function gave, or the file whose path is its output's
/// last line; a relative path is one in `folder`.
std::optional<Source> of(const ResultRowPtr& row, const QString& folder);

/// Reads it, made smaller than `most` where it is larger. Null with a reason in `problem` when it cannot be read.
QImage read(const Source& source, QSize most, QString* problem = nullptr);

/// `read` in another thread; `done` is called in that of `context`, unless that is gone.
void readInBackground(Source source, QSize most, QObject* context,
                      std::function<void(const QImage& picture, const QString& problem)> done);

} // namespace pprocess::widgets::picture_source
