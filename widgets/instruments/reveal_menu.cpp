// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/reveal_menu.h>

#include <widgets/instruments/instrument_selection.h>

#include <QCoreApplication>
#include <QMenu>

#include <cstring>

namespace pprocess::widgets {

void addRevealMenu(QMenu& menu, InstrumentSelection& selection, const Selected& what, const char* own) {
    const auto text = [](const char* english) {
        return QCoreApplication::translate("pprocess::widgets::addRevealMenu", english);
    };
    QMenu* reveal = menu.addMenu(text("Show in"));
    const std::pair<const char*, QString> views[] = {
        {"timeline", text("Timeline")}, {"processes", text("Processes")}, {"channels", text("Channels")},
        {"exchange", text("Exchange")}, {"failures", text("Failures")},   {"events", text("Events")},
    };
    for (const auto& [view, title] : views) {
        if (std::strcmp(view, own) == 0)
            continue;
        const QString name = QLatin1String(view);
        QAction* action = reveal->addAction(title);
        action->setObjectName(QStringLiteral("reveal-") + name);
        QObject::connect(action, &QAction::triggered, &selection, [&selection, what, name] {
            selection.select(what);
            emit selection.revealRequested(name);
        });
    }
}

} // namespace pprocess::widgets
