// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QPaintDevice>
#include <QPaintEngine>
#include <QPainter>
#include <QPainterPath>
#include <QPixmap>
#include <QWidget>

#include <variant>
#include <vector>

namespace pprocess::benchmarks {

/// What a widget and all within it paint, as plain calls of QPainter that can be made again without the widget: every
/// rectangle, text, line and picture that is seen, where it is seen, and nothing else.
class RecordedFrame {
public:
    struct Rect {
        QRectF area;
        QBrush brush;
    };
    struct Text {
        QPointF place;
        QString text;
        QFont font;
        QColor color;
    };
    struct Line {
        QLineF line;
        QPen pen;
    };
    struct Picture {
        QRectF area;
        QPixmap pixmap;
        QRectF source;
        bool isTiled;
    };
    struct Shape {
        QPainterPath path;
        QPen pen;
        QBrush brush;
        bool isSmooth;
    };
    std::vector<std::variant<Rect, Text, Line, Picture, Shape>> calls;

    explicit RecordedFrame(QWidget& widget);

    template <typename Call>
    [[nodiscard]] std::size_t count() const {
        std::size_t number = 0;
        for (const auto& call : calls)
            number += std::holds_alternative<Call>(call) ? 1 : 0;
        return number;
    }

    /// Everything again. With `rectanglesOnly` nothing but the rectangles.
    void paint(QImage& image, bool rectanglesOnly = false) const;
};

namespace recorded {

/// Takes the calls in, in the pixels of the device, cut to what is seen.
class Engine : public QPaintEngine {
public:
    explicit Engine(RecordedFrame& frame) : QPaintEngine(AllFeatures), m_frame(frame) {}

    bool begin(QPaintDevice*) override { return true; }
    bool end() override { return true; }
    [[nodiscard]] Type type() const override { return User; }

    void updateState(const QPaintEngineState& changed) override {
        const DirtyFlags dirty = changed.state();
        if (dirty & DirtyTransform)
            m_transform = changed.transform();
        if (dirty & DirtyPen)
            m_pen = changed.pen();
        if (dirty & DirtyBrush)
            m_brush = changed.brush();
        if (dirty & DirtyFont)
            m_font = changed.font();
        if (dirty & DirtyHints)
            m_isSmooth = changed.renderHints() & QPainter::Antialiasing;
        if (dirty & DirtyClipEnabled)
            m_isClipped = changed.isClipEnabled();
        if (dirty & DirtyClipRegion)
            clip(m_transform.map(QRegion(changed.clipRegion())), changed.clipOperation());
        if (dirty & DirtyClipPath)
            clip(QRegion(m_transform.map(changed.clipPath()).boundingRect().toAlignedRect()), changed.clipOperation());
    }
    void drawRects(const QRectF* rects, int count) override {
        for (int at = 0; at < count; ++at)
            addRect(rects[at]);
    }
    void drawRects(const QRect* rects, int count) override {
        for (int at = 0; at < count; ++at)
            addRect(QRectF(rects[at]));
    }
    void drawLines(const QLineF* lines, int count) override {
        for (int at = 0; at < count; ++at) {
            const QLineF line = m_transform.map(lines[at]);
            if (isSeen(QRectF(line.p1(), line.p2()).normalized().adjusted(-1, -1, 1, 1)))
                m_frame.calls.emplace_back(RecordedFrame::Line{line, m_pen});
        }
    }
    void drawLines(const QLine* lines, int count) override {
        for (int at = 0; at < count; ++at) {
            const QLineF line(lines[at]);
            drawLines(&line, 1);
        }
    }
    void drawPath(const QPainterPath& path) override { addShape(m_transform.map(path)); }
    void drawPolygon(const QPointF* points, int count, PolygonDrawMode mode) override {
        QPolygonF polygon(QList<QPointF>(points, points + count));
        if (mode != PolylineMode)
            polygon.append(points[0]);
        QPainterPath path;
        path.addPolygon(m_transform.map(polygon));
        addShape(path);
    }
    void drawPixmap(const QRectF& area, const QPixmap& pixmap, const QRectF& source) override {
        add(RecordedFrame::Picture{m_transform.mapRect(area), pixmap, source, false});
    }
    void drawTiledPixmap(const QRectF& area, const QPixmap& pixmap, const QPointF& offset) override {
        add(RecordedFrame::Picture{m_transform.mapRect(area), pixmap, QRectF(offset, QSizeF()), true});
    }
    void drawImage(const QRectF& area, const QImage& image, const QRectF& source, Qt::ImageConversionFlags) override {
        add(RecordedFrame::Picture{m_transform.mapRect(area), QPixmap::fromImage(image), source, false});
    }
    void drawTextItem(const QPointF& place, const QTextItem& item) override {
        const QPointF at = m_transform.map(place);
        if (isSeen(QRectF(at.x(), at.y() - item.ascent(), item.width(), item.ascent() + item.descent())))
            m_frame.calls.emplace_back(RecordedFrame::Text{at, item.text(), item.font(), m_pen.color()});
    }

private:
    void clip(const QRegion& region, Qt::ClipOperation operation) {
        m_isClipped = operation != Qt::NoClip;
        m_clip = operation == Qt::IntersectClip && m_isClipped ? m_clip.intersected(region) : region;
    }
    [[nodiscard]] QRectF seen() const {
        QRegion all = systemClip();
        if (m_isClipped)
            all = all.isEmpty() ? m_clip : all.intersected(m_clip);
        return all.boundingRect();
    }
    [[nodiscard]] bool isSeen(const QRectF& area) const { return seen().intersects(area); }
    void add(const RecordedFrame::Picture& picture) {
        if (isSeen(picture.area))
            m_frame.calls.emplace_back(picture);
    }
    void addRect(const QRectF& rect) {
        const QRectF area = m_transform.mapRect(rect);
        if (m_brush.style() != Qt::NoBrush) {
            const QRectF part = area.intersected(seen());
            if (!part.isEmpty())
                m_frame.calls.emplace_back(RecordedFrame::Rect{part, m_brush});
        }
        if (m_pen.style() != Qt::NoPen && isSeen(area.adjusted(-1, -1, 1, 1))) {
            QPainterPath path;
            path.addRect(area);
            m_frame.calls.emplace_back(RecordedFrame::Shape{path, m_pen, Qt::NoBrush, m_isSmooth});
        }
    }
    void addShape(const QPainterPath& path) {
        if (isSeen(path.boundingRect().adjusted(-1, -1, 1, 1)))
            m_frame.calls.emplace_back(RecordedFrame::Shape{path, m_pen, m_brush, m_isSmooth});
    }

