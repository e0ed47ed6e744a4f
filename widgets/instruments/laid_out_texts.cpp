// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/laid_out_texts.h>

#include <QFontMetrics>
#include <QPainter>

#include <algorithm>

namespace pprocess::widgets {

namespace {

constexpr qsizetype most = 4'096; ///< of one font

} // namespace

void LaidOutTexts::clear() {
    m_fonts.clear();
}

LaidOutTexts::Texts& LaidOutTexts::of(const QFont& font) {
    const auto known = std::find_if(m_fonts.begin(), m_fonts.end(), [&](const Texts& one) { return one.font == font; });
    return known != m_fonts.end() ? *known : m_fonts.emplace_back(Texts{font, {}, {}});
}

QStaticText& LaidOutTexts::laidOut(Texts& texts, const QString& text) {
    auto known = texts.laid.find(text);
    if (known == texts.laid.end()) {
        if (texts.laid.size() >= most)
            texts.laid.clear();
        QStaticText laid(text);
        laid.setTextFormat(Qt::PlainText);
        laid.setPerformanceHint(QStaticText::AggressiveCaching);
        laid.prepare({}, texts.font);
        known = texts.laid.insert(text, laid);
    }
    return *known;
}

double LaidOutTexts::width(const QFont& font, const QString& text) {
    return laidOut(of(font), text).size().width();
}

void LaidOutTexts::draw(QPainter& painter, const QRect& rect, const QString& text, const QColor& color,
                        const QFont& font, Qt::Alignment side) {
    Texts& texts = of(font);
    QStaticText* laid = &laidOut(texts, text);
    if (laid->size().width() > rect.width() + 1) { // a font's widths are no whole numbers
        auto elided = texts.elided.constFind({text, rect.width()});
        if (elided == texts.elided.constEnd()) {
            if (texts.elided.size() >= most)
                texts.elided.clear();
            elided = texts.elided.insert({text, rect.width()},
                                         QFontMetrics(font).elidedText(text, Qt::ElideRight, rect.width()));
        }
        laid = &laidOut(texts, *elided);
    }
    const QSizeF size = laid->size();
    double x = rect.left();
    if (side & Qt::AlignRight)
        x += rect.width() - size.width();
    else if (side & Qt::AlignHCenter)
        x += (rect.width() - size.width()) / 2;
    painter.setFont(font);
    painter.setPen(color);
    painter.drawStaticText(QPointF(x, rect.top() + (rect.height() - size.height()) / 2), *laid);
}

} // namespace pprocess::widgets
