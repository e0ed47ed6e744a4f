// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/preferences.h>

#include <QMetaEnum>
#include <QSettings>

namespace pprocess::workbench {

namespace {

// Some are older than this class and keep their names.
const QString themeKey = QStringLiteral("theme");
const QString limitKey = QStringLiteral("newJobs/limit");
const QString outputKey = QStringLiteral("newJobs/outputMebibytes");
const QString notifiesKey = QStringLiteral("notifyAtEnd");
const QString notifiesAfterKey = QStringLiteral("notifyAfterSeconds");
const QString traceKey = QStringLiteral("history/traceMebibytes");
const QString mostRunsKey = QStringLiteral("history/mostRuns");
const QString recordKey = QStringLiteral("instruments/recordMebibytes");
const QString closingKey = QStringLiteral("window/closing");

QMetaEnum closings() {
    return QMetaEnum::fromType<Preferences::Closing>();
}

} // namespace

Preferences::Preferences(QSettings& settings, QObject* parent) : QObject(parent), m_settings(settings) {
    read();
}

void Preferences::refuse(const QString& key, const QString& expected) {
    const QVariant value = m_settings.value(key);
    m_problems += tr("The setting “%1” is “%2”, which is not %3.")
                      .arg(key, value.toStringList().join(QStringLiteral(", ")).left(60), expected);
}

int Preferences::readNumber(const QString& key, int least, int most, int usual) {
    if (!m_settings.contains(key)) {
        return usual;
    }
    bool isNumber = false;
    const int number = m_settings.value(key).toInt(&isNumber);
    if (!isNumber || number < least || number > most) {
        refuse(key, tr("a number from %1 to %2").arg(least).arg(most));
        return usual;
    }
    return number;
}

void Preferences::read() {
    if (m_settings.status() == QSettings::FormatError) {
        m_problems += tr("The settings in %1 cannot be read.").arg(m_settings.fileName());
    }
    const Values usual;
    if (const QString theme = m_settings.value(themeKey).toString(); m_settings.contains(themeKey)) {
        m_values.theme = Theme::fromString(theme);
        if (Theme::toString(m_values.theme) != theme) {
            refuse(themeKey, QStringLiteral("system, light, dark"));
        }
    }
    if (m_settings.contains(notifiesKey)) {
        const QString text = m_settings.value(notifiesKey).toString();
        if (text == QLatin1String("true") || text == QLatin1String("false")) {
            m_values.notifies = text == QLatin1String("true");
        } else {
            refuse(notifiesKey, QStringLiteral("true, false"));
        }
    }
    if (m_settings.contains(closingKey)) {
        bool isKnown = false;
        const int closing = closings().keyToValue(m_settings.value(closingKey).toByteArray().constData(), &isKnown);
        if (isKnown) {
            m_values.closing = static_cast<Closing>(closing);
        } else {
            refuse(closingKey, QStringLiteral("ask, wait, stop, leave"));
        }
    }
    m_values.jobLimit = readNumber(limitKey, 0, mostJobLimit, usual.jobLimit);
    m_values.outputMebibytes = readNumber(outputKey, 0, mostOutputMebibytes, usual.outputMebibytes);
    m_values.notifiesAfter = readNumber(notifiesAfterKey, 0, mostNotifiesAfter, usual.notifiesAfter);
    m_values.mostRuns = readNumber(mostRunsKey, 1, mostMostRuns, usual.mostRuns);
    m_values.traceMebibytes = readNumber(traceKey, 0, mostTraceMebibytes, usual.traceMebibytes);
    m_values.recordMebibytes = readNumber(recordKey, leastRecordMebibytes, mostRecordMebibytes, usual.recordMebibytes);
}

template <typename Value>
void Preferences::set(Value& held, Value value, const QString& key, const QVariant& stored) {
    if (held != value) {
        held = value;
        m_settings.setValue(key, stored);
        written();
    }
}

void Preferences::written() {
    m_settings.sync();
    m_writeProblem =
        m_settings.status() == QSettings::AccessError
            ? tr("This counts until the window is closed only: %1 cannot be written.").arg(m_settings.fileName())
            : QString();
    emit changed();
}

void Preferences::setTheme(Theme::Choice theme) {
    set(m_values.theme, theme, themeKey, Theme::toString(theme));
}

std::optional<std::size_t> Preferences::jobLimit() const {
    return m_values.jobLimit == 0 ? std::nullopt : std::optional(static_cast<std::size_t>(m_values.jobLimit));
}

void Preferences::setJobLimit(std::optional<std::size_t> limit) {
    const int number = static_cast<int>(limit.value_or(0));
    set(m_values.jobLimit, number, limitKey, number);
}

void Preferences::setOutputMebibytes(int mebibytes) {
    set(m_values.outputMebibytes, mebibytes, outputKey, mebibytes);
}

job::Job Preferences::newJob() const {
    job::Job job;
    job.limit = jobLimit();
    job.output_cap = static_cast<std::uint64_t>(m_values.outputMebibytes) << 20;
    return job;
}

void Preferences::setNotifies(bool notifies) {
    set(m_values.notifies, notifies, notifiesKey, notifies);
}

void Preferences::setNotifiesAfter(std::chrono::seconds time) {
    const int number = static_cast<int>(time.count());
    set(m_values.notifiesAfter, number, notifiesAfterKey, number);
}

void Preferences::setMostRuns(int runs) {
    set(m_values.mostRuns, runs, mostRunsKey, runs);
}

void Preferences::setTraceMebibytes(int mebibytes) {
    set(m_values.traceMebibytes, mebibytes, traceKey, mebibytes);
}

void Preferences::setRecordMebibytes(int mebibytes) {
    set(m_values.recordMebibytes, mebibytes, recordKey, mebibytes);
}

void Preferences::setClosing(Closing closing) {
    set(m_values.closing, closing, closingKey, QString::fromLatin1(closings().valueToKey(static_cast<int>(closing))));
}

void Preferences::restoreDefaults() {
    for (const QString& key :
         {themeKey, limitKey, outputKey, notifiesKey, notifiesAfterKey, mostRunsKey, traceKey, recordKey, closingKey}) {
        m_settings.remove(key);
    }
    m_values = {};
    m_problems.clear();
    written();
}

} // namespace pprocess::workbench
