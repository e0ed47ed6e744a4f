// SPDX-License-Identifier: GPL-3.0-or-later
/// What a person decides once for all jobs: kept, in force at once, and harmless when the file holds nonsense. And the
/// system's light or dark, which is followed.
#include "window_fixture.h"

#include <app/workbench/preferences.h>
#include <app/workbench/preferences_dialog.h>

#include <widgets/colors.h>

#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QFile>
#include <QLabel>
#include <QMessageBox>
#include <QSpinBox>

#include <pprocess/job/history.h>

using namespace pprocess;
using namespace std::chrono_literals;
using workbench::Preferences;
using workbench::PreferencesDialog;
using workbench::Theme;

namespace {

bool isDark() {
    return widgets::Colors::of(QApplication::palette()).isDark;
}

job::Job sleepingJob(const char* seconds = "1000") {
    job::Job job;
    job.name = "sleeps";
    job.command = std::string("sleep ") + seconds;
    job.inputs = job::ListInputs{{"0"}};
    return job;
}

template <typename Widget>
Widget* in(const QWidget& dialog, const char* name) {
    return dialog.findChild<Widget*>(QLatin1String(name));
}

/// As a person opens them.
PreferencesDialog* openPreferences(WindowFixture& fixture) {
    fixture.window.activateWindow();
    if (!QTest::qWaitForWindowActive(&fixture.window)) {
        return nullptr;
    }
    QTest::keyClick(&fixture.window, Qt::Key_Comma, Qt::ControlModifier);
    return fixture.window.findChild<PreferencesDialog*>();
}

void picture(QWidget& widget, const QString& name) {
    if (const QString folder = qEnvironmentVariable("PPROCESS_PICTURES"); !folder.isEmpty()) {
        QTest::qWait(200);
        widget.grab().save(QDir(folder).filePath(name + QStringLiteral(".png")));
    }
}

} // namespace

class TestPreferences : public QObject {
    Q_OBJECT

private slots:
    void defaultsAreSane() {
        QTemporaryDir folder;
        QSettings settings(folder.filePath(QStringLiteral("new.ini")), QSettings::IniFormat);
        const Preferences preferences(settings);
        QVERIFY(preferences.areDefaults());
        QVERIFY(preferences.problems().isEmpty());
        QCOMPARE(preferences.theme(), Theme::Choice::system);
        QVERIFY(!preferences.jobLimit());
        QCOMPARE(job::to_json(preferences.newJob()), job::to_json(job::Job())); // as the engine has them
        QVERIFY(preferences.notifies());
        QCOMPARE(preferences.notifiesAfter(), 5s);
        QCOMPARE(static_cast<std::size_t>(preferences.mostRuns()), job::HistoryLimits{}.runs);
        QCOMPARE(preferences.recordMebibytes(), 40);
        QCOMPARE(preferences.closing(), Preferences::Closing::ask);
        QVERIFY(settings.allKeys().isEmpty()); // what nobody decided may change with a later version
    }

    void decisionsAreKept() {
        QTemporaryDir folder;
        QSettings settings(folder.filePath(QStringLiteral("kept.ini")), QSettings::IniFormat);
        Preferences first(settings);
        QSignalSpy changed(&first, &Preferences::changed);
        first.setTheme(Theme::Choice::dark);
        first.setJobLimit(3);
        first.setOutputMebibytes(2);
        first.setNotifies(false);
        first.setNotifiesAfter(90s);
        first.setMostRuns(7);
        first.setRecordMebibytes(128);
        first.setClosing(Preferences::Closing::leave);
        QCOMPARE(changed.count(), 8);
        first.setMostRuns(7);
        QCOMPARE(changed.count(), 8);

        // Another window, which reads the file.
        QSettings again(settings.fileName(), QSettings::IniFormat);
        Preferences second(again);
        QVERIFY2(second.problems().isEmpty(), qPrintable(second.problems().join(QLatin1Char('\n'))));
        QCOMPARE(second.theme(), Theme::Choice::dark);
        QCOMPARE(second.newJob().limit, std::optional<std::size_t>(3));
        QCOMPARE(second.newJob().output_cap, std::uint64_t(2) << 20);
        QVERIFY(!second.notifies());
        QCOMPARE(second.notifiesAfter(), 90s);
        QCOMPARE(second.mostRuns(), 7);
        QCOMPARE(second.recordMebibytes(), 128);
        QCOMPARE(second.closing(), Preferences::Closing::leave);
        second.restoreDefaults();
        QVERIFY(second.areDefaults());
        QVERIFY(again.allKeys().isEmpty());
    }

