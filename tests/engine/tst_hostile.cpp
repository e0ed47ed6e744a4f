// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the other side of a channel may do to harm: bytes that are no message, claims, floods, damage.
//
// ctest: not with tsan
#include <QtTest>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include <pprocess/pprocess.h>

#include "support/leak_check.h"
#include "support/memory.h"

using namespace pprocess;

namespace {

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

template <typename T>
std::string frame_of(const T& value) {
    message::OutgoingMessage message(message::FrameKind::value);
    message::encode(value, message.root().initValue());
    std::string bytes;
    for (const iovec& part : message.frame())
        bytes.append(static_cast<const char*>(part.iov_base), part.iov_len);
    return bytes;
}

/// The values of a stream of frames, shown; the same whichever way their bytes are divided into segments.
std::vector<std::string> contents_of(std::string_view stream) {
    std::vector<std::string> contents;
    message::FrameReader reader;
    while (!stream.empty()) {
        const auto space = reader.space();
        const std::size_t count = std::min(space.size(), stream.size());
        std::memcpy(space.data(), stream.data(), count);
        reader.advance(count);
        stream.remove_prefix(count);
        for (; reader.has_frame(); reader.consume())
            contents.push_back(
                message::preview(message::IncomingMessage(reader.body()).root().getValue(), std::size_t{1} << 20));
    }
    return contents;
}

/// Keeps the texts that arrive.
class TextExchange : public Exchange {
public:
    std::vector<std::string> texts;

protected:
    void store_data(Channel& channel) override { texts.push_back(channel.receive<std::string>()); }
    void store_error(Channel&, std::exception_ptr) override {}
};

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

/// Whatever bit is wrong of a value's frame, with another behind it: a value of the type asked for, one of the errors
/// that say so, and then the end. Nothing else, and no waiting.
template <typename T>
void flip_every_bit(const T& value) {
    const std::string frame = frame_of(value);
    for (std::size_t bit = 0; bit < 8 * frame.size(); ++bit) {
        std::string damaged = frame + frame_of(7);
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
        Stranger stranger;
        QVERIFY(stranger.write(damaged));
        stranger.socket.reset();
        try {
            static_cast<void>(stranger.channel.receive<T>());
        } catch (const ChannelClosed&) {
            continue; // what came was less than was announced
        } catch (const ProtocolError&) {
        } catch (const TypeMismatch&) {
        }
        try {
            QCOMPARE(stranger.channel.receive<int>(), 7);
        } catch (const ChannelClosed&) {
            continue;
        } catch (const ProtocolError&) {
        }
        EXPECT_THROWN(ChannelClosed, stranger.channel.receive<int>());
    }
}

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
        QVERIFY2(!is_memory_measured || taken < 50 * 1024, qPrintable(QString("%1 KiB").arg(taken)));
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

    void slowSenderHoldsNobodyUp() {
        // One side sends a byte now and then, each step of the others carries whole messages.
        TextExchange exchange;
        auto [slow, slow_end] = os::stream_pair();
        exchange.add(Channel(std::move(slow_end), os::Process()));
        std::vector<Channel> quick;
        for (int n = 0; n < 3; ++n) {
            auto [one, other] = channel_pair();
            quick.push_back(std::move(one));
            exchange.add(std::move(other));
        }
        const std::string dripping = frame_of(std::string("at last"));
        for (std::size_t step = 0; step < dripping.size(); ++step) {
            QCOMPARE(exchange.texts.size(), 3 * step);
            QCOMPARE(::send(slow.get(), &dripping[step], 1, MSG_NOSIGNAL), ssize_t{1});
            for (Channel& channel : quick)
                channel.send("quick " + std::to_string(step));
            while (exchange.texts.size() < 3 * (step + 1))
                exchange.store();
        }
        while (exchange.texts.size() < 3 * dripping.size() + 1)
            exchange.store();
        QCOMPARE(std::count(exchange.texts.begin(), exchange.texts.end(), "at last"), 1);
    }

    void streamInTwoPiecesCutAnywhere() {
        const std::string stream = frame_of(std::string("one")) + frame_of(std::vector<int>{1, 2, 3}) + frame_of(2.5);
        for (std::size_t split = 0; split <= stream.size(); ++split) {
            Stranger stranger;
            QVERIFY(stranger.write(stream.substr(0, split)));
            stranger.channel.pump();
            QVERIFY(stranger.write(stream.substr(split)));
            stranger.socket.reset();
            QCOMPARE(stranger.channel.receive<std::string>(), std::string("one"));
            QCOMPARE(stranger.channel.receive<std::vector<int>>(), (std::vector<int>{1, 2, 3}));
            QCOMPARE(stranger.channel.receive<double>(), 2.5);
            EXPECT_THROWN(ChannelClosed, stranger.channel.receive<int>());
        }
    }

