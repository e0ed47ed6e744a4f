// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/setting_words.h>

#include <widgets/format.h>

#include <QCoreApplication>

#include <iterator>

namespace pprocess::workbench::setting_words {

using widgets::format::oneLine;

namespace {

QString words(const char* text) {
    return QCoreApplication::translate("pprocess::workbench::setting_words", text);
}

/// A field by which it is known, what the form calls it, and what it means when it is not there.
struct Field {
    const char* name;
    const char* words;
    const char* missing;
};

constexpr Field fields[] = {
    {"name", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Name"), nullptr},
    {"command", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Command"), nullptr},
    {"use_shell", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Use a shell"), nullptr},
    {"function.library", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Task library"), nullptr},
    {"function.name", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Function"), nullptr},
    {"function.arguments", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Arguments"), nullptr},
    {"then", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Further steps"),
     QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "none")},
    {"inputs.folder", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Inputs: folder"), nullptr},
    {"inputs.pattern", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Inputs: files"), nullptr},
    {"inputs.recursive", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Inputs: in folders below, too"),
     nullptr},
    {"inputs.items", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Inputs: list"), nullptr},
    {"inputs.file", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Inputs: lines of"), nullptr},
    {"inputs.table", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Inputs: table"), nullptr},
    {"inputs.separator", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Inputs: between columns"), nullptr},
    {"inputs.header", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Inputs: header"), nullptr},
    {"inputs.grid", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Inputs: grid"), nullptr},
    {"inputs.standard_input", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Inputs: standard input"),
     nullptr},
    {"pattern", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Results"), nullptr},
    {"limit", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "At once"),
     QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "as many as cores")},
    {"reuse", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Reuse processes"), nullptr},
    {"batch", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Inputs in hand"),
     QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "by time")},
    {"timeout", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Time limit"),
     QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "none")},
    {"retries", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Retries"),
     QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "none")},
    {"stop_at_failure", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Stop at the first failure"),
     QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "no")},
    {"working_folder", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Runs in the folder"),
     QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "the workbench's own")},
    {"niceness", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Gives way by"),
     QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "0")},
    {"cores", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Processors"),
     QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "all")},
    {"output_cap", QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Keep output"), nullptr},
};

const Field* fieldOf(const std::string& name) {
    const auto* found =
        std::find_if(std::begin(fields), std::end(fields), [&](const Field& field) { return name == field.name; });
    return found == std::end(fields) ? nullptr : found;
}

} // namespace

QString name(const std::string& field) {
    if (const Field* known = fieldOf(field)) {
        return words(known->words);
    }
    constexpr std::string_view environment = "environment.";
    if (field.starts_with(environment)) {
        return words(QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Environment: %1"))
            .arg(oneLine(std::string_view(field).substr(environment.size())));
    }
    return oneLine(field);
}

QString value(const std::string& field, const std::optional<std::string>& value) {
    if (!value) {
        const Field* known = fieldOf(field);
        return known && known->missing ? words(known->missing) : QStringLiteral("–");
    }
    if (value == "true" || value == "false") {
        return value == "true" ? words(QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "yes"))
                               : words(QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "no"));
    }
    if (field == "pattern") {
        return value == "map"     ? words(QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Map, in order"))
               : value == "queue" ? words(QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Queue, by arrival"))
               : value == "exchange"
                   ? words(QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Exchange, in place"))
                   : words(QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "Continuous, by line"));
    }
    if (field == "timeout") {
        return words(QT_TRANSLATE_NOOP("pprocess::workbench::setting_words", "%1 s")).arg(oneLine(*value));
    }
    if (field == "output_cap") {
        return widgets::format::bytes(QString::fromStdString(*value).toDouble());
    }
    return oneLine(*value);
}

} // namespace pprocess::workbench::setting_words
