// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <filesystem>

class QHBoxLayout;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QVBoxLayout;
class QWidget;

/// What the parts of the job's form are made of. All names are object names.
namespace pprocess::workbench::form {

/// The words above or before a field; its shortcut leads to `buddy`.
QLabel* caption(const QString& text, QWidget* buddy);
/// The same without weight, for fields beside others.
QLabel* smallCaption(const QString& text, QWidget* buddy);
/// Quiet words that may take several lines.
QLabel* hint(const QString& text);
QLineEdit* lineEdit(const QString& name, const QString& accessibleName, const QString& placeholder,
                    const QString& toolTip = {});
/// A text of several lines that Tab leaves.
QPlainTextEdit* textEdit(const QString& name, const QString& accessibleName, const QString& placeholder);
QPushButton* smallButton(const QString& text, const QString& name, const QString& accessibleName,
                         const QString& toolTip = {});
/// A column without margins.
QVBoxLayout* column(QWidget* widget, int spacing = 6);
QHBoxLayout* row(int spacing = 6);

/// Sets the text only where it differs, so that the cursor stays where it is.
void setText(QLineEdit* edit, const QString& text);
void setText(QPlainTextEdit* edit, const QString& text);

std::filesystem::path toPath(const QString& text);
/// Readable on one line; not always the way back.
QString fromPath(const std::filesystem::path& path);
/// What a field means that was filled with `given`: the very bytes of it as long as its text is the same.
std::filesystem::path pathOf(const QLineEdit& edit, const std::filesystem::path& given);

/// Lets Tab go through what is in `widget` in the order in which its layouts show it.
void orderTabs(QWidget* widget);

/// Takes over a changed property of the style sheet.
void polish(QWidget* widget);

} // namespace pprocess::workbench::form
