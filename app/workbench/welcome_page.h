// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/page.h>

#include <pprocess/job/job.h>

class QHBoxLayout;

namespace pprocess::workbench {

/// What a first start shows: three things to try, each one click away from its result.
class WelcomePage : public Page {
    Q_OBJECT

public:
    explicit WelcomePage(QWidget* parent = nullptr);

    [[nodiscard]] QString title() const override;
    [[nodiscard]] QList<Status> status() const override { return {}; }
    void storeState(QSettings& /*settings*/) const override {}
    void restoreState(const QSettings& /*settings*/) override {}

signals:
    /// Run this job, and show its results or its instruments.
    void tried(const pprocess::job::Job& job, bool isWithInstruments);
    /// A job of one's own is to be written.
    void ownJobWanted();

private:
    void addCard(QHBoxLayout* row, const QString& name, const QString& heading, const QString& text,
                 const QString& action, const job::Job& job, bool isWithInstruments);
};

} // namespace pprocess::workbench
