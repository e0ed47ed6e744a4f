// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/instrument_source.h>

#include <QElapsedTimer>
#include <QSocketNotifier>
#include <QTimer>

#include <memory>

#include <pprocess/observe/trace.h>

namespace pprocess::widgets {

/// A trace file, read piece by piece by a thread. A file that is still being written is followed.
class TraceSource : public InstrumentSource {
    Q_OBJECT

public:
    explicit TraceSource(const QString& file, QObject* parent = nullptr,
                         std::size_t budget = InstrumentData::defaultBudget);
    ~TraceSource() override;

    [[nodiscard]] QString title() const override;
    /// What the trace is of; without it the file's name is shown.
    void setTitle(const QString& title) { m_title = title; }
    [[nodiscard]] State state() const override { return m_state; }
    [[nodiscard]] QString statusText() const override;
    [[nodiscard]] InstrumentData& data() override { return m_data; }
    [[nodiscard]] QString controlText() const override;

    /// The file, as it was given.
    [[nodiscard]] const QString& file() const { return m_file; }
    /// How much of it has been taken in, 0 to 1.
    [[nodiscard]] double progress() const;
    /// What is wrong with its end; empty when nothing is.
    [[nodiscard]] const QString& problem() const { return m_problem; }

    static constexpr int sliceTime = 12; ///< ms of the window's thread at a time
    static constexpr int frame = 33;     ///< ms between two looks at a file that grows

signals:
    void progressChanged();

private:
    class Reader;
    struct Piece;

    void take(std::shared_ptr<const Piece> piece);
    void takeSlice();
    void finish(const Piece& piece);
    void fail(const QString& text);
    void setState(State state);
    void watch();
    [[nodiscard]] bool isBeingWritten() const;

    QString m_file;
    QString m_title; ///< empty: the file's name
    InstrumentData m_data;
    State m_state = State::loading;
    QString m_problem;
    std::uint64_t m_position = 0;
    std::uint64_t m_size = 0;
    std::int64_t m_wallClock = 0;
    bool m_hasSeveral = false;
    std::shared_ptr<const Piece> m_piece; ///< being taken in
    std::size_t m_taken = 0;              ///< events of it
    QTimer m_slice;
    os::Fd m_inotify;
    std::unique_ptr<QSocketNotifier> m_notifier;
    QTimer m_changed;
    std::unique_ptr<Reader> m_reader;
};

} // namespace pprocess::widgets
