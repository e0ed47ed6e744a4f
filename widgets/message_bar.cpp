// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/message_bar.h>

#include <widgets/colors.h>
#include <widgets/state_icon.h>

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QToolButton>

namespace pprocess::widgets {

MessageBar::MessageBar(QWidget* parent)
    : QFrame(parent),
      m_icon(new QLabel(this)),
      m_text(new QLabel(this)),
      m_close(new QToolButton(this)) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 6, 6, 6);
    layout->setSpacing(8);
    layout->addWidget(m_icon, 0, Qt::AlignTop);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_close, 0, Qt::AlignTop);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_close->setText(QStringLiteral("✕"));
    m_close->setAutoRaise(true);
    m_close->setAccessibleName(tr("Close the message"));
    m_close->setToolTip(tr("Close the message"));
    connect(m_close, &QToolButton::clicked, this, &QWidget::hide);
    hide();
}

void MessageBar::showMessage(Kind kind, const QString& text) {
    m_kind = kind;
    m_text->setText(text);
    const StateSign sign = kind == Kind::problem   ? StateSign::failed
                           : kind == Kind::success ? StateSign::succeeded
                                                   : StateSign::waiting;
    m_icon->setPixmap(stateIcon(sign).pixmap(QSize(16, 16), devicePixelRatioF()));
    setAccessibleName(text);
    show();
    update();
}

QString MessageBar::text() const {
    return m_text->text();
}

void MessageBar::paintEvent(QPaintEvent*) {
    const Colors colors = Colors::of(palette());
    const QColor hue = m_kind == Kind::problem ? colors.failed : m_kind == Kind::success ? colors.done : colors.waiting;
    QColor ground = hue;
    ground.setAlpha(colors.isDark ? 50 : 28);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(hue, 1));
    painter.setBrush(ground);
    painter.drawRoundedRect(QRectF(contentsRect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
}

} // namespace pprocess::widgets
