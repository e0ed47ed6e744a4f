// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/field_mistakes.h>

#include <app/workbench/form_widgets.h>

#include <QLabel>

namespace pprocess::workbench {

QLabel* FieldMistakes::add(const QString& field, QWidget* editor, Reveal reveal) {
    std::erase_if(m_fields, [](const Field& known) { return !known.editor || !known.message; });
    auto* label = new QLabel;
    label->setProperty("mistake", true);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->hide();
    m_fields.push_back({field, editor, label, std::move(reveal), {}});
    return label;
}

void FieldMistakes::rename(const QWidget* editor, const QString& field) {
    for (Field& known : m_fields) {
        if (known.editor == editor) {
            known.name = field;
        }
    }
}

void FieldMistakes::forget(const QWidget& part) {
    std::erase_if(m_fields, [&](const Field& known) { return known.editor && part.isAncestorOf(known.editor); });
}

bool FieldMistakes::show(const QString& field, const QString& message) {
    for (Field& known : m_fields) {
        if (known.name != field || !known.editor || !known.message || (known.reveal && !known.reveal())) {
            continue;
        }
        takeBack(known);
        known.description = known.editor->accessibleDescription();
        known.message->setText(message);
        known.message->show();
        known.editor->setProperty("wrong", true);
        known.editor->setAccessibleDescription(message);
        form::polish(known.editor);
        known.editor->setFocus(Qt::OtherFocusReason);
        return true;
    }
    return false;
}

void FieldMistakes::takeBack(const Field& field) {
    if (field.editor && field.message && !field.message->isHidden()) {
        field.message->hide();
        field.editor->setProperty("wrong", false);
        field.editor->setAccessibleDescription(field.description);
        form::polish(field.editor);
    }
}

void FieldMistakes::clear() {
    for (const Field& field : m_fields) {
        takeBack(field);
    }
}

void FieldMistakes::clear(const QString& field) {
    for (const Field& known : m_fields) {
        if (known.name == field) {
            takeBack(known);
        }
    }
}

QString FieldMistakes::text(const QString& field) const {
    for (const Field& known : m_fields) {
        if (known.name == field && known.message && !known.message->isHidden()) {
            return known.message->text();
        }
    }
    return {};
}

} // namespace pprocess::workbench
