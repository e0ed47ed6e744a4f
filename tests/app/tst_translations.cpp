// SPDX-License-Identifier: GPL-3.0-or-later
/// Every text of the window can be translated: a language that puts brackets around each text reaches all of them.
#include "window_fixture.h"

#include <app/workbench/preferences_dialog.h>
#include <app/workbench/translations.h>

#include <widgets/format.h>

#include <QAbstractButton>
#include <QAction>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPlainTextEdit>
#include <QRegularExpression>
#include <QTabBar>
#include <QTranslator>

using namespace pprocess;
namespace translations = workbench::translations;

namespace {

class Brackets : public QTranslator {
public:
    QString translate(const char* /*context*/, const char* text, const char* /*comment*/, int /*n*/) const override {
        return QStringLiteral("⟦%1⟧").arg(QString::fromUtf8(text));
    }
    bool isEmpty() const override { return false; }
};

bool hasWords(const QString& text) {
    static const QRegularExpression words(QStringLiteral("\\p{L}{3}"));
    return text.contains(words);
}

/// What a person sees or hears of a widget, each under a name for messages.
QList<std::pair<QString, QString>> textsOf(const QWidget& widget) {
    const QString name = QString::fromLatin1(widget.metaObject()->className()) + QLatin1Char(' ') + widget.objectName();
    QList<std::pair<QString, QString>> texts{{name + QStringLiteral(" tool tip"), widget.toolTip()},
                                             {name + QStringLiteral(" accessible name"), widget.accessibleName()}};
    if (const auto* label = qobject_cast<const QLabel*>(&widget)) {
        texts += {name, label->text()};
    } else if (const auto* button = qobject_cast<const QAbstractButton*>(&widget)) {
        texts += {name, button->text()};
    } else if (const auto* edit = qobject_cast<const QLineEdit*>(&widget)) {
        texts += {name + QStringLiteral(" placeholder"), edit->placeholderText()};
    } else if (const auto* field = qobject_cast<const QPlainTextEdit*>(&widget)) {
        texts += {name + QStringLiteral(" placeholder"), field->placeholderText()};
    } else if (const auto* tabs = qobject_cast<const QTabBar*>(&widget)) {
        for (int tab = 0; tab < tabs->count(); ++tab) {
            texts += {name, tabs->tabText(tab)};
            texts += {name + QStringLiteral(" tool tip"), tabs->tabToolTip(tab)};
        }
    } else if (const auto* box = qobject_cast<const QComboBox*>(&widget)) {
        for (int item = 0; item < box->count(); ++item) {
            texts += {name, box->itemText(item)};
        }
    }
    if (const auto* table = qobject_cast<const widgets::TableView*>(&widget); table && table->model()) {
        texts += {name + QStringLiteral(" empty"), table->emptyTitle()};
        for (int column = 0; column < table->model()->columnCount(); ++column) {
            texts += {name + QStringLiteral(" header"), table->model()->headerData(column, Qt::Horizontal).toString()};
        }
    }
    return texts;
}

/// The texts in a window that no translation reaches; `count` is of all that were looked at.
QStringList untranslated(const QWidget& window, int& count) {
    QStringList found;
    const auto look = [&](const QString& name, const QString& text) {
        count += hasWords(text) ? 1 : 0;
        if (hasWords(text) && !text.contains(u'⟦')) {
            found += name + QStringLiteral(": ") + text;
        }
    };
    for (const QWidget* widget : window.findChildren<QWidget*>()) {
        for (const auto& [name, text] : textsOf(*widget)) {
            look(name, text);
        }
    }
    for (const QAction* action : window.findChildren<QAction*>()) {
        look(QStringLiteral("action"), action->text());
    }
    look(QStringLiteral("window"), window.windowTitle());
    found.removeDuplicates();
    return found;
}

} // namespace

