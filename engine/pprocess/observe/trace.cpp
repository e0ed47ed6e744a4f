// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/observe/trace.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/crc.hpp>
#include <chrono>
#include <cstring>

#include <pprocess/message/errors.h>
#include <pprocess/os/clock.h>
#include <pprocess/os/error.h>

namespace pprocess::observe {

namespace {

constexpr std::array<char, 8> file_magic{'P', 'P', 'T', 'R', 'A', 'C', 'E', '\0'};
constexpr std::uint32_t version = 1;
constexpr std::uint32_t chunk_magic = 0x4354'5050; // "PPTC"
constexpr std::uint32_t events_kind = 1;
constexpr std::uint32_t snapshot_kind = 2;
constexpr std::size_t boot_id_size = 36;

/// Written together at the latest when there are so many, or the first is so old.
constexpr std::size_t many_events = 8192;
constexpr std::size_t many_bytes = std::size_t{1} << 20;
constexpr std::int64_t old_event = 1'000'000'000;

// Little-endian machines only, as the whole engine.
struct FileHeader {
    std::array<char, 8> magic = file_magic;
    std::uint32_t version = observe::version;
    std::uint32_t zero = 0;
    std::int64_t wall_clock = 0;
    std::array<char, boot_id_size> boot{};
    std::uint32_t checksum = 0;
};
static_assert(sizeof(FileHeader) == 64);

struct ChunkHeader {
    std::uint32_t magic = chunk_magic;
    std::uint32_t kind = 0;
    std::uint32_t size = 0;
    std::uint32_t events = 0;
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::uint32_t zero = 0;
    std::uint32_t checksum = 0;
};
static_assert(sizeof(ChunkHeader) == 40);

template <typename Header>
std::uint32_t checksum_of(const Header& header, std::span<const std::byte> content = {}) {
    boost::crc_32_type crc;
    crc.process_bytes(&header, sizeof header - sizeof header.checksum);
    crc.process_bytes(content.data(), content.size());
    return crc.checksum();
}

std::string boot_id() {
    std::string id(boot_id_size, '\0');
    const os::Fd file(os::retry([] { return ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC); }));
    if (!file.is_open() || os::retry([&] { return ::read(file.get(), id.data(), id.size()); }) < 0)
        id.assign(boot_id_size, '\0');
    return id;
}

/// Of time 0.
std::int64_t wall_clock_now() {
    using namespace std::chrono;
    return duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count() -
           duration_cast<nanoseconds>(os::Clock::now().time_since_epoch()).count();
}

std::string name_of(const std::filesystem::path& path) {
    return "the trace file " + path.string();
}

os::Fd open_file(const std::filesystem::path& path, int flags, const char* what) {
    os::Fd file(os::retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0600); }));
    if (!file.is_open())
        throw SystemError(errno, std::string(what) + ' ' + name_of(path));
    return file;
}

std::uint64_t size_of(int file, const std::filesystem::path& path) {
    struct stat status {};
    if (::fstat(file, &status) != 0)
        throw SystemError(errno, "look at " + name_of(path));
    return S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
}

/// False when there is less than that.
bool read_at(int file, std::uint64_t offset, void* into, std::size_t size, const std::filesystem::path& path) {
    auto* at = static_cast<std::byte*>(into);
    while (size > 0) {
        const ssize_t count = os::retry([&] { return ::pread(file, at, size, static_cast<off_t>(offset)); });
        if (count < 0)
            throw SystemError(errno, "read " + name_of(path));
        if (count == 0)
            return false;
        at += count;
        offset += static_cast<std::uint64_t>(count);
        size -= static_cast<std::size_t>(count);
    }
    return true;
}

} // namespace

// ------------------------------------------------------------------------------------------------------------------
// writing

TraceWriter::TraceWriter(std::filesystem::path file, TraceStart start)
    : path_(std::move(file)),
      file_(open_file(path_, O_RDWR | O_CREAT, "write")) {
    if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0)
        throw SystemError(errno == EWOULDBLOCK ? EBUSY : errno, "write " + name_of(path_),
                          "Another process is writing it; choose another file.");
    if (start == TraceStart::anew || size_of(file_.get(), path_) == 0)
        begin_anew();
    else
        go_on();
}

TraceWriter::~TraceWriter() {
    try {
        flush();
    } catch (const std::exception&) {
        // Whoever wants to know calls flush.
    }
}

void TraceWriter::begin_anew() {
    if (size_of(file_.get(), path_) != 0 && ::ftruncate(file_.get(), 0) != 0)
        throw SystemError(errno, "empty " + name_of(path_));
    FileHeader header;
    header.wall_clock = wall_clock_now();
    const std::string boot = boot_id();
    std::copy(boot.begin(), boot.end(), header.boot.begin());
    header.checksum = checksum_of(header);
    put_whole(std::as_bytes(std::span(&header, 1)));
}

void TraceWriter::go_on() {
    TraceReader present(path_);
    if (present.boot_ != boot_id())
        throw ProtocolError(name_of(path_) +
                            " was recorded before this machine was started last, and times of then and now cannot be "
                            "compared. Choose another file.");
    while (present.next()) {
    }
    end_ = present.position();
    if (present.left_over() > 0 && ::ftruncate(file_.get(), static_cast<off_t>(end_)) != 0)
        throw SystemError(errno, "cut what is damaged off the end of " + name_of(path_));
}

