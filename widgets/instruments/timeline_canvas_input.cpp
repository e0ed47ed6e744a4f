// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the mouse, the wheel, the keyboard and gestures do to the lanes.
#include <widgets/instruments/timeline_canvas.h>

#include <widgets/instruments/timeline_geometry.h>

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QGestureEvent>
#include <QHelpEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <utility>

namespace pprocess::widgets {

namespace {

constexpr double panShare = 0.12;
constexpr double zoomStep = 0.8;

} // namespace

void TimelineCanvas::zoom(double factor, double x) {
    m_range.zoom(factor, scale().timeAt(std::clamp(x - m_nameWidth, 0.0, double(lanesRect().width()))));
}

void TimelineCanvas::wheelEvent(QWheelEvent* event) {
    const QPoint angle = event->angleDelta();
    const int turn = angle.y() != 0 ? angle.y() : angle.x();
    event->accept();
    if (event->modifiers() & Qt::ControlModifier) {
        zoom(std::pow(zoomStep, turn / 120.0), event->position().x());
    } else if ((event->modifiers() & Qt::ShiftModifier) || std::abs(angle.x()) > std::abs(angle.y())) {
        m_range.pan(std::llround(-turn / 120.0 * panShare * static_cast<double>(m_range.length())));
    } else {
        const QPoint pixels = event->pixelDelta();
        const int distance = pixels.isNull() ? turn * 3 * m_wishes.processHeight / 120 : pixels.y();
        verticalScrollBar()->setValue(verticalScrollBar()->value() - distance);
    }
}

void TimelineCanvas::keyPressEvent(QKeyEvent* event) {
    const auto step = std::llround(panShare * static_cast<double>(m_range.length()));
    const double place = m_pointer.x() >= m_nameWidth ? m_pointer.x() : m_nameWidth + lanesRect().width() / 2.0;
    switch (event->key()) {
    case Qt::Key_W:
    case Qt::Key_Plus:
        zoom(zoomStep, place);
        break;
    case Qt::Key_S:
    case Qt::Key_Minus:
        zoom(1 / zoomStep, place);
        break;
    case Qt::Key_A:
        m_range.pan(-step);
        break;
    case Qt::Key_D:
        m_range.pan(step);
        break;
    case Qt::Key_F:
        fitSelection();
        break;
    case Qt::Key_Home:
        m_range.show(m_range.wholeBegin(), m_range.wholeBegin() + m_range.length());
        break;
    case Qt::Key_End:
        m_range.show(m_range.wholeEnd() - m_range.length(), m_range.wholeEnd());
        break;
    case Qt::Key_Left:
        stepActivity(-1);
        break;
    case Qt::Key_Right:
        stepActivity(1);
        break;
    case Qt::Key_Up:
        stepRow(-1);
        break;
    case Qt::Key_Down:
        stepRow(1);
        break;
    case Qt::Key_PageUp:
        verticalScrollBar()->triggerAction(QAbstractSlider::SliderPageStepSub);
        break;
    case Qt::Key_PageDown:
        verticalScrollBar()->triggerAction(QAbstractSlider::SliderPageStepAdd);
        break;
    case Qt::Key_Space:
    case Qt::Key_Return:
    case Qt::Key_Enter:
        toggle(rowOfSelection());
        break;
    case Qt::Key_Escape:
        if (m_drag == Drag::none && m_selection.current().kind == Selected::Kind::nothing) {
            event->ignore();
            return;
        }
        m_drag = Drag::none;
        m_focusProcess = 0;
        m_selection.clear();
        viewport()->update();
        break;
    default:
        QAbstractScrollArea::keyPressEvent(event);
        return;
    }
    event->accept();
}

void TimelineCanvas::mousePressEvent(QMouseEvent* event) {
    m_pressed = event->pos();
    m_pressedBegin = m_range.begin();
    m_pressedScroll = verticalScrollBar()->value();
    if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton)
        return;
    const bool isOnRuler = event->pos().y() < m_rulerHeight && event->pos().x() >= m_nameWidth;
    if (std::abs(event->pos().x() - m_nameWidth) <= 3)
        m_drag = Drag::names;
    else if (isOnRuler || (event->modifiers() & Qt::AltModifier))
        m_drag = Drag::range;
    else
        m_drag = Drag::press;
}

void TimelineCanvas::mouseMoveEvent(QMouseEvent* event) {
    m_pointer = event->pos();
    const QPoint moved = event->pos() - m_pressed;
    if (m_drag == Drag::press && moved.manhattanLength() >= QApplication::startDragDistance() &&
        m_pressed.x() >= m_nameWidth) {
        m_drag = Drag::pan;
        viewport()->setCursor(Qt::ClosedHandCursor);
    }
    if (m_drag == Drag::pan) {
        const double perColumn = static_cast<double>(m_range.length()) / lanesRect().width();
        const std::int64_t begin = m_pressedBegin - std::llround(moved.x() * perColumn);
        m_range.show(begin, begin + m_range.length());
        verticalScrollBar()->setValue(m_pressedScroll - moved.y());
    } else if (m_drag == Drag::names) {
        m_isNameWidthChosen = true;
        m_nameWidth = std::clamp(event->pos().x(), 60, std::max(61, viewport()->width() / 2));
    } else if (m_drag == Drag::none) {
        const bool isEdge = std::abs(event->pos().x() - m_nameWidth) <= 3;
        viewport()->setCursor(isEdge                                                               ? Qt::SplitHCursor
                              : event->pos().y() < m_rulerHeight && event->pos().x() > m_nameWidth ? Qt::IBeamCursor
                                                                                                   : Qt::ArrowCursor);
        readOut(event->pos());
    }
    viewport()->update();
}

