// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <functional>
#include <vector>

class QPainter;

namespace pprocess::widgets {

/// What the colours and signs of a timeline mean, in the order of the states. In as many lines as it needs.
class TimelineLegend : public QWidget {
    Q_OBJECT

public:
    explicit TimelineLegend(QWidget* parent = nullptr);

    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Entry {
        QString text;
        std::function<void(QPainter&, const QRect&)> paint;
    };
    /// Calls `place` with where each entry lies; returns the height of all.
    int layOut(int width, const std::function<void(const Entry&, const QRect&)>& place) const;
    [[nodiscard]] int lineHeight() const;

    std::vector<Entry> m_entries;
};

} // namespace pprocess::widgets
