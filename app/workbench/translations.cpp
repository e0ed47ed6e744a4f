// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/translations.h>

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QTranslator>

#include <memory>

namespace pprocess::workbench::translations {

namespace {

/// The file that was loaded; empty: there is none.
QString loadFirst(QCoreApplication& application, const QLocale& locale, const QString& name,
                  const QStringList& folders) {
    for (const QString& folder : folders) {
        auto translator = std::make_unique<QTranslator>();
        if (translator->load(locale, name, QStringLiteral("_"), folder)) {
            const QString file = translator->filePath();
            translator->setParent(&application);
            QCoreApplication::installTranslator(translator.release());
            return file;
        }
    }
    return {};
}

} // namespace

QStringList folders() {
    return {QCoreApplication::applicationDirPath() + QStringLiteral("/translations"),
            QStringLiteral(PPROCESS_RESOURCES_INSTALL "/translations")};
}

QStringList load(QCoreApplication& application, const QLocale& locale, const QStringList& from) {
    const QString own = loadFirst(application, locale, QStringLiteral("pprocess"), from);
    if (own.isEmpty()) {
        return {}; // Qt's words alone would be in another language than all others
    }
    const QString qt =
        loadFirst(application, locale, QStringLiteral("qtbase"), {QLibraryInfo::path(QLibraryInfo::TranslationsPath)});
    return qt.isEmpty() ? QStringList{own} : QStringList{own, qt};
}

} // namespace pprocess::workbench::translations
