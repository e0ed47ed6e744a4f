// SPDX-License-Identifier: GPL-3.0-or-later
/// What is on a page can be reached by keys, and is told apart by who does not see it.
#include "window_fixture.h"

#include <widgets/colors.h>

#include <QAbstractButton>
#include <QAction>
#include <QLabel>
#include <QMenuBar>
#include <QTabBar>
#include <QToolButton>

using namespace pprocess;
using widgets::Colors;

namespace {

/// The letter that is underlined in a text, or none.
QChar letterOf(QString text) {
    text.remove(QStringLiteral("&&"));
    const auto mark = text.indexOf(QLatin1Char('&'));
    return mark < 0 || mark + 1 == text.size() ? QChar() : text[mark + 1].toUpper();
}

/// All letters that Alt leads somewhere with, each with who has it.
QMultiMap<QChar, QString> lettersOf(const QMainWindow& window) {
    QMultiMap<QChar, QString> letters;
    for (const QAction* menu : window.menuBar()->actions()) {
        letters.insert(letterOf(menu->text()), menu->text());
    }
    for (const auto* button : window.findChildren<QAbstractButton*>()) {
        if (button->isVisible()) {
            letters.insert(letterOf(button->text()), button->text());
        }
    }
    for (const auto* label : window.findChildren<QLabel*>()) {
        if (label->isVisible() && label->buddy()) {
            letters.insert(letterOf(label->text()), label->text());
        }
    }
    for (const auto* bar : window.findChildren<QTabBar*>()) {
        for (int tab = 0;
             bar->isVisible() && bar->objectName() != QLatin1String("qt_tabwidget_tabbar") && tab < bar->count();
             ++tab) {
            letters.insert(letterOf(bar->tabText(tab)), bar->tabText(tab));
        }
    }
    letters.remove(QChar());
    return letters;
}

QString nameOf(const QWidget& widget) {
    if (const QString name = widget.accessibleName(); !name.isEmpty()) {
        return name;
    }
    if (const auto* button = qobject_cast<const QAbstractButton*>(&widget); button && !button->text().isEmpty()) {
        return button->text();
    }
    for (const auto* label : widget.window()->findChildren<QLabel*>()) {
        if (label->buddy() == &widget && !label->text().isEmpty()) {
            return label->text();
        }
    }
    return {};
}

} // namespace

class TestKeyboard : public QObject {
    Q_OBJECT

private slots:
    void noLetterLeadsToTwoPlaces_data();
    void noLetterLeadsToTwoPlaces();
    void noKeysMeanTwoThings();
    void altOpensEachMenu();
    void whatTakesKeysHasAName();
    void textCanBeRead_data();
    void textCanBeRead();
};

void TestKeyboard::noLetterLeadsToTwoPlaces_data() {
    QTest::addColumn<job::Inputs>("inputs");
    QTest::newRow("folder") << job::Inputs(job::FolderInputs{});
    QTest::newRow("list") << job::Inputs(job::ListInputs{{"1"}});
    QTest::newRow("lines") << job::Inputs(job::LineInputs{"/tmp/lines"});
    QTest::newRow("table") << job::Inputs(job::TableInputs{"/tmp/table.csv"});
    QTest::newRow("grid") << job::Inputs(job::GridInputs{});
}

/// Where two had a letter, Alt with it only went to the first of them: the File menu did not open, and Escape, pressed
/// then, stopped the job.
void TestKeyboard::noLetterLeadsToTwoPlaces() {
    QFETCH(job::Inputs, inputs);
    WindowFixture fixture;
    job::Job job;
    job.command = "echo {}";
    job.then = {job::Command{"cat", false}};
    job.inputs = inputs;
    fixture.window.setJob(job);
    QVERIFY(fixture.isExposed());
    fixture.find<QToolButton>("more")->setChecked(true);
    QCoreApplication::processEvents();

    const auto letters = lettersOf(fixture.window);
    QVERIFY(letters.size() > 10);
    for (const QChar letter : letters.uniqueKeys()) {
        QSet<QString> wheres;
        for (const QString& text : letters.values(letter)) {
            wheres += text;
        }
        // The same setting of another step has the same letter, which goes from one to the next.
        QVERIFY2(wheres.size() == 1,
                 qPrintable(QStringLiteral("Alt+%1: %2").arg(letter).arg(letters.values(letter).join(u", "))));
    }
}

