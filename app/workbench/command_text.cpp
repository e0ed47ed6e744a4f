// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/command_text.h>

#include <widgets/format.h>

#include <QStringList>

#include <algorithm>

#include <pprocess/job/command_template.h>

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

QString functionText(const job::Function& function, std::string_view input, std::size_t index,
                     const std::vector<std::string>& columns) {
    const job::Filling filling = job::filling_for(input, index, columns);
    QStringList words;
    for (const auto& argument : function.arguments) {
        words += widgets::format::oneLine(job::TextTemplate(argument, columns).text(filling), longestArgument);
    }
    if (function.arguments.empty()) {
        // Then its parameters take the input, or each of its columns.
        words += widgets::format::oneLine(input, longestArgument);
    }
    return QStringLiteral("%1(%2)").arg(QString::fromStdString(function.name), words.join(QStringLiteral(", ")));
}

} // namespace

QString commandText(const job::Job& job, std::string_view input, std::size_t index,
                    const std::vector<std::string>& columns) {
    if (job.function) {
        return functionText(*job.function, input, index, columns);
    }
    const auto arguments = job::command_line(job, input, index, columns);
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
