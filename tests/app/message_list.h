// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "window_fixture.h"

#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <functional>
#include <string>
#include <vector>

/// What the list of messages is made of.
namespace messages {

/// Where the files of all rows are; in texts it is called FOLDER.
inline const QString& folder() {
    static const QTemporaryDir made;
    static const QString path = made.path();
    return path;
}

inline QString file(const char* name) {
    return folder() + QLatin1Char('/') + QLatin1String(name);
}

inline QString written(const char* name, const QByteArray& text) {
    QFile made(file(name));
    if (!made.open(QIODevice::WriteOnly) || made.write(text) != text.size()) {
        return {};
    }
    return file(name);
}

/// The text that a person is to see. § stands for what is another each time.
class Wanted {
public:
    explicit Wanted(QString text = {}) : m_text(text.replace(QLatin1String("FOLDER"), folder())) {
        QString pattern = QRegularExpression::escape(m_text);
        pattern.replace(QStringLiteral("\\§"), QStringLiteral(".*"));
        m_pattern = QRegularExpression(QRegularExpression::anchoredPattern(pattern),
                                       QRegularExpression::DotMatchesEverythingOption);
    }

    [[nodiscard]] const QString& text() const { return m_text; }
    [[nodiscard]] bool fits(const QString& seen) const { return m_pattern.match(seen).hasMatch(); }
    /// What is seen once it is this, or after long waiting whatever is seen.
    [[nodiscard]] QString in(const std::function<QString()>& read) const {
        (void)QTest::qWaitFor([&] { return fits(read()); }, patience());
        return read();
    }
    [[nodiscard]] QString in(WindowFixture& fixture) const {
        return in([&fixture] { return fixture.message().isVisible() ? fixture.message().text() : QString(); });
    }

private:
    static int patience() {
        const int wish = qEnvironmentVariableIntValue("PPROCESS_TEST_PATIENCE");
        return wish > 0 ? wish : 20'000;
    }

    QString m_text;
    QRegularExpression m_pattern;
};

struct Message {
    const char* name; ///< what is wrong
    QString text;     ///< as it is seen, for a `Wanted`
    /// Makes it go wrong, and returns what is seen then.
    std::function<QString(const Wanted& wanted)> provoke;
};

using List = std::vector<Message>;

} // namespace messages
