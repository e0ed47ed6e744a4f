// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

#include <pprocess/job/job.h>

class QPlainTextEdit;
class QPushButton;
class QToolButton;

namespace pprocess::workbench {

/// The same job as a line for a terminal and as a program in C++, to be copied. Folded away until it is wanted.
class EquivalentsPart : public QWidget {
    Q_OBJECT

public:
    explicit EquivalentsPart(QWidget* parent = nullptr);

    /// Soon shows those of this job.
    void follow(const job::Job& job);

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Text {
        QPlainTextEdit* view = nullptr;
        QPushButton* copy = nullptr;
    };
    Text addText(const QString& title, const char* name, const QString& toolTip, int lines);
    void renew();
    void show(const Text& text, const QString& words, bool isMistake);
    void applyFonts();

    job::Job m_job;
    QTimer m_timer;
    QToolButton* m_fold;
    QWidget* m_texts;
    Text m_line;
    Text m_program;
};

} // namespace pprocess::workbench
