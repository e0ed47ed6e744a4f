// SPDX-License-Identifier: GPL-3.0-or-later
// ctest: serial
#include "window_fixture.h"

#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDialog>
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
#include <QThreadPool>
#include <QToolButton>

#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <set>
#include <tuple>

#include <pprocess/job/equivalent.h>

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

std::string shapes() {
    return PPROCESS_FIXTURES "/shapes_tasks.so";
}

std::set<std::string> valuesOf(WindowFixture& fixture) {
    std::set<std::string> values;
    for (const auto& [input, row] : fixture.resultsByInput()) {
        values.insert(row->result.value ? to_text(*row->result.value, 100) : row->result.detail);
    }
    return values;
}

/// Those of all steps, in the order in which they stand.
template <typename Widget>
QList<Widget*> shownOnes(WindowFixture& fixture, const char* name) {
    QList<Widget*> found;
    for (auto* widget : fixture.form().findChildren<Widget*>(QLatin1String(name))) {
        if (widget->isVisibleTo(&fixture.form())) {
            found += widget;
        }
    }
    const auto height = [&](QWidget* widget) { return widget->mapTo(&fixture.form(), QPoint()).y(); };
    QCoreApplication::processEvents(); // lays them out
    std::sort(found.begin(), found.end(), [&](Widget* one, Widget* other) { return height(one) < height(other); });
    return found;
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
    void functionFromNothing();
    void librariesThatCannotBeUsed_data();
    void librariesThatCannotBeUsed();
    void libraryThatNeverAnswersKeepsNobody();
    void mistakesOfFunctionsStandBesideTheirFields();
    void stepsComeBackUnchanged_data();
    void stepsComeBackUnchanged();
    void pipelineFromNothing();
    void argumentsAreCheckedWithTheFirstInput();
    void showsTheCommandsAndRunsNothing();
    void manyInputsAreCountedAndCanBeLeft();
    void dryRunTellsMistakesAsARunWould();
    void equivalentsFollowAndAreCopied();
    void everyControlIsReachedInOrder();
    void mistakesAreScrolledIntoView();
    void keepsWhatFieldsCannotShow();
    void drawingsFollowTheChoice();
    void patternsAndItemsInHand();
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

void TestJobForm::functionFromNothing() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    job::Job start;
    start.inputs = job::GridInputs{{{"w", job::Range{1, 3, 1}}}};
    fixture.window.setJob(start);
    shownOnes<QTabBar>(fixture, "stepKind").first()->setCurrentIndex(1);
    auto* library = fixture.find<QLineEdit>("library");
    auto* functions = fixture.find<QComboBox>("function");
    QVERIFY(library->isVisible());
    QTest::keyClicks(library, QString::fromStdString(shapes()));
    const auto place = [functions] { return functions->findData(QStringLiteral("area")); };
    QTRY_VERIFY(place() > 0);
    QCOMPARE(functions->itemText(place()), QStringLiteral("area(width, height)"));
    QCOMPARE(functions->itemData(place(), Qt::ToolTipRole).toString(), QStringLiteral("the area of a rectangle"));
    // What sends on its channel cannot be run over inputs.
    QCOMPARE(functions->findData(QStringLiteral("count")), -1);
    functions->setCurrentIndex(place());
    auto fields = shownOnes<QLineEdit>(fixture, "argument");
    QCOMPARE(fields.size(), 2);
    QCOMPARE(fields[1]->accessibleName(), QStringLiteral("Argument height"));
    auto* functionWords = fixture.find<QLabel>("functionWords");
    QCOMPARE(functionWords->text(), QStringLiteral("The area of a rectangle. It gives: double."));
    fixture.picture(QStringLiteral("function empty"));
    // Checked while typing, as far as it is no placeholder.
    auto words = shownOnes<QLabel>(fixture, "argumentWords");
    QCOMPARE(words[1]->text(), QStringLiteral("A number"));
    QTest::keyClicks(fields[1], QStringLiteral("2.x"));
    QCOMPARE(words[1]->text(), QStringLiteral("Must be a number, but is \"2.x\"."));
    fixture.picture(QStringLiteral("function mistake"));
    QTest::keyClick(fields[1], Qt::Key_Backspace);
    QTest::keyClicks(fields[1], QStringLiteral("5"));
    QCOMPARE(words[1]->text(), QStringLiteral("A number"));
    // A placeholder goes to where the cursor was last.
    fields[0]->setFocus();
    QCOMPARE(words[0]->text(), QStringLiteral("Must be a number, but is empty."));
    emit fixture.find<QLabel>("gridWords")->linkActivated(QStringLiteral("{w}"));
    QCOMPARE(fields[0]->text(), QStringLiteral("{w}"));
    QCOMPARE(words[0]->text(), QStringLiteral("A number"));
    QTRY_COMPARE(fixture.find<QLabel>("preview")->text(), QStringLiteral("→ area(1, 2.5)"));
    fixture.picture(QStringLiteral("function"));
    QVERIFY(fixture.runToEnd());
    QCOMPARE(valuesOf(fixture), (std::set<std::string>{"2.5", "5", "7.5"}));

    // Another function has other fields; undoing brings the first back with what was written.
    functions->setCurrentIndex(functions->findData(QStringLiteral("negated<int>")));
    QCOMPARE(shownOnes<QLineEdit>(fixture, "argument").size(), 1);
    QTest::keyClick(library, Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(functions->currentData().toString(), QStringLiteral("area"));
    fields = shownOnes<QLineEdit>(fixture, "argument");
    QCOMPARE(fields.size(), 2);
    QCOMPARE(fields[1]->text(), QStringLiteral("2.5"));
}

void TestJobForm::librariesThatCannotBeUsed_data() {
    QTest::addColumn<QString>("library");
    QTest::addColumn<QString>("label");
    QTest::addColumn<QString>("words");
    const QString fixtures = QStringLiteral(PPROCESS_FIXTURES "/");
    QTest::newRow("missing") << QStringLiteral("/no/such.so") << "libraryWords"
                             << "/no/such.so";
    QTest::newRow("no library") << QStringLiteral("/etc/passwd") << "libraryWords"
                                << "/etc/passwd";
    QTest::newRow("crashes") << fixtures + QStringLiteral("crashing_tasks.so") << "libraryWords"
                             << "crashing_tasks.so";
    QTest::newRow("no functions") << fixtures + QStringLiteral("no_tasks.so") << "libraryWords"
                                  << "no_tasks.so";
    QTest::newRow("gone") << QString::fromStdString(shapes()) << "functionWords"
                          << "no function called volume";
}

void TestJobForm::librariesThatCannotBeUsed() {
    QFETCH(QString, library);
    QFETCH(QString, label);
    QFETCH(QString, words);
    workbench::JobForm form;
    form.show();
    job::Job job;
    job.inputs = job::ListInputs{{"1"}};
    job.function = job::Function{library.toStdString(), "volume", {"{}", "2"}};
    form.setJob(job);
    auto* told = form.findChild<QLabel*>(label);
    QTRY_VERIFY2(told->text().contains(words), qPrintable(told->text()));
    QVERIFY(told->isVisible());
    QVERIFY(told->property("mistake").toBool());
    // Nothing of it is hidden or lost.
    QCOMPARE(form.findChildren<QLineEdit*>(QStringLiteral("argument")).size(), 2);
    QCOMPARE(form.findChild<QComboBox*>(QStringLiteral("function"))->currentText(), QStringLiteral("volume"));
    QCOMPARE(job::to_json(form.job()), job::to_json(job));
}

void TestJobForm::libraryThatNeverAnswersKeepsNobody() {
    QTemporaryDir folder;
    const QString pipe = folder.filePath(QStringLiteral("pipe.so"));
    QCOMPARE(::mkfifo(pipe.toLocal8Bit().constData(), 0600), 0); // whoever opens it waits
    auto form = std::make_unique<workbench::JobForm>();
    form->show();
    job::Job job;
    job.inputs = job::ListInputs{{"1"}};
    job.function = job::Function{pipe.toStdString(), "area", {}};
    form->setJob(job);
    auto* words = form->findChild<QLabel*>(QStringLiteral("libraryWords"));
    QCOMPARE(words->text(), QStringLiteral("The library is being read…"));
    QSignalSpy mistaken(form.get(), &workbench::JobForm::mistaken);
    form->showCommands();
    QTRY_COMPARE(mistaken.size(), 1);
    QCOMPARE(mistaken[0][0].toString(), QStringLiteral("function.library"));
    QVERIFY(mistaken[0][1].toString().contains(QStringLiteral("still being read")));
    // Another is read all the same.
    form->findChild<QLineEdit*>(QStringLiteral("library"))->setText(QString::fromStdString(shapes()));
    auto* functions = form->findChild<QComboBox*>(QStringLiteral("function"));
    QTRY_VERIFY(functions->count() > 3);
    form.reset();
}

void TestJobForm::mistakesOfFunctionsStandBesideTheirFields() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    job::Job job;
    job.inputs = job::ListInputs{{"1"}};
    for (const auto& [function, field, words] :
         {std::tuple{job::Function{"/no/such.so", "area", {}}, "function.library", "/no/such.so"},
          std::tuple{job::Function{shapes(), "volume", {}}, "function.name", "volume"},
          std::tuple{job::Function{shapes(), "area", {}}, "function.arguments", "area(width, height) takes 2"}}) {
        job.function = function;
        fixture.window.setJob(job);
        fixture.click("run");
        QVERIFY(fixture.waitForIdle());
        const QString told = fixture.form().mistake(QLatin1String(field));
        QVERIFY2(told.contains(QLatin1String(words)), qPrintable(told + fixture.message().text()));
        QVERIFY(fixture.find<QWidget>("step")->isAncestorOf(QApplication::focusWidget()));
        fixture.picture(QLatin1String(field));
    }
}

