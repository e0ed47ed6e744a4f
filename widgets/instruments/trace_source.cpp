// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/trace_source.h>

#include <widgets/format.h>

#include <QDateTime>
#include <QFile>
#include <QFileInfo>
#include <QLocale>
#include <QSemaphore>
#include <QThread>

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>

namespace pprocess::widgets {

/// What the thread hands over: a chunk, or that there is none at the moment.
struct TraceSource::Piece {
    std::optional<observe::TraceChunk> chunk;
    QString problem;
    std::uint64_t position = 0;
    std::uint64_t size = 0;
    std::int64_t wallClock = 0;
};

/// Reads one piece ahead of what the window's thread takes in.
class TraceSource::Reader : public QThread {
public:
    explicit Reader(TraceSource& source) : m_source(source), m_file(source.m_file) {}
    ~Reader() override {
        m_ends = true;
        m_turns.release();
        m_changes.release();
        wait();
    }

    /// The last piece has been taken in.
    void handOverNext() { m_turns.release(); }
    /// The file has changed.
    void lookAgain() { m_changes.release(); }

protected:
    void run() override {
        try {
            observe::TraceReader reader(QFile::encodeName(m_file).toStdString());
            while (!m_ends)
                readOn(reader);
        } catch (const std::exception& error) {
            QMetaObject::invokeMethod(
                &m_source, [source = &m_source, text = QString::fromUtf8(error.what())] { source->fail(text); },
                Qt::QueuedConnection);
        }
    }

private:
    void readOn(observe::TraceReader& reader) {
        auto piece = std::make_shared<Piece>();
        piece->chunk = reader.next();
        piece->problem = QString::fromStdString(reader.problem());
        piece->position = reader.position();
        piece->size = reader.size();
        piece->wallClock = reader.wall_clock();
        const bool isEnd = !piece->chunk;
        m_turns.acquire();
        if (m_ends)
            return;
        QMetaObject::invokeMethod(
            &m_source, [source = &m_source, piece] { source->take(piece); }, Qt::QueuedConnection);
        if (isEnd) {
            m_changes.acquire();
            m_changes.tryAcquire(m_changes.available());
        }
    }

