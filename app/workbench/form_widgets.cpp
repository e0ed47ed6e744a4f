// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/form_widgets.h>

#include <widgets/format.h>

#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QStyle>
#include <QVBoxLayout>

namespace pprocess::workbench::form {

QLabel* caption(const QString& text, QWidget* buddy) {
    QLabel* label = smallCaption(text, buddy);
    label->setProperty("heading", true);
    return label;
}

QLabel* smallCaption(const QString& text, QWidget* buddy) {
    auto* label = new QLabel(text);
    label->setBuddy(buddy);
    return label;
}

QLabel* hint(const QString& text) {
    auto* label = new QLabel(text);
    label->setProperty("muted", true);
    label->setWordWrap(true);
    return label;
}

QLineEdit* lineEdit(const QString& name, const QString& accessibleName, const QString& placeholder,
                    const QString& toolTip) {
    auto* edit = new QLineEdit;
    edit->setObjectName(name);
    edit->setAccessibleName(accessibleName);
    edit->setPlaceholderText(placeholder);
    edit->setToolTip(toolTip.isEmpty() ? accessibleName : toolTip);
    return edit;
}

QPlainTextEdit* textEdit(const QString& name, const QString& accessibleName, const QString& placeholder) {
    auto* edit = new QPlainTextEdit;
    edit->setObjectName(name);
    edit->setAccessibleName(accessibleName);
    edit->setToolTip(accessibleName);
    edit->setPlaceholderText(placeholder);
    edit->setProperty("field", true);
    edit->setTabChangesFocus(true);
    return edit;
}

QPushButton* smallButton(const QString& text, const QString& name, const QString& accessibleName,
                         const QString& toolTip) {
    auto* button = new QPushButton(text);
    button->setObjectName(name);
    button->setAccessibleName(accessibleName);
    button->setToolTip(toolTip.isEmpty() ? accessibleName : toolTip);
    button->setProperty("small", true);
    button->setAutoDefault(false);
    return button;
}

QVBoxLayout* column(QWidget* widget, int spacing) {
    auto* layout = new QVBoxLayout(widget);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing);
    return layout;
}

QHBoxLayout* row(int spacing) {
    auto* layout = new QHBoxLayout;
    layout->setSpacing(spacing);
    return layout;
}

void setText(QLineEdit* edit, const QString& text) {
    if (edit->text() != text) {
        edit->setText(text);
    }
}

void setText(QPlainTextEdit* edit, const QString& text) {
    if (edit->toPlainText() != text) {
        edit->setPlainText(text);
    }
}

std::filesystem::path toPath(const QString& text) {
    return {QFile::encodeName(text).toStdString()};
}

QString fromPath(const std::filesystem::path& path) {
    return widgets::format::oneLine(path.native(), 8000);
}

std::filesystem::path pathOf(const QLineEdit& edit, const std::filesystem::path& given) {
    return edit.text() == fromPath(given) ? given : toPath(edit.text());
}

void polish(QWidget* widget) {
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
    widget->update();
}

} // namespace pprocess::workbench::form