void TestJobForm::stepsComeBackUnchanged_data() {
    QTest::addColumn<QString>("json");
    const auto row = [](const char* name, const std::string& what) {
        QTest::newRow(name) << QString::fromStdString("{\"version\": 2, " + what +
                                                      ", \"inputs\": {\"items\": [\"1\"]}}");
    };
    const auto function = [](const std::string& name, const std::string& rest) {
        return "\"function\": {\"library\": \"" + shapes() + "\", \"name\": \"" + name + "\"" + rest + "}";
    };
    row("function", function("area", ", \"arguments\": [\"{}\", \" 2 \"]"));
    row("its inputs", function("negated<int>", ""));
    row("empty texts", function("area", ", \"arguments\": [\"\", \"\"]"));
    row("too many", function("area", ", \"arguments\": [\"1\", \"2\", \"3\"]"));
    row("bytes and lines", function("joined", R"(, "arguments": ["[\"a\\nb\"]", {"bytes": "x\\xffy"}])"));
    row("its channel", function("count", ", \"arguments\": [\"1\", \"2\"]"));
    row("command with blanks", "\"command\": \" echo  {} \"");
    row("pipeline", R"("command": "echo {}", "use_shell": true, "then": [{"command": "cat", "use_shell": false}, {)" +
                        function("negated<int>", R"(, "arguments": ["{<}"])") +
                        R"(}, {"command": " wc ", "use_shell": true}])");
}

void TestJobForm::stepsComeBackUnchanged() {
    QFETCH(QString, json);
    const std::string before = job::to_json(job::from_json(json.toStdString()));
    workbench::JobForm form;
    form.show();
    form.setJob(job::from_json(before));
    QCOMPARE(job::to_json(form.job()), before);
    // Nor does it change when the library has been read.
    auto* function = form.findChildren<QComboBox*>(QStringLiteral("function")).last();
    QTRY_VERIFY(function->count() > 3 || !function->isVisible());
    QCOMPARE(job::to_json(form.job()), before);
}

void TestJobForm::pipelineFromNothing() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    job::Job job;
    job.inputs = job::ListInputs{{"3", "4"}};
    job.command = "echo {}";
    fixture.window.setJob(job);
    auto* add = fixture.find<QPushButton>("addStep");
    // By keyboard alone: the new step's field has the focus.
    add->setFocus();
    QTest::keyClick(add, Qt::Key_Space);
    QWidget* command = QApplication::focusWidget();
    QVERIFY(command && command->objectName() == QLatin1String("command"));
    QTest::keyClicks(command, QStringLiteral("echo {<}0"));
    QTest::keyClick(add, Qt::Key_Space);
    shownOnes<QTabBar>(fixture, "stepKind").last()->setCurrentIndex(1);
    QTest::keyClicks(shownOnes<QLineEdit>(fixture, "library").first(), QString::fromStdString(shapes()));
    auto* functions = shownOnes<QComboBox>(fixture, "function").first();
    QTRY_VERIFY(functions->findData(QStringLiteral("negated<int>")) > 0);
    functions->setCurrentIndex(functions->findData(QStringLiteral("negated<int>")));
    QCOMPARE(shownOnes<QLabel>(fixture, "previousWords").size(), 2);
    QTRY_COMPARE(fixture.find<QLabel>("preview")->text(),
                 QStringLiteral("→ echo 3\n→ echo '{<}0'\n→ negated<int>({<})"));
    fixture.picture(QStringLiteral("pipeline"));
    const std::string whole = job::to_json(fixture.form().job());
    QVERIFY(fixture.runToEnd());
    QCOMPARE(valuesOf(fixture), (std::set<std::string>{"-30", "-40"}));

    // Moved and removed; all of it can be taken back.
    QTest::mouseClick(shownOnes<QPushButton>(fixture, "stepUp").last(), Qt::LeftButton);
    job::Job now = fixture.form().job();
    QCOMPARE(now.then.size(), std::size_t{2});
    QCOMPARE(std::get<job::Function>(now.then[0]).name, "negated<int>");
    QCOMPARE(std::get<job::Command>(now.then[1]).line, "echo {<}0");
    QTest::mouseClick(shownOnes<QPushButton>(fixture, "stepDown").first(), Qt::LeftButton);
    now = fixture.form().job();
    QVERIFY(now.function && now.command.empty());
    QCOMPARE(std::get<job::Command>(now.then[0]).line, "echo {}");
    QVERIFY(!shownOnes<QPushButton>(fixture, "stepUp").first()->isEnabled());
    QVERIFY(!shownOnes<QPushButton>(fixture, "stepDown").last()->isEnabled());
    QTest::mouseClick(shownOnes<QPushButton>(fixture, "removeStep")[1], Qt::LeftButton);
    QCOMPARE(fixture.form().job().then.size(), std::size_t{1});
    for (int i = 0; i < 3; ++i) {
        QTest::keyClick(fixture.find<QLineEdit>("jobName"), Qt::Key_Z, Qt::ControlModifier);
    }
    QCOMPARE(job::to_json(fixture.form().job()), whole);
    for (int i = 0; i < 3; ++i) {
        QTest::keyClick(fixture.find<QLineEdit>("jobName"), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    }
    QCOMPARE(fixture.form().job().then.size(), std::size_t{1});

    // A mistake stands in its step.
    shownOnes<QPlainTextEdit>(fixture, "command").last()->setPlainText(QStringLiteral("no-such-program"));
    fixture.click("run");
    QVERIFY(fixture.waitForIdle());
    QVERIFY2(fixture.form().mistake(QStringLiteral("then[0].command")).contains(QStringLiteral("no-such-program")),
             qPrintable(fixture.message().text()));
    QCOMPARE(QApplication::focusWidget(), shownOnes<QPlainTextEdit>(fixture, "command").last());
    fixture.picture(QStringLiteral("pipeline mistake"));
}

void TestJobForm::argumentsAreCheckedWithTheFirstInput() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    job::Job job;
    job.inputs = job::ListInputs{{"three"}};
    job.function = job::Function{shapes(), "negated<int>", {}};
    fixture.window.setJob(job);
    auto* preview = fixture.find<QLabel>("preview");
    QTRY_VERIFY2(preview->text().startsWith(QStringLiteral("Value must be a whole number")),
                 qPrintable(preview->text()));
    fixture.find<QPlainTextEdit>("items")->setPlainText(QStringLiteral("3"));
    QTRY_COMPARE(preview->text(), QStringLiteral("→ negated<int>(3)"));
    // Axes that are not complete have no values to show, and are no reason to show their names.
    job.function.reset();
    job.command = "echo {size}";
    job.inputs = job::GridInputs{{{"size", job::Range{1, 2, -1}}}};
    fixture.window.setJob(job);
    QTRY_VERIFY(!preview->isVisible());
    fixture.find<QLineEdit>("axisStep")->setText(QStringLiteral("1"));
    QTRY_COMPARE(preview->text(), QStringLiteral("→ echo 1"));
}

