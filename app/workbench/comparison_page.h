// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/page.h>

namespace pprocess::workbench {

class InstrumentPage;

/// Two instrument pages side by side. Menus and status line are for the one that had the focus last.
class ComparisonPage : public Page {
    Q_OBJECT

public:
    /// Takes both over.
    ComparisonPage(InstrumentPage* left, InstrumentPage* right, QWidget* parent = nullptr);
    ~ComparisonPage() override;

    [[nodiscard]] QString title() const override;
    [[nodiscard]] QList<Status> status() const override;
    [[nodiscard]] InstrumentBoard* board() const override;
    void storeState(QSettings& settings) const override;
    void restoreState(const QSettings& settings) override;

    [[nodiscard]] InstrumentPage* left() const { return m_left; }
    [[nodiscard]] InstrumentPage* right() const { return m_right; }

private:
    void onFocusChanged(QWidget* now);

    InstrumentPage* m_left;
    InstrumentPage* m_right;
    InstrumentPage* m_active;
};

} // namespace pprocess::workbench
