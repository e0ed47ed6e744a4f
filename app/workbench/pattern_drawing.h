// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace pprocess::widgets {
struct Colors;
}

namespace pprocess::workbench {

/// A small drawing of a way to run four inputs in two processes. Not of any job: it explains a choice.
class PatternDrawing : public QWidget {
    Q_OBJECT

public:
    enum class Pattern {
        map,        ///< results in the order of the inputs
        queue,      ///< results in the order in which they come
        exchange,   ///< each result in the place of its input as it comes
        continuous, ///< lines while the inputs are worked on
        reused,     ///< a process works on one input after the other
        fresh,      ///< a process for each input
    };

    explicit PatternDrawing(Pattern pattern, QWidget* parent = nullptr);
    void setPattern(Pattern pattern);

    [[nodiscard]] QSize sizeHint() const override { return {108, 34}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] bool showsResults() const;
    void paintResults(QPainter& painter, const widgets::Colors& colors) const;

    Pattern m_pattern;
};

} // namespace pprocess::workbench