void TestJobForm::showsTheCommandsAndRunsNothing() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    job::Job job;
    job::ListInputs list;
    for (int i = 1; i <= 25; ++i) {
        list.items.push_back(i == 2 ? "it's" : "n" + std::to_string(i));
    }
    job.inputs = list;
    job.command = "touch {}";
    job.then = {job::Command{"wc -c > {<}", true}};
    job.working_folder = fixture.folder.path().toStdString();
    fixture.window.setJob(job);
    const auto files = QDir(fixture.folder.path()).entryList(QDir::Files);
    QTest::mouseClick(fixture.find<QPushButton>("showCommands"), Qt::LeftButton);
    QTRY_VERIFY(fixture.find<QDialog>("dryRun") && fixture.find<QDialog>("dryRun")->isVisible());
    auto* lines = fixture.find<QTableWidget>("dryRunLines");
    QCOMPARE(lines->rowCount(), 20);
    QCOMPARE(fixture.find<QLabel>("dryRunWords")->text(), QStringLiteral("25 inputs. The first 20:"));
    QCOMPARE(lines->item(1, 1)->text(), QStringLiteral("it's"));
    QCOMPARE(lines->item(1, 2)->text(), QStringLiteral("touch 'it'\\''s'\nwc -c > '{<}'"));
    if (const QString folder = qEnvironmentVariable("PPROCESS_PICTURES"); !folder.isEmpty()) {
        fixture.find<QDialog>("dryRun")->grab().save(folder + QStringLiteral("/dry run.png"));
    }
    QTest::keyClick(fixture.find<QDialog>("dryRun"), Qt::Key_Escape);
    QTRY_VERIFY(!fixture.find<QDialog>("dryRun"));
    QVERIFY(!fixture.window.controller().isBusy());
    QCOMPARE(QDir(fixture.folder.path()).entryList(QDir::Files), files);

    // Of a function, with what would fail by itself.
    job.function = job::Function{shapes(), "negated<int>", {}};
    job.then.clear();
    job.inputs = job::ListInputs{{"1", "x"}};
    fixture.window.setJob(job);
    QTRY_VERIFY(fixture.find<QComboBox>("function")->count() > 3);
    fixture.window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&fixture.window));
    QTest::keyClick(fixture.find<QLineEdit>("jobName"), Qt::Key_E, Qt::ControlModifier);
    QTRY_VERIFY(fixture.find<QTableWidget>("dryRunLines"));
    lines = fixture.find<QTableWidget>("dryRunLines");
    QTRY_COMPARE(lines->rowCount(), 2);
    QCOMPARE(lines->item(0, 2)->text(), QStringLiteral("negated<int>(1)"));
    QVERIFY2(lines->item(1, 2)->text().contains(QStringLiteral("would fail: value must be a whole number")),
             qPrintable(lines->item(1, 2)->text()));
}

