// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/observe/event_batch.h>

#include <capnp/serialize-packed.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <stdexcept>
#include <string>

#include <pprocess/message/codec.h>
#include <pprocess/message/frame.h>
#include <pprocess/observe/trace.capnp.h>

namespace pprocess::observe {

namespace {

constexpr std::size_t word = sizeof(capnp::word);
/// What a batch may be unpacked to, and what a snapshot.
constexpr std::size_t most_batch_words = (std::size_t{16} << 20) / word;
constexpr std::size_t most_snapshot_words = (std::size_t{128} << 20) / word;
/// With these a batch stays well below.
constexpr std::size_t most_payload_bytes = std::size_t{8} << 20;
/// Of any time told: the difference of any two can be told too.
constexpr std::int64_t latest = std::int64_t{1} << 59; // 18 years

constexpr std::uint16_t body_bit = 0x8000;

[[noreturn]] void damaged(const std::string& what) {
    throw ProtocolError("a record of events is damaged: " + what);
}

// ------------------------------------------------------------------------------------------------------------------
// packing

/// The words that Cap'n Proto's packed encoding stands for. Looks at everything before it takes memory.
kj::Array<capnp::word> unpack(std::span<const std::byte> packed, std::size_t most_words) {
    const auto* const begin = reinterpret_cast<const std::uint8_t*>(packed.data());
    const auto* const end = begin + packed.size();
    std::size_t words = 0;
    for (const auto* in = begin; in != end;) {
        const unsigned tag = *in++;
        const bool has_run = tag == 0 || tag == 0xFF;
        std::size_t needed = static_cast<std::size_t>(std::popcount(tag)) + (has_run ? 1 : 0);
        if (static_cast<std::size_t>(end - in) < needed)
            damaged("it ends within a word");
        in += needed;
        ++words;
        if (!has_run)
            continue;
        const std::size_t run = in[-1];
        words += run;
        if (tag == 0xFF) {
            if (static_cast<std::size_t>(end - in) < run * word)
                damaged("it ends within a word");
            in += run * word;
        }
    }
    if (words > most_words)
        damaged("it claims to be too large");

    kj::Array<capnp::word> unpacked = kj::heapArray<capnp::word>(words);
    auto* out = reinterpret_cast<std::uint8_t*>(unpacked.begin());
    for (const auto* in = begin; in != end;) {
        const unsigned tag = *in++;
        if (tag == 0) {
            const std::size_t size = (std::size_t{*in++} + 1) * word;
            std::memset(out, 0, size);
            out += size;
        } else if (tag == 0xFF) {
            const std::size_t run = std::size_t{in[word]} * word;
            std::memcpy(out, in, word);
            std::memcpy(out + word, in + word + 1, run);
            in += word + 1 + run;
            out += word + run;
        } else {
            for (unsigned bit = 0; bit < word; ++bit)
                *out++ = (tag >> bit & 1) != 0 ? *in++ : 0;
        }
    }
    return unpacked;
}

std::vector<std::byte> pack(capnp::MessageBuilder& message, std::size_t most_words) {
    if (capnp::computeSerializedSizeInWords(message) > most_words)
        throw ProtocolError("a record of events is too large to be read again");
    kj::VectorOutputStream out;
    capnp::writePackedMessage(static_cast<kj::OutputStream&>(out), message);
    const auto bytes = std::as_bytes(std::span(out.getArray().begin(), out.getArray().size()));
    return {bytes.begin(), bytes.end()};
}

// ------------------------------------------------------------------------------------------------------------------
// columns

std::uint64_t zigzag(std::int64_t number) {
    return static_cast<std::uint64_t>(number) << 1 ^ static_cast<std::uint64_t>(number >> 63);
}

std::int64_t from_zigzag(std::uint64_t number) {
    return static_cast<std::int64_t>(number >> 1 ^ (~(number & 1) + 1));
}

std::uint16_t room_of(const Event& event) {
    return static_cast<std::uint16_t>(event.payload_size | (event.payload_is_body != 0 ? body_bit : 0));
}

std::uint32_t bits(std::int32_t number) {
    return static_cast<std::uint32_t>(number);
}

/// What the next event of each kind is compared with, alike when written and when read.
struct Former {
    std::array<Event, 256> events{};
    std::array<std::size_t, 256> indices{}; ///< which was the last event of each kind

