// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <pprocess/job/job.h>

class QStackedWidget;
class QTabBar;

namespace pprocess::workbench {

class FieldMistakes;
class InputsPage;

/// The part of the form that says over what a job is run.
class InputsPart : public QWidget {
    Q_OBJECT

public:
    explicit InputsPart(FieldMistakes& mistakes, QWidget* parent = nullptr);

    /// Shows the page of the job's inputs. With `isOther` the pages not shown are emptied too.
    void fill(const job::Job& job, bool isOther);
    void write(job::Job& job) const;
    /// The names of the inputs' columns, as far as they are known.
    [[nodiscard]] std::vector<std::string> columns() const;
    [[nodiscard]] QTabBar& kinds() { return *m_kinds; }

signals:
    void edited(const QString& field);
    void placeholderChosen(const QString& text);
    void columnsFound();

private:
    void addPage(InputsPage* page, const QString& title, const QString& toolTip);
    void showPage(int page);

    QTabBar* m_kinds;
    QStackedWidget* m_pages;
    std::vector<InputsPage*> m_editable; ///< by the index of their variant in `job::Inputs`
};

} // namespace pprocess::workbench
