// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/targets.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <variant>

#include <pprocess/channel/channel.h>
#include <pprocess/message/codec.h>
#include <pprocess/message/frame.h>

namespace fuzz {
namespace {

using namespace pprocess;
using schema::Value;

[[noreturn]] void broken(const char* promise) {
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

void check(bool holds, const char* promise) {
    if (!holds)
        broken(promise);
}

/// Directions taken from an input, byte by byte; 0 when it is used up.
class Directions {
public:
    explicit Directions(Input input) : left_(input) {}

    [[nodiscard]] bool empty() const { return left_.empty(); }

    std::uint8_t byte() {
        if (left_.empty())
            return 0;
        const std::uint8_t value = left_.front();
        left_ = left_.subspan(1);
        return value;
    }

    template <typename Number>
    Number number() {
        std::array<std::uint8_t, sizeof(Number)> bytes{};
        for (auto& value : bytes)
            value = byte();
        Number result;
        std::memcpy(&result, bytes.data(), sizeof result);
        return result;
    }

    Input bytes(std::size_t count) {
        const Input result = left_.first(std::min(count, left_.size()));
        left_ = left_.subspan(result.size());
        return result;
    }

private:
    Input left_;
};

// ---------------------------------------------------------------------------------------------------------------
// types to decode as

enum class Colour : unsigned char { red = 1 };
struct Empty {};
struct Point {
    int x = 0;
    int y = 0;
    auto operator<=>(const Point&) const = default;
};
struct Node {
    int value = 0;
    // Not a vector of nodes: clang 14 tries to copy one of movable elements to find out the aggregate's members.
    std::unique_ptr<Node> left;
    std::unique_ptr<Node> right;
};
struct Ticket {
    const int number;
    std::unique_ptr<std::string> text;
};
struct Rich {
    bool flag = false;
    Colour colour = Colour::red;
    std::string name;
    std::optional<double> ratio;
    std::variant<int, std::string, Point> choice;
    std::vector<Point> points;
    std::map<std::string, std::vector<int>> groups;
    std::chrono::milliseconds age{};
    std::array<Point, 2> ends;
    std::pair<int, Empty> pair;
};

template <typename T>
constexpr bool has_order = true;
template <typename K, typename V>
constexpr bool has_order<std::unordered_map<K, V>> = false;

std::string bytes_of(message::OutgoingMessage& message) {
    std::string bytes;
    for (const iovec& part : message.frame())
        bytes.append(static_cast<const char*>(part.iov_base), part.iov_len);
    return bytes;
}

template <typename T>
std::string encoded(const T& value) {
    message::OutgoingMessage message(message::FrameKind::value);
    message::encode(value, message.root().initValue());
    return bytes_of(message);
}

/// What is decoded is a `T` and travels on as such.
template <typename T>
void decode_as(Value::Reader value) {
    std::optional<T> decoded;
    try {
        decoded.emplace(message::decode<T>(value));
    } catch (const TypeMismatch& error) {
        check(!error.arrived().empty() && !error.wanted().empty(), "a mismatch names both types");
        return;
    } catch (const ProtocolError&) {
        return;
    }
    const std::string once = encoded(*decoded);
    const std::span words(reinterpret_cast<const capnp::word*>(once.data() + message::frame_header_size),
                          (once.size() - message::frame_header_size) / sizeof(capnp::word));
    message::IncomingMessage again(kj::arrayPtr(words.data(), words.size()));
    const T twice = message::decode<T>(again.root().getValue());
    if constexpr (has_order<T>)
        check(encoded(twice) == once, "what was decoded is encoded and decoded to the same");
    else
        check(twice == *decoded, "what was decoded is encoded and decoded to the same");
}

using Decode = void (*)(Value::Reader);

template <typename... Types>
constexpr std::array<Decode, sizeof...(Types)> decodes{&decode_as<Types>...};

constexpr auto& all_decodes =
    decodes<bool, signed char, std::int64_t, std::uint64_t, unsigned short, float, double, long double, Colour,
            std::string, std::filesystem::path, std::monostate, std::vector<int>, std::vector<unsigned char>,
            std::vector<double>, std::vector<float>, std::vector<bool>, std::deque<bool>, std::vector<std::byte>,
            std::list<short>, std::vector<long double>, std::array<int, 3>, std::array<std::string, 2>,
            std::array<std::byte, 4>, std::set<std::string>, std::multiset<int>, std::map<std::string, int>,
            std::map<Point, std::vector<double>>, std::unordered_map<int, std::string>, std::multimap<int, bool>,
            std::pair<int, std::string>, std::tuple<>, std::tuple<int, std::tuple<bool, double>>,
            std::optional<std::optional<int>>, std::variant<int, std::string, std::monostate>,
            std::variant<std::vector<int>, Point>, std::chrono::milliseconds, std::chrono::duration<double>,
            std::chrono::duration<long double, std::ratio<7, 11>>, std::chrono::duration<unsigned char>, Rich,
            std::unique_ptr<Node>, std::vector<std::monostate>, std::vector<std::optional<bool>>, std::vector<Colour>,
            std::u16string, std::vector<Ticket>, std::vector<std::vector<std::vector<short>>>, std::vector<std::string>,
            std::optional<std::optional<std::vector<std::optional<std::string>>>>>;

/// Is it UTF-8 without control characters, and so fit for a line of a terminal? Counts the characters.
bool is_line(std::string_view text, std::size_t& characters) {
    characters = 0;
    for (std::size_t at = 0; at < text.size(); ++characters) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        if (length == 0 || at + length > text.size() || lead > 0xf4 || lead < 0x20 || lead == 0x7f)
            return false;
        for (std::size_t next = 1; next < length; ++next)
            if ((static_cast<unsigned char>(text[at + next]) & 0xc0) != 0x80)
                return false;
        at += length;
    }
    return true;
}

void examine(Value::Reader value, std::uint8_t type) {
    std::size_t characters = 0;
    check(is_line(message::describe(value), characters), "a description can be printed");
    for (const std::size_t limit : {std::size_t{0}, std::size_t{1}, std::size_t{40}, std::size_t{2000}}) {
        check(is_line(message::preview(value, limit), characters), "a preview can be printed");
        check(characters <= limit, "a preview keeps to its limit");
    }
    all_decodes[type % all_decodes.size()](value);
}

// ---------------------------------------------------------------------------------------------------------------
// streams

struct Cut {
    std::vector<std::pair<message::FrameKind, std::string>> frames;
    std::string problem;
    bool in_frame = false;
    bool operator==(const Cut&) const = default;
};

Cut cut(Input stream, std::size_t piece) {
    Cut result;
    message::FrameReader reader(1u << 20);
    std::size_t arrived = 0;
    while (!stream.empty() && reader.problem().empty()) {
        const auto space = reader.space();
        check(!space.empty(), "a reader without a problem has room");
        check(space.size() <= (1u << 20) + 2 * arrived, "memory grows with what has arrived");
        const std::size_t count = std::min({piece, space.size(), stream.size()});
        std::memcpy(space.data(), stream.data(), count);
        reader.advance(count);
        arrived += count;
        stream = stream.subspan(count);
        for (; reader.has_frame(); reader.consume()) {
            const auto bytes = reader.body().asBytes();
            check(bytes.size() + message::frame_header_size == reader.frame_size(), "a frame is its header and body");
            result.frames.emplace_back(reader.kind(), std::string(bytes.asChars().begin(), bytes.size()));
        }
    }
    result.problem = reader.problem();
    result.in_frame = result.problem.empty() && reader.in_frame();
    return result;
}

/// Receives whatever comes until the end, by every way there is.
void receive_all(Channel& channel, Directions& directions) {
    for (int count = 0; count < 10'000; ++count) {
        try {
            switch (directions.byte() % 4) {
            case 0:
                channel.receive<int>();
                break;
            case 1:
                channel.receive<Rich>();
                break;
            case 2:
                channel.receive<std::string>();
                break;
            default:
                channel.receive_message()->getRoot<capnp::AnyPointer>();
            }
        } catch (const ChannelClosed&) {
            return;
        } catch (const ProcessDied&) {
            return;
        } catch (const Error&) {
            continue;
        } catch (const kj::Exception&) {
            continue; // by the root of a message of another schema, which is its receiver's to read
        }
    }
    broken("a stream of bytes holds only so many messages");
}

// --------------------------------------------------------------------------------------------------------------
// trees

class Grower {
public:
    explicit Grower(Directions& directions) : directions_(directions) {}

