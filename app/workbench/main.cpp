// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/main_window.h>
#include <app/workbench/theme.h>

#include <QApplication>
#include <QCommandLineParser>
#include <QFile>
#include <QSettings>
#include <QTimer>

#include <cstdio>

#include <pprocess/job/job.h>

using pprocess::workbench::JobController;
using pprocess::workbench::MainWindow;
using pprocess::workbench::Theme;

namespace {

enum Exit { success = 0, wrongArguments = 1, unreadableJob = 2, jobDidNotRun = 3, pictureNotSaved = 4 };

void complain(const QString& text) {
    std::fprintf(stderr, "pprocess-workbench: %s\n", qPrintable(text));
}

// The scale has to be known before there is an application, which reads it from the environment.
void applyScale(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const QByteArray argument = argv[i];
        if (argument == "--scale" && i + 1 < argc) {
            qputenv("QT_SCALE_FACTOR", argv[i + 1]);
        } else if (argument.startsWith("--scale=")) {
            qputenv("QT_SCALE_FACTOR", argument.mid(8));
        }
    }
}

/// Takes the window's picture once the job is so far, then ends the program.
class Photographer : public QObject {
public:
    Photographer(MainWindow& window, const QString& file, double fraction, bool waitsForJob)
        : QObject(&window),
          m_window(window),
          m_file(file) {
        auto& controller = window.controller();
        if (!waitsForJob) {
            arm();
            return;
        }
        if (fraction < 1) {
            connect(&controller, &JobController::progressChanged, this,
                    [this, fraction](const pprocess::job::Progress& progress) {
                        if (static_cast<double>(progress.ended()) >= fraction * static_cast<double>(progress.total)) {
                            take();
                        }
                    });
        }
        connect(&controller, &JobController::finished, this, [this] { arm(); });
        connect(&controller, &JobController::failed, this, [this](const QString& message) { giveUp(message); });
        connect(&controller, &JobController::mistaken, this,
                [this](const QString&, const QString& message) { giveUp(message); });
    }

private:
    // The window draws itself a moment after it was told the last of the job.
    void arm() { QTimer::singleShot(400, this, &Photographer::take); }

    void take() {
        if (m_isDone) {
            return;
        }
        m_isDone = true;
        if (!m_window.grab().save(m_file, "PNG")) {
            complain(tr("the picture could not be saved to %1: check that its folder exists and can be written")
                         .arg(m_file));
            leave(pictureNotSaved);
            return;
        }
        leave(success);
    }

    void giveUp(const QString& message) {
        if (m_isDone) {
            return;
        }
        m_isDone = true;
        complain(message);
        // A picture of a failure is what one may have come for.
        QTimer::singleShot(100, this, [this] {
            m_window.grab().save(m_file, "PNG");
            leave(jobDidNotRun);
        });
    }

    void leave(int code) {
        auto& controller = m_window.controller();
        if (!controller.isBusy()) {
            QCoreApplication::exit(code);
            return;
        }
        connect(&controller, &JobController::stateChanged, this, [code](JobController::State state) {
            if (state == JobController::State::idle) {
                QCoreApplication::exit(code);
            }
        });
        controller.stop();
    }

    MainWindow& m_window;
    QString m_file;
    bool m_isDone = false;
};

} // namespace

