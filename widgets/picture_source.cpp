// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/picture_source.h>

#include <QBuffer>
#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QImageReader>
#include <QPointer>
#include <QThreadPool>

#include <algorithm>
#include <array>
#include <cctype>

namespace pprocess::widgets::picture_source {

namespace {

/// The last line that is not empty.
std::string_view lastLine(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
        text.remove_suffix(1);
    }
    const std::size_t begin = text.rfind('\n');
    return begin == std::string_view::npos ? text : text.substr(begin + 1);
}

constexpr std::size_t longestPath = 4096;

} // namespace

QString Source::name() const {
    return file.isEmpty() ? QCoreApplication::translate("PictureSource", "the output") : file;
}

bool isPicture(std::string_view bytes) {
    using namespace std::string_view_literals;
    constexpr std::array beginnings{"\x89PNG\r\n\x1a\n"sv, "\xff\xd8\xff"sv, "GIF87a"sv, "GIF89a"sv, "BM"sv};
    // Two letters are little to go by.
    if (bytes.starts_with(beginnings.back())) {
        return bytes.size() > 54 && bytes.substr(6, 4) == "\0\0\0\0"sv;
    }
    if (std::any_of(beginnings.begin(), beginnings.end() - 1, [&](auto begin) { return bytes.starts_with(begin); })) {
        return true;
    }
    if (bytes.starts_with("RIFF") && bytes.size() > 12 && bytes.substr(8, 4) == "WEBP") {
        return true;
    }
    return bytes.size() > 8 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6' &&
           std::isspace(static_cast<unsigned char>(bytes[2])) != 0 &&
           (std::isdigit(static_cast<unsigned char>(bytes[3])) != 0 || bytes[3] == '#');
}

bool isPicturePath(std::string_view path) {
    constexpr std::array<std::string_view, 10> ends{".png", ".jpg", ".jpeg", ".gif",  ".bmp",
                                                    ".ppm", ".pgm", ".pbm",  ".webp", ".svg"};
    if (path.size() > longestPath) {
        return false;
    }
    return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) {
        return path.size() > end.size() &&
               std::equal(end.begin(), end.end(), path.end() - static_cast<std::ptrdiff_t>(end.size()),
                          [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
    });
}

bool mayHavePicture(const ResultView& row) {
    return isPicture(row.words) || isPicturePath(lastLine(row.words));
}

std::optional<Source> of(const ResultRowPtr& row, const QString& folder) {
    if (!row) {
        return {};
    }
    const auto from = [&row](std::string_view bytes) {
        return Source{row, QByteArray::fromRawData(bytes.data(), static_cast<qsizetype>(bytes.size())), {}};
    };
    const std::string& output = row->result.program.output;
    if (isPicture(output)) {
        return from(output);
    }
    std::string_view words = output;
    if (const auto& value = row->result.value) {
        if (value->kind() == AnyValue::Kind::bytes) {
            const std::string_view bytes(reinterpret_cast<const char*>(value->bytes().data()), value->bytes().size());
            if (isPicture(bytes)) {
                return from(bytes);
            }
        } else if (value->kind() == AnyValue::Kind::text) {
            words = value->text();
            if (isPicture(words)) {
                return from(words);
            }
        }
    }
    const std::string_view path = lastLine(words);
    if (!isPicturePath(path)) {
        return {};
    }
    const QString file = QFile::decodeName(QByteArray(path.data(), static_cast<qsizetype>(path.size())));
    const QFileInfo info(QDir(folder), file);
    return info.isFile() ? std::optional(Source{row, {}, info.absoluteFilePath()}) : std::nullopt;
}

QImage read(const Source& source, QSize most, QString* problem) {
    QBuffer buffer;
    QImageReader reader;
    if (source.file.isEmpty()) {
        buffer.setData(source.bytes);
        buffer.open(QIODevice::ReadOnly);
        reader.setDevice(&buffer);
    } else {
        reader.setFileName(source.file);
    }
    reader.setAutoTransform(true);
    reader.setDecideFormatFromContent(true);
    if (const QSize size = reader.size();
        size.isValid() && (size.width() > most.width() || size.height() > most.height())) {
        reader.setScaledSize(size.scaled(most, Qt::KeepAspectRatio).expandedTo({1, 1}));
    }
    QImage picture = reader.read();
    if (picture.isNull() && problem) {
        *problem = QCoreApplication::translate("PictureSource", "The picture in %1 cannot be read: %2.")
                       .arg(source.name(), reader.errorString());
    }
    return picture;
}

void readInBackground(Source source, QSize most, QObject* context,
                      std::function<void(const QImage& picture, const QString& problem)> done) {
    QThreadPool::globalInstance()->start(
        [source = std::move(source), most, guard = QPointer<QObject>(context), done = std::move(done)] {
            QString problem;
            QImage picture = read(source, most, &problem);
            QMetaObject::invokeMethod(
                qApp,
                [guard, done, picture = std::move(picture), problem] {
                    if (guard) {
                        done(picture, problem);
                    }
                },
                Qt::QueuedConnection);
        });
}

} // namespace pprocess::widgets::picture_source