    void grow(Value::Builder value, int depth) {
        // As many as a message of this size could hold, give or take.
        const bool leaf = depth > 40 || ++count_ > 2000;
        switch (directions_.byte() % (leaf ? 9 : 17)) {
        case 0:
            return value.setNone();
        case 1:
            return value.setBoolean((directions_.byte() & 1) != 0);
        case 2:
            return value.setSigned(integer());
        case 3:
            return value.setUnsigned(static_cast<std::uint64_t>(integer()));
        case 4:
            return value.setFloating(directions_.number<double>());
        case 5:
            return value.setExtended(data(directions_.byte() < 200 ? 16 : 15));
        case 6:
            return value.setText(data(directions_.byte() % 32));
        case 7:
            return value.setBytes(data(directions_.byte() % 32));
        case 8: {
            auto numbers = value.initNumbers();
            const std::uint8_t kind = directions_.byte() % 12;
            numbers.setKind(static_cast<schema::ElementKind>(kind));
            return numbers.setData(data(directions_.byte() % 48));
        }
        case 9:
        case 10:
            return list(value.initList(size()), depth);
        case 11:
        case 12:
            return list(value.initTuple(size()), depth);
        case 13: {
            auto variant = value.initVariant();
            variant.setIndex(directions_.byte() % 5);
            return grow(variant.initValue(), depth + 1);
        }
        case 14: {
            auto duration = value.initDuration();
            duration.setNumerator(integer());
            duration.setDenominator(integer());
            return grow(duration.initCount(), depth + 1);
        }
        case 15:
            return grow(value.initSome(), depth + 1);
        default:
            return list(value.initParts(size()), depth);
        }
    }

private:
    std::int64_t integer() {
        switch (directions_.byte() % 3) {
        case 0:
            return directions_.byte();
        case 1:
            return directions_.number<std::int16_t>();
        default:
            return directions_.number<std::int64_t>();
        }
    }

