// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/patience.h"

#include <app/workbench/job_form.h>
#include <app/workbench/main_window.h>
#include <app/workbench/theme.h>

#include <widgets/message_bar.h>
#include <widgets/result_model.h>
#include <widgets/table_view.h>

#include <QApplication>
#include <QDir>
#include <QEventLoop>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <system_error>

/// A history for all windows of a test, as long as this lives: PPROCESS_TEST_STATE says that it is theirs.
class CommonHistory {
public:
    explicit CommonHistory(const QTemporaryDir& folder) {
        qputenv("PPROCESS_TEST_STATE", "1");
        qputenv("XDG_STATE_HOME", folder.filePath(QStringLiteral("state")).toUtf8());
    }
    ~CommonHistory() { qunsetenv("PPROCESS_TEST_STATE"); }
    CommonHistory(const CommonHistory&) = delete;
    CommonHistory& operator=(const CommonHistory&) = delete;
};

/// The real window over the real engine, with settings of its own, and what a test needs to work it as a person would.
class WindowFixture {
public:
    WindowFixture()
        : settings(folder.filePath(QStringLiteral("settings.ini")), QSettings::IniFormat),
          theme(*qApp),
          window(makeServer(), (keepRunsIn(folder), theme.apply(wantedTheme()), theme), settings) {
        window.show();
    }

    ~WindowFixture() {
        // QTemporaryDir cannot remove names that are not UTF-8.
        std::error_code ignored;
        std::filesystem::remove_all(folder.path().toStdString(), ignored);
    }

    [[nodiscard]] bool isExposed() { return QTest::qWaitForWindowExposed(&window); }

    template <typename Widget>
    [[nodiscard]] Widget* find(const char* name) {
        return window.findChild<Widget*>(QLatin1String(name));
    }

    void click(const char* button) { QTest::mouseClick(find<QPushButton>(button), Qt::LeftButton); }

    /// In an event loop as the application's own: QTest::qWaitFor sleeps between its turns.
    [[nodiscard]] bool waitForIdle(int milliseconds = 60'000) {
        using pprocess::workbench::JobController;
        QEventLoop loop;
        QObject::connect(&window.controller(), &JobController::stateChanged, &loop,
                         [&loop](JobController::State state) {
                             if (state == JobController::State::idle) {
                                 loop.quit();
                             }
                         });
        QTimer::singleShot(milliseconds, &loop, &QEventLoop::quit);
        if (window.controller().isBusy()) {
            loop.exec();
        }
        // What the window does on hearing of it, and what waits in the queue behind it, belongs to the end.
        QCoreApplication::processEvents();
        return !window.controller().isBusy();
    }

    /// Presses Run and waits for the end.
    [[nodiscard]] bool runToEnd(int milliseconds = 60'000) {
        click("run");
        return window.controller().isBusy() && waitForIdle(milliseconds);
    }

    [[nodiscard]] pprocess::widgets::ResultModel& results() {
        return *static_cast<pprocess::widgets::ResultModel*>(find<pprocess::widgets::TableView>("results")->model());
    }

    [[nodiscard]] std::map<std::string, pprocess::widgets::ResultRowPtr> resultsByInput() {
        std::map<std::string, pprocess::widgets::ResultRowPtr> byInput;
        for (int row = 0; row < results().rowCount(); ++row) {
            const auto result = results().rowAt(results().index(row, 0));
            byInput[result->input] = result;
        }
        return byInput;
    }

    [[nodiscard]] pprocess::workbench::JobForm& form() { return *window.findChild<pprocess::workbench::JobForm*>(); }
    [[nodiscard]] pprocess::widgets::MessageBar& message() {
        return *window.findChild<pprocess::widgets::MessageBar*>();
    }

    /// Saves the window's picture to the folder $PPROCESS_PICTURES, if that is set, to be looked at.
    void picture(const QString& name) {
        if (const QString folderName = qEnvironmentVariable("PPROCESS_PICTURES"); !folderName.isEmpty()) {
            QTest::qWait(200); // for a picture of a window that is done with its layout
            window.grab().save(QDir(folderName).filePath(name + QStringLiteral(".png")));
        }
    }

    /// Light, unless pictures are wanted in the dark: PPROCESS_PICTURE_THEME=dark.
    static pprocess::workbench::Theme::Choice wantedTheme() {
        using Choice = pprocess::workbench::Theme::Choice;
        return qEnvironmentVariable("PPROCESS_PICTURE_THEME") == QLatin1String("dark") ? Choice::dark : Choice::light;
    }

    /// Each window of a test has a history of its own, unless one is set for several.
    static void keepRunsIn(const QTemporaryDir& folder) {
        if (!qEnvironmentVariableIsSet("PPROCESS_TEST_STATE")) {
            qputenv("XDG_STATE_HOME", folder.filePath(QStringLiteral("state")).toUtf8());
        }
    }

    static std::unique_ptr<pprocess::ForkServer> makeServer() { return std::make_unique<pprocess::ForkServer>(); }

    QTemporaryDir folder;
    QSettings settings;
    pprocess::workbench::Theme theme;
    pprocess::workbench::MainWindow window;
};
