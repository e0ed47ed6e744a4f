// SPDX-License-Identifier: GPL-3.0-or-later
//
// The fuzzer's targets without the fuzzer: over the inputs that it found worth keeping, and over damaged sound ones. A
// target ends the program when a promise does not hold, having said which.
//
// ctest: not with tsan
#include <QFile>
#include <QtTest>

#include <vector>

#include "fuzz/targets.h"
#include "support/leak_check.h"

class TestFuzz : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void init() { take_stock(); }
    void cleanup() { QCOMPARE(left_behind(), QString()); }

    void corpus_data() { each_target(); }
    void corpus() {
        const fuzz::Target& target = this_target();
        QFile file(QString(PPROCESS_SOURCE_DIR "/tests/fuzz/corpus/%1.hex").arg(target.name));
        QVERIFY(file.open(QIODevice::ReadOnly));
        int count = 0;
        for (; !file.atEnd(); ++count) {
            const QByteArray bytes = QByteArray::fromHex(file.readLine());
            target.run({reinterpret_cast<const std::uint8_t*>(bytes.data()), static_cast<std::size_t>(bytes.size())});
        }
        QVERIFY(count > 10);
    }

    void cutShortAnywhere_data() { each_target(); }
    void cutShortAnywhere() {
        const fuzz::Target& target = this_target();
        for (const auto& [name, bytes] : target.seeds())
            for (std::size_t size = 0; size <= bytes.size(); ++size)
                target.run({bytes.data(), size});
    }

    void anyBitFlipped_data() {
        QTest::addColumn<int>("index");
        QTest::newRow("stream") << 0;
        QTest::newRow("body") << 1;
    }
    void anyBitFlipped() {
        const fuzz::Target& target = this_target();
        for (auto& [name, bytes] : target.seeds()) {
            for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
                auto damaged = bytes;
                damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ 1u << bit % 8);
                target.run({damaged.data(), damaged.size()});
            }
        }
    }

private:
    static void each_target() {
        QTest::addColumn<int>("index");
        int index = 0;
        for (const fuzz::Target& target : fuzz::targets())
            QTest::newRow(target.name) << index++;
    }
    static const fuzz::Target& this_target() {
        QFETCH(int, index);
        return fuzz::targets()[static_cast<std::size_t>(index)];
    }
};

QTEST_GUILESS_MAIN(TestFuzz)
#include "tst_fuzz.moc"
