// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/result_plot.h>

#include <widgets/colors.h>
#include <widgets/format.h>

#include <QCoreApplication>
#include <QEvent>
#include <QMouseEvent>
#include <QPointer>
#include <QThreadPool>
#include <QVBoxLayout>

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace pprocess::widgets {

namespace {

constexpr double reach = 12; // pixels around a point that a click may be away from it

class CountTicker : public QCPAxisTicker {
protected:
    QString getTickLabel(double tick, const QLocale&, QChar, int) override {
        return tick < 0 || tick != std::floor(tick) ? QString() : format::count(static_cast<std::uint64_t>(tick));
    }
};

} // namespace

ResultPlot::ResultPlot(QWidget* parent) : QWidget(parent), m_plot(new QCustomPlot(this)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);
    m_plot->setMinimumSize(0, 0);
    m_plot->setFocusPolicy(Qt::NoFocus);
    setAccessibleName(tr("Results that are numbers, by item"));
    setToolTip(tr("One point for each result that is a number. Click one to see its item; drag to move, turn the wheel "
                  "to zoom, double-click to see all."));
    m_points = m_plot->addGraph();
    m_points->setLineStyle(QCPGraph::lsNone);
    m_plot->xAxis->setTicker(QSharedPointer<CountTicker>::create());
    m_plot->xAxis->setLabel(tr("item"));
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setSubTicks(false);
        axis->setTickLength(0);
    }
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    connect(m_plot, &QCustomPlot::mouseDoubleClick, this, [this] {
        m_plot->rescaleAxes();
        m_plot->replot(QCustomPlot::rpQueuedReplot);
    });
    connect(m_plot, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) {
        if (const auto item = event->button() == Qt::LeftButton ? itemAt(event->pos()) : std::nullopt) {
            emit chosen(*item);
        }
    });
    applyColors();
}

void ResultPlot::setResults(ResultStore rows) {
    auto store = std::make_shared<ResultStore>(std::move(rows));
    QThreadPool::globalInstance()->start(
        [self = QPointer<ResultPlot>(this), store = std::move(store), reading = ++m_reading]() mutable {
            auto points = std::make_shared<std::vector<std::pair<double, double>>>();
            for (std::size_t row = 0; row < store->size(); ++row) {
                const ResultView view = store->view(row);
                if (const auto number = view.number()) {
                    points->emplace_back(static_cast<double>(view.index + 1), *number);
                }
            }
            store.reset();
            std::sort(points->begin(), points->end());
            QMetaObject::invokeMethod(
                qApp,
                [self, points, reading] {
                    if (self && self->m_reading == reading) {
                        self->take(std::move(*points));
                    }
                },
                Qt::QueuedConnection);
        });
}

void ResultPlot::take(std::vector<std::pair<double, double>> points) {
    QVector<QCPGraphData> graph;
    graph.reserve(static_cast<qsizetype>(points.size()));
    for (const auto& [item, number] : points) {
        graph.push_back({item, number});
    }
    const bool wasEmpty = m_points->dataCount() == 0;
    const bool grew = m_points->dataCount() != static_cast<int>(graph.size());
    constexpr int fewPoints = 2000;
    m_points->setScatterStyle(
        QCPScatterStyle(graph.size() <= fewPoints ? QCPScatterStyle::ssDisc : QCPScatterStyle::ssDot, 5));
    m_points->data()->set(graph, true);
    if (wasEmpty || grew) {
        m_plot->rescaleAxes();
        // A point on the frame would be cut in half.
        m_plot->xAxis->scaleRange(1.04);
        m_plot->yAxis->scaleRange(1.1);
    }
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

int ResultPlot::pointCount() const {
    return m_points->dataCount();
}

std::optional<std::size_t> ResultPlot::itemAt(const QPoint& position) const {
    const double x = m_plot->xAxis->pixelToCoord(position.x());
    const double width = std::abs(m_plot->xAxis->pixelToCoord(position.x() + reach) - x);
    std::optional<std::size_t> nearest;
    double least = reach;
    for (auto point = m_points->data()->findBegin(x - width, false);
         point != m_points->data()->constEnd() && point->key <= x + width; ++point) {
        const double distance = std::hypot(m_plot->xAxis->coordToPixel(point->key) - position.x(),
                                           m_plot->yAxis->coordToPixel(point->value) - position.y());
        if (distance <= least) {
            least = distance;
            nearest = static_cast<std::size_t>(point->key) - 1;
        }
    }
    return nearest;
}

void ResultPlot::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        applyColors();
    }
}

void ResultPlot::applyColors() {
    const Colors colors = Colors::of(palette());
    m_plot->setBackground(QBrush(colors.card));
    m_points->setPen(QPen(colors.running));
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setTickLabelColor(colors.muted);
        axis->setLabelColor(colors.muted);
        axis->setTickLabelFont(font());
        axis->setLabelFont(font());
        axis->setBasePen(QPen(colors.border));
        axis->grid()->setPen(QPen(colors.track, 1));
        axis->grid()->setZeroLinePen(QPen(colors.border));
    }
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

} // namespace pprocess::widgets
