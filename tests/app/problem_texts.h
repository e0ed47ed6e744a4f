// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <QString>
#include <QStringList>

#include <algorithm>
#include <vector>

/// The texts in sources that tell a person of something wrong, so that a list of messages can be checked for being
/// whole.
namespace problem_texts {

struct Text {
    QString words; ///< as the program has them, with %1 and so on
    QString place; ///< file:line
};

/// A source, in which each text is an empty one, and the texts.
class Source {
public:
    explicit Source(const QString& file) {
        QFile opened(file);
        if (opened.open(QIODevice::ReadOnly)) {
            read(QString::fromUtf8(opened.readAll()));
        }
    }

    struct Literal {
        qsizetype begin; ///< in `code`
        qsizetype end;
        QString words;
        int line;
    };

    /// Those that stand beside one another are one.
    [[nodiscard]] const std::vector<Literal>& literals() const { return m_literals; }
    [[nodiscard]] QString before(const Literal& one) const { return m_code.left(one.begin); }
    /// What stands around it, from one ; { or } to the next.
    [[nodiscard]] QString statement(const Literal& one) const {
        static const QRegularExpression end(QStringLiteral("[;{}]"));
        const qsizetype begin = m_code.lastIndexOf(end, one.begin) + 1;
        const qsizetype stop = m_code.indexOf(QLatin1Char(';'), one.end);
        return m_code.mid(begin, stop - begin);
    }

private:
    void read(const QString& text) {
        static const QRegularExpression token(
            QStringLiteral(
                "//[^\\n]*|/\\*.*?\\*/|'(?:[^'\\\\\\n]|\\\\.)+'|R\"\\((.*?)\\)\"|\"((?:[^\"\\\\\\n]|\\\\.)*)\""),
            QRegularExpression::DotMatchesEverythingOption);
        qsizetype done = 0;
        int line = 1;
        for (auto found = token.globalMatch(text); found.hasNext();) {
            const auto match = found.next();
            const QString between = text.mid(done, match.capturedStart() - done);
            m_code += between;
            line += static_cast<int>(between.count(QLatin1Char('\n')));
            done = match.capturedEnd();
            if (match.hasCaptured(1) || match.hasCaptured(2)) {
                add(match.hasCaptured(2) ? unescaped(match.captured(2)) : match.captured(1), line);
            }
            line += static_cast<int>(match.captured().count(QLatin1Char('\n')));
        }
        m_code += text.mid(done);
    }

    void add(const QString& words, int line) {
        const bool goesOn = !m_literals.empty() && m_code.mid(m_literals.back().end).trimmed().isEmpty();
        if (!goesOn) {
            m_literals.push_back({m_code.size(), 0, {}, line});
            m_code += QStringLiteral("\"\"");
        }
        m_literals.back().words += words;
        m_literals.back().end = m_code.size();
    }

    static QString unescaped(QString words) {
        words.replace(QLatin1String("\\n"), QLatin1String("\n")).replace(QLatin1String("\\\""), QLatin1String("\""));
        return words.replace(QLatin1String("\\\\"), QLatin1String("\\"));
    }

    QString m_code;
    std::vector<Literal> m_literals;
};

/// What `isWanted` chooses of the texts below a folder.
template <typename IsWanted>
std::vector<Text> below(const QString& folder, IsWanted isWanted) {
    std::vector<Text> texts;
    const QDir root(QStringLiteral(PPROCESS_SOURCE_DIR));
    QDirIterator files(root.filePath(folder), {QStringLiteral("*.cpp"), QStringLiteral("*.h")}, QDir::Files,
                       QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const QString file = files.next();
        const Source source(file);
        for (const auto& one : source.literals()) {
            if (isWanted(source, one)) {
                texts.push_back({one.words, QStringLiteral("%1:%2").arg(root.relativeFilePath(file)).arg(one.line)});
            }
        }
    }
    return texts;
}

/// Of the window: translated texts that are handed to where problems are told, or read like one.
inline std::vector<Text> ofWindow() {
    static const QRegularExpression translated(
        QStringLiteral("\\b(tr|translated|QT_TR_(N_)?NOOP)\\(\\s*$|"
                       "\\b(translate|QT_TRANSLATE_(N_)?NOOP)\\(\\s*\"\",\\s*$"));
    static const QRegularExpression told(QStringLiteral("problem|[mM]istake|JobError\\(|\\bfailed\\(|\\bnoted\\(|"
                                                        "\\bcontrolAnswered|\\bbreakOff|\\brefuse|\\bcomplain|"
                                                        "reason|\\btell\\(.*\\btrue\\)|giveUp"),
                                         QRegularExpression::DotMatchesEverythingOption);
    static const QRegularExpression wrong(
        QStringLiteral("\\b(cannot|could not|was not|were not|is not|does not|has not|not recorded|no longer|refused|"
                       "gone|lost|broken off|missing|wrong|already|nobody|without a word)\\b|"
                       "\\. (Choose|Stop|Wait|Free|Repair|Empty|Start one) "));
    const auto isProblem = [](const Source& source, const Source::Literal& one) {
        const bool isAssigned =
            source.before(one).contains(QRegularExpression(QStringLiteral("mistake = QStringLiteral\\($")));
        if (!isAssigned && !translated.match(source.before(one).right(60)).hasMatch()) {
            return false;
        }
        const bool isLabel = !one.words.contains(QLatin1Char('%')) && one.words.count(QLatin1Char(' ')) < 2;
        return !isLabel && (told.match(source.statement(one)).hasMatch() || wrong.match(one.words).hasMatch());
    };
    std::vector<Text> texts = below(QStringLiteral("app/workbench"), isProblem);
    const std::vector<Text> widgets = below(QStringLiteral("widgets"), isProblem);
    texts.insert(texts.end(), widgets.begin(), widgets.end());
    return texts;
}

/// What is said of jobs that cannot be run, piece by piece.
inline std::vector<Text> ofJobs() {
    static const QRegularExpression thrown(QStringLiteral("throw JobError\\(|\\bfail\\(|\\brefuse\\("));
    static const QRegularExpression words(QStringLiteral("[a-z]{2}.* |[a-z]{2} "));
    return below(QStringLiteral("engine/pprocess/job"), [](const Source& source, const Source::Literal& one) {
        return words.match(one.words.trimmed()).hasMatch() && thrown.match(source.statement(one)).hasMatch();
    });
}

/// Does a message say this text, of one or of many, whatever stands at its places?
inline bool isIn(const QString& message, const QString& words) {
    static const QRegularExpression places(QStringLiteral("%L?[0-9]"));
    static const QRegularExpression forms(QStringLiteral("\\(([a-z]+)\\|([a-z]+)\\)"));
    const auto says = [&](const QString& text) {
        qsizetype at = 0;
        for (const QString& piece : text.split(places)) {
            const qsizetype found = message.indexOf(piece, at);
            if (found < 0) {
                return false;
            }
            at = found + piece.size();
        }
        return true;
    };
    QString one = words;
    QString many = words;
    one.replace(QLatin1String("(s)"), QString()).replace(forms, QStringLiteral("\\1"));
    many.replace(QLatin1String("(s)"), QLatin1String("s")).replace(forms, QStringLiteral("\\2"));
    return says(one) || says(many);
}

} // namespace problem_texts
