// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "window_fixture.h"

#include <app/workbench/history_dialog.h>

/// The list of earlier runs as a person opens it; null when it does not come.
inline pprocess::workbench::HistoryDialog* openHistory(WindowFixture& fixture) {
    using pprocess::workbench::HistoryDialog;
    fixture.window.activateWindow();
    if (!QTest::qWaitForWindowActive(&fixture.window)) {
        return nullptr;
    }
    QTest::keyClick(&fixture.window, Qt::Key_H, Qt::ControlModifier);
    auto* dialog = fixture.window.findChild<HistoryDialog*>();
    if (dialog) {
        QSignalSpy refreshed(dialog, &HistoryDialog::refreshed);
        refreshed.wait(30000);
    }
    return dialog;
}
