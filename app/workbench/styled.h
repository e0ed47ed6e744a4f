// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

class QFrame;
class QLabel;
class QPushButton;
class QTabBar;

/// Plain widgets in the dress that the style sheet has for their part in a page.
namespace pprocess::workbench::styled {

/// Makes `frame` a card: a raised ground with a border.
void asCard(QFrame* frame);
QLabel* heading(const QString& text);
QLabel* muted(const QString& text = {});
/// `name` is the object name.
QPushButton* button(const QString& text, const QString& name, const QString& toolTip);
/// A row of buttons of which one is chosen; without any yet. `name` is the object name.
QTabBar* segments(const QString& name, const QString& accessibleName);
/// Offers a button of them, or not.
void showSegment(QTabBar* bar, int place, bool isShown, const QString& text);

} // namespace pprocess::workbench::styled