class TestTranslations : public QObject {
    Q_OBJECT

private slots:
    void eachTextCanBeTranslated() {
        Brackets brackets;
        QVERIFY(QCoreApplication::installTranslator(&brackets));
        {
            WindowFixture fixture;
            QVERIFY(fixture.isExposed());
            job::Job job;
            job.name = "1"; // no words of its own
            job.command = "true {}";
            job.then = {job::Command{"true", false}};
            job.inputs = job::GridInputs{{{"a", job::Range{1, 3, 1}}}};
            fixture.window.setJob(job);
            QVERIFY(fixture.runToEnd());
            fixture.window.showInstruments();
            fixture.window.showBackground();
            fixture.window.showWelcome();
            workbench::PreferencesDialog preferences(fixture.window.preferences(), &fixture.window);
            fixture.window.askHistory();
            int count = 0;
            QStringList left = untranslated(fixture.window, count);
            QVERIFY2(count > 400, qPrintable(QString::number(count)));
            const QStringList names{QStringLiteral("true {}"), QStringLiteral("sha256sum"),
                                    QStringLiteral("NAME=VALUE"), QStringLiteral("libtasks.so"),
                                    QStringLiteral("pprocess")};
            left.removeIf([&](const QString& text) {
                return std::any_of(names.begin(), names.end(),
                                   [&](const QString& name) { return text.contains(name); });
            });
            QVERIFY2(left.isEmpty(), qPrintable(left.join(QLatin1Char('\n'))));
        }
        QCoreApplication::removeTranslator(&brackets);
    }

    void withoutTranslationsThereIsEnglish() {
        const QTemporaryDir folder;
        QCOMPARE(translations::load(*qApp, QLocale(QLocale::German), {folder.path()}), QStringList());
        QFile broken(folder.filePath(QStringLiteral("pprocess_de.qm")));
        QVERIFY(broken.open(QIODevice::WriteOnly));
        broken.write("this is no translation");
        broken.close();
        QCOMPARE(translations::load(*qApp, QLocale(QLocale::German), {folder.path()}), QStringList());
    }

    /// A file as lrelease makes it: "Preferences" is "Einstellungen" in PreferencesDialog.
    void aTranslationBesideTheProgramIsLoaded() {
        const QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("pprocess_de.qm")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray::fromBase64(germanTranslation));
        file.close();
        const QStringList loaded =
            translations::load(*qApp, QLocale(QLocale::German), {folder.filePath("missing"), folder.path()});
        QVERIFY(!loaded.isEmpty());
        QCOMPARE(loaded.first(), file.fileName());
        QCOMPARE(workbench::PreferencesDialog::tr("Preferences"), QStringLiteral("Einstellungen"));
        QCOMPARE(widgets::format::counted<workbench::PreferencesDialog>(1, "%1 job(s)"), QStringLiteral("1 Auftrag"));
        QCOMPARE(widgets::format::counted<workbench::PreferencesDialog>(3, "%1 job(s)"), QStringLiteral("3 Aufträge"));
    }

private:
    static constexpr const char* germanTranslation =
        "PLhkGMrvnJXNIRy/YKG93acAAAAFZGVfREVCAAAAEAcVZ2kAAAAADN3CAwAAAHNpAAAA0wMAAAAUACUAMQAgAEEAdQBmAHQA"
        "cgBhAGcDAAAAFgAlADEAIABBAHUAZgB0AHIA5ABnAGUIAAAAAAYAAAAJJTEgam9iKHMpBwAAACZwcHJvY2Vzczo6d29ya2Jl"
        "bmNoOjpQcmVmZXJlbmNlc0RpYWxvZwEDAAAAGgBFAGkAbgBzAHQAZQBsAGwAdQBuAGcAZQBuCAAAAAAGAAAAC1ByZWZlcmVu"
        "Y2VzBwAAACZwcHJvY2Vzczo6d29ya2JlbmNoOjpQcmVmZXJlbmNlc0RpYWxvZwGIAAAAAgEB";
};

QTEST_MAIN(TestTranslations)
#include "tst_translations.moc"
