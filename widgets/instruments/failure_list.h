// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>
#include <QString>
#include <QTimer>

#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include <pprocess/observe/snapshot.h>

namespace pprocess::widgets {

class InstrumentData;

/// A task that has not ended with a value.
struct Failure {
    std::uint64_t event = 0;                  ///< index of that which tells of its end
    std::uint64_t input = Event::unknown;     ///< index of that which came with its input; unknown: none did
    observe::Content givenBefore;             ///< its input, where it was given that before the record began
    std::uint64_t exchange = 0;               ///< id
    std::uint64_t task = 0;                   ///< its index in the exchange
    std::int64_t time = 0;                    ///< of its end, ns
    std::int64_t sent = 0;                    ///< to the process that had it last, ns; 0: not known
    std::int32_t process = 0;                 ///< pid; 0: none had it
    std::int32_t attempts = 0;                ///< starts
    TaskOutcome outcome = TaskOutcome::error; ///< never a value
    std::uint32_t group = 0;                  ///< place in `FailureList::groups`
};

/// Failures that are alike.
struct FailureGroup {
    TaskOutcome outcome = TaskOutcome::error; ///< of each
    QString text;                             ///< of the only one or all of them, or what their texts have in common
    bool isRest = false;                      ///< no text in common: those for which there was no group any more
    std::vector<std::uint32_t> members;       ///< places in `FailureList::failures`, in order of time
};

/// What texts have in common that differ in their numbers: each number is replaced by #, but for those that say what
/// went wrong (after "status", "signal", "code" and "errno").
QString commonText(const QString& text);

/// The failed tasks of a record, in groups by how they ended and with what text. Nothing is taken back when the
/// position goes back: events have an order, so what has happened before it is a beginning of each list here.
class FailureList : public QObject {
    Q_OBJECT

public:
    explicit FailureList(InstrumentData& data, QObject* parent = nullptr);

    /// In order of their events.
    [[nodiscard]] const std::vector<Failure>& failures() const { return m_failures; }
    /// In order of their first failures.
    [[nodiscard]] const std::vector<FailureGroup>& groups() const { return m_groups; }

    /// Has all that is recorded been gone through?
    [[nodiscard]] bool isComplete() const { return !m_more.isActive(); }
    /// How many failures there are before the position.
    [[nodiscard]] std::size_t failuresNow() const;
    /// How many groups there are before the position.
    [[nodiscard]] std::size_t groupsNow() const;
    /// How many failures of a group there are before the position.
    [[nodiscard]] std::size_t membersNow(const FailureGroup& group) const;

    /// The input of a failed task, and what its end was told with. Words when that is no longer kept.
    [[nodiscard]] QString inputOf(const Failure& failure, std::size_t limit) const;
    [[nodiscard]] QString textOf(const Failure& failure, std::size_t limit) const; ///< see `inputOf`

    /// More different texts than these are not told apart.
    static constexpr std::size_t mostGroups = 1'000;

signals:
    /// More failures, or another position.
    void changed();
    void wasReset();

private:
    struct Running {
        std::int64_t sent = 0;
        std::uint64_t input = Event::unknown;
        observe::Content givenBefore;
    };
    using Name = std::pair<std::uint64_t, std::uint64_t>; ///< exchange and task

    void restart();
    void takeIn();
    void take(std::uint64_t index);
    void addFailure(const Event& event, std::uint64_t index);
    std::uint32_t groupFor(TaskOutcome outcome, const QString& text);

    InstrumentData& m_data;
    std::uint64_t m_next = 0; ///< event to be looked at
    QTimer m_more;
    std::vector<Failure> m_failures;
    std::vector<FailureGroup> m_groups;
    QHash<QString, std::uint32_t> m_groupOf; ///< by outcome and common text
    std::map<Name, Running> m_running;
    std::unordered_map<std::uint64_t, Name> m_lacksInput; ///< by channel
};

} // namespace pprocess::widgets
