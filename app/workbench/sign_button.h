// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QToolButton>

namespace pprocess::workbench {

/// A button with a sign of a player's, drawn in the colours of its palette: sharp at every scale, and the same whatever
/// fonts there are.
class SignButton : public QToolButton {
    Q_OBJECT

public:
    enum class Sign { none, beginning, previousFailure, back, play, pause, forward, nextFailure, end };

    explicit SignButton(Sign sign, QWidget* parent = nullptr);

    [[nodiscard]] Sign sign() const { return m_sign; }
    /// With `none` its text is shown.
    void setSign(Sign sign);
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Sign m_sign;
};

} // namespace pprocess::workbench
