// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/theme.h>

#include <QObject>
#include <QStringList>

#include <chrono>
#include <cstdint>
#include <optional>

#include <pprocess/job/job.h>

class QSettings;

namespace pprocess::workbench {

/// What a person has decided once for all jobs, kept in the settings. What stands there and makes no sense counts as
/// not being there; `problems` tells of it.
class Preferences : public QObject {
    Q_OBJECT

public:
    /// What closing the window does while jobs run.
    enum class Closing { ask, wait, stop, leave };
    Q_ENUM(Closing)

    /// `settings` must live as long.
    explicit Preferences(QSettings& settings, QObject* parent = nullptr);

    [[nodiscard]] Theme::Choice theme() const { return m_values.theme; }
    void setTheme(Theme::Choice theme);

    /// Most programs at once in a job that is begun from nothing; none: as many as cores.
    [[nodiscard]] std::optional<std::size_t> jobLimit() const;
    void setJobLimit(std::optional<std::size_t> limit);
    /// Mebibytes of an item's output that such a job keeps.
    [[nodiscard]] int outputMebibytes() const { return m_values.outputMebibytes; }
    void setOutputMebibytes(int mebibytes);
    /// An empty job with these two.
    [[nodiscard]] job::Job newJob() const;

    /// Is a person who looks elsewhere told of a job's end,
    [[nodiscard]] bool notifies() const { return m_values.notifies; }
    void setNotifies(bool notifies);
    /// when it took at least so long?
    [[nodiscard]] std::chrono::seconds notifiesAfter() const { return std::chrono::seconds(m_values.notifiesAfter); }
    void setNotifiesAfter(std::chrono::seconds time);

    /// How many runs that have ended are kept in the history.
    [[nodiscard]] int mostRuns() const { return m_values.mostRuns; }
    void setMostRuns(int runs);

    /// Memory for what the instruments show of a job; counts for pages of jobs that are made from then on.
    [[nodiscard]] int recordMebibytes() const { return m_values.recordMebibytes; }
    void setRecordMebibytes(int mebibytes);

    /// Most mebibytes of the trace that is kept with each run; 0: none is.
    [[nodiscard]] int traceMebibytes() const { return m_values.traceMebibytes; }
    void setTraceMebibytes(int mebibytes);

    [[nodiscard]] Closing closing() const { return m_values.closing; }
    void setClosing(Closing closing);

    /// Forgets all of these decisions.
    void restoreDefaults();
    [[nodiscard]] bool areDefaults() const { return m_values == Values(); }

    /// A sentence for each setting that made no sense when it was read.
    [[nodiscard]] const QStringList& problems() const { return m_problems; }
    /// Why the latest change could not be written to its file; empty: it was.
    [[nodiscard]] const QString& writeProblem() const { return m_writeProblem; }

    static constexpr int mostJobLimit = 10'000;
    static constexpr int mostOutputMebibytes = 1'000'000;
    static constexpr int mostNotifiesAfter = 86'400;
    static constexpr int mostMostRuns = 100'000;
    static constexpr int leastRecordMebibytes = 8;
    static constexpr int mostRecordMebibytes = 65'536;
    static constexpr int mostTraceMebibytes = 65'536;

signals:
    /// Something was decided anew.
    void changed();

private:
    struct Values {
        Theme::Choice theme = Theme::Choice::system;
        int jobLimit = 0; ///< 0: as many as cores
        int outputMebibytes = 16;
        bool notifies = true;
        int notifiesAfter = 5;
        int mostRuns = 100;
        int recordMebibytes = 40;
        int traceMebibytes = 16;
        Closing closing = Closing::ask;
        bool operator==(const Values&) const = default;
    };

    void read();
    [[nodiscard]] int readNumber(const QString& key, int least, int most, int usual);
    void refuse(const QString& key, const QString& expected);
    template <typename Value>
    void set(Value& held, Value value, const QString& key, const QVariant& stored);
    void written();

    QSettings& m_settings;
    Values m_values;
    QStringList m_problems;
    QString m_writeProblem;
};

} // namespace pprocess::workbench
