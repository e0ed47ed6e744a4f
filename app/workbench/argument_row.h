// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <string>
#include <vector>

class QLabel;
class QLineEdit;

namespace pprocess::workbench {

/// The field for one argument of a function, with words for what its parameter takes. Checked while typing, as far as
/// the text has no placeholders.
class ArgumentRow : public QWidget {
    Q_OBJECT

public:
    explicit ArgumentRow(QWidget* parent = nullptr);

    /// Says what the argument is for; an empty type: unknown. `place`: which one it is, from 0.
    void describe(const std::string& name, const std::string& type, int place);
    /// One that the function does not take.
    void describeSurplus(int place);
    /// What is taken when nothing is written in any field; empty: nothing.
    void setIfEmpty(const QString& placeholder);
    void fill(const std::string& text);
    /// The very bytes that it was filled with, until another text is typed.
    [[nodiscard]] std::string text() const;
    /// Checks the text; an empty one only where others are written (`isWritten`).
    void check(const std::vector<std::string>& columns, bool isWritten);
    [[nodiscard]] QLineEdit& field() { return *m_edit; }
    /// What is wrong with the text; empty: nothing.
    [[nodiscard]] QString mistake() const { return m_mistake; }

signals:
    void edited();

private:
    void showWords();

    std::string m_given;
    std::string m_name;
    std::string m_type;
    QString m_words;
    QString m_mistake;
    QString m_ifEmpty;
    QLabel* m_caption;
    QLineEdit* m_edit;
    QLabel* m_hint;
};

} // namespace pprocess::workbench
