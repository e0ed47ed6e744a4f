// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/instrument_page.h>

#include <app/workbench/instrument_board.h>
#include <app/workbench/instrument_status.h>

#include <widgets/elided_label.h>
#include <widgets/instruments/instrument_data.h>

#include <QHBoxLayout>
#include <QVBoxLayout>

namespace pprocess::workbench {

using namespace widgets;

InstrumentPage::InstrumentPage(std::unique_ptr<InstrumentSource> source, QWidget* parent)
    : Page(parent),
      m_source(std::move(source)),
      m_board(new InstrumentBoard(*m_source)),
      m_title(new ElidedLabel),
      m_state(new ElidedLabel) {
    m_title->setObjectName(QStringLiteral("sourceTitle"));
    m_state->setObjectName(QStringLiteral("sourceState"));
    m_state->setProperty("muted", true);
    m_title->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    auto* texts = new QHBoxLayout;
    texts->setContentsMargins(14, 8, 14, 4);
    texts->setSpacing(10);
    texts->addWidget(m_title);
    texts->addWidget(m_state, 1, Qt::AlignBottom);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(texts);
    layout->addWidget(m_board, 1);

    // Numbers that nobody could read any faster.
    m_statusTimer.setSingleShot(true);
    m_statusTimer.setInterval(100);
    connect(&m_statusTimer, &QTimer::timeout, this, &Page::statusChanged);
    const auto soon = [this] {
        if (!m_statusTimer.isActive()) {
            m_statusTimer.start();
        }
    };
    connect(&m_source->data(), &InstrumentData::appended, this, soon);
    connect(&m_board->playback(), &Playback::moved, this, soon);
    connect(&m_board->playback(), &Playback::changed, this, &Page::statusChanged);
    connect(m_source.get(), &InstrumentSource::stateChanged, this, &InstrumentPage::showState);
    connect(m_source.get(), &InstrumentSource::controlAnswered, this,
            [this](const QString& text) { emit said(MessageBar::Kind::note, text); });
    showState();
}

InstrumentPage::~InstrumentPage() {
    m_source->disconnect(this);
    // Its views look at the source until they are gone.
    delete m_board;
}

QString InstrumentPage::title() const {
    return m_source->title();
}

void InstrumentPage::showState() {
    using State = InstrumentSource::State;
    m_title->setText(m_source->title());
    const State state = m_source->state();
    // What went wrong stands in the middle of the page.
    m_state->setText(state == State::failed && m_board->isEmpty() ? QString() : m_source->statusText());
    if (state == State::loading) {
        m_board->setEmptyText(tr("Reading…"), m_source->statusText());
    } else if (state == State::live) {
        m_board->setEmptyText(tr("Nothing has happened yet"),
                              tr("The program is attached. Its processes, channels and messages appear here as soon "
                                 "as there are any."));
    } else if (state == State::failed) {
        m_board->setEmptyText(tr("Nothing to show"), m_source->statusText());
    } else {
        m_board->setEmptyText(tr("Nothing was recorded"), m_source->statusText());
    }
    emit titleChanged();
    emit statusChanged();
}

void InstrumentPage::showPartWhenRead(double part) {
    const auto show = [this, part] {
        if (m_source->state() == InstrumentSource::State::ended) {
            auto& playback = m_board->playback();
            playback.seek(static_cast<qint64>(static_cast<double>(playback.length()) * part));
        }
    };
    connect(m_source.get(), &InstrumentSource::stateChanged, this, show);
    show();
}

QList<Page::Status> InstrumentPage::status() const {
    return instrumentStatus(*m_board);
}

void InstrumentPage::storeState(QSettings& settings) const {
    m_board->storeState(settings);
}

void InstrumentPage::restoreState(const QSettings& settings) {
    m_board->restoreState(settings);
}

} // namespace pprocess::workbench
