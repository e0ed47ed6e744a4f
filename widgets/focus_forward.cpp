// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/focus_forward.h>

#include <QFocusEvent>
#include <QPointer>
#include <QWidget>

namespace pprocess::widgets {

namespace {

class Forwarder : public QObject {
public:
    Forwarder(QWidget& from, QWidget& to) : QObject(&from), m_to(&to) { from.installEventFilter(this); }

    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() == QEvent::FocusIn && m_to)
            m_to->setFocus(static_cast<QFocusEvent*>(event)->reason());
        return QObject::eventFilter(watched, event);
    }

private:
    QPointer<QWidget> m_to;
};

} // namespace

void forwardFocus(QWidget& from, QWidget& to) {
    new Forwarder(from, to);
}

} // namespace pprocess::widgets
