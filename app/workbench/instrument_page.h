// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/page.h>

#include <widgets/instruments/instrument_source.h>

#include <QTimer>

#include <memory>

class QLabel;

namespace pprocess::workbench {

class InstrumentBoard;

/// The page of an attached program or a trace file: what it is and how it stands, and all views of it.
class InstrumentPage : public Page {
    Q_OBJECT

public:
    explicit InstrumentPage(std::unique_ptr<widgets::InstrumentSource> source, QWidget* parent = nullptr);
    /// Detaches from the program, which is not changed by that.
    ~InstrumentPage() override;

    [[nodiscard]] widgets::InstrumentSource& source() { return *m_source; }

    /// Once the source has ended, goes to the moment after this part of its time, 0 to 1.
    void showPartWhenRead(double part);

    [[nodiscard]] QString title() const override;
    [[nodiscard]] QList<Status> status() const override;
    [[nodiscard]] InstrumentBoard* board() const override { return m_board; }
    void storeState(QSettings& settings) const override;
    void restoreState(const QSettings& settings) override;

private:
    void showState();

    std::unique_ptr<widgets::InstrumentSource> m_source;
    InstrumentBoard* m_board;
    QLabel* m_title;
    QLabel* m_state;
    QTimer m_statusTimer;
};

} // namespace pprocess::workbench
