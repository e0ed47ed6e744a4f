// SPDX-License-Identifier: GPL-3.0-or-later
//
// ctest: not with tsan
#include <QtTest>

#include <unistd.h>

#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include <pprocess/message/codec.h>
#include <pprocess/message/errors.h>
#include <pprocess/message/frame.h>

#include "support/leak_check.h"

using namespace pprocess;
using message::FrameKind;
using message::FrameReader;

namespace {

std::string frame_of(const std::string& text, FrameKind kind = FrameKind::value) {
    message::OutgoingMessage outgoing(kind);
    if (kind == FrameKind::value)
        message::encode(text, outgoing.root().initValue());
    std::string bytes;
    for (const iovec& part : outgoing.frame())
        bytes.append(static_cast<const char*>(part.iov_base), part.iov_len);
    return bytes;
}

std::string text_in(FrameReader& reader) {
    message::IncomingMessage incoming(reader.body());
    return message::decode<std::string>(incoming.root().getValue());
}

/// Takes every whole frame that is there.
void take_all(FrameReader& reader, std::vector<std::string>& texts) {
    while (reader.has_frame()) {
        texts.push_back(reader.kind() == FrameKind::goodbye ? "goodbye" : text_in(reader));
        reader.consume();
    }
}

/// Feeds bytes in pieces of at most `piece`, as often as the reader has room.
void feed(FrameReader& reader, std::string_view bytes, std::size_t piece, std::vector<std::string>& texts) {
    while (!bytes.empty()) {
        const auto space = reader.space();
        const std::size_t count = std::min({piece, space.size(), bytes.size()});
        QVERIFY(count > 0);
        std::memcpy(space.data(), bytes.data(), count);
        reader.advance(count);
        bytes.remove_prefix(count);
        take_all(reader, texts);
        if (!reader.problem().empty())
            return;
    }
}

std::string header(const char* magic, char kind, std::uint64_t size) {
    std::string bytes(magic, 4);
    bytes += kind;
    bytes.append(3, '\0');
    bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
    return bytes;
}

/// Words of a body that begins with a segment table.
kj::Array<capnp::word> body_of(std::initializer_list<std::uint32_t> table, std::size_t words) {
    auto body = kj::heapArray<capnp::word>(words);
    std::memset(body.begin(), 0, words * sizeof(capnp::word));
    std::copy(table.begin(), table.end(), reinterpret_cast<std::uint32_t*>(body.begin()));
    return body;
}

/// KiB that this process has in memory.
std::size_t resident() {
    std::ifstream file("/proc/self/statm");
    std::size_t size = 0;
    std::size_t pages = 0;
    file >> size >> pages;
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

} // namespace

class TestFrame : public QObject {
    Q_OBJECT

private slots:
    void splitAnywhere() {
        const std::string bytes =
            frame_of("first") + frame_of("") + frame_of("", FrameKind::goodbye) + frame_of("last");
        for (std::size_t split = 0; split <= bytes.size(); ++split) {
            FrameReader reader;
            std::vector<std::string> texts;
            feed(reader, std::string_view(bytes).substr(0, split), SIZE_MAX, texts);
            feed(reader, std::string_view(bytes).substr(split), SIZE_MAX, texts);
            QCOMPARE(texts, (std::vector<std::string>{"first", "", "goodbye", "last"}));
            QVERIFY(!reader.in_frame());
        }
    }