void TestKeyboard::noKeysMeanTwoThings() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    QMultiMap<QString, QString> meanings;
    for (const auto* action : fixture.window.findChildren<QAction*>()) {
        if (action->shortcutContext() != Qt::WindowShortcut && action->shortcutContext() != Qt::ApplicationShortcut) {
            continue;
        }
        for (const QKeySequence& keys : action->shortcuts()) {
            meanings.insert(keys.toString(), action->text());
        }
    }
    QVERIFY(meanings.contains(QStringLiteral("Ctrl+R")));
    for (const QString& keys : meanings.uniqueKeys()) {
        QVERIFY2(meanings.count(keys) == 1,
                 qPrintable(QStringLiteral("%1: %2").arg(keys, meanings.values(keys).join(u", "))));
    }
}

void TestKeyboard::altOpensEachMenu() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    fixture.window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&fixture.window));
    for (const QAction* menu : fixture.window.menuBar()->actions()) {
        const QChar letter = letterOf(menu->text());
        QTest::keyClick(&fixture.window, letter.toLower().toLatin1(), Qt::AltModifier);
        QTRY_VERIFY2(menu->menu()->isVisible(), qPrintable(menu->text()));
        QTest::keyClick(menu->menu(), Qt::Key_Escape);
        fixture.window.menuBar()->setActiveAction(nullptr);
        QTRY_VERIFY(!menu->menu()->isVisible());
    }
}

void TestKeyboard::whatTakesKeysHasAName() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    fixture.find<QToolButton>("more")->setChecked(true);
    fixture.window.showInstruments();
    QCoreApplication::processEvents();
    int named = 0;
    for (const auto* widget : fixture.window.findChildren<QWidget*>()) {
        if (!widget->isVisible() || (widget->focusPolicy() & Qt::TabFocus) == 0 || widget->focusProxy()) {
            continue;
        }
        QVERIFY2(!nameOf(*widget).isEmpty(),
                 qPrintable(QStringLiteral("a %1 “%2” in %3 has no name")
                                .arg(QLatin1String(widget->metaObject()->className()), widget->objectName(),
                                     widget->parentWidget()->objectName())));
        ++named;
    }
    QVERIFY(named > 15);
}

void TestKeyboard::textCanBeRead_data() {
    QTest::addColumn<Colors>("colors");
    QTest::newRow("light") << Colors::light();
    QTest::newRow("dark") << Colors::dark();
}

void TestKeyboard::textCanBeRead() {
    QFETCH(Colors, colors);
    const auto isRead = [](const char* what, const QColor& text, const QColor& ground, double least = 4.5) {
        const double found = widgets::contrast(text, ground);
        return found >= least || (qWarning("%s: %.2f", what, found), false);
    };
    const QPalette palette = colors.palette();
    QVERIFY(isRead("text", colors.text, colors.window));
    QVERIFY(isRead("selected text", colors.text, colors.selection));
    QVERIFY(isRead("muted text", colors.muted, colors.window));
    QVERIFY(isRead("muted text of a row", colors.muted, colors.alternate));
    QVERIFY(isRead("failure", colors.failedText, colors.card));
    QVERIFY(isRead("failure in a row", colors.failedText, colors.alternate));
    QVERIFY(isRead("primary button", colors.accentText, colors.accent));
    QVERIFY(isRead("placeholder", palette.color(QPalette::PlaceholderText), colors.card));
    QVERIFY(isRead("field of a job that runs", palette.color(QPalette::Disabled, QPalette::Text), colors.card));
    QVERIFY(isRead("link", palette.color(QPalette::Link), colors.card));
    QVERIFY(isRead("focus", colors.accent, colors.card, 3));
}

QTEST_MAIN(TestKeyboard)
#include "tst_keyboard.moc"
