// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/command_line.h>
#include <app/workbench/instrument_board.h>
#include <app/workbench/instrument_page.h>
#include <app/workbench/main_window.h>
#include <app/workbench/photographer.h>
#include <app/workbench/preferences.h>
#include <app/workbench/theme.h>
#include <app/workbench/translations.h>

#include <QApplication>
#include <QFile>
#include <QLocale>
#include <QSettings>

#include <pprocess/job/job.h>

using namespace pprocess;
using namespace pprocess::workbench;

namespace {

/// What was asked for beside the job; the page of the source that is to be waited for, or null.
InstrumentPage* openInstruments(MainWindow& window, const CommandLine& line) {
    InstrumentPage* page = nullptr;
    if (line.instruments) {
        window.showInstruments();
    }
    if (!line.trace.isEmpty()) {
        page = window.openTrace(line.trace);
        if (line.position < 1) {
            page->showPartWhenRead(line.position);
        }
    }
    if (!line.compareWith.isEmpty()) {
        page = window.compareWithTrace(line.compareWith);
    }
    for (const QString& program : line.attach) {
        page = window.attach(program);
    }
    if (InstrumentBoard* board = window.frontPage()->board(); board && !line.view.isEmpty()) {
        board->reveal(line.view);
    }
    return page;
}

} // namespace

int main(int argc, char** argv) {
    // Before anything makes a thread or connects to a display: the launcher is to share nothing with the window.
    std::unique_ptr<ForkServer> server;
    QString serverProblem;
    try {
        server = std::make_unique<ForkServer>();
    } catch (const std::exception& error) {
        serverProblem = QString::fromUtf8(error.what());
    }

    CommandLine::applyScale(argc, argv);
    QApplication application(argc, argv);
    QCoreApplication::setOrganizationName(QStringLiteral("pprocess"));
    QCoreApplication::setApplicationName(QStringLiteral("workbench"));
    QCoreApplication::setApplicationVersion(QStringLiteral(PPROCESS_VERSION));
    QGuiApplication::setDesktopFileName(QStringLiteral("pprocess-workbench"));

    translations::load(application, QLocale());

    QString mistake;
    const CommandLine line = CommandLine::parse(application, mistake);
    if (!mistake.isEmpty()) {
        complain(mistake);
        return wrongArguments;
    }
    job::Job job = job::sample_job();
    if (!line.jobFile.isEmpty()) {
        try {
            job = job::load(QFile::encodeName(line.jobFile).toStdString());
        } catch (const std::exception& error) {
            const QString text = QString::fromUtf8(error.what());
            complain(text.contains(line.jobFile) ? text : line.jobFile + QStringLiteral(": ") + text);
            return unreadableJob;
        }
    }

    QSettings settings;
    Theme theme(application);
    theme.apply(line.theme.isEmpty() ? Preferences(settings).theme() : Theme::fromString(line.theme));
    MainWindow window(std::move(server), theme, settings);
    window.setJob(job, line.jobFile);
    if (line.size) {
        window.resize(*line.size);
    }
    window.show();
    if (!serverProblem.isEmpty()) {
        complain(serverProblem);
    }
    InstrumentPage* const instruments = openInstruments(window, line);
    JobPage& firstJob = window.jobPage(); // the others open on pages of their own
    for (const QString& file : line.more) {
        if (MainWindow::isTrace(file)) {
            window.openTrace(file);
        } else {
            window.openJob(file);
        }
    }
    if (line.run) {
        emit firstJob.wanted();
    }
    if (!line.screenshot.isEmpty()) {
        auto* photographer = new Photographer(window, line.screenshot);
        if (instruments) {
            photographer->takeOf(instruments->source(), line.screenshotAt < 1);
        } else if (line.run) {
            photographer->takeDuringJob(line.screenshotAt);
        } else {
            photographer->takeSoon();
        }
    }
    if (line.run) {
        QMetaObject::invokeMethod(&firstJob, &JobPage::run, Qt::QueuedConnection);
    } else if (line.screenshot.isEmpty() && !instruments) {
        if (line.jobFile.isEmpty()) {
            window.showWelcomeOnce();
        }
        window.mentionBrokenOffRun();
    }
    return QApplication::exec();
}