    RecordedFrame& m_frame;
    QTransform m_transform;
    QPen m_pen;
    QBrush m_brush;
    QFont m_font;
    QRegion m_clip;
    bool m_isClipped = false;
    bool m_isSmooth = false;
};

class Device : public QPaintDevice {
public:
    Device(QSize size, RecordedFrame& frame) : m_size(size), m_engine(frame) {}
    [[nodiscard]] QPaintEngine* paintEngine() const override { return &m_engine; }

protected:
    [[nodiscard]] int metric(PaintDeviceMetric what) const override {
        switch (what) {
        case PdmWidth:
            return m_size.width();
        case PdmHeight:
            return m_size.height();
        case PdmDepth:
            return 32;
        case PdmDevicePixelRatio:
            return 1;
        case PdmDevicePixelRatioScaled:
            return static_cast<int>(devicePixelRatioFScale());
        case PdmDpiX:
        case PdmDpiY:
        case PdmPhysicalDpiX:
        case PdmPhysicalDpiY:
            return 96;
        default:
            return QPaintDevice::metric(what);
        }
    }

private:
    QSize m_size;
    mutable Engine m_engine;
};

} // namespace recorded

inline RecordedFrame::RecordedFrame(QWidget& widget) {
    recorded::Device device(widget.size(), *this);
    widget.render(&device);
}

inline void RecordedFrame::paint(QImage& image, bool rectanglesOnly) const {
    QPainter painter(&image);
    QList<QLineF> lines;
    for (std::size_t at = 0; at < calls.size(); ++at) {
        const auto& call = calls[at];
        if (const auto* rect = std::get_if<Rect>(&call)) {
            if (rect->brush.style() == Qt::SolidPattern)
                painter.fillRect(rect->area.toRect(), rect->brush.color());
            else
                painter.fillRect(rect->area, rect->brush);
        } else if (rectanglesOnly) {
            continue;
        } else if (const auto* text = std::get_if<Text>(&call)) {
            painter.setFont(text->font);
            painter.setPen(text->color);
            painter.drawText(text->place, text->text);
        } else if (const auto* line = std::get_if<Line>(&call)) {
            // Those of one pen in one call.
            lines.append(line->line);
            const auto* next = at + 1 < calls.size() ? std::get_if<Line>(&calls[at + 1]) : nullptr;
            if (next && next->pen == line->pen)
                continue;
            painter.setPen(line->pen);
            painter.drawLines(lines);
            lines.clear();
        } else if (const auto* picture = std::get_if<Picture>(&call)) {
            if (picture->isTiled)
                painter.drawTiledPixmap(picture->area, picture->pixmap, picture->source.topLeft());
            else
                painter.drawPixmap(picture->area, picture->pixmap, picture->source);
        } else if (const auto* shape = std::get_if<Shape>(&call)) {
            painter.setRenderHint(QPainter::Antialiasing, shape->isSmooth);
            painter.setPen(shape->pen);
            painter.setBrush(shape->brush);
            painter.drawPath(shape->path);
            painter.setRenderHint(QPainter::Antialiasing, false);
        }
    }
}

} // namespace pprocess::benchmarks
