// SPDX-License-Identifier: GPL-3.0-or-later
// ctest: serial
#include "window_fixture.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QRadioButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QTabBar>
#include <QTableWidget>
#include <QToolButton>

#include <chrono>
#include <fstream>
#include <set>

using namespace pprocess;

namespace {

void writeFile(const QString& name, const std::string& text) {
    std::ofstream(name.toStdString(), std::ios::binary) << text;
}

std::set<std::string> outputsOf(WindowFixture& fixture) {
    std::set<std::string> outputs;
    for (const auto& [input, row] : fixture.resultsByInput()) {
        outputs.insert(row->result.program.output);
    }
    return outputs;
}

/// Every field that the form has another value for than a new job.
job::Job fullJob(const std::string& folder) {
    job::Job job;
    job.name = "full";
    job.command = "env LANG=C echo {size} {mode}";
    job::GridInputs grid;
    grid.axes = {{"size", job::Range{1, 3, 0.5}}, {"mode", std::vector<std::string>{"a, b", "c"}}};
    job.inputs = grid;
    job.pattern = job::Pattern::queue;
    job.limit = 3;
    job.reuse = false;
    job.timeout = std::chrono::milliseconds(1500);
    job.retries = 2;
    job.stop_at_failure = true;
    job.working_folder = folder;
    job.environment = {{"A", "1"}, {"B", "x=y"}};
    job.niceness = 5;
    job.cores = {0};
    job.output_cap = 1234;
    return job;
}

} // namespace

class TestJobForm : public QObject {
    Q_OBJECT

private slots:
    void tableFromNothing();
    void gridFromNothing();
    void showsAndKeepsEveryField();
    void moreOpensByItself();
    void mistakesStandBesideTheirFields_data();
    void mistakesStandBesideTheirFields();
    void undoesInAllFields();
    void nothingIsCutOff();
};

void TestJobForm::tableFromNothing() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    const QString file = fixture.folder.filePath(QStringLiteral("people.csv"));
    writeFile(file, "name;age\n\"Ann; B\";30\nBob;41\nCid;5\n");
    fixture.window.setJob({});
    fixture.find<QTabBar>("inputsKind")->setCurrentIndex(3);
    fixture.find<QLineEdit>("tableFile")->setText(file);
    fixture.find<QComboBox>("separator")->setCurrentIndex(1);
    auto* preview = fixture.find<QTableWidget>("tablePreview");
    QTRY_COMPARE(preview->columnCount(), 2);
    QCOMPARE(preview->rowCount(), 3);
    QCOMPARE(preview->horizontalHeaderItem(1)->text(), QStringLiteral("age"));
    QCOMPARE(preview->item(0, 0)->text(), QStringLiteral("Ann; B"));
    QVERIFY(preview->isVisible());

    auto* command = fixture.find<QPlainTextEdit>("command");
    QTest::keyClicks(command, QStringLiteral("echo "));
    // A click on a column's name, and one on a cell.
    auto* header = preview->horizontalHeader();
    QTest::mouseClick(header->viewport(), Qt::LeftButton, {},
                      {header->sectionViewportPosition(1) + 5, header->height() / 2});
    QTest::keyClicks(command, QStringLiteral(" "));
    QTest::mouseClick(preview->viewport(), Qt::LeftButton, {}, preview->visualItemRect(preview->item(0, 0)).center());
    QCOMPARE(command->toPlainText(), QStringLiteral("echo {age} {name}"));
    QTRY_COMPARE(fixture.find<QLabel>("preview")->text(), QStringLiteral("→ echo 30 'Ann; B'"));
    fixture.picture(QStringLiteral("table"));
    QVERIFY(fixture.runToEnd());
    QCOMPARE(outputsOf(fixture), (std::set<std::string>{"30 Ann; B\n", "41 Bob\n", "5 Cid\n"}));

    // Without a header the columns have numbers.
    fixture.find<QCheckBox>("hasHeader")->setChecked(false);
    QTRY_COMPARE(preview->rowCount(), 4);
    QCOMPARE(preview->horizontalHeaderItem(1)->text(), QStringLiteral("2"));
}

