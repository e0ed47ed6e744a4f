// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QLabel;
class QToolButton;

namespace pprocess::widgets {

/// A line of words across a window: what happened and what to do. Stays until it is closed or replaced.
class MessageBar : public QFrame {
    Q_OBJECT

public:
    enum class Kind { note, success, problem };

    explicit MessageBar(QWidget* parent = nullptr);

    void showMessage(Kind kind, const QString& text);
    [[nodiscard]] QString text() const;
    [[nodiscard]] Kind kind() const { return m_kind; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QLabel* m_icon;
    QLabel* m_text;
    QToolButton* m_close;
    Kind m_kind = Kind::note;
};

} // namespace pprocess::widgets
