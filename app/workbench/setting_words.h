// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <optional>
#include <string>

/// A job's settings as the form speaks of them.
namespace pprocess::workbench::setting_words {

/// What the form calls a field of a job file (see `job::SettingDifference`); one that it does not know by its name
/// there.
QString name(const std::string& field);
/// Its value as a person reads it, on one line; what it means when it is not set.
QString value(const std::string& field, const std::optional<std::string>& value);

} // namespace pprocess::workbench::setting_words