void TestJobForm::manyInputsAreCountedAndCanBeLeft() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    const QString file = fixture.folder.filePath(QStringLiteral("lines.txt"));
    std::string text;
    for (int i = 0; i < 150'000; ++i) {
        text += "abcdef\n";
    }
    writeFile(file, text);
    job::Job job;
    job.command = "echo {#} {}";
    job.inputs = job::LineInputs{file.toStdString()};
    fixture.window.setJob(job);
    fixture.form().showCommands();
    QTRY_VERIFY(fixture.find<QLabel>("dryRunWords"));
    QTRY_COMPARE(fixture.find<QLabel>("dryRunWords")->text(), QStringLiteral("150,000 inputs. The first 20:"));
    QVERIFY(!fixture.find<QPushButton>("dryRunStop")->isVisible());
    QTest::keyClick(fixture.find<QDialog>("dryRun"), Qt::Key_Escape);
    QTRY_VERIFY(!fixture.find<QDialog>("dryRun"));

    // Left at once, whatever is still being looked for.
    fixture.form().showCommands();
    auto* dialog = fixture.find<QDialog>("dryRun");
    dialog->open();
    QTest::mouseClick(fixture.find<QPushButton>("dryRunStop"), Qt::LeftButton);
    QCOMPARE(fixture.find<QLabel>("dryRunWords")->text(), QStringLiteral("Nothing had been found yet."));
    QVERIFY(QThreadPool::globalInstance()->waitForDone(30'000));
    QCoreApplication::processEvents();
    QCOMPARE(fixture.find<QTableWidget>("dryRunLines")->rowCount(), 0);
}

void TestJobForm::dryRunTellsMistakesAsARunWould() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    job::Job job;
    job.command = "no-such-program {}";
    job.inputs = job::ListInputs{{"a"}};
    fixture.window.setJob(job);
    fixture.form().showCommands();
    QTRY_VERIFY(fixture.form().mistake(QStringLiteral("command")).contains(QStringLiteral("no-such-program")));
    QTRY_VERIFY(!fixture.find<QDialog>("dryRun"));
    job.command = "echo";
    job.inputs = job::FolderInputs{fixture.folder.path().toStdString(), "*.none"};
    fixture.window.setJob(job);
    fixture.form().showCommands();
    QTRY_VERIFY2(!fixture.form().mistake(QStringLiteral("inputs.pattern")).isEmpty() ||
                     !fixture.form().mistake(QStringLiteral("inputs.folder")).isEmpty(),
                 qPrintable(fixture.message().text()));
    QTRY_VERIFY(!fixture.find<QDialog>("dryRun"));
}

