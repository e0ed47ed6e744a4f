// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

class QCoreApplication;
class QLocale;

/// The window in another language: texts translated beforehand (pprocess_de.qm) that lie in a folder `translations`
/// beside the program, or where it was installed to.
namespace pprocess::workbench::translations {

/// Where they are looked for, the first first.
QStringList folders();

/// Loads the best there is for the locale, and Qt's own words for it. Returns the files, none for English. `from`
/// stands for `folders()` in tests. To be called before any window is made.
QStringList load(QCoreApplication& application, const QLocale& locale, const QStringList& from = folders());

} // namespace pprocess::workbench::translations