    TraceSource& m_source;
    QString m_file;
    QSemaphore m_turns{1};
    QSemaphore m_changes;
    std::atomic<bool> m_ends = false;
};

TraceSource::TraceSource(const QString& file, QObject* parent, std::size_t budget)
    : InstrumentSource(parent),
      m_file(file),
      m_data(nullptr, budget) {
    m_slice.setInterval(0);
    connect(&m_slice, &QTimer::timeout, this, &TraceSource::takeSlice);
    m_changed.setSingleShot(true);
    m_changed.setInterval(frame);
    connect(&m_changed, &QTimer::timeout, this, [this] { m_reader->lookAgain(); });
    // Before the first look at it: what is written in between must not be missed.
    watch();
    m_reader = std::make_unique<Reader>(*this);
    m_reader->setObjectName(QStringLiteral("TraceSource"));
    m_reader->start(QThread::LowPriority);
}

TraceSource::~TraceSource() = default;

// QFileSystemWatcher does not tell of a file being closed by its writer.
void TraceSource::watch() {
    m_inotify = os::Fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (m_inotify.get() < 0 ||
        ::inotify_add_watch(m_inotify.get(), QFile::encodeName(m_file).constData(), IN_MODIFY | IN_CLOSE_WRITE) < 0)
        return;
    m_notifier = std::make_unique<QSocketNotifier>(m_inotify.get(), QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, [this] {
        std::array<char, 4096> told{};
        while (::read(m_inotify.get(), told.data(), told.size()) > 0) {
        }
        if (!m_changed.isActive())
            m_changed.start();
    });
}

/// The writer of a trace holds a lock on it.
bool TraceSource::isBeingWritten() const {
    struct stat about {};
    if (::stat(QFile::encodeName(m_file).constData(), &about) != 0)
        return false;
    QFile locks(QStringLiteral("/proc/locks"));
    if (!locks.open(QIODevice::ReadOnly))
        return false;
    const QByteArray inode = ':' + QByteArray::number(static_cast<qulonglong>(about.st_ino)) + ' ';
    const auto lines = locks.readAll().split('\n');
    return std::any_of(lines.begin(), lines.end(), [&](const QByteArray& line) {
        return line.contains("FLOCK") && line.contains(" WRITE ") && line.contains(inode);
    });
}

void TraceSource::take(std::shared_ptr<const Piece> piece) {
    m_position = piece->position;
    m_size = piece->size;
    m_wallClock = piece->wallClock;
    m_taken = 0;
    if (!piece->chunk) {
        finish(*piece);
        return;
    }
    m_problem.clear();
    if (const auto* parts = std::get_if<observe::Snapshot::Parts>(&*piece->chunk)) {
        if (m_data.endEvent() == 0)
            m_data.reset(observe::Snapshot::restore(*parts));
        else
            m_hasSeveral = true;
        m_reader->handOverNext();
        return;
    }
    m_piece = std::move(piece);
    m_slice.start();
}

void TraceSource::takeSlice() {
    const auto& batch = std::get<observe::EventBatch>(*m_piece->chunk);
    QElapsedTimer clock;
    clock.start();
    do {
        for (const std::size_t end = std::min(batch.size(), m_taken + 256); m_taken < end; ++m_taken)
            m_data.append(batch.event(m_taken), batch.payload(m_taken));
    } while (m_taken < batch.size() && clock.elapsed() < sliceTime);
    m_data.publish();
    if (m_taken == batch.size()) {
        m_slice.stop();
        m_piece.reset();
        m_reader->handOverNext();
    }
    emit progressChanged();
}

void TraceSource::finish(const Piece& piece) {
    const bool isLive = isBeingWritten();
    m_problem = isLive ? QString() : piece.problem;
    m_reader->handOverNext();
    setState(isLive ? State::live : State::ended);
    emit progressChanged();
}

void TraceSource::fail(const QString& text) {
    // A sentence, before the one that says what to do next.
    m_problem = format::sentence(text);
    setState(State::failed);
}

void TraceSource::setState(State state) {
    m_state = state;
    emit stateChanged();
}

double TraceSource::progress() const {
    return m_size == 0 ? 0 : static_cast<double>(m_position) / static_cast<double>(m_size);
}

QString TraceSource::title() const {
    return m_title.isEmpty() ? QFileInfo(m_file).fileName() : m_title;
}

QString TraceSource::statusText() const {
    const QString count = format::counted<TraceSource>(m_data.endEvent(), QT_TR_N_NOOP("%1 event(s)"));
    QString text;
    switch (m_state) {
    case State::loading:
        return tr("Reading %1: %2 %").arg(title()).arg(static_cast<int>(progress() * 100));
    case State::failed:
        return tr("%1 Choose a file that pprocess has recorded.").arg(m_problem);
    case State::live:
        text = tr("%1 so far. The file is still being written; what comes is shown.").arg(count);
        break;
    case State::ended:
        if (m_data.endEvent() > 0) {
            const auto begin =
                QDateTime::fromMSecsSinceEpoch((m_wallClock + m_data.head().begin()) / 1'000'000).toLocalTime();
            text = tr("%1, recorded from %2 on.").arg(count, QLocale::system().toString(begin, QLocale::ShortFormat));
        } else {
            text = tr("The file holds no events.");
        }
        break;
    }
    if (m_hasSeveral)
        text += tr(" It holds several records one after the other.");
    return m_problem.isEmpty() ? text : text + QLatin1Char(' ') + format::sentence(m_problem);
}

QString TraceSource::controlText() const {
    return tr("These processes ran when the file was recorded; there is nothing to end.");
}

} // namespace pprocess::widgets
