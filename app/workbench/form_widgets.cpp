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

namespace {

void collectFocusable(const QLayout& layout, std::vector<QWidget*>& found);

void collectFocusable(QWidget* widget, std::vector<QWidget*>& found) {
    if (widget->focusPolicy() & Qt::TabFocus) {
        found.push_back(widget);
    }
    if (widget->layout()) {
        collectFocusable(*widget->layout(), found);
    }
}

void collectFocusable(const QLayout& layout, std::vector<QWidget*>& found) {
    for (int i = 0; i < layout.count(); ++i) {
        QLayoutItem* item = layout.itemAt(i);
        if (QWidget* widget = item->widget()) {
            collectFocusable(widget, found);
        } else if (QLayout* inner = item->layout()) {
            collectFocusable(*inner, found);
        }
    }
}

} // namespace

void orderTabs(QWidget* widget) {
    std::vector<QWidget*> found;
    collectFocusable(widget, found);
    for (std::size_t i = 1; i < found.size(); ++i) {
        QWidget::setTabOrder(found[i - 1], found[i]);
    }
}

void polish(QWidget* widget) {
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
    widget->update();
}

} // namespace pprocess::workbench::form