void TestJobForm::gridFromNothing() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    fixture.window.setJob({});
    fixture.find<QTabBar>("inputsKind")->setCurrentIndex(4);
    QTest::mouseClick(fixture.find<QPushButton>("addAxis"), Qt::LeftButton);
    const auto names = fixture.window.findChildren<QLineEdit*>(QStringLiteral("axisName"));
    QCOMPARE(names.size(), 2);
    QTest::keyClicks(names[0], QStringLiteral("size"));
    QTest::keyClicks(names[1], QStringLiteral("mode"));
    QTest::keyClicks(fixture.window.findChildren<QLineEdit*>(QStringLiteral("axisFrom"))[0], QStringLiteral("1"));
    QTest::keyClicks(fixture.window.findChildren<QLineEdit*>(QStringLiteral("axisTo"))[0], QStringLiteral("2"));
    QTest::keyClicks(fixture.window.findChildren<QLineEdit*>(QStringLiteral("axisStep"))[0], QStringLiteral("0.5"));
    fixture.window.findChildren<QComboBox*>(QStringLiteral("axisKind"))[1]->setCurrentIndex(1);
    QTest::keyClicks(fixture.window.findChildren<QLineEdit*>(QStringLiteral("axisValues"))[1],
                     QStringLiteral("x,\"y,z\""));
    auto* words = fixture.find<QLabel>("gridWords");
    QVERIFY2(words->text().startsWith(QStringLiteral("6 combinations")), qPrintable(words->text()));
    auto* command = fixture.find<QPlainTextEdit>("command");
    QTest::keyClicks(command, QStringLiteral("echo "));
    emit words->linkActivated(QStringLiteral("{mode}"));
    emit words->linkActivated(QStringLiteral("{size}"));
    QCOMPARE(command->toPlainText(), QStringLiteral("echo {mode}{size}"));
    fixture.picture(QStringLiteral("grid"));
    QVERIFY(fixture.runToEnd());
    QCOMPARE(outputsOf(fixture),
             (std::set<std::string>{"x1.0\n", "x1.5\n", "x2.0\n", "y,z1.0\n", "y,z1.5\n", "y,z2.0\n"}));
    // Without the second axis.
    QTest::mouseClick(fixture.window.findChildren<QPushButton*>(QStringLiteral("removeAxis"))[1], Qt::LeftButton);
    QVERIFY(words->text().startsWith(QStringLiteral("3 combinations")));
}

void TestJobForm::showsAndKeepsEveryField() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    const job::Job job = fullJob(fixture.folder.path().toStdString());
    fixture.window.setJob(job);
    QCOMPARE(job::to_json(fixture.form().job()), job::to_json(job));
    QCOMPARE(fixture.find<QDoubleSpinBox>("timeout")->text(), QStringLiteral("1.5 s"));
    QCOMPARE(fixture.find<QPlainTextEdit>("environment")->toPlainText(), QStringLiteral("A=1\nB=x=y"));
    QCOMPARE(fixture.find<QLineEdit>("axisFrom")->text(), QStringLiteral("1"));
    fixture.picture(QStringLiteral("full"));

    // The same from nothing, by hand.
    job::Job inputs;
    inputs.name = job.name;
    inputs.command = job.command;
    inputs.inputs = job.inputs;
    inputs.output_cap = job.output_cap;
    fixture.window.setJob(inputs);
    fixture.find<QRadioButton>("patternQueue")->setChecked(true);
    fixture.find<QSpinBox>("limit")->setValue(3);
    fixture.find<QCheckBox>("reuse")->setChecked(false);
    fixture.find<QDoubleSpinBox>("timeout")->setValue(1.5);
    fixture.find<QSpinBox>("retries")->setValue(2);
    fixture.find<QCheckBox>("stopAtFailure")->setChecked(true);
    fixture.find<QLineEdit>("workingFolder")->setText(fixture.folder.path());
    fixture.find<QPlainTextEdit>("environment")->setPlainText(QStringLiteral("A=1\n\nB=x=y\n"));
    fixture.find<QSpinBox>("niceness")->setValue(5);
    fixture.find<QLineEdit>("cores")->setText(QStringLiteral(" 0-0"));
    QCOMPARE(job::to_json(fixture.form().job()), job::to_json(job));

    // Inputs that only ppctl can read are kept, too.
    inputs.inputs = job::StandardInput{};
    fixture.window.setJob(inputs);
    QCOMPARE(job::to_json(fixture.form().job()), job::to_json(inputs));
    fixture.picture(QStringLiteral("standard input"));
}

void TestJobForm::moreOpensByItself() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    auto* more = fixture.find<QToolButton>("more");
    auto* retries = fixture.find<QSpinBox>("retries");
    fixture.window.setJob(job::sample_job());
    QVERIFY(!more->isChecked());
    QVERIFY(!retries->isVisibleTo(&fixture.form()));
    job::Job job = job::sample_job();
    job.retries = 1;
    fixture.window.setJob(job);
    QVERIFY(more->isChecked());
    QVERIFY(retries->isVisibleTo(&fixture.form()));
    fixture.window.setJob(job::sample_job());
    QVERIFY(!more->isChecked());
}

void TestJobForm::mistakesStandBesideTheirFields_data() {
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("words");
    for (const auto& [field, words] :
         {std::pair{"working_folder", "/no/such"}, std::pair{"environment", "NAME"},
          std::pair{"cores", "Processor 9999"}, std::pair{"inputs.grid[1]", "sign of the step"},
          std::pair{"inputs.grid", "no axis"}, std::pair{"inputs.file", "/no/table.csv"},
          std::pair{"limit", "at least 1"}}) {
        QTest::newRow(field) << QString::fromLatin1(field) << QString::fromLatin1(words);
    }
}