/// All of it at the end of the file, or nothing.
void TraceWriter::put_whole(std::span<const std::byte> bytes) {
    std::uint64_t at = end_;
    for (auto left = bytes; !left.empty();) {
        const ssize_t count =
            os::retry([&] { return ::pwrite(file_.get(), left.data(), left.size(), static_cast<off_t>(at)); });
        if (count <= 0) {
            const int error = count < 0 ? errno : ENOSPC;
            // A torn chunk would hide all that follows it. Should even this fail, the next one is written over it.
            [[maybe_unused]] const int result = ::ftruncate(file_.get(), static_cast<off_t>(end_));
            throw SystemError(error, "write " + name_of(path_));
        }
        at += static_cast<std::uint64_t>(count);
        left = left.subspan(static_cast<std::size_t>(count));
    }
    end_ = at;
}

void TraceWriter::put(std::uint32_t kind, std::span<const std::byte> content, std::uint32_t events, std::int64_t first,
                      std::int64_t last) {
    ChunkHeader header{.kind = kind, .size = static_cast<std::uint32_t>(content.size()), .events = events};
    header.first = first;
    header.last = last;
    header.checksum = checksum_of(header, content);
    std::vector<std::byte> chunk(sizeof header + content.size());
    std::memcpy(chunk.data(), &header, sizeof header);
    std::copy(content.begin(), content.end(), chunk.begin() + sizeof header);
    put_whole(chunk);
}

void TraceWriter::write(const Snapshot::Parts& state) {
    flush();
    put(snapshot_kind, encode(state), 0, state.end, state.end);
}

void TraceWriter::write(const Event& event, std::span<const std::byte> payload) {
    if (batch_.empty())
        oldest_ = event.time;
    batch_.add(event, payload);
    if (batch_.size() >= many_events || batch_.payload_bytes() >= many_bytes || event.time - oldest_ >= old_event)
        flush();
}

void TraceWriter::flush() {
    if (batch_.empty())
        return;
    const std::uint64_t count = batch_.size();
    if (lost_untold_ > 0) {
        Event loss{.time = oldest_, .number = lost_untold_, .kind = EventKind::events_dropped};
        loss.writer = loss.process = os::own_pid();
        batch_.add(loss);
    }
    std::int64_t first = INT64_MAX;
    std::int64_t last = INT64_MIN;
    batch_.each([&](const Event& event, std::span<const std::byte>) {
        first = std::min(first, event.time);
        last = std::max(last, event.time);
    });
    try {
        put(events_kind, encode(batch_), static_cast<std::uint32_t>(batch_.size()), first, last);
    } catch (...) {
        batch_.clear();
        lost_ += count;
        lost_untold_ += count;
        throw;
    }
    batch_.clear();
    written_ += count;
    lost_untold_ = 0;
}

void TraceWriter::close() {
    flush();
    file_.reset();
}

// ------------------------------------------------------------------------------------------------------------------
// reading

TraceReader::TraceReader(std::filesystem::path file)
    : path_(std::move(file)),
      file_(open_file(path_, O_RDONLY | O_NONBLOCK, "read")),
      size_(size_of(file_.get(), path_)) {
    FileHeader header;
    if (size_ < sizeof header || !read_at(file_.get(), 0, &header, sizeof header, path_) || header.magic != file_magic)
        throw ProtocolError(path_.string() + " is no trace file of pprocess.");
    if (header.version > version)
        throw ProtocolError(name_of(path_) + " is of version " + std::to_string(header.version) +
                            ", which this program does not know yet: it reads version " + std::to_string(version) +
                            ". Use a newer pprocess.");
    if (header.checksum != checksum_of(header))
        throw ProtocolError(name_of(path_) + " is damaged at its very beginning.");
    wall_clock_ = header.wall_clock;
    boot_.assign(header.boot.begin(), header.boot.end());
    position_ = sizeof header;
}

std::optional<TraceChunk> TraceReader::give_up(std::string reason) {
    left_over_ = size_ - position_;
    problem_ = name_of(path_) + ": the last " + std::to_string(left_over_) + " bytes are not read: " + reason;
    return {};
}

std::optional<TraceChunk> TraceReader::next() {
    size_ = std::max(position_, size_of(file_.get(), path_));
    left_over_ = 0;
    problem_.clear();
    const std::uint64_t left = size_ - position_;
    if (left == 0)
        return {};
    ChunkHeader header;
    if (left < sizeof header || !read_at(file_.get(), position_, &header, sizeof header, path_))
        return give_up("they are the beginning of something that was not written to its end");
    if (header.magic != chunk_magic)
        return give_up("they are damaged");
    if (header.size > left - sizeof header)
        return give_up("they are the beginning of something that was not written to its end");
    std::vector<std::byte> content(header.size);
    if (!read_at(file_.get(), position_ + sizeof header, content.data(), content.size(), path_))
        return give_up("the file has become shorter meanwhile");
    if (header.checksum != checksum_of(header, content))
        return give_up("they are damaged");
    std::optional<TraceChunk> chunk;
    try {
        if (header.kind == events_kind)
            chunk = decode_batch(content);
        else if (header.kind == snapshot_kind)
            chunk = decode_snapshot(content);
        else
            return give_up("they are of an unknown kind");
    } catch (const ProtocolError& error) {
        return give_up(error.what());
    }
    position_ += sizeof header + content.size();
    return chunk;
}

} // namespace pprocess::observe
