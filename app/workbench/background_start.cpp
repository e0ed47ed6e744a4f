// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/background_start.h>

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QStandardPaths>

#include <pprocess/job/history.h>

namespace pprocess::workbench::background_start {

namespace {

QString translated(const char* text) {
    return QCoreApplication::translate("BackgroundStart", text);
}

QString programFile(const std::filesystem::path& runFolder) {
    return QFile::decodeName((runFolder / "program").c_str());
}

QString problemOf(QProcess& process) {
    const QString said = QString::fromUtf8(process.readAllStandardError()).trimmed();
    return said.isEmpty() ? translated("ppctl ended without a word (status %1)").arg(process.exitCode()) : said;
}

} // namespace

QString findPpctl() {
    const QString named = qEnvironmentVariable("PPROCESS_PPCTL");
    if (!named.isEmpty()) {
        return QFileInfo(named).isExecutable() ? named : QString();
    }
    const QString beside = QCoreApplication::applicationDirPath() + QStringLiteral("/ppctl");
    return QFileInfo(beside).isExecutable() ? beside : QStandardPaths::findExecutable(QStringLiteral("ppctl"));
}

void start(const std::filesystem::path& runFolder, QObject* context,
           std::function<void(const std::filesystem::path& address, const QString& problem)> done) {
    const QString ppctl = findPpctl();
    if (ppctl.isEmpty()) {
        const QString problem =
            translated("the program ppctl, which runs jobs without a window, was not found beside this one nor in "
                       "PATH. Install it, or set PPROCESS_PPCTL to where it is");
        QMetaObject::invokeMethod(
            context, [done, problem] { done({}, problem); }, Qt::QueuedConnection);
        return;
    }
    job::PastRun run;
    run.folder = runFolder;
    const std::filesystem::path address = run.background_address();
    auto* process = new QProcess(context);
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (!environment.contains(QStringLiteral("PPROCESS_INSPECT"))) {
        environment.insert(QStringLiteral("PPROCESS_INSPECT"), QStringLiteral("1")); // to be watched from a window
    }
    process->setProcessEnvironment(environment);
    process->setStandardInputFile(QProcess::nullDevice());
    QObject::connect(process, &QProcess::errorOccurred, context, [process, done](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) {
            done({}, translated("%1 could not be started: %2").arg(process->program(), process->errorString()));
            process->deleteLater();
        }
    });
    QObject::connect(process, &QProcess::finished, context, [process, done, address](int status) {
        if (process->exitStatus() == QProcess::NormalExit && status == 0) {
            done(address, {});
        } else {
            done({}, problemOf(*process));
        }
        process->deleteLater();
    });
    const QString folder = QFile::decodeName(runFolder.c_str());
    process->start(ppctl, {QStringLiteral("run"), QStringLiteral("--go-on"), folder, QStringLiteral("--background"),
                           QFile::decodeName(address.c_str())});
    // Before the process is listed, so that whoever finds it there finds this too.
    QFile program(programFile(runFolder));
    if (process->processId() > 0 && program.open(QIODevice::WriteOnly)) {
        program.write(QByteArray::number(process->processId()));
    }
}

qint64 programOf(const std::filesystem::path& runFolder) {
    QFile program(programFile(runFolder));
    return program.open(QIODevice::ReadOnly) ? program.read(32).trimmed().toLongLong() : 0;
}

} // namespace pprocess::workbench::background_start
