// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/format.h>

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>

#include <cerrno>
#include <cmath>

#include <pprocess/job/job.h>

namespace pprocess::widgets::format {

QString count(std::uint64_t number) {
    return QLocale(QLocale::English).toString(static_cast<qulonglong>(number));
}

int forPlural(std::uint64_t number) {
    // By the last digits where they count: no language looks at more than the last three.
    constexpr std::uint64_t most = 1'000'000;
    return static_cast<int>(number < most ? number : most + number % most);
}

QString withNumber(QString text, std::uint64_t number) {
    const bool isOne = number == 1;
    text.replace(QLatin1String("(s)"), isOne ? QString() : QStringLiteral("s"));
    text.replace(QLatin1String("(es)"), isOne ? QString() : QStringLiteral("es"));
    if (text.contains(QLatin1Char('|'))) {
        static const QRegularExpression choice(QStringLiteral(R"(\((\w+)\|(\w+)\))"));
        text.replace(choice, isOne ? QStringLiteral("\\1") : QStringLiteral("\\2"));
    }
    return text.arg(count(number));
}

namespace {

// Two significant digits below 10, whole numbers above: enough to compare, short enough for a column.
QString shortNumber(double number) {
    if (number < 0.995) {
        return QString::number(number, 'f', 2);
    }
    if (number < 9.95) {
        return QString::number(number, 'f', 1);
    }
    return count(static_cast<std::uint64_t>(std::llround(number)));
}

} // namespace

QString duration(std::chrono::nanoseconds duration) {
    const double seconds = std::chrono::duration<double>(duration).count();
    if (seconds < 0.9995) {
        return shortNumber(seconds * 1e3) + QStringLiteral(" ms");
    }
    if (seconds < 9.95) {
        return QString::number(seconds, 'f', 1) + QStringLiteral(" s");
    }
    const auto whole = std::llround(seconds);
    if (whole < 60) {
        return QString::number(whole) + QStringLiteral(" s");
    }
    if (whole < 3600) {
        return QStringLiteral("%1 min %2 s").arg(whole / 60).arg(whole % 60);
    }
    return QStringLiteral("%1 h %2 min").arg(count(static_cast<std::uint64_t>(whole / 3600))).arg(whole % 3600 / 60);
}

QString bytes(double number) {
    static constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    while (number >= 999.5 && unit + 1 < std::size(units)) {
        number /= 1024;
        ++unit;
    }
    const QString text = unit == 0 ? QString::number(std::llround(number)) : shortNumber(number);
    return text + QLatin1Char(' ') + QLatin1String(units[unit]);
}

QString rate(double perSecond) {
    return perSecond == 0 ? QStringLiteral("0") : shortNumber(perSecond);
}

QString oneLine(std::string_view bytes, std::size_t maximum) {
    const bool isCut = bytes.size() > maximum;
    if (isCut) {
        bytes = bytes.substr(0, maximum);
        // A cut inside a character would show as a byte that was never wrong.
        while (!bytes.empty() && (static_cast<unsigned char>(bytes.back()) & 0xc0) == 0x80) {
            bytes.remove_suffix(1);
        }
        if (!bytes.empty() && (static_cast<unsigned char>(bytes.back()) & 0x80) != 0) {
            bytes.remove_suffix(1);
        }
    }
    QString text = QString::fromStdString(job::printable(bytes));
    if (isCut) {
        text += QChar(0x2026);
    }
    return text;
}

QString sentence(QString words) {
    words = words.trimmed();
    if (words.isEmpty()) {
        return words;
    }
    words[0] = words[0].toUpper();
    return words.endsWith(QLatin1Char('.')) ? words : words + QLatin1Char('.');
}

QString reason(const SystemError& error) {
    const int number = error.code().value();
    return number == ENOSPC || number == EDQUOT ? QCoreApplication::translate("ResultExport", "the disk is full")
                                                : qt_error_string(number);
}

} // namespace pprocess::widgets::format
