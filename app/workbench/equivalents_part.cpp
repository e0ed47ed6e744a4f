// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/equivalents_part.h>

#include <app/workbench/form_widgets.h>

#include <widgets/fixed_font.h>
#include <widgets/format.h>

#include <QApplication>
#include <QClipboard>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <pprocess/job/equivalent.h>

namespace pprocess::workbench {

EquivalentsPart::EquivalentsPart(QWidget* parent) : QWidget(parent) {
    m_fold = new QToolButton;
    m_fold->setObjectName(QStringLiteral("equivalents"));
    m_fold->setText(tr("The same elsewhere"));
    m_fold->setAccessibleName(tr("The same job in a terminal and in C++"));
    m_fold->setToolTip(tr("The line of ppctl and the program in C++ that do what this job does"));
    m_fold->setCheckable(true);
    m_fold->setAutoRaise(true);
    m_fold->setFocusPolicy(Qt::StrongFocus);
    m_fold->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_fold->setArrowType(Qt::RightArrow);
    m_texts = new QWidget;
    form::column(m_texts, 4);
    m_line = addText(tr("In a terminal"), "ppctlLine", tr("A line for a shell that runs this job by ppctl"), 4);
    m_program = addText(tr("In C++"), "cppProgram", tr("A whole program that does what this job does"), 12);
    m_texts->hide();
    auto* layout = form::column(this, 4);
    layout->addWidget(m_fold, 0, Qt::AlignLeft);
    layout->addWidget(m_texts);

    m_timer.setSingleShot(true);
    m_timer.setInterval(150);
    connect(&m_timer, &QTimer::timeout, this, &EquivalentsPart::renew);
    connect(m_fold, &QToolButton::toggled, this, [this](bool isUnfolded) {
        m_fold->setArrowType(isUnfolded ? Qt::DownArrow : Qt::RightArrow);
        renew();
        m_texts->setVisible(isUnfolded);
    });
    applyFonts();
}

EquivalentsPart::Text EquivalentsPart::addText(const QString& title, const char* name, const QString& toolTip,
                                               int lines) {
    const QString objectName = QLatin1String(name);
    Text text;
    text.view = form::textEdit(objectName, title, {});
    text.view->setToolTip(toolTip);
    text.view->setReadOnly(true);
    text.view->setProperty("lines", lines);
    text.copy = form::smallButton(tr("Copy"), objectName + QStringLiteral("Copy"), tr("Copy: %1").arg(title),
                                  tr("Copy it to the clipboard"));
    auto* header = form::row();
    header->addWidget(form::smallCaption(title, text.view), 1);
    header->addWidget(text.copy);
    auto* layout = static_cast<QVBoxLayout*>(m_texts->layout());
    layout->addLayout(header);
    layout->addWidget(text.view);
    connect(text.copy, &QPushButton::clicked, this,
            [view = text.view] { QApplication::clipboard()->setText(view->toPlainText()); });
    return text;
}

void EquivalentsPart::follow(const job::Job& job) {
    m_job = job;
    m_timer.start();
}

void EquivalentsPart::renew() {
    m_timer.stop();
    if (!m_fold->isChecked()) {
        return; // nobody sees it
    }
    try {
        const std::string line = job::ppctl_line(m_job);
        const std::string program = job::cpp_program(m_job);
        show(m_line, QString::fromStdString(line), false);
        show(m_program, QString::fromStdString(program), false);
    } catch (const std::exception& error) {
        for (const Text& text : {m_line, m_program}) {
            show(text, widgets::format::sentence(QString::fromUtf8(error.what())), true);
        }
    }
}

void EquivalentsPart::show(const Text& text, const QString& words, bool isMistake) {
    // Where one was reading, one goes on reading.
    const int place = text.view->verticalScrollBar()->value();
    form::setText(text.view, words);
    text.view->verticalScrollBar()->setValue(place);
    text.copy->setEnabled(!isMistake);
}

void EquivalentsPart::applyFonts() {
    const QFont fixed = widgets::fixedFont(font());
    for (const Text& text : {m_line, m_program}) {
        text.view->setFont(fixed);
        text.view->setFixedHeight(text.view->property("lines").toInt() * QFontMetrics(fixed).lineSpacing() + 20);
    }
    m_line.view->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    m_program.view->setLineWrapMode(QPlainTextEdit::NoWrap);
}

void EquivalentsPart::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        applyFonts();
    }
}

} // namespace pprocess::workbench