    void nonsenseInTheFileIsTold_data() {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QVariant>("value");
        QTest::newRow("theme") << "theme" << QVariant("purple");
        QTest::newRow("text for a number") << "newJobs/limit" << QVariant("many");
        QTest::newRow("negative") << "newJobs/limit" << QVariant(-1);
        QTest::newRow("too much") << "newJobs/outputMebibytes" << QVariant("99999999999999");
        QTest::newRow("no truth") << "notifyAtEnd" << QVariant("perhaps");
        QTest::newRow("a list") << "notifyAfterSeconds" << QVariant(QStringList{"1", "2"});
        QTest::newRow("no runs") << "history/mostRuns" << QVariant(0);
        QTest::newRow("no memory") << "instruments/recordMebibytes" << QVariant(1);
        QTest::newRow("bytes") << "instruments/recordMebibytes" << QVariant(QByteArray("\xff\x00\x01", 3));
        QTest::newRow("closing") << "window/closing" << QVariant("explode");
        QTest::newRow("empty") << "window/closing" << QVariant("");
    }
    void nonsenseInTheFileIsTold() {
        QFETCH(QString, key);
        QFETCH(QVariant, value);
        QTemporaryDir folder;
        QSettings settings(folder.filePath(QStringLiteral("odd.ini")), QSettings::IniFormat);
        settings.setValue(key, value);
        settings.sync();
        QSettings again(settings.fileName(), QSettings::IniFormat);
        const Preferences preferences(again);
        QVERIFY(preferences.areDefaults());
        QCOMPARE(preferences.problems().size(), 1);
        QVERIFY2(preferences.problems().first().contains(key), qPrintable(preferences.problems().first()));
        QVERIFY(again.contains(key)); // it is the person's to change
    }

    void theWindowTellsOfNonsense() {
        WindowFixture fixture;
        fixture.settings.setValue(QStringLiteral("window/closing"), QStringLiteral("explode"));
        workbench::MainWindow window(nullptr, fixture.theme, fixture.settings);
        window.show();
        const QString text = window.findChild<widgets::MessageBar*>()->text();
        QVERIFY2(text.contains(QStringLiteral("“window/closing” is “explode”")), qPrintable(text));
        QVERIFY(text.contains(QStringLiteral("Ctrl+,")));
    }

    void aFileThatCannotBeReadIsTold() {
        QTemporaryDir folder;
        const QString name = folder.filePath(QStringLiteral("broken.ini"));
        QFile file(name);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("[window\n\x00\xff\xfe=\ntheme");
        file.close();
        QSettings settings(name, QSettings::IniFormat);
        const Preferences preferences(settings);
        QVERIFY(preferences.areDefaults());
        QVERIFY(preferences.problems().join(QLatin1Char(' ')).contains(name));
    }

    void aFileThatCannotBeWrittenIsTold() {
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        QSettings settings(QStringLiteral("/proc/no/such/place.ini"), QSettings::IniFormat);
        Preferences preferences(settings);
        PreferencesDialog dialog(preferences);
        dialog.QDialog::show();
        auto* problem = in<QLabel>(dialog, "preferencesProblem");
        QVERIFY(!problem->isVisible());
        in<QSpinBox>(dialog, "mostRunsKept")->setValue(5);
        QCOMPARE(preferences.mostRuns(), 5); // here it counts
        QVERIFY(problem->isVisible());
        QVERIFY(problem->text().contains(QStringLiteral("/proc/no/such/place.ini")));
    }

    void theDialogShowsAndChangesAllOfThem() {
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        PreferencesDialog* dialog = openPreferences(fixture);
        QVERIFY(dialog);
        picture(*dialog, QStringLiteral("preferences"));
        Preferences& preferences = fixture.window.preferences();
        auto* restore = in<QPushButton>(*dialog, "restoreDefaults");
        QVERIFY(!restore->isEnabled());
        for (const QWidget* field : dialog->findChildren<QWidget*>()) {
            if (qobject_cast<const QSpinBox*>(field) || qobject_cast<const QComboBox*>(field)) {
                QVERIFY2(!field->accessibleName().isEmpty(), qPrintable(field->objectName()));
                QVERIFY2(!field->toolTip().isEmpty(), qPrintable(field->objectName()));
            }
        }
        in<QComboBox>(*dialog, "theme")->setCurrentIndex(2);
        QCOMPARE(preferences.theme(), Theme::Choice::dark);
        QVERIFY(isDark());
        in<QSpinBox>(*dialog, "newJobLimit")->setValue(2);
        in<QSpinBox>(*dialog, "newJobOutput")->setValue(1);
        in<QCheckBox>(*dialog, "notifies")->setChecked(false);
        QVERIFY(!in<QSpinBox>(*dialog, "notifiesAfter")->isEnabled());
        in<QComboBox>(*dialog, "closing")->setCurrentIndex(2);
        in<QSpinBox>(*dialog, "mostRunsKept")->setValue(3);
        in<QSpinBox>(*dialog, "recordMemory")->setValue(256);
        QVERIFY(!preferences.notifies());
        QCOMPARE(preferences.closing(), Preferences::Closing::stop);
        QCOMPARE(preferences.mostRuns(), 3);
        QCOMPARE(preferences.recordMebibytes(), 256);

        // In force at once: in a new job, and in the menu.
        fixture.window.newJob();
        QCOMPARE(fixture.form().job().limit.has_value(), false); // the first page's stays as it was
        QCOMPARE(fixture.window.frontPage()->findChild<workbench::JobForm*>()->job().limit,
                 std::optional<std::size_t>(2));
        QCOMPARE(fixture.window.frontPage()->findChild<workbench::JobForm*>()->job().output_cap, std::uint64_t(1)
                                                                                                     << 20);

        QVERIFY(restore->isEnabled());
        QTest::mouseClick(restore, Qt::LeftButton);
        QVERIFY(preferences.areDefaults());
        QVERIFY(!isDark());
        QCOMPARE(in<QSpinBox>(*dialog, "recordMemory")->value(), 40);
        QVERIFY(in<QCheckBox>(*dialog, "notifies")->isChecked());
        QVERIFY(!restore->isEnabled());
    }

