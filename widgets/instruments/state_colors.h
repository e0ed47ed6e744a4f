// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QBrush>
#include <QColor>
#include <QString>

#include <array>

#include <pprocess/observe/snapshot.h>

namespace pprocess::widgets {

struct Colors;

/// The states in the order in which every legend, table and diagram has them.
inline constexpr std::array statesInOrder{
    observe::ProcessState::starting, observe::ProcessState::idle,      observe::ProcessState::receiving,
    observe::ProcessState::running,  observe::ProcessState::sending,   observe::ProcessState::waiting,
    observe::ProcessState::stopped,  observe::ProcessState::succeeded, observe::ProcessState::failed,
};

/// The colour of a state, the same in all views. Neighbours in time differ in lightness as well as in hue.
QColor stateColor(observe::ProcessState state, const Colors& colors);
/// For text on a ground of that colour.
QColor stateTextColor(observe::ProcessState state, const Colors& colors);
/// What failed is hatched, so that it is not told by colour alone. The ground below is `Colors::failed`.
QBrush failureHatch(const Colors& colors);
/// "Starting", "Idle", "Waiting for space", …
QString stateText(observe::ProcessState state);

/// The colour of a task's outcome.
QColor outcomeColor(TaskOutcome outcome, const Colors& colors);

} // namespace pprocess::widgets
