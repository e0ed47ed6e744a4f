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

QString functionText(const job::Function& function, bool isFirst, const job::Filling& filling,
                     const std::vector<std::string>& columns) {
    std::vector<std::string> texts;
    for (const auto& argument : function.arguments) {
        texts.push_back(job::TextTemplate(argument, columns).text(filling));
    }
    if (texts.empty()) {
        // Then its parameters take the input, or each of its columns, or what the step before gave.
        texts = !isFirst          ? std::vector{std::string(filling.previous)}
                : columns.empty() ? std::vector{std::string(filling.input)}
                                  : filling.fields;
    }
    QStringList words;
    for (const auto& text : texts) {
        words += widgets::format::oneLine(text, longestArgument);
    }
    return QStringLiteral("%1(%2)").arg(widgets::format::oneLine(function.name), words.join(QStringLiteral(", ")));
}

QString wordsText(const std::vector<std::string>& arguments, bool useShell) {
    if (useShell && arguments.size() == 3) {
        // What the shell is given is what one would type.
        return widgets::format::oneLine(arguments.back(), longestArgument);
    }
    QStringList words;
    for (const auto& argument : arguments) {
        words += quoted(argument);
    }
    return words.join(QLatin1Char(' '));
}

} // namespace

QString stepText(const job::Step& step, bool isFirst, const job::Filling& filling,
                 const std::vector<std::string>& columns) {
    if (const auto* function = std::get_if<job::Function>(&step)) {
        return functionText(*function, isFirst, filling, columns);
    }
    const auto& command = std::get<job::Command>(step);
    return wordsText(job::CommandTemplate(command.line, command.use_shell, columns, isFirst).arguments(filling),
                     command.use_shell);
}

QString commandText(const job::Job& job, std::string_view input, std::size_t index,
                    const std::vector<std::string>& columns) {
    return stepText(job::steps_of(job).front(), true, job::filling_for(input, index, columns), columns);
}

} // namespace pprocess::workbench