    [[nodiscard]] bool has_body_of(std::size_t size, std::uint8_t kind) const {
        const Event& event = events[kind];
        return event.payload_is_body != 0 && event.payload_size == size;
    }
};

void exclusive_or(std::byte* out, const std::byte* one, const std::byte* other, std::size_t size) {
    for (std::size_t at = 0; at < size; ++at)
        out[at] = one[at] ^ other[at];
}

const std::array<bool, 256> known_kinds = [] {
    std::array<bool, 256> known{};
    for (unsigned kind = 1; kind < known.size(); ++kind)
        known[kind] = std::strcmp(to_string(static_cast<EventKind>(kind)), "unknown") != 0;
    return known;
}();

/// What nobody can have told would be trouble for those who count on it.
void check(const Event& event) {
    if (!known_kinds[static_cast<unsigned>(event.kind)])
        damaged("there is an event of the unknown kind " + std::to_string(static_cast<unsigned>(event.kind)));
    if (event.time < 0 || event.time > latest)
        damaged("an event's time is impossible");
    const bool has_outcome = event.kind == EventKind::task_finished;
    if ((has_outcome && event.detail > static_cast<unsigned>(TaskOutcome::cancelled)) ||
        (event.kind == EventKind::process_ended && event.detail > static_cast<unsigned>(ProcessEnd::unknown)))
        damaged("something ended in an unknown way");
    const bool fits = event.payload_is_body != 0
                          ? event.payload_size <= Observer::largest_body && event.payload_size % word == 0
                          : event.payload_size <= Observer::largest_text;
    if (!fits)
        damaged("what came with an event is too large");
}

bool is_time(std::int64_t time) {
    return time >= 0 && time <= latest;
}

void check(const Snapshot::Parts& parts) {
    bool sound = is_time(parts.begin) && is_time(parts.end) && parts.next_key != 0;
    for (const ProcessInfo& process : parts.processes)
        sound = sound && process.state <= ProcessState::failed && process.key != 0 && process.key < parts.next_key &&
                is_time(process.since) && is_time(process.created) && is_time(process.ended) &&
                is_time(process.sampled) && is_time(process.busy);
    for (const ChannelInfo& channel : parts.channels)
        sound = sound && is_time(channel.to_process.last) && is_time(channel.from_process.last);
    for (const ExchangeInfo& exchange : parts.exchanges)
        sound = sound && is_time(exchange.created) && is_time(exchange.ended);
    for (const TaskInfo& task : parts.running)
        sound = sound && is_time(task.sent) && is_time(task.started) && is_time(task.returned);
    if (!sound)
        damaged("what it says of the beginning is impossible");
}

} // namespace

// ------------------------------------------------------------------------------------------------------------------
// the batch

void EventBatch::add(const Event& event, std::span<const std::byte> payload) {
    const std::size_t most_bytes = event.payload_is_body != 0 ? Observer::largest_body : Observer::largest_text;
    if (payload.size() > most_bytes)
        payload = {};
    Event& added = events_.emplace_back(event);
    added.payload_size = static_cast<std::uint16_t>(payload.size());
    begins_.push_back(static_cast<std::uint32_t>(payloads_.size()));
    payloads_.insert(payloads_.end(), payload.begin(), payload.end());
}

void EventBatch::reserve(std::size_t events, std::size_t payload_bytes) {
    events_.reserve(events);
    begins_.reserve(events);
    payloads_.reserve(payload_bytes);
}

void EventBatch::clear() noexcept {
    events_.clear();
    begins_.clear();
    payloads_.clear();
}

std::vector<std::byte> encode(const EventBatch& batch) {
    if (batch.size() > EventBatch::most || batch.payload_bytes() > most_payload_bytes)
        throw std::length_error("too many events to be encoded at once");
    const auto count = static_cast<unsigned>(batch.size());
    const std::size_t words = std::size_t{count} * 64 / word + batch.payload_bytes() / word + 64;
    capnp::MallocMessageBuilder message(static_cast<unsigned>(words));
    auto out = message.initRoot<schema::Batch>();
    auto kinds = out.initKind(count);
    auto times = out.initTime(count);
    auto channels = out.initChannel(count);
    auto exchanges = out.initExchange(count);
    auto tasks = out.initTask(count);
    auto numbers = out.initNumber(count);
    auto sizes = out.initSize(count);
    auto writers = out.initWriter(count);
    auto processes = out.initProcess(count);
    auto values = out.initValue(count);
    auto details = out.initDetail(count);
    auto rooms = out.initRoom(count);
    auto payloads = out.initPayload(static_cast<unsigned>(batch.payload_bytes()));

    Former former;
    std::int64_t time = 0;
    auto* into = reinterpret_cast<std::byte*>(payloads.begin());
    std::size_t place = 0;
    for (unsigned index = 0; index < count; ++index) {
        const Event& event = batch.event(index);
        const auto payload = batch.payload(index);
        const auto kind = static_cast<std::uint8_t>(event.kind);
        Event& last = former.events[kind];
        kinds.set(index, kind);
        times.set(index, zigzag(event.time - time));
        time = event.time;
        channels.set(index, event.channel ^ last.channel);
        exchanges.set(index, event.exchange ^ last.exchange);
        tasks.set(index, event.task - last.task);
        numbers.set(index, event.number - last.number);
        sizes.set(index, event.size ^ last.size);
        writers.set(index, bits(event.writer ^ last.writer));
        processes.set(index, bits(event.process ^ last.process));
        values.set(index, bits(event.value ^ last.value));
        details.set(index, event.detail ^ last.detail);
        rooms.set(index, room_of(event) ^ room_of(last));
        if (!payload.empty()) {
            if (event.payload_is_body != 0 && former.has_body_of(payload.size(), kind)) {
                const auto before = batch.payload(former.indices[kind]);
                exclusive_or(into + place, payload.data(), before.data(), payload.size());
            } else {
                std::memcpy(into + place, payload.data(), payload.size());
            }
            place += payload.size();
        }
        former.indices[kind] = index;
        last = event;
    }
    return pack(message, most_batch_words);
}

namespace {

EventBatch read(schema::Batch::Reader in) {
    const auto kinds = in.getKind();
    const auto times = in.getTime();
    const auto channels = in.getChannel();
    const auto exchanges = in.getExchange();
    const auto tasks = in.getTask();
    const auto numbers = in.getNumber();
    const auto sizes = in.getSize();
    const auto writers = in.getWriter();
    const auto processes = in.getProcess();
    const auto values = in.getValue();
    const auto details = in.getDetail();
    const auto rooms = in.getRoom();
    const auto payloads = in.getPayload();
    const unsigned count = kinds.size();
    for (const unsigned size :
         {times.size(), channels.size(), exchanges.size(), tasks.size(), numbers.size(), sizes.size(), writers.size(),
          processes.size(), values.size(), details.size(), rooms.size()})
        if (size != count || count > EventBatch::most)
            damaged("its columns do not fit together");

    EventBatch batch;
    batch.reserve(count, payloads.size());
    Former former;
    std::uint64_t time = 0;
    std::size_t place = 0;
    std::array<std::byte, Observer::largest_text> bytes;
    for (unsigned index = 0; index < count; ++index) {
        const std::uint8_t kind = kinds[index];
        Event& last = former.events[kind];
        time += static_cast<std::uint64_t>(from_zigzag(times[index]));
        const auto room = static_cast<std::uint16_t>(rooms[index] ^ room_of(last));
        Event event{.time = static_cast<std::int64_t>(time),
                    .channel = channels[index] ^ last.channel,
                    .exchange = exchanges[index] ^ last.exchange,
                    .task = tasks[index] + last.task,
                    .number = numbers[index] + last.number,
                    .size = sizes[index] ^ last.size,
                    .writer = static_cast<std::int32_t>(writers[index] ^ bits(last.writer)),
                    .process = static_cast<std::int32_t>(processes[index] ^ bits(last.process)),
                    .value = static_cast<std::int32_t>(values[index] ^ bits(last.value)),
                    .kind = static_cast<EventKind>(kind),
                    .detail = static_cast<std::uint8_t>(details[index] ^ last.detail)};
        event.payload_size = room & static_cast<std::uint16_t>(~body_bit);
        event.payload_is_body = (room & body_bit) != 0 ? 1 : 0;
        check(event);
        const std::size_t size = event.payload_size;
        if (payloads.size() - place < size)
            damaged("less came with its events than they say");
        std::memcpy(bytes.data(), payloads.begin() + place, size);
        if (event.payload_is_body != 0 && size > 0 && former.has_body_of(size, kind))
            exclusive_or(bytes.data(), bytes.data(), batch.payload(former.indices[kind]).data(), size);
        place += size;
        batch.add(event, std::span(bytes).first(size));
        former.indices[kind] = index;
        last = event;
    }
    if (place != payloads.size())
        damaged("more came with its events than they say");
    return batch;
}

} // namespace

EventBatch decode_batch(std::span<const std::byte> bytes) {
    const auto message = message::own_message(unpack(bytes, most_batch_words));
    try {
        return read(message->getRoot<schema::Batch>());
    } catch (const kj::Exception& exception) {
        damaged(exception.getDescription().cStr());
    }
}

// ------------------------------------------------------------------------------------------------------------------
// the snapshot

std::vector<std::byte> encode(const Snapshot::Parts& parts) {
    capnp::MallocMessageBuilder message;
    message::encode(parts, message.initRoot<schema::Message>().initValue());
    return pack(message, most_snapshot_words);
}

Snapshot::Parts decode_snapshot(std::span<const std::byte> bytes) {
    const auto message = message::own_message(unpack(bytes, most_snapshot_words));
    try {
        const auto root = message->getRoot<schema::Message>();
        if (!root.isValue())
            damaged("it is something else");
        auto parts = message::decode<Snapshot::Parts>(root.getValue());
        check(parts);
        return parts;
    } catch (const TypeMismatch& mismatch) {
        damaged(mismatch.what());
    } catch (const kj::Exception& exception) {
        damaged(exception.getDescription().cStr());
    }
}

} // namespace pprocess::observe