int main(int argc, char** argv) {
    // Before anything makes a thread or connects to a display: the launcher is to share nothing with the window.
    std::unique_ptr<pprocess::ForkServer> server;
    QString serverProblem;
    try {
        server = std::make_unique<pprocess::ForkServer>();
    } catch (const std::exception& error) {
        serverProblem = QString::fromUtf8(error.what());
    }

    applyScale(argc, argv);
    QApplication application(argc, argv);
    QCoreApplication::setOrganizationName(QStringLiteral("pprocess"));
    QCoreApplication::setApplicationName(QStringLiteral("workbench"));
    QCoreApplication::setApplicationVersion(QStringLiteral(PPROCESS_VERSION));
    QGuiApplication::setDesktopFileName(QStringLiteral("pprocess-workbench"));

    QCommandLineParser parser;
    parser.setApplicationDescription(QCoreApplication::translate(
        "main", "Runs a command over many inputs in parallel processes and shows them at work."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption sample(QStringLiteral("sample"),
                                    QStringLiteral("Open with the sample job (as without any job)."));
    const QCommandLineOption run(QStringLiteral("run"), QStringLiteral("Run the job at once."));
    const QCommandLineOption screenshot(
        QStringLiteral("screenshot"),
        QStringLiteral("Save a picture of the window as PNG and quit; with --run, when the job has ended."),
        QStringLiteral("file"));
    const QCommandLineOption screenshotAt(
        QStringLiteral("screenshot-at"),
        QStringLiteral("Take the picture when this part of the items has ended, 0 to 1."), QStringLiteral("part"),
        QStringLiteral("1"));
    const QCommandLineOption scale(QStringLiteral("scale"), QStringLiteral("Scale of the whole window, such as 2."),
                                   QStringLiteral("factor"));
    const QCommandLineOption themeOption(QStringLiteral("theme"), QStringLiteral("light, dark or system."),
                                         QStringLiteral("name"));
    const QCommandLineOption size(QStringLiteral("size"), QStringLiteral("Size of the window, such as 1280x800."),
                                  QStringLiteral("WxH"));
    parser.addOptions({sample, run, screenshot, screenshotAt, scale, themeOption, size});
    parser.addPositionalArgument(QStringLiteral("job"), QStringLiteral("A job file to open."),
                                 QStringLiteral("[JOB.json]"));
    parser.process(application);

    bool isFraction = false;
    const double fraction = parser.value(screenshotAt).toDouble(&isFraction);
    bool isScale = true;
    if (parser.isSet(scale)) {
        const double factor = parser.value(scale).toDouble(&isScale);
        isScale = isScale && factor >= 0.5 && factor <= 8;
    }
    const QStringList sides = parser.value(size).split(QLatin1Char('x'));
    const bool isSize = !parser.isSet(size) || (sides.size() == 2 && sides[0].toInt() > 0 && sides[1].toInt() > 0);
    const QString themeName = parser.value(themeOption);
    const bool isTheme = !parser.isSet(themeOption) || Theme::toString(Theme::fromString(themeName)) == themeName;
    if (!isFraction || fraction < 0 || fraction > 1) {
        complain(QStringLiteral("--screenshot-at takes a number from 0 to 1"));
    } else if (!isScale) {
        complain(QStringLiteral("--scale takes a number from 0.5 to 8"));
    } else if (!isSize) {
        complain(QStringLiteral("--size takes width and height in pixels, such as 1280x800"));
    } else if (!isTheme) {
        complain(QStringLiteral("--theme takes light, dark or system"));
    } else if (parser.positionalArguments().size() > 1) {
        complain(QStringLiteral("only one job file can be opened"));
    } else {
        isFraction = true;
    }
    if (!isFraction || fraction < 0 || fraction > 1 || !isScale || !isSize || !isTheme ||
        parser.positionalArguments().size() > 1) {
        return wrongArguments;
    }

    pprocess::job::Job job = pprocess::job::sample_job();
    QString jobFile;
    if (!parser.positionalArguments().isEmpty()) {
        jobFile = parser.positionalArguments().constFirst();
        try {
            job = pprocess::job::load(QFile::encodeName(jobFile).toStdString());
        } catch (const std::exception& error) {
            complain(QString::fromUtf8(error.what()));
            return unreadableJob;
        }
    }

    QSettings settings;
    Theme theme(application);
    theme.apply(
        Theme::fromString(parser.isSet(themeOption) ? themeName : settings.value(QStringLiteral("theme")).toString()));
    MainWindow window(std::move(server), theme, settings);
    window.setJob(job, jobFile);
    if (parser.isSet(size)) {
        window.resize(sides[0].toInt(), sides[1].toInt());
    }
    window.show();
    if (!serverProblem.isEmpty()) {
        complain(serverProblem);
    }
    if (parser.isSet(screenshot)) {
        new Photographer(window, parser.value(screenshot), fraction, parser.isSet(run));
    }
    if (parser.isSet(run)) {
        QMetaObject::invokeMethod(&window, &MainWindow::run, Qt::QueuedConnection);
    }
    return QApplication::exec();
}
