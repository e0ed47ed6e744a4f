// SPDX-License-Identifier: GPL-3.0-or-later
// ctest: serial
/// Every message that a person can meet in the window when something is wrong, each provoked for real; and that none is
/// missing here. (Those of ppctl: tst_ppctl.)
#include "messages_of_instruments.h"
#include "messages_of_jobs.h"
#include "messages_of_runs.h"
#include "messages_of_views.h"
#include "problem_texts.h"

using namespace messages;

namespace {

/// What is said where problems are, or reads like one, and is none.
const QStringList noProblems{
    // what something is, or is for
    QStringLiteral("A program can be watched when it was started with PPROCESS_INSPECT=1 in its environment"),
    QStringLiteral("Each process that a program creates is linked to it by a channel"),
    QStringLiteral("Each run of a job is kept here with its settings"),
    QStringLiteral("An exchange, a queue or a map hands tasks to processes"),
    QStringLiteral("No process has been recorded yet."),
    // what has happened, in the list of events
    QStringLiteral("lost its process"),
    QStringLiteral("%1 lost %2%3"),
    QStringLiteral("%1 not recorded: more happened than there was room for"),
    QStringLiteral("The files of a folder"),
    QStringLiteral("Inputs that you type in"),
    QStringLiteral("The lines of a text file"),
    QStringLiteral("The rows of a CSV file"),
    QStringLiteral("Ranges of numbers, and every combination"),
    QStringLiteral("Click a column to put it into the command."),
    QStringLiteral("a message of the program's own, which is not shown"),
    // what a control does
    QStringLiteral("Do what this run has left to do"),
    QStringLiteral("The oldest make room at the end of a run"),
    QStringLiteral("Take its results and show them here"),
    QStringLiteral("Remove what processes that are gone have left"),
    QStringLiteral("Send SIGKILL to the process"),
    QStringLiteral("Sends SIGTERM: its task is lost"),
    QStringLiteral("Runs these tasks once more"),
    QStringLiteral("A notification of the desktop, while"),
    QStringLiteral("0 as others, 19 only when nobody else"),
    QStringLiteral("Numbers from 0, such as 0, 2-3."),
    QStringLiteral("Jobs that cannot go on in the background are asked about"),
    // how things stand
    QStringLiteral("gone, stale file"),
    QStringLiteral("Its function runs, and nobody collects from it."),
    QStringLiteral("It has ended, and all was collected."),
    QStringLiteral("The output of %1 was saved in “%2”."),
    QStringLiteral("%1 saved to “%2”."),
    QStringLiteral("Channel to a process that is not known"),
    QStringLiteral("The record is still being gone through."),
    // what is let go of because there is much of it
    QStringLiteral("the oldest %1 are no longer kept"),
    QStringLiteral("(no longer kept)"),
    QStringLiteral("%1 ended earlier and %2 no longer kept"),
    QStringLiteral("Its output is no longer kept: another job"),
    // parts of messages that are in the list
    QStringLiteral("a number from %1 to %2"),
    // what neither the form nor a job file lets through, so that only a program's own job can be told
    QStringLiteral("The priority must be from -20 (first) to 19 (last)."),
    QStringLiteral("A process must have at least 1 item in hand."),
    QStringLiteral("The time limit must be more than 0."),
    QStringLiteral("Whoever runs a job that calls functions, as of "),
    QStringLiteral(", must prepare it first"),
    // what is only looked for, or told to nobody
    QStringLiteral("values on its channel"),
    QStringLiteral("its worker process "),
    QStringLiteral(" sent more than one result"),
};

} // namespace

class TestMessages : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        addJobs(m_list);
        addRuns(m_list);
        addResults(m_list);
        addBackground(m_list);
        addPrograms(m_list);
        addTraces(m_list);
        addViews(m_list);
    }

    void isSeen_data() {
        QTest::addColumn<int>("place");
        for (std::size_t place = 0; place < m_list.size(); ++place) {
            QTest::newRow(m_list[place].name) << static_cast<int>(place);
        }
    }
    void isSeen() {
        QFETCH(int, place);
        const Message& message = m_list[static_cast<std::size_t>(place)];
        QVERIFY(!message.text.isEmpty());
        const Wanted wanted(message.text);
        const QString seen = message.provoke(wanted);
        QVERIFY2(wanted.fits(seen), qPrintable(QStringLiteral("\nwanted: %1\nseen:   %2").arg(wanted.text(), seen)));
    }

    /// Whoever adds a message adds how it comes about; a text that only reads like one goes into `noProblems`.
    void noneIsMissing_data() {
        QTest::addColumn<bool>("ofJobs");
        QTest::newRow("of the window") << false;
        QTest::newRow("of jobs") << true;
    }
    void noneIsMissing() {
        QFETCH(bool, ofJobs);
        const auto texts = ofJobs ? problem_texts::ofJobs() : problem_texts::ofWindow();
        QVERIFY2(texts.size() > 80, "the sources are not found, or not understood");
        QStringList missing;
        for (const auto& text : texts) {
            const bool isListed = std::any_of(m_list.begin(), m_list.end(), [&](const Message& message) {
                return problem_texts::isIn(message.text, text.words);
            });
            const bool isNone = std::any_of(noProblems.begin(), noProblems.end(),
                                            [&](const QString& begin) { return text.words.startsWith(begin); });
            if (!isListed && !isNone) {
                missing += text.place + QStringLiteral(": ") + text.words;
            }
        }
        for (const QString& text : missing) {
            qWarning("no row provokes: %s", qPrintable(text));
        }
        QVERIFY(missing.isEmpty());
    }

    void noneIsNamedTwice() {
        QSet<QString> names;
        for (const Message& message : m_list) {
            QVERIFY2(!names.contains(QLatin1String(message.name)), message.name);
            names += QLatin1String(message.name);
        }
    }

    void cleanupTestCase() {
        formWindow().reset();
        commonWindow().reset();
    }

private:
    List m_list;
};

int main(int argc, char** argv) {
    if (qEnvironmentVariableIsSet(backgroundVariable)) {
        runInBackground(qgetenv(backgroundVariable).toStdString(), argv[1]);
        return 0;
    }
    QApplication application(argc, argv);
    TestMessages test;
    QTEST_SET_MAIN_SOURCE_PATH
    return QTest::qExec(&test, argc, argv);
}
#include "tst_messages.moc"
