// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the other side of a channel may do to harm: bytes that are no message, claims, floods, damage.
#include <QtTest>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include <pprocess/pprocess.h>

#include "support/leak_check.h"

using namespace pprocess;

namespace {

/// KiB that this process has in memory.
std::int64_t resident() {
    std::ifstream file("/proc/self/statm");
    std::int64_t size = 0;
    std::int64_t pages = 0;
    file >> size >> pages;
    return pages * ::sysconf(_SC_PAGESIZE) / 1024;
}

/// The beginning of a frame that holds a value of `size` bytes, or says so.
std::string header(std::uint64_t size) {
    std::string bytes("PPR1\1\0\0\0", 8);
    bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
    return bytes;
}

void wait_for_room(int socket) {
    pollfd entry{socket, POLLOUT, 0};
    ::poll(&entry, 1, -1);
}

/// A channel, and the socket that a stranger writes to by hand.
struct Stranger {
    Channel channel;
    os::Fd socket;

    explicit Stranger(std::uint64_t largest = message::largest_from_stranger) {
        auto [one, other] = os::stream_pair();
        channel = Channel(std::move(one), os::Process());
        socket = std::move(other);
        channel.limit_incoming(largest);
    }

    /// Writes all of it; false when the socket takes no more.
    [[nodiscard]] bool write(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t count = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0)
                return false;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }
};

} // namespace

class TestHostile : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void init() { take_stock(); }
    void cleanup() { QCOMPARE(left_behind(), QString()); }

    void claimsCostNoMemory_data() {
        QTest::addColumn<quint64>("claim");
        QTest::addColumn<quint64>("largest");
        QTest::newRow("own process, 1 TiB") << (quint64{1} << 40) << quint64{UINT64_MAX};
        QTest::newRow("own process, just under 64 MiB") << ((quint64{64} << 20) - 8) << quint64{UINT64_MAX};
        QTest::newRow("stranger, as much as is allowed")
            << (quint64{64} << 20) << quint64{message::largest_from_stranger};
        QTest::newRow("stranger, more than is allowed")
            << ((quint64{64} << 20) + 8) << quint64{message::largest_from_stranger};
    }
    void claimsCostNoMemory() {
        QFETCH(quint64, claim);
        QFETCH(quint64, largest);
        const std::int64_t before = resident();
        std::vector<Stranger> strangers;
        for (int n = 0; n < 100; ++n) {
            Stranger& stranger = strangers.emplace_back(largest);
            QVERIFY(stranger.write(header(claim) + std::string(1000, 'x')));
            const bool due = stranger.channel.pump();
            QCOMPARE(due, claim > largest);
            if (due) {
                EXPECT_THROWN(ProtocolError, stranger.channel.receive<std::string>(),
                              QVERIFY2(QString(error.what()).contains(QString::number(claim)), error.what());
                              QVERIFY2(QString(error.what()).contains(QString::number(largest)), error.what()));
                EXPECT_THROWN(ChannelClosed, stranger.channel.receive<std::string>());
            }
        }
        const std::int64_t taken = resident() - before;
        QVERIFY2(taken < 50 * 1024, qPrintable(QString("%1 KiB").arg(taken)));
    }

    void limitComesAfterTheHeader() {
        // A channel may be limited when something has been read already, large or small.
        for (const quint64 claim : {quint64{4096}, quint64{1} << 20}) {
            Stranger stranger(UINT64_MAX);
            QVERIFY(stranger.write(header(claim) + std::string(100, 'x')));
            QVERIFY(!stranger.channel.pump());
            stranger.channel.limit_incoming(4000);
            QVERIFY(stranger.write("more"));
            EXPECT_THROWN(ProtocolError, stranger.channel.receive<int>());
        }
    }

    void strangerMaySendUpToTheLimit() {
        Stranger stranger(4096);
        Channel sender(std::move(stranger.socket), os::Process());
        const std::string fits(4000, 'f');
        sender.send(fits);
        QCOMPARE(stranger.channel.receive<std::string>(), fits);
        sender.send(std::string(5000, 'f'));
        EXPECT_THROWN(ProtocolError, stranger.channel.receive<std::string>());
    }

    void floodWhileSendingIsBounded() {
        // A peer that sends and sends and reads nothing, while there is something to be sent to it. A trusted one is
        // stored; of a stranger only so much is.
        Channel flooding = start([](Channel& own) {
            // By hand: the library itself would take in what comes.
            message::OutgoingMessage message(message::FrameKind::value);
            message::encode(std::string(100'000, 'f'), message.root().initValue());
            std::string frame;
            for (const iovec& part : message.frame())
                frame.append(static_cast<const char*>(part.iov_base), part.iov_len);
            const int socket = ::dup(own.fileno());
            for (std::size_t done = 0;;) {
                done %= frame.size();
                const ssize_t count = ::send(socket, frame.data() + done, frame.size() - done, MSG_NOSIGNAL);
                if (count > 0)
                    done += static_cast<std::size_t>(count);
                else if (errno == EAGAIN)
                    wait_for_room(socket);
                else
                    ::_exit(0);
            }
        });
        flooding.limit_incoming(8u << 20);
        const std::int64_t before = resident();
        const std::string text(4u << 20, 't');
        EXPECT_THROWN(ProtocolError, flooding.send(text));
        EXPECT_THROWN(ProtocolError, flooding.receive<std::string>());
        const std::int64_t grown = resident() - before;
        QVERIFY2(grown < 40 * 1024, qPrintable(QString("%1 KiB").arg(grown)));
    }
};

QTEST_GUILESS_MAIN(TestHostile)
#include "tst_hostile.moc"