void TestJobForm::equivalentsFollowAndAreCopied() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    job::Job job;
    job.inputs = job::ListInputs{{"a"}};
    job.command = "echo";
    fixture.window.setJob(job);
    auto* fold = fixture.find<QToolButton>("equivalents");
    auto* line = fixture.find<QPlainTextEdit>("ppctlLine");
    auto* program = fixture.find<QPlainTextEdit>("cppProgram");
    QVERIFY(!line->isVisible());
    fold->setFocus();
    QTest::keyClick(fold, Qt::Key_Space);
    QCOMPARE(line->toPlainText(), QStringLiteral("ppctl run --item a --keep-order -- echo"));
    QVERIFY(line->isReadOnly());
    // They are those that are tested to do the same, of what is typed now.
    QTest::keyClicks(fixture.find<QPlainTextEdit>("command"), QStringLiteral("x"));
    fixture.find<QSpinBox>("retries")->setValue(2);
    QTRY_COMPARE(line->toPlainText(), QString::fromStdString(job::ppctl_line(fixture.form().job())));
    QCOMPARE(program->toPlainText(), QString::fromStdString(job::cpp_program(fixture.form().job())));
    QVERIFY(line->toPlainText().contains(QStringLiteral("--retries 2")));
    QTest::mouseClick(fixture.find<QPushButton>("cppProgramCopy"), Qt::LeftButton);
    QCOMPARE(QApplication::clipboard()->text(), program->toPlainText());
    QTest::mouseClick(fixture.find<QPushButton>("ppctlLineCopy"), Qt::LeftButton);
    QCOMPARE(QApplication::clipboard()->text(), line->toPlainText());
    fixture.find<QScrollArea>("formArea")->ensureWidgetVisible(program);
    fixture.picture(QStringLiteral("equivalents"));
    // One that is not complete has none yet, and says why.
    fixture.find<QPlainTextEdit>("command")->setPlainText(QStringLiteral("echo '"));
    QTRY_VERIFY(line->toPlainText().contains(QStringLiteral("never closed")));
    QVERIFY(!fixture.find<QPushButton>("ppctlLineCopy")->isEnabled());
}

