// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QMap>
#include <QString>
#include <QStringList>

#include <unistd.h>

/// What this process holds of the system: its open descriptors and its children, zombies included. Taken before and
/// after a test function, the two must be equal.
class Holdings {
public:
    static Holdings now() {
        Holdings holdings;
        const QDir folder("/proc/self/fd");
        for (const QString& number : folder.entryList(QDir::NoDotAndDotDot | QDir::AllEntries | QDir::System)) {
            const QString target = QFile::symLinkTarget(folder.filePath(number));
            // The descriptor by which the folder was listed is gone again.
            if (!target.isEmpty() && !target.endsWith("/fd"))
                holdings.descriptors_[number.toInt()] = target;
        }
        QFile children(QString("/proc/self/task/%1/children").arg(::getpid()));
        if (children.open(QIODevice::ReadOnly))
            holdings.children_ = QString::fromLatin1(children.readAll()).split(' ', Qt::SkipEmptyParts);
        return holdings;
    }

    /// What is here and was not there, in words; empty when nothing is.
    [[nodiscard]] QString beyond(const Holdings& before) const {
        QString text;
        for (auto place = descriptors_.begin(); place != descriptors_.end(); ++place)
            if (!before.descriptors_.contains(place.key()))
                text += QString("descriptor %1 (%2) ").arg(place.key()).arg(place.value());
        for (const QString& child : children_)
            if (!before.children_.contains(child))
                text += QString("child %1 ").arg(child);
        return text;
    }

private:
    QMap<int, QString> descriptors_;
    QStringList children_;
};

/// Base of a test class of which no function may leave a child, a zombie or a descriptor behind. Call both from `init`
/// and `cleanup`.
class LeakCheck {
protected:
    void take_stock() { before_ = Holdings::now(); }
    [[nodiscard]] QString left_behind() const { return Holdings::now().beyond(before_); }

private:
    Holdings before_;
};

/// Fails the test unless `expression` throws `Exception`, which is then there as `error`: `CAUGHT(E, call(); ,
/// QCOMPARE(error.code(), 1));`
#define EXPECT_THROWN(Exception, statement, ...)                                                                       \
    do {                                                                                                               \
        bool was_thrown = false;                                                                                       \
        try {                                                                                                          \
            statement;                                                                                                 \
        } catch (const Exception& error) {                                                                             \
            static_cast<void>(error);                                                                                  \
            was_thrown = true;                                                                                         \
            __VA_ARGS__;                                                                                               \
        }                                                                                                              \
        QVERIFY2(was_thrown, #statement " does not throw " #Exception);                                                \
    } while (false)