    unsigned size() { return directions_.byte() % 12; }

    capnp::Data::Reader data(std::size_t size) {
        const Input bytes = directions_.bytes(size);
        return {bytes.data(), bytes.size()};
    }

    void list(capnp::List<Value>::Builder elements, int depth) {
        for (auto element : elements)
            grow(element, depth + 1);
    }

    Directions& directions_;
    int count_ = 0;
};

// ---------------------------------------------------------------------------------------------------------------
// seeds

using Seeds = std::vector<std::pair<std::string, std::vector<std::uint8_t>>>;

/// Calls `use(type, frame)` with a sound frame of each type, `type` being its index in `all_decodes`.
template <typename Use>
void each_frame(Use&& use) {
    std::uint8_t type = 0;
    const auto give = [&](const auto& value) { use(type++, encoded(value)); };
    give(true);
    give(static_cast<signed char>(-7));
    give(std::int64_t{-1} << 40);
    give(~std::uint64_t{0});
    give(static_cast<unsigned short>(65535));
    give(0.1f);
    give(-1e300);
    give(1.0l / 3);
    give(Colour::red);
    give(std::string("a text that is longer than a word, Grüße"));
    give(std::filesystem::path("/a/path"));
    give(std::monostate());
    give(std::vector<int>{1, -2, 3});
    give(std::vector<unsigned char>{0, 255});
    give(std::vector<double>{0.5, -0.0});
    give(std::vector<float>{0.5f});
    give(std::vector<bool>{true, false, true});
    give(std::deque<bool>{true, false});
    give(std::vector<std::byte>(11, std::byte{7}));
    give(std::list<short>{1, 2});
    give(std::vector<long double>{1.0l / 3, 0.5l});
    give(std::array<int, 3>{1, 2, 3});
    give(std::array<std::string, 2>{"a", "b"});
    give(std::array<std::byte, 4>{});
    give(std::set<std::string>{"a", "b"});
    give(std::multiset<int>{1, 1});
    give(std::map<std::string, int>{{"one", 1}, {"two", 2}});
    give(std::map<Point, std::vector<double>>{{{1, 2}, {0.5}}, {{3, 4}, {}}});
    give(std::unordered_map<int, std::string>{{1, "a"}, {2, "b"}});
    give(std::multimap<int, bool>{{1, true}, {1, false}});
    give(std::pair<int, std::string>{1, "a"});
    give(std::tuple<>());
    give(std::tuple<int, std::tuple<bool, double>>{1, {true, 0.5}});
    give(std::optional<std::optional<int>>(std::optional<int>()));
    give(std::variant<int, std::string, std::monostate>("a"));
    give(std::variant<std::vector<int>, Point>(Point{1, 2}));
    give(std::chrono::milliseconds(1500));
    give(std::chrono::duration<double>(0.25));
    give(std::chrono::duration<long double, std::ratio<7, 11>>(1.0l / 3));
    give(std::chrono::duration<unsigned char>(200));
    give(Rich{
        true, Colour::red, "n", 0.5, Point{1, 2}, {{3, 4}}, {{"g", {1}}}, std::chrono::milliseconds(5), {}, {6, {}}});
    auto node = std::make_unique<Node>();
    node->right = std::make_unique<Node>();
    node->right->left = std::make_unique<Node>();
    give(node);
    give(std::vector<std::monostate>(3));
    give(std::vector<std::optional<bool>>{true, std::nullopt});
    give(std::vector<Colour>{Colour::red});
    give(std::u16string(u"Grüße"));
    std::vector<Ticket> tickets;
    tickets.push_back({1, std::make_unique<std::string>("a")});
    tickets.push_back({2, nullptr});
    give(tickets);
    give(std::vector<std::vector<std::vector<short>>>{{{1}, {2, 3}}, {}});
    give(std::vector<std::string>{"a", "", "c"});
    give(std::optional<std::optional<std::vector<std::optional<std::string>>>>(
        std::vector<std::optional<std::string>>{"a", std::nullopt}));
    check(type == all_decodes.size(), "there is a seed for each type");
}

/// All that two sides say to each other, as bytes.
std::string conversation() {
    auto [one, other] = channel_pair();
    one.send(5);
    one.send(std::string(100, 't'));
    one.send(Rich());
    capnp::MallocMessageBuilder message;
    message.initRoot<schema::Message>().initFailure().setMessage(capnp::Data::Reader());
    one.send_message(message);
    for (const bool final : {false, true}) {
        try {
            throw std::runtime_error("what went wrong");
        } catch (...) {
            one.send_failure(final);
        }
    }
    one.close(); // says goodbye
    std::string bytes(65536, '\0');
    const ssize_t count = ::recv(other.fileno(), bytes.data(), bytes.size(), MSG_WAITALL);
    bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return bytes;
}

/// What a background process says to its collector.
std::string background_conversation() {
    message::OutgoingMessage attached(message::FrameKind::attached);
    attached.root().initAttached().setPid(1234);
    message::OutgoingMessage ended(message::FrameKind::ended);
    ended.root().initEnded().setValue(3);
    message::OutgoingMessage refused(message::FrameKind::refused);
    refused.root().initRefused().setError(16);
    return bytes_of(attached) + encoded(5) + encoded(std::string("text")) + bytes_of(ended) + bytes_of(refused);
}

std::vector<std::uint8_t> with_first_byte(std::uint8_t first, std::string_view rest) {
    std::vector<std::uint8_t> bytes{first};
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    return bytes;
}

Seeds stream_seeds() {
    Seeds seeds;
    for (const std::uint8_t piece : {14, 254})
        seeds.emplace_back("conversation-" + std::to_string(piece), with_first_byte(piece, conversation()));
    seeds.emplace_back("background", with_first_byte(1, background_conversation()));
    return seeds;
}

Seeds body_seeds() {
    Seeds seeds;
    each_frame([&](std::uint8_t type, std::string_view frame) {
        seeds.emplace_back("type-" + std::to_string(type),
                           with_first_byte(type, frame.substr(message::frame_header_size)));
    });
    return seeds;
}

/// The directions of `Grower` are short enough to be found by trying; these say one of each kind of value.
Seeds tree_seeds() {
    Seeds seeds;
    std::string one_of_each{'\x09', '\x0b'};
    for (char kind = 0; kind < 9; ++kind)
        one_of_each += std::string{kind} + std::string(24, kind);
    for (std::uint8_t type = 0; type < all_decodes.size(); ++type)
        seeds.emplace_back("type-" + std::to_string(type), with_first_byte(type, one_of_each));
    return seeds;
}

} // namespace

void stream(Input input) {
    Directions directions(input);
    const std::uint8_t first = directions.byte();
    const std::size_t piece = std::size_t{first} / 2 + 1;
    const Input bytes = directions.bytes(SIZE_MAX);
    const Cut whole = cut(bytes, SIZE_MAX);
    check(cut(bytes, piece) == whole, "it does not matter in which pieces a stream arrives");
    for (const auto& [kind, body] : whole.frames)
        check(body.size() % sizeof(capnp::word) == 0, "a body is whole words");

    auto [one, other] = channel_pair();
    if (first % 2 != 0) // as from a background process
        other = Channel(std::move(other.socket()), PersistentLink{.address = "/an/address"});
    other.limit_incoming(1u << 20);
    const std::span<const std::uint8_t> fits = bytes.first(std::min<std::size_t>(bytes.size(), 100'000));
    if (::send(one.fileno(), fits.data(), fits.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(fits.size()))
        return;
    one.socket().reset(); // without a goodbye
    Directions ways(bytes);
    receive_all(other, ways);
}

void body(Input input) {
    Directions directions(input);
    const std::uint8_t type = directions.byte();
    const Input bytes = directions.bytes(SIZE_MAX);
    auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
    std::memcpy(words.asBytes().begin(), bytes.data(), words.asBytes().size());
    try {
        message::IncomingMessage message(words);
        const auto root = message.root();
        if (root.isValue())
            examine(root.getValue(), type);
    } catch (const ProtocolError&) {
    } catch (const kj::Exception&) {
        // By `getValue`; `Channel` makes a ProtocolError of it.
    }
}

void tree(Input input) {
    Directions directions(input);
    const std::uint8_t type = directions.byte();
    capnp::MallocMessageBuilder builder;
    auto value = builder.initRoot<Value>();
    Grower(directions).grow(value, 0);
    examine(value.asReader(), type);
}

std::span<const Target> targets() {
    static constexpr std::array<Target, 3> all{
        {{"stream", &stream, &stream_seeds}, {"body", &body, &body_seeds}, {"tree", &tree, &tree_seeds}}};
    return all;
}

} // namespace fuzz