    void byteByByte() {
        FrameReader reader;
        std::vector<std::string> texts;
        feed(reader, frame_of("one") + frame_of(std::string(100'000, 'b')) + frame_of("three"), 1, texts);
        QCOMPARE(texts, (std::vector<std::string>{"one", std::string(100'000, 'b'), "three"}));
    }

    void largeAmongSmall() {
        std::string bytes;
        std::vector<std::string> expected;
        for (int round = 0; round < 4; ++round) {
            for (int small = 0; small < 50; ++small)
                expected.push_back("small " + std::to_string(small));
            expected.emplace_back((3u << 20) + static_cast<unsigned>(round), 'l');
            expected.emplace_back(65'536u - 64u + 8u * static_cast<unsigned>(round),
                                  'm'); // about as much as is read ahead
        }
        for (const std::string& text : expected)
            bytes += frame_of(text);
        for (const std::size_t piece : {std::size_t{1000}, std::size_t{65'536}, SIZE_MAX}) {
            FrameReader reader;
            std::vector<std::string> texts;
            feed(reader, bytes, piece, texts);
            QVERIFY(texts == expected);
        }
    }

    void takenBodyStands() {
        FrameReader reader;
        const std::string bytes = frame_of("kept") + frame_of("next");
        std::memcpy(reader.space().data(), bytes.data(), bytes.size());
        reader.advance(bytes.size());
        const auto body = reader.take_body();
        QVERIFY(reader.has_frame());
        QCOMPARE(text_in(reader), std::string("next"));
        message::IncomingMessage kept(body);
        QCOMPARE(message::decode<std::string>(kept.root().getValue()), std::string("kept"));
    }

    void claimOverCap() {
        FrameReader reader(1024);
        std::vector<std::string> texts;
        feed(reader, frame_of("fits") + header("PPR1", 1, 1032), SIZE_MAX, texts);
        QCOMPARE(texts.size(), std::size_t{1});
        QVERIFY(!reader.has_frame());
        QVERIFY(QString::fromStdString(reader.problem()).contains("1032"));
    }

    void claimThatOverflows() {
        for (const std::uint64_t size : {UINT64_MAX - 7, UINT64_MAX - 15, std::uint64_t{1} << 63}) {
            FrameReader reader;
            std::vector<std::string> texts;
            feed(reader, header("PPR1", 1, size), SIZE_MAX, texts);
            QVERIFY(!reader.has_frame());
            QVERIFY(!reader.problem().empty());
        }
    }

    void garbage_data() {
        QTest::addColumn<QByteArray>("bytes");
        const auto row = [](const char* name, const std::string& bytes) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes);
        };
        row("text", "GET / HTTP/1.1\r\n\r\n");
        row("zeros", std::string(16, '\0'));
        row("unknown kind", header("PPR1", static_cast<char>(message::last_frame_kind) + 1, 8));
        row("kind 255", header("PPR1", '\xff', 8));
        row("goodbye with a body", header("PPR1", static_cast<char>(FrameKind::goodbye), 8));
        row("kind 0", header("PPR1", 0, 8));
        row("odd size", header("PPR1", 1, 9));
        std::string reserved = header("PPR1", 1, 8);
        reserved[6] = 1;
        row("reserved byte", reserved);
    }
    void garbage() {
        QFETCH(QByteArray, bytes);
        // After a good frame, in the same read: that one is still given, and taking it does not end the program.
        FrameReader reader;
        std::vector<std::string> texts;
        feed(reader, frame_of("good") + bytes.toStdString(), SIZE_MAX, texts);
        QCOMPARE(texts, std::vector<std::string>{"good"});
        QVERIFY(!reader.has_frame());
        QVERIFY(!reader.problem().empty());
    }

    void claimTakesNoMemory() {
        const std::size_t before = resident();
        std::vector<FrameReader> readers(200);
        for (FrameReader& reader : readers) {
            const std::string bytes = header("PPR1", 1, std::uint64_t{1} << 40) + "12345678";
            std::memcpy(reader.space().data(), bytes.data(), bytes.size());
            reader.advance(bytes.size());
            QVERIFY(!reader.space().empty());
        }
        QVERIFY2(resident() - before < 50 * 1024, qPrintable(QString::number(resident() - before)));
    }

    void segmentTableLies_data() {
        QTest::addColumn<QVector<quint32>>("table");
        QTest::addColumn<int>("words");
        QTest::newRow("more words than are there") << QVector<quint32>{0, 5} << 4;
        QTest::newRow("fewer words than are there") << QVector<quint32>{0, 1} << 4;
        QTest::newRow("2^32 segments") << QVector<quint32>{0xFFFFFFFF, 1} << 4;
        QTest::newRow("513 segments") << QVector<quint32>{512, 1} << 300;
        QTest::newRow("table longer than the body") << QVector<quint32>{100, 0} << 2;
        QTest::newRow("sizes that overflow") << QVector<quint32>{2, 0xFFFFFFFF, 0xFFFFFFFF, 4} << 4;
        QTest::newRow("nothing") << QVector<quint32>{} << 0;
    }
    void segmentTableLies() {
        QFETCH(QVector<quint32>, table);
        QFETCH(int, words);
        auto body = body_of({}, static_cast<std::size_t>(words));
        std::copy(table.begin(), table.end(), reinterpret_cast<quint32*>(body.begin()));
        EXPECT_THROWN(ProtocolError, message::IncomingMessage{body});
        EXPECT_THROWN(ProtocolError, message::own_message(kj::mv(body)));
    }
};

QTEST_GUILESS_MAIN(TestFrame)
#include "tst_frame.moc"