void TestJobForm::mistakesStandBesideTheirFields() {
    QFETCH(QString, field);
    QFETCH(QString, words);
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    job::Job job;
    job.command = "true";
    job.inputs = job::ListInputs{{"a"}};
    if (field == QLatin1String("limit")) {
        job.limit = 0;
    } else if (field == QLatin1String("inputs.file")) {
        job.inputs = job::TableInputs{"/no/table.csv"};
    } else if (field.startsWith(QLatin1String("inputs.grid"))) {
        job::GridInputs grid;
        if (field != QLatin1String("inputs.grid")) {
            grid.axes = {{"a", job::Range{1, 2, 1}}, {"b", job::Range{1, 2, -1}}};
        }
        job.inputs = grid;
    }
    fixture.window.setJob(job);
    // Where a field is folded away, the mistake unfolds it.
    if (field == QLatin1String("working_folder")) {
        fixture.find<QLineEdit>("workingFolder")->setText(QStringLiteral("/no/such"));
    } else if (field == QLatin1String("environment")) {
        fixture.find<QPlainTextEdit>("environment")->setPlainText(QStringLiteral("WITHOUT"));
    } else if (field == QLatin1String("cores")) {
        fixture.find<QLineEdit>("cores")->setText(QStringLiteral("9999"));
    }
    fixture.click("run");
    QVERIFY(fixture.waitForIdle());
    QVERIFY2(fixture.form().mistake(field).contains(words),
             qPrintable(fixture.form().mistake(field) + fixture.message().text()));
    fixture.picture(QStringLiteral("mistake ") + field);
    QWidget* focus = QApplication::focusWidget();
    QVERIFY(focus != nullptr && fixture.form().isAncestorOf(focus));
    QVERIFY(focus->isVisible());
}

void TestJobForm::undoesInAllFields() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    fixture.window.setJob(job::sample_job());
    const std::string first = job::to_json(fixture.form().job());
    auto* name = fixture.find<QLineEdit>("jobName");
    auto* command = fixture.find<QPlainTextEdit>("command");
    name->setFocus();
    name->selectAll();
    QTest::keyClicks(name, QStringLiteral("other name"));
    const std::string second = job::to_json(fixture.form().job());
    command->selectAll();
    QTest::keyClicks(command, QStringLiteral("md5sum {}"));
    fixture.find<QSpinBox>("limit")->setValue(7);
    fixture.find<QTabBar>("inputsKind")->setCurrentIndex(4);
    const std::string last = job::to_json(fixture.form().job());
    // Whatever field has the focus, it is the last change that is taken back.
    const auto undo = [](QWidget* widget) { QTest::keyClick(widget, Qt::Key_Z, Qt::ControlModifier); };
    undo(name);
    QCOMPARE(fixture.find<QTabBar>("inputsKind")->currentIndex(), 0);
    undo(command);
    QVERIFY(fixture.find<QSpinBox>("limit")->value() != 7);
    undo(fixture.find<QSpinBox>("limit")->findChild<QLineEdit*>());
    QCOMPARE(job::to_json(fixture.form().job()), second);
    undo(fixture.find<QCheckBox>("reuse"));
    QCOMPARE(job::to_json(fixture.form().job()), first);
    undo(name);
    QCOMPARE(job::to_json(fixture.form().job()), first);
    for (int i = 0; i < 4; ++i) {
        QTest::keyClick(command, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    }
    QCOMPARE(job::to_json(fixture.form().job()), last);
    // Another job is no change of this one.
    fixture.window.setJob({});
    undo(name);
    QCOMPARE(job::to_json(fixture.form().job()), job::to_json(job::Job{}));
}

void TestJobForm::nothingIsCutOff() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    fixture.window.resize(900, 600);
    fixture.window.setJob(fullJob(std::string(300, 'x')));
    auto* area = fixture.find<QScrollArea>("formArea");
    for (int kind = 0; kind < 5; ++kind) {
        fixture.find<QTabBar>("inputsKind")->setCurrentIndex(kind);
        fixture.picture(QStringLiteral("small %1").arg(kind));
        // There is no way to scroll to the side.
        QVERIFY2(fixture.form().minimumSizeHint().width() <= area->viewport()->width(),
                 qPrintable(QStringLiteral("%1: %2 of %3")
                                .arg(kind)
                                .arg(fixture.form().minimumSizeHint().width())
                                .arg(area->viewport()->width())));
    }
    for (QWidget* widget : fixture.form().findChildren<QWidget*>()) {
        if (widget->focusPolicy() == Qt::NoFocus || widget->inherits("QComboBoxListView") ||
            widget->objectName().startsWith(QLatin1String("qt_"))) {
            continue;
        }
        const auto* button = qobject_cast<QAbstractButton*>(widget);
        QVERIFY2(!widget->accessibleName().isEmpty() || (button && !button->text().isEmpty()) ||
                     qobject_cast<QLabel*>(widget),
                 qPrintable(widget->objectName() + QString::fromLatin1(widget->metaObject()->className())));
    }
}

QTEST_MAIN(TestJobForm)
#include "tst_job_form.moc"