void TimelineCanvas::mouseReleaseEvent(QMouseEvent* event) {
    const Drag drag = std::exchange(m_drag, Drag::none);
    viewport()->setCursor(Qt::ArrowCursor);
    if (drag == Drag::range && std::abs(event->pos().x() - m_pressed.x()) > 3) {
        const timeline::Scale scale = this->scale();
        const int left = std::min(event->pos().x(), m_pressed.x()) - m_nameWidth;
        const int right = std::max(event->pos().x(), m_pressed.x()) - m_nameWidth;
        m_range.show(scale.timeAt(std::max(0, left)), scale.timeAt(std::min(scale.width, right)));
    } else if (drag == Drag::press && event->button() == Qt::LeftButton) {
        const Hit hit = hitAt(event->pos());
        const bool isOnArrow =
            hit.isInNames && event->pos().x() < 8 + 14 * (m_rows.rows[static_cast<std::size_t>(hit.row)].depth + 1);
        if (isOnArrow && m_rows.rows[static_cast<std::size_t>(hit.row)].hasChildren)
            toggle(hit.row);
        else
            selectHit(hit);
    }
    viewport()->update();
}

void TimelineCanvas::mouseDoubleClickEvent(QMouseEvent* event) {
    const Hit hit = hitAt(event->pos());
    if (event->button() != Qt::LeftButton || hit.row < 0)
        return;
    selectHit(hit);
    fitSelection();
}

void TimelineCanvas::contextMenuEvent(QContextMenuEvent* event) {
    QMenu menu(this);
    Hit hit;
    if (event->reason() == QContextMenuEvent::Mouse) {
        hit = hitAt(event->pos());
        if (hit.row >= 0)
            selectHit(hit);
    } else {
        hit.row = rowOfSelection();
        if (m_focusProcess != 0)
            hit.activity = timeline::activityAt(m_data.activities(m_focusProcess), m_focusBegin);
    }
    const bool isSomething = m_selection.current().kind != Selected::Kind::nothing;
    QMenu* reveal = menu.addMenu(tr("Show in"));
    for (const auto& [view, text] : {std::pair{"processes", tr("Processes")}, std::pair{"channels", tr("Channels")},
                                     std::pair{"exchange", tr("Exchange")}, std::pair{"throughput", tr("Throughput")},
                                     std::pair{"failures", tr("Failures")}, std::pair{"events", tr("Events")}}) {
        const QString name = QString::fromLatin1(view);
        reveal->addAction(text, this, [this, name] { emit m_selection.revealRequested(name); });
    }
    reveal->setEnabled(isSomething);
    const QString text = details(hit);
    menu.addAction(tr("Copy details"), this, [text] { QGuiApplication::clipboard()->setText(text); })
        ->setEnabled(!text.isEmpty());
    menu.addSeparator();
    menu.addAction(tr("Zoom to selection\tF"), this, &TimelineCanvas::fitSelection)->setEnabled(isSomething);
    menu.addAction(tr("Show all"), &m_range, &TimeRange::showAll);
    if (hit.row >= 0 && m_rows.rows[static_cast<std::size_t>(hit.row)].hasChildren) {
        const bool isCollapsed = m_rows.rows[static_cast<std::size_t>(hit.row)].isCollapsed;
        menu.addAction(isCollapsed ? tr("Expand") : tr("Collapse"), this, [this, row = hit.row] { toggle(row); });
    }
    menu.exec(event->globalPos());
}

bool TimelineCanvas::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        const QString text = detailsAt(help->pos());
        if (text.isEmpty())
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(), text.toHtmlEscaped().replace(u'\n', QStringLiteral("<br>")), this);
        return true;
    }
    if (event->type() == QEvent::NativeGesture) {
        auto* gesture = static_cast<QNativeGestureEvent*>(event);
        if (gesture->gestureType() == Qt::ZoomNativeGesture) {
            zoom(1 / std::max(0.1, 1 + gesture->value()), gesture->position().x());
            return true;
        }
    }
    if (event->type() == QEvent::Gesture) {
        auto* gestures = static_cast<QGestureEvent*>(event);
        if (const auto* pinch = static_cast<QPinchGesture*>(gestures->gesture(Qt::PinchGesture))) {
            zoom(1 / std::max(0.1, pinch->scaleFactor()), viewport()->mapFromGlobal(pinch->hotSpot().toPoint()).x());
            gestures->accept();
            return true;
        }
    }
    if (event->type() == QEvent::Leave) {
        m_pointer = {-1, -1};
        emit hovered({});
        viewport()->update();
    }
    return QAbstractScrollArea::viewportEvent(event);
}

} // namespace pprocess::widgets
