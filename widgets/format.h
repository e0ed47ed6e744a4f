// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <chrono>
#include <cstdint>
#include <string_view>

#include <pprocess/os/error.h>

/// Numbers as people read them. All pure.
namespace pprocess::widgets::format {

/// "1,204".
QString count(std::uint64_t number);
/// A number as translations choose a plural form by it.
int forPlural(std::uint64_t number);
/// `text`, a translation or the English text itself, with the number for %1. In English "item(s)" and "(is|are)" stand
/// for one and for many.
QString withNumber(QString text, std::uint64_t number);
/// "1 item", "1,204 items" for "%1 item(s)", as `Owner::tr` translates it. Mark the text by QT_TR_N_NOOP.
template <typename Owner>
QString counted(std::uint64_t number, const char* text) {
    return withNumber(Owner::tr(text, nullptr, forPlural(number)), number);
}
/// "0.41 ms", "4.1 ms", "2.2 s", "3 min 4 s", "2 h 10 min".
QString duration(std::chrono::nanoseconds duration);
/// "512 B", "3.1 KiB", "41 MiB".
QString bytes(double number);
/// "0.8", "12", "1,930".
QString rate(double perSecond);
/// Any bytes as one line of readable text, cut after `maximum` bytes.
QString oneLine(std::string_view bytes, std::size_t maximum = 400);
/// What an error says, as a sentence: from "cannot open a: No such file" to "Cannot open a: No such file."
QString sentence(QString words);
/// Why the system refused it, within a sentence: "the disk is full", "No such file or directory".
QString reason(const SystemError& error);

} // namespace pprocess::widgets::format