void TestJobForm::everyControlIsReachedInOrder() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    job::Job job = fullJob(fixture.folder.path().toStdString());
    job.then = {job::Function{shapes(), "area", {"{<}", "2"}}};
    fixture.window.setJob(job);
    QTRY_VERIFY(shownOnes<QComboBox>(fixture, "function").first()->count() > 3);
    fixture.find<QToolButton>("equivalents")->setChecked(true);
    // One step more, and the first two swapped and swapped back: the order is that of the fields, not of their making.
    fixture.click("addStep");
    QTest::mouseClick(shownOnes<QPushButton>(fixture, "stepDown").first(), Qt::LeftButton);
    QTest::mouseClick(shownOnes<QPushButton>(fixture, "stepDown").first(), Qt::LeftButton);
    QStringList names;
    QWidget* first = fixture.find<QLineEdit>("jobName");
    QWidget* widget = first;
    do {
        const bool isInner = widget->objectName().startsWith(QLatin1String("qt_"));
        if ((widget->focusPolicy() & Qt::TabFocus) && widget->isVisibleTo(&fixture.form()) &&
            fixture.form().isAncestorOf(widget) && widget->isEnabled() && !isInner && !widget->focusProxy()) {
            names += widget->objectName();
            const auto* button = qobject_cast<QAbstractButton*>(widget);
            QVERIFY2(!widget->accessibleName().isEmpty() || (button && button->text().size() > 1) ||
                         qobject_cast<QLabel*>(widget),
                     qPrintable(widget->objectName()));
            QVERIFY2(!widget->toolTip().isEmpty() || qobject_cast<QLabel*>(widget), qPrintable(widget->objectName()));
        }
        widget = widget->nextInFocusChain();
    } while (widget != first);
    const QStringList command{"stepKind", "stepDown", "removeStep", "command", "useShell"};
    const QStringList function{"stepKind",      "stepUp",   "stepDown",    "removeStep", "library",
                               "browseLibrary", "function", "readLibrary", "argument",   "argument"};
    const QStringList last{"stepKind", "stepUp", "removeStep", "command", "useShell"};
    const QStringList axis{"axisName", "axisKind", "removeAxis"};
    const QStringList expected =
        QStringList{"jobName"} + command + function + last + QStringList{"addStep", "showCommands", "inputsKind"} +
        axis + QStringList{"axisFrom", "axisTo", "axisStep"} + axis +
        QStringList{"axisValues",      "addAxis",           "gridWords", "patternMap",     "patternQueue",
                    "patternExchange", "patternContinuous", "limit",     "reuse",          "more",
                    "timeout",         "retries",           "batch",     "stopAtFailure",  "workingFolder",
                    "browseWorking",   "environment",       "niceness",  "cores",          "outputCap",
                    "equivalents",     "ppctlLineCopy",     "ppctlLine", "cppProgramCopy", "cppProgram"};
    for (int i = 0; i < std::min(names.size(), expected.size()); ++i) {
        QCOMPARE(QStringLiteral("%1 %2").arg(i).arg(names[i]), QStringLiteral("%1 %2").arg(i).arg(expected[i]));
    }
    QCOMPARE(names.size(), expected.size());
}

