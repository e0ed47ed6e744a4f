// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <pprocess/job/job.h>

namespace pprocess::workbench {

/// The fields of one way in which a job gets its inputs.
class InputsPage : public QWidget {
    Q_OBJECT

public:
    using QWidget::QWidget;

    /// Fills the fields; with inputs of another kind it empties them.
    virtual void fill(const job::Inputs& inputs) = 0;
    [[nodiscard]] virtual job::Inputs inputs() const = 0;
    /// The names of the inputs' columns, as far as they are known; empty: none.
    [[nodiscard]] virtual std::vector<std::string> columns() const { return {}; }

signals:
    /// `field` as in `job::JobError`.
    void edited(const QString& field);
    /// This text is wanted in the command.
    void placeholderChosen(const QString& text);
    /// Other columns are known now, without anything having been edited.
    void columnsFound();
};

} // namespace pprocess::workbench
