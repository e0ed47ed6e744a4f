// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/message_bar.h>

#include <QWidget>

class QSettings;

namespace pprocess::workbench {

class InstrumentBoard;

/// What the window shows in one of its tabs. The window asks it for title and status whenever it says that they have
/// changed.
class Page : public QWidget {
    Q_OBJECT

public:
    /// One part of the status line.
    struct Status {
        QString text;
        QString toolTip;
    };

    explicit Page(QWidget* parent = nullptr) : QWidget(parent) {
        // So that what changes in it is drawn without all that lies below it.
        setAutoFillBackground(true);
    }

    /// Of its tab, and of the window while it is in front.
    [[nodiscard]] virtual QString title() const = 0;
    /// The parts of the status line, from the left.
    [[nodiscard]] virtual QList<Status> status() const = 0;

    /// The instruments that the person looks at in it; null: none.
    [[nodiscard]] virtual InstrumentBoard* board() const { return nullptr; }

    virtual void storeState(QSettings& settings) const = 0;
    /// `settings` outlives the page.
    virtual void restoreState(const QSettings& settings) = 0;

signals:
    void titleChanged();
    void statusChanged();
    /// `board` has become another.
    void boardChanged();
    /// To be in front.
    void wanted();
    /// Worth a line in the window; an empty text takes back what was said before.
    void said(pprocess::widgets::MessageBar::Kind kind, const QString& text);
};

} // namespace pprocess::workbench