void TestJobForm::mistakesAreScrolledIntoView() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    fixture.window.resize(900, 600);
    job::Job job;
    job.command = "true";
    job.inputs = job::ListInputs{{"a"}};
    fixture.window.setJob(job);
    auto* environment = fixture.find<QPlainTextEdit>("environment");
    environment->setPlainText(QStringLiteral("WITHOUT"));
    fixture.find<QToolButton>("more")->setChecked(false);
    QCoreApplication::processEvents();
    QVERIFY(!environment->isVisible());
    fixture.click("run");
    QVERIFY(fixture.waitForIdle());
    QTRY_COMPARE(environment->visibleRegion().boundingRect().height(), environment->height());
    QVERIFY2(fixture.form().mistake(QStringLiteral("environment")).contains(QStringLiteral("\"WITHOUT\"")),
             qPrintable(fixture.form().mistake(QStringLiteral("environment"))));
}

void TestJobForm::keepsWhatFieldsCannotShow() {
    workbench::JobForm form;
    job::Job job;
    job.command = "true";
    job.retries = 5000;
    form.setJob(job);
    QCOMPARE(form.job().retries, 5000u);
    form.findChild<QSpinBox*>(QStringLiteral("retries"))->setValue(7);
    QCOMPARE(form.job().retries, 7u);
}

