// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <cstdint>
#include <optional>
#include <utility>

namespace pprocess::widgets {

/// What is selected in all views of one record. One of these at a time; what belongs to it, each view knows.
struct Selected {
    enum class Kind { nothing, process, channel, task, exchange, event };
    Kind kind = Kind::nothing;
    std::uint64_t id = 0;   ///< key of the process, id of the channel or exchange, index of the event
    std::uint64_t task = 0; ///< with `Kind::task`: its index in the exchange `id`

    static Selected process(std::uint64_t key) { return {Kind::process, key, 0}; }
    static Selected channel(std::uint64_t id) { return {Kind::channel, id, 0}; }
    static Selected exchange(std::uint64_t id) { return {Kind::exchange, id, 0}; }
    static Selected taskOf(std::uint64_t exchange, std::uint64_t index) { return {Kind::task, exchange, index}; }
    static Selected event(std::uint64_t index) { return {Kind::event, index, 0}; }
    friend bool operator==(const Selected&, const Selected&) = default;
};

/// The one selection that all views of a record share.
class InstrumentSelection : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    [[nodiscard]] const Selected& current() const { return m_current; }

public slots:
    /// Does nothing when it is selected already.
    void select(const pprocess::widgets::Selected& selected);
    /// Selects nothing.
    void clear() { select({}); }

signals:
    void changed();
    /// Somebody asked to see the selected thing in another view ("timeline", "processes", "channels", "exchange",
    /// "throughput", "failures", "events"); the page that holds the views brings that one to the front.
    void revealRequested(const QString& view);

private:
    Selected m_current;
};

} // namespace pprocess::widgets
