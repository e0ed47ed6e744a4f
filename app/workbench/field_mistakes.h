// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>
#include <QString>

#include <functional>
#include <vector>

class QLabel;
class QWidget;

namespace pprocess::workbench {

/// The places in a form where mistakes are told: beside the fields that they are about, named as in `job::JobError`.
class FieldMistakes {
public:
    /// Brings a field into view. False when the field is not one of the job as the form stands.
    using Reveal = std::function<bool()>;

    /// A label for a field's mistakes, to be laid out beside it. Fields may come and go with their widgets.
    QLabel* add(const QString& field, QWidget* editor, Reveal reveal = {});
    /// The field of this editor is called otherwise now.
    void rename(const QWidget* editor, const QString& field);
    /// The fields within `part` are no more.
    void forget(const QWidget& part);
    /// Shows a mistake and moves the focus there; false when there is no such field.
    bool show(const QString& field, const QString& message);
    void clear();
    void clear(const QString& field);
    /// The words beside a field; empty: none.
    [[nodiscard]] QString text(const QString& field) const;

private:
    struct Field {
        QString name;
        QPointer<QWidget> editor;
        QPointer<QLabel> message;
        Reveal reveal;
        QString description; ///< of the editor, without a mistake
    };
    static void takeBack(const Field& field);

    std::vector<Field> m_fields;
};

} // namespace pprocess::workbench