void TestJobForm::drawingsFollowTheChoice() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    const auto drawings = shownOnes<QWidget>(fixture, "patternDrawing");
    QCOMPARE(drawings.size(), 2);
    const QImage reused = drawings[1]->grab().toImage();
    const QString words = drawings[1]->accessibleName();
    fixture.find<QCheckBox>("reuse")->setChecked(false);
    QVERIFY(drawings[1]->grab().toImage() != reused);
    QVERIFY(drawings[1]->accessibleName() != words);
    QList<QImage> seen;
    for (const char* pattern : {"patternMap", "patternQueue", "patternExchange", "patternContinuous"}) {
        auto* button = fixture.find<QRadioButton>(pattern);
        button->click();
        QCOMPARE(fixture.find<QLabel>("patternWords")->text(), button->accessibleDescription());
        const QImage drawn = drawings[0]->grab().toImage();
        QVERIFY(!seen.contains(drawn));
        seen += drawn;
        fixture.picture(QStringLiteral("drawings light ") + QLatin1String(pattern));
    }
    // What is told beside a choice is neither its explanation nor the end of that.
    QVERIFY(fixture.form().showMistake(QStringLiteral("pattern"), QStringLiteral("choose another")));
    fixture.find<QRadioButton>("patternMap")->click();
    QVERIFY(fixture.form().mistake(QStringLiteral("pattern")).isEmpty());
    QCOMPARE(fixture.find<QLabel>("patternWords")->text(), QStringLiteral("Results come in the order of the inputs."));
    QCOMPARE(fixture.find<QRadioButton>("patternMap")->accessibleDescription(),
             fixture.find<QLabel>("patternWords")->text());
    fixture.find<QRadioButton>("patternContinuous")->click();
    fixture.theme.apply(workbench::Theme::Choice::dark);
    QVERIFY(drawings[0]->grab().toImage() != seen.last());
    fixture.picture(QStringLiteral("drawings dark"));
    fixture.theme.apply(workbench::Theme::Choice::light);
}

/// A process that lines come from runs one item; what was chosen before is there again with another pattern.
void TestJobForm::patternsAndItemsInHand() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    job::Job job;
    job.command = "true";
    job.inputs = job::ListInputs{{"a"}};
    job.pattern = job::Pattern::exchange;
    job.batch = 250'000; // more than the field can show
    fixture.window.setJob(job);
    QVERIFY(fixture.find<QRadioButton>("patternExchange")->isChecked());
    QCOMPARE(job::to_json(fixture.form().job()), job::to_json(job));
    fixture.find<QSpinBox>("batch")->setValue(7);
    fixture.find<QRadioButton>("patternContinuous")->click();
    QVERIFY(!fixture.find<QCheckBox>("reuse")->isEnabled());
    QVERIFY(fixture.find<QLabel>("reuseWords")->text().contains(QStringLiteral("process of its own")));
    job.pattern = job::Pattern::continuous;
    job.batch = 7;
    QCOMPARE(job::to_json(fixture.form().job()), job::to_json(job));
    fixture.find<QSpinBox>("batch")->setValue(0);
    fixture.find<QRadioButton>("patternQueue")->click();
    QVERIFY(fixture.find<QCheckBox>("reuse")->isEnabled());
    job.pattern = job::Pattern::queue;
    job.batch.reset();
    QCOMPARE(job::to_json(fixture.form().job()), job::to_json(job));
}

QTEST_MAIN(TestJobForm)
#include "tst_job_form.moc"
