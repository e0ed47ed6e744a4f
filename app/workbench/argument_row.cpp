// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/argument_row.h>

#include <app/workbench/form_widgets.h>

#include <widgets/format.h>

#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

#include <stdexcept>

#include <pprocess/job/command_template.h>
#include <pprocess/job/typed_text.h>

namespace pprocess::workbench {

namespace {

constexpr std::size_t longest = 100'000;

QString shown(const std::string& text) {
    return widgets::format::oneLine(text, longest);
}

bool hasPlaceholder(const std::string& text, const std::vector<std::string>& columns) {
    job::Placeholder ignored;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (job::placeholder_at(text, at, columns, ignored) > 0) {
            return true;
        }
    }
    return false;
}

} // namespace

ArgumentRow::ArgumentRow(QWidget* parent) : QWidget(parent) {
    m_edit = form::lineEdit(QStringLiteral("argument"), tr("Argument"), {});
    m_edit->setProperty("takesPlaceholders", true);
    m_caption = form::smallCaption({}, m_edit);
    m_caption->setTextFormat(Qt::PlainText);
    m_hint = form::hint({});
    m_hint->setObjectName(QStringLiteral("argumentWords"));
    m_hint->setTextFormat(Qt::PlainText);
    auto* layout = form::column(this, 2);
    layout->addWidget(m_caption);
    layout->addWidget(m_edit);
    layout->addWidget(m_hint);
    connect(m_edit, &QLineEdit::textChanged, this, &ArgumentRow::edited);
}

void ArgumentRow::describe(const std::string& name, const std::string& type, int place) {
    m_name = name;
    m_type = type;
    const QString number = tr("Argument %1").arg(place + 1);
    const QString title = name.empty() ? number : shown(name);
    m_caption->setText(title);
    m_edit->setAccessibleName(name.empty() ? number : tr("Argument %1").arg(title));
    m_words = type.empty() ? QString() : shown(job::words_for(type));
    if (m_words.isEmpty()) {
        m_edit->setToolTip(tr("The text of this argument; placeholders such as {} are filled in."));
    } else {
        m_words[0] = m_words[0].toUpper();
        const QString example = shown(job::example_for(type));
        m_edit->setToolTip(tr("%1, such as %2; or placeholders such as {}. In C++ it is %3.")
                               .arg(m_words, example.isEmpty() ? tr("nothing") : example, shown(type)));
    }
    showWords();
}

void ArgumentRow::describeSurplus(int place) {
    describe({}, {}, place);
    m_words = tr("The function takes no such argument. Empty the field to drop it.");
    m_edit->setToolTip(m_words);
    showWords();
}

void ArgumentRow::setIfEmpty(const QString& placeholder) {
    m_ifEmpty = placeholder;
    showWords();
}

void ArgumentRow::fill(const std::string& text) {
    m_given = text;
    form::setText(m_edit, shown(text));
}

std::string ArgumentRow::text() const {
    return m_edit->text() == shown(m_given) ? m_given : m_edit->text().toStdString();
}

void ArgumentRow::check(const std::vector<std::string>& columns, bool isWritten) {
    const std::string value = text();
    m_mistake.clear();
    if (!m_type.empty() && isWritten && !hasPlaceholder(value, columns)) {
        try {
            (void)job::value_from_text(m_type, value);
        } catch (const std::invalid_argument& error) {
            m_mistake = widgets::format::sentence(QString::fromUtf8(error.what()));
        }
    }
    showWords();
}

void ArgumentRow::showWords() {
    const bool isWrong = !m_mistake.isEmpty();
    m_hint->setText(isWrong ? m_mistake : m_words);
    m_hint->setVisible(!m_hint->text().isEmpty());
    if (m_hint->property("mistake").toBool() != isWrong) {
        m_hint->setProperty("mistake", isWrong);
        m_hint->setProperty("muted", !isWrong);
        m_edit->setProperty("wrong", isWrong);
        form::polish(m_hint);
        form::polish(m_edit);
    }
    m_edit->setAccessibleDescription(m_hint->text());
    const QString example = m_type.empty() ? QString() : shown(job::example_for(m_type));
    m_edit->setPlaceholderText(!m_ifEmpty.isEmpty() ? m_ifEmpty : example);
}

} // namespace pprocess::workbench
