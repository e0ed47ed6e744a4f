// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/command_line.h>

#include <app/workbench/main_window.h>
#include <app/workbench/theme.h>

#include <QCommandLineParser>
#include <QCoreApplication>

namespace pprocess::workbench {

void CommandLine::applyScale(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const QByteArray argument = argv[i];
        if (argument == "--scale" && i + 1 < argc) {
            qputenv("QT_SCALE_FACTOR", argv[i + 1]);
        } else if (argument.startsWith("--scale=")) {
            qputenv("QT_SCALE_FACTOR", argument.mid(8));
        }
    }
}

CommandLine CommandLine::parse(const QCoreApplication& application, QString& mistake) {
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
        QStringLiteral(
            "Save a picture of the window as PNG and quit; with --run, when the job has ended; with --trace, "
            "when the file has been read; with --attach, when the program has ended."),
        QStringLiteral("file"));
    const QCommandLineOption screenshotAt(
        QStringLiteral("screenshot-at"),
        QStringLiteral("Take the picture when this part of the items has ended, 0 to 1; with --attach and less than 1, "
                       "a moment after something was seen of the program."),
        QStringLiteral("part"), QStringLiteral("1"));
    const QCommandLineOption scale(QStringLiteral("scale"), QStringLiteral("Scale of the whole window, such as 2."),
                                   QStringLiteral("factor"));
    const QCommandLineOption theme(QStringLiteral("theme"), QStringLiteral("light, dark or system."),
                                   QStringLiteral("name"));
    const QCommandLineOption size(QStringLiteral("size"), QStringLiteral("Size of the window, such as 1280x800."),
                                  QStringLiteral("WxH"));
    const QCommandLineOption attach(QStringLiteral("attach"),
                                    QStringLiteral("Attach to a running program, by its name or pid. May be given "
                                                   "several times."),
                                    QStringLiteral("program"));
    const QCommandLineOption trace(QStringLiteral("trace"), QStringLiteral("Open a trace file."),
                                   QStringLiteral("file"));
    const QCommandLineOption compare(QStringLiteral("compare"),
                                     QStringLiteral("With --trace: show another trace file beside it."),
                                     QStringLiteral("file"));
    const QCommandLineOption instruments(QStringLiteral("instruments"),
                                         QStringLiteral("Show the instruments of the window's own job."));
    const QCommandLineOption view(
        QStringLiteral("view"),
        QStringLiteral("The instrument in front: processes, channels, exchange, throughput, failures or events."),
        QStringLiteral("name"));
    const QCommandLineOption position(
        QStringLiteral("position"), QStringLiteral("With --trace: show the state after this part of its time, 0 to 1."),
        QStringLiteral("part"), QStringLiteral("1"));
    parser.addOptions({sample, attach, trace, compare, instruments, view, position, run, screenshot, screenshotAt,
                       scale, theme, size});
    parser.addPositionalArgument(QStringLiteral("file"), QStringLiteral("Job files and trace files to open."),
                                 QStringLiteral("[JOB.ppjob | FILE.pptrace]…"));
    parser.process(application);

    CommandLine line;
    line.run = parser.isSet(run);
    line.screenshot = parser.value(screenshot);
    line.attach = parser.values(attach);
    line.trace = parser.value(trace);
    line.compareWith = parser.value(compare);
    line.instruments = parser.isSet(instruments);
    line.view = parser.value(view);

    const auto part = [&](const QCommandLineOption& option) {
        bool isNumber = false;
        const double value = parser.value(option).toDouble(&isNumber);
        if (!isNumber || value < 0 || value > 1) {
            mistake = QStringLiteral("--%1 takes a number from 0 to 1").arg(option.names().constFirst());
        }
        return value;
    };
    line.screenshotAt = part(screenshotAt);
    line.position = part(position);
    if (parser.isSet(scale)) {
        bool isNumber = false;
        const double factor = parser.value(scale).toDouble(&isNumber);
        if (!isNumber || factor < 0.5 || factor > 8) {
            mistake = QStringLiteral("--scale takes a number from 0.5 to 8");
        }
    }
    if (parser.isSet(size)) {
        const QStringList sides = parser.value(size).split(QLatin1Char('x'));
        if (sides.size() != 2 || sides[0].toInt() <= 0 || sides[1].toInt() <= 0) {
            mistake = QStringLiteral("--size takes width and height in pixels, such as 1280x800");
        } else {
            line.size = QSize(sides[0].toInt(), sides[1].toInt());
        }
    }
    if (parser.isSet(theme)) {
        line.theme = parser.value(theme);
        if (Theme::toString(Theme::fromString(line.theme)) != line.theme) {
            mistake = QStringLiteral("--theme takes light, dark or system");
        }
    }
    const QStringList files = parser.positionalArguments();
    line.more = files.mid(1);
    if (!files.isEmpty()) {
        (MainWindow::isTrace(files.constFirst()) ? line.trace : line.jobFile) = files.constFirst();
    }
    if (!line.compareWith.isEmpty() && line.trace.isEmpty()) {
        mistake = QStringLiteral("--compare needs --trace");
    }
    return line;
}

} // namespace pprocess::workbench
