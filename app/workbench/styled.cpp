// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/styled.h>

#include <QFrame>
#include <QLabel>
#include <QPushButton>
#include <QTabBar>

namespace pprocess::workbench::styled {

void asCard(QFrame* frame) {
    frame->setProperty("card", true);
}

QLabel* heading(const QString& text) {
    auto* label = new QLabel(text);
    label->setProperty("heading", true);
    return label;
}

QLabel* muted(const QString& text) {
    auto* label = new QLabel(text);
    label->setProperty("muted", true);
    return label;
}

QPushButton* button(const QString& text, const QString& name, const QString& toolTip) {
    auto* button = new QPushButton(text);
    button->setObjectName(name);
    button->setToolTip(toolTip);
    return button;
}

QTabBar* segments(const QString& name, const QString& accessibleName) {
    auto* bar = new QTabBar;
    bar->setObjectName(name);
    bar->setAccessibleName(accessibleName);
    bar->setProperty("segments", true);
    bar->setDrawBase(false);
    bar->setExpanding(false);
    bar->setUsesScrollButtons(false);
    bar->setElideMode(Qt::ElideNone);
    return bar;
}

void showSegment(QTabBar* bar, int place, bool isShown, const QString& text) {
    // The style draws the text of one that is not there too, somewhere.
    bar->setTabText(place, isShown ? text : QString());
    bar->setTabVisible(place, isShown);
}

} // namespace pprocess::workbench::styled
