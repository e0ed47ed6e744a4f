// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/state_colors.h>

#include <widgets/colors.h>

#include <QCoreApplication>

namespace pprocess::widgets {

using observe::ProcessState;

QColor stateColor(ProcessState state, const Colors& colors) {
    switch (state) {
    case ProcessState::starting:
        return colors.isDark ? QColor(0x8f, 0x8a, 0xa8) : QColor(0xb3, 0xac, 0xcb);
    case ProcessState::idle:
        return colors.isDark ? QColor(0x36, 0x3e, 0x48) : QColor(0xdf, 0xe5, 0xec);
    case ProcessState::receiving:
        return colors.isDark ? QColor(0x3f, 0xb3, 0x8c) : QColor(0x2b, 0x9a, 0x76);
    case ProcessState::running:
        return colors.running;
    case ProcessState::sending:
        return colors.isDark ? QColor(0xa6, 0xd8, 0xf7) : QColor(0x8c, 0xc9, 0xf2);
    case ProcessState::waiting:
        return colors.waiting;
    case ProcessState::stopped:
        return colors.isDark ? QColor(0xb4, 0x8e, 0x9c) : QColor(0x7b, 0x55, 0x66);
    case ProcessState::succeeded:
        return colors.done;
    case ProcessState::failed:
        return colors.failed;
    }
    return colors.muted;
}

QColor stateTextColor(ProcessState state, const Colors& colors) {
    const QColor ground = stateColor(state, colors);
    const QColor dark(0x14, 0x19, 0x1f);
    return contrast(Qt::white, ground) >= 4.5 ? QColor(Qt::white) : dark;
}

QBrush failureHatch(const Colors& colors) {
    return {colors.isDark ? QColor(0x5a, 0x16, 0x0c) : QColor(0xff, 0xd8, 0xd0), Qt::BDiagPattern};
}

QString stateText(ProcessState state) {
    const auto text = [](const char* english) {
        return QCoreApplication::translate("pprocess::widgets::stateText", english);
    };
    switch (state) {
    case ProcessState::starting:
        return text("Starting");
    case ProcessState::idle:
        return text("Idle");
    case ProcessState::receiving:
        return text("Receiving");
    case ProcessState::running:
        return text("Running");
    case ProcessState::sending:
        return text("Sending");
    case ProcessState::waiting:
        return text("Waiting for space");
    case ProcessState::stopped:
        return text("Stopped");
    case ProcessState::succeeded:
        return text("Succeeded");
    case ProcessState::failed:
        return text("Failed");
    }
    return text("Unknown");
}

QColor outcomeColor(TaskOutcome outcome, const Colors& colors) {
    switch (outcome) {
    case TaskOutcome::value:
        return colors.done;
    case TaskOutcome::cancelled:
        return colors.cancelled;
    default:
        return colors.failed;
    }
}

} // namespace pprocess::widgets
