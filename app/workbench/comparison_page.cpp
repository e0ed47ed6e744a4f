// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/comparison_page.h>

#include <app/workbench/instrument_page.h>

#include <QApplication>
#include <QSplitter>
#include <QVBoxLayout>

namespace pprocess::workbench {

ComparisonPage::ComparisonPage(InstrumentPage* left, InstrumentPage* right, QWidget* parent)
    : Page(parent),
      m_left(left),
      m_right(right),
      m_active(left) {
    auto* splitter = new QSplitter(Qt::Horizontal);
    splitter->setHandleWidth(6);
    splitter->setChildrenCollapsible(false);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(splitter);
    for (InstrumentPage* page : {left, right}) {
        splitter->addWidget(page);
        page->show(); // it may come from a tab, where it was hidden
        connect(page, &Page::titleChanged, this, &Page::titleChanged);
        connect(page, &Page::said, this, &Page::said);
        connect(page, &Page::statusChanged, this, &Page::statusChanged);
    }
    splitter->setSizes({1000, 1000});
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget*, QWidget* now) { onFocusChanged(now); });
}

ComparisonPage::~ComparisonPage() {
    // A widget that goes moves the focus on, and half of the two pages may be gone by then.
    qApp->disconnect(this);
}

void ComparisonPage::onFocusChanged(QWidget* now) {
    for (InstrumentPage* page : {m_left, m_right}) {
        if (now && page->isAncestorOf(now) && m_active != page) {
            m_active = page;
            emit boardChanged();
            emit statusChanged();
        }
    }
}

QString ComparisonPage::title() const {
    return tr("%1 | %2").arg(m_left->title(), m_right->title());
}

QList<Page::Status> ComparisonPage::status() const {
    return m_active->status();
}

InstrumentBoard* ComparisonPage::board() const {
    return m_active->board();
}

void ComparisonPage::storeState(QSettings& settings) const {
    m_left->storeState(settings);
}

void ComparisonPage::restoreState(const QSettings& settings) {
    m_left->restoreState(settings);
    m_right->restoreState(settings);
}

} // namespace pprocess::workbench
