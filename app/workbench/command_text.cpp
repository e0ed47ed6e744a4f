// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/command_text.h>

#include <widgets/format.h>

#include <QStringList>

#include <algorithm>

namespace pprocess::workbench {

namespace {

constexpr std::size_t longestArgument = 8000;

QString quoted(const std::string& argument) {
    const QString text = widgets::format::oneLine(argument, longestArgument);
    const bool isPlain = !text.isEmpty() && std::all_of(text.begin(), text.end(), [](QChar c) {
        return c.isLetterOrNumber() || QStringLiteral("-_./:=,+@%^~").contains(c);
    });
    if (isPlain) {
        return text;
    }
    return QLatin1Char('\'') + QString(text).replace(QLatin1Char('\''), QStringLiteral("'\\''")) + QLatin1Char('\'');
}

} // namespace

QString commandText(const job::Job& job, std::string_view input, std::size_t index) {
    const auto arguments = job::command_line(job, input, index);
    if (job.use_shell && arguments.size() == 3) {
        // What the shell is given is what one would type.
        return widgets::format::oneLine(arguments.back(), longestArgument);
    }
    QStringList words;
    for (const auto& argument : arguments) {
        words += quoted(argument);
    }
    return words.join(QLatin1Char(' '));
}

} // namespace pprocess::workbench