    void theHistoryMakesRoomAtTheNextEnd() {
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        job::Job job;
        job.command = "true {}";
        job.inputs = job::ListInputs{{"a"}};
        fixture.window.setJob(job);
        for (int run = 0; run < 3; ++run) {
            QVERIFY(fixture.runToEnd());
        }
        QCOMPARE(job::past_runs().size(), std::size_t(3));
        fixture.window.preferences().setMostRuns(1);
        QVERIFY(fixture.runToEnd());
        QTRY_COMPARE(job::past_runs().size(), std::size_t(1));
    }

    void closingStopsIfThatIsWanted() {
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        fixture.window.preferences().setClosing(Preferences::Closing::stop);
        fixture.window.setJob(sleepingJob());
        fixture.click("run");
        QTRY_COMPARE(fixture.window.controller().state(), workbench::JobController::State::running);
        fixture.window.close();
        QVERIFY(!fixture.window.findChild<QMessageBox*>());
        QTRY_VERIFY(!fixture.window.isVisible());
        QCOMPARE(job::past_runs().front().state, job::RunState::stopped);
    }

    void closingWaitsIfThatIsWantedAndAsksTheSecondTime() {
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        fixture.window.preferences().setClosing(Preferences::Closing::wait);
        const QString gate = fixture.folder.filePath(QStringLiteral("gate"));
        job::Job job = sleepingJob();
        job.use_shell = true;
        job.command = "until test -e " + gate.toStdString() + "; do sleep 0.01; done; true {}";
        fixture.window.setJob(job);
        fixture.click("run");
        QTRY_COMPARE(fixture.window.controller().state(), workbench::JobController::State::running);
        fixture.window.close();
        QVERIFY(fixture.window.isVisible());
        QVERIFY(!fixture.window.findChild<QMessageBox*>());
        QVERIFY(fixture.message().text().contains(QStringLiteral("closes when all jobs have ended")));
        fixture.window.close(); // who waits no longer is asked
        auto* question = fixture.window.findChild<QMessageBox*>(QStringLiteral("howToClose"));
        QVERIFY(question);
        QTest::keyClick(question, Qt::Key_Escape);
        QFile opened(gate);
        QVERIFY(opened.open(QIODevice::WriteOnly));
        QVERIFY(fixture.waitForIdle());
        QVERIFY(fixture.window.isVisible()); // "Do not quit" took it back
    }

    void theSystemsChangeIsFollowed() {
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        auto& theme = fixture.theme;
        theme.apply(Theme::Choice::system);
        QVERIFY(!isDark());
        theme.setSystemIsDark(true);
        QVERIFY(isDark());
        QCOMPARE(theme.choice(), Theme::Choice::system);
        theme.apply(Theme::Choice::light);
        QVERIFY(!isDark()); // a person's choice comes first
        theme.setSystemIsDark(false);
        theme.setSystemIsDark(true);
        QVERIFY(!isDark());
        theme.apply(Theme::Choice::system);
        QVERIFY(isDark());
        theme.setSystemIsDark({});
        QVERIFY(!isDark());
        // The palette of the platform is read anew.
        QEvent changed(QEvent::ThemeChange);
        QCoreApplication::sendEvent(fixture.window.windowHandle(), &changed);
        QCoreApplication::processEvents();
        QVERIFY(!isDark());
        QVERIFY(!qApp->styleSheet().isEmpty());
    }

    void theMenuAndTheDialogAgreeOnTheTheme() {
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        const auto checked = [&] {
            QStringList texts;
            for (const QAction* action : fixture.window.findChildren<QAction*>()) {
                if (action->isChecked() && action->actionGroup()) {
                    texts += action->text().remove(QLatin1Char('&'));
                }
            }
            return texts;
        };
        fixture.window.preferences().setTheme(Theme::Choice::dark);
        QVERIFY2(checked().contains(QStringLiteral("Dark")), qPrintable(checked().join(QLatin1Char(' '))));
        for (QAction* action : fixture.window.findChildren<QAction*>()) {
            if (action->text() == QStringLiteral("&Light")) {
                action->trigger();
            }
        }
        QCOMPARE(fixture.window.preferences().theme(), Theme::Choice::light);
        QVERIFY(!isDark());
    }
};

QTEST_MAIN(TestPreferences)
#include "tst_preferences.moc"