    void streamThatEndsAnywhere() {
        const std::string first = frame_of(std::string("whole"));
        const std::string second = frame_of(std::vector<double>(3, 0.5));
        for (std::size_t end = 0; end < second.size(); ++end) {
            Stranger stranger;
            QVERIFY(stranger.write(first + second.substr(0, end)));
            stranger.socket.reset();
            QCOMPARE(stranger.channel.receive<std::string>(), std::string("whole"));
            EXPECT_THROWN(ChannelClosed, stranger.channel.receive<std::vector<double>>());
        }
    }

    void writesThatAreTakenInPart() {
        // The smallest send buffer there is, and a reader that takes so many bytes at a time.
        for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, std::size_t{100'000}}) {
            auto [one, other] = os::stream_pair();
            const int smallest = 0;
            ::setsockopt(one.get(), SOL_SOCKET, SO_SNDBUF, &smallest, sizeof smallest);
            Channel sender(std::move(one), os::Process());
            const std::tuple value(std::vector<double>(2000, 0.5), std::string(3001, 't'), std::vector<int>(5000, 7));
            sender.post(value);
            sender.post(std::string("next"));
            std::string received;
            std::string buffer(piece, '\0');
            const std::string expected = frame_of(value) + frame_of(std::string("next"));
            bool sent = sender.flush();
            QVERIFY(!sent);
            for (;;) {
                const ssize_t count = ::recv(other.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
                if (count > 0)
                    received.append(buffer, 0, static_cast<std::size_t>(count));
                else if (sent)
                    break;
                else
                    sent = sender.flush();
            }
            QVERIFY(contents_of(received) == contents_of(expected));
        }
    }

    void resetAfterDataIsAnEnd() {
        // A peer that closes with input unread: the system answers with a reset, before or after what it had sent.
        auto [one, other] = channel_pair();
        other.send(1);
        other.send(std::string(100'000, 't'));
        one.send(5);
        other.socket().reset();
        QCOMPARE(one.receive<int>(), 1);
        QCOMPARE(one.receive<std::string>(), std::string(100'000, 't'));
        EXPECT_THROWN(ChannelClosed, one.receive<int>());
        EXPECT_THROWN(ChannelClosed, one.send(5));
    }

    void anyBitOfARecordedStream() {
        enum class Colour : unsigned char { red = 1 };
        flip_every_bit(5);
        flip_every_bit(~0ull);
        flip_every_bit(true);
        flip_every_bit(-0.1);
        flip_every_bit(1.0l / 3);
        flip_every_bit(Colour::red);
        flip_every_bit(std::string("a text of some length"));
        flip_every_bit(std::vector<int>{1, -2, 3});
        flip_every_bit(std::vector<bool>{true, false});
        flip_every_bit(std::vector<std::byte>(5));
        flip_every_bit(std::map<std::string, std::vector<double>>{{"a", {0.5, 1}}, {"b", {}}});
        flip_every_bit(std::tuple<int, std::optional<std::string>, std::pair<bool, char>>{1, "a", {true, 'c'}});
        flip_every_bit(std::variant<std::monostate, int, std::string>("text"));
        flip_every_bit(std::vector<std::optional<std::vector<std::string>>>{{{"a", "b"}}, std::nullopt});
        flip_every_bit(std::chrono::milliseconds(1500));
        flip_every_bit(std::monostate());
    }

    void messageWithACapability() {
        // A pointer that stands for an object of a remote procedure call, which nobody here can follow.
        capnp::MallocMessageBuilder message;
        message.initRoot<schema::Message>().initValue().initMessage();
        auto flat = capnp::messageToFlatArray(message);
        auto bytes = flat.asBytes();
        // The message's last word is the null pointer that `initMessage` left.
        bytes[bytes.size() - 8] = 3;
        Stranger stranger;
        QVERIFY(stranger.write(header(bytes.size()) + std::string(bytes.asChars().begin(), bytes.size())));
        EXPECT_THROWN(ProtocolError, stranger.channel.receive_message(),
                      QVERIFY2(QString(error.what()).contains("capability"), error.what()));
    }

    void receivedMessageMayBeReadAnyNumberOfTimes() {
        auto [one, other] = channel_pair();
        capnp::MallocMessageBuilder message;
        message.initRoot<schema::Value>().initText(1000);
        one.send_message(message);
        const auto received = other.receive_message();
        for (int n = 0; n < 1000; ++n)
            QCOMPARE(received->getRoot<schema::Value>().getText().size(), 1000u);
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
        QVERIFY2(!is_memory_measured || grown < 40 * 1024, qPrintable(QString("%1 KiB").arg(grown)));
    }
};

QTEST_GUILESS_MAIN(TestHostile)
#include "tst_hostile.moc"
