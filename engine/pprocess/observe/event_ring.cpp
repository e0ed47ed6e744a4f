// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/observe/event_ring.h>

#include <linux/futex.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <climits>
#include <cstring>
#include <new>
#include <stdexcept>

#include <pprocess/os/error.h>

namespace pprocess::observe {

namespace {

constexpr std::uint64_t magic = 0x3147'4e49'5250'5003; // changes with the layout
constexpr std::size_t page = 4096;
constexpr std::size_t slot_room = 120;
constexpr std::size_t first_room = slot_room - sizeof(Event);

/// How long the reader waits for a writer that has taken a place and not filled it, such as one that is stopped.
constexpr std::chrono::seconds patience{1};

/// The longest sleep of the reader, should a wake-up ever be missed.
constexpr std::chrono::milliseconds longest_sleep{500};

/// So much memory is had from the kernel at a time. Each process has to ask for its own view of every page, and asks
/// for one by one when it is not told to do otherwise, which costs more than all else about an event.
constexpr std::size_t chunk = 64 * 1024;
constexpr int populate_for_writing = 23; // MADV_POPULATE_WRITE, of Linux 5.14

std::size_t slots_for(std::size_t payload) {
    return payload <= first_room ? 1 : 1 + (payload - first_room + slot_room - 1) / slot_room;
}

constexpr std::uint64_t all_of(int bits) {
    return (std::uint64_t{1} << bits) - 1;
}

/// What a writer puts into `Slot::sequence` of a place it has taken and not yet filled: who it is, and of how many
/// slots. The ticket makes it another one than any that was left there before.
class Mark {
public:
    static std::uint64_t of(std::uint64_t ticket, std::size_t slots) noexcept {
        return is_mark | (ticket & all_of(ticket_bits)) << (pid_bits + slot_bits) |
               static_cast<std::uint64_t>(slots) << pid_bits |
               (static_cast<std::uint64_t>(os::own_pid()) & all_of(pid_bits));
    }
    static bool is_of(std::uint64_t value, std::uint64_t ticket) noexcept {
        return (value & is_mark) != 0 && ((value ^ ticket << (pid_bits + slot_bits)) & ticket_mask) == 0;
    }
    static pid_t pid(std::uint64_t mark) noexcept { return static_cast<pid_t>(mark & all_of(pid_bits)); }
    static std::size_t slots(std::uint64_t mark) noexcept { return mark >> pid_bits & all_of(slot_bits); }

private:
    static constexpr int pid_bits = 22; // PID_MAX_LIMIT of Linux
    static constexpr int slot_bits = 4;
    static constexpr int ticket_bits = 63 - pid_bits - slot_bits;
    static constexpr std::uint64_t is_mark = std::uint64_t{1} << 63;
    static constexpr std::uint64_t ticket_mask = all_of(ticket_bits) << (pid_bits + slot_bits);
};

/// Also when it is a zombie.
bool has_ended(pid_t pid) noexcept {
    const os::Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!process.is_open())
        return errno == ESRCH;
    pollfd entry{process.get(), POLLIN, 0};
    return ::poll(&entry, 1, 0) > 0;
}

/// Without these nothing that follows can be understood.
bool is_urgent(EventKind kind) {
    return kind < EventKind::task_queued && kind != EventKind::process_sample && kind != EventKind::channel_ready;
}

} // namespace

struct EventRing::Header {
    std::uint64_t magic;
    std::uint64_t slots;
    alignas(64) std::atomic<std::uint64_t> head; ///< the next place to be taken
    alignas(64) std::atomic<std::uint64_t> tail; ///< the first place that is not free again
    alignas(64) std::atomic<std::uint64_t> dropped;
    alignas(64) std::atomic<std::uint64_t> empty_at; ///< there the reader had read all, and the beginning is far behind
    alignas(64) std::atomic<std::uint32_t> asleep;   ///< the reader waits on this word
};

struct EventRing::Slot {
    std::atomic<std::uint64_t> sequence; ///< a `Mark` and, once the event that begins here is whole, its place + 1
    std::byte data[slot_room];
};

EventRing::EventRing(std::size_t bytes) {
    static_assert(sizeof(Slot) == 128 && sizeof(Header) <= page);
    static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "a lock would be one process's own");
    const std::size_t slots = std::bit_ceil(std::max<std::size_t>(bytes / sizeof(Slot), 64));
    memory_fd_ = os::Fd(static_cast<int>(::syscall(SYS_memfd_create, "pprocess-events", MFD_CLOEXEC)));
    const std::size_t size = page + slots * sizeof(Slot);
    if (!memory_fd_.is_open() || ::ftruncate(memory_fd_.get(), static_cast<off_t>(size)) != 0)
        throw SystemError(errno, "get memory for a record of events");
    map(size);
    auto* header = new (header_) Header{};
    header->slots = slots;
    header->empty_at = UINT64_MAX;
    header->magic = magic;
    mask_ = slots - 1;
}

EventRing::EventRing(os::Fd memory) : memory_fd_(std::move(memory)) {
    struct stat status {};
    os::check(::fstat(memory_fd_.get(), &status), "look at a record of events");
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size < page + sizeof(Slot))
        throw std::invalid_argument("this is no record of events: it is too small");
    map(size);
    const std::uint64_t slots = header_->slots;
    if (header_->magic != magic || !std::has_single_bit(slots) || slots > size / sizeof(Slot) ||
        page + slots * sizeof(Slot) != size) {
        ::munmap(header_, size_);
        throw std::invalid_argument("this is no record of events, or one of another version of pprocess");
    }
    mask_ = slots - 1;
}

EventRing::~EventRing() {
    ::munmap(header_, size_);
}

void EventRing::map(std::size_t size) {
    void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory_fd_.get(), 0);
    if (memory == MAP_FAILED)
        throw SystemError(errno, "map a record of events");
    size_ = size;
    header_ = static_cast<Header*>(memory);
    slots_ = reinterpret_cast<Slot*>(static_cast<std::byte*>(memory) + page);
}

/// Goes on at the beginning of the memory, as long as nothing has been written since the reader had read all there was
/// at `ticket`. That way a reader that keeps up has writers use those pages only that they have at hand already: fresh
/// ones cost several times as much as all else about an event. False when somebody else was first.
bool EventRing::turn(std::size_t slots, std::uint64_t& ticket) noexcept {
    const std::uint64_t empty = ticket;
    const std::uint64_t next = (empty | mask_) + 1;
    if (!header_->head.compare_exchange_strong(ticket, next + slots, std::memory_order_seq_cst))
        return false;
    slots_[empty & mask_].sequence.store(Mark::of(empty, 0), std::memory_order_release);
    // Nobody needs to wait for the reader to find that out.
    std::uint64_t tail = empty;
    header_->tail.compare_exchange_strong(tail, next, std::memory_order_acq_rel);
    ticket = next;
    return true;
}

bool EventRing::reserve(std::size_t slots, bool urgent, std::uint64_t& ticket) noexcept {
    const std::size_t most = urgent ? capacity() : capacity() - capacity() / 8;
    ticket = header_->head.load(std::memory_order_relaxed);
    for (;;) {
        if (ticket == header_->empty_at.load(std::memory_order_acquire)) {
            if (turn(slots, ticket))
                return true;
            continue;
        }
        // What the reader writes all the time is looked at only when it matters.
        std::uint64_t tail = known_tail_.load(std::memory_order_acquire);
        if (ticket - tail + slots > most) {
            tail = header_->tail.load(std::memory_order_acquire);
            known_tail_.store(tail, std::memory_order_release);
            if (ticket - tail + slots > most) {
                // The reader can have overtaken a writer that was not running between its looks at head and tail.
                const std::uint64_t head = header_->head.load(std::memory_order_relaxed);
                if (std::exchange(ticket, head) == head)
                    return false;
                continue;
            }
        }
        if (header_->head.compare_exchange_weak(ticket, ticket + slots, std::memory_order_seq_cst))
            return true;
    }
}

/// Has the place and those near it at hand, in this process.
void EventRing::populate(std::uint64_t ticket) noexcept {
    constexpr std::size_t slots = chunk / sizeof(Slot);
    const std::uint64_t wanted =
        static_cast<std::uint64_t>(os::own_pid()) << 32 | static_cast<std::uint32_t>((ticket & mask_) / slots);
    if (populated_.load(std::memory_order_relaxed) == wanted)
        return;
    populated_.store(wanted, std::memory_order_relaxed);
    const std::size_t first = (ticket & mask_) & ~(slots - 1);
    // An older kernel refuses, and gives the pages when they are first written to.
    ::madvise(slots_ + first, std::min(slots, capacity() - first) * sizeof(Slot), populate_for_writing);
}

bool EventRing::write(const Event& event, std::span<const std::byte> payload) noexcept {
    std::uint64_t ticket = 0;
    const std::size_t slots = slots_for(payload.size());
    if (!reserve(slots, is_urgent(event.kind), ticket)) {
        header_->dropped.fetch_add(1, std::memory_order_relaxed);
        return false;
    }
    populate(ticket);
    Slot& first = slots_[ticket & mask_];
    const std::uint64_t mark = Mark::of(ticket, slots);
    first.sequence.store(mark, std::memory_order_relaxed);
    std::memcpy(first.data, &event, sizeof event);
    std::size_t done = std::min(payload.size(), first_room);
    if (done > 0)
        std::memcpy(first.data + sizeof event, payload.data(), done);
    for (std::uint64_t place = ticket + 1; done < payload.size(); ++place) {
        const std::size_t part = std::min(payload.size() - done, slot_room);
        std::memcpy(slots_[place & mask_].data, payload.data() + done, part);
        done += part;
    }
    // Not when the reader has given this writer up and the place has been used again. Should that happen just here, the
    // event that is there now is lost. A locked instruction would make every writer wait for its slot to be in its
    // cache.
    if (first.sequence.load(std::memory_order_relaxed) == mark)
        first.sequence.store(ticket + 1, std::memory_order_release);
    if (header_->asleep.load(std::memory_order_seq_cst) != 0)
        wake();
    return true;
}

bool EventRing::read(Event& event, std::span<const std::byte>& payload, Writers writers) noexcept {
    std::uint64_t tail = header_->tail.load(std::memory_order_relaxed);
    if (unread_slots_ > 0) {
        tail += std::exchange(unread_slots_, 0);
        header_->tail.store(tail, std::memory_order_release);
    }
    for (;;) {
        if (header_->head.load(std::memory_order_acquire) == tail) {
            if ((tail & mask_) >= capacity() / 16)
                header_->empty_at.store(tail, std::memory_order_release);
            return false;
        }
        const Slot& first = slots_[tail & mask_];
        if (const std::uint64_t mark = first.sequence.load(std::memory_order_acquire); mark != tail + 1) {
            if (!skip_unfinished(tail, mark, writers))
                return false;
            tail = header_->tail.load(std::memory_order_relaxed);
            continue;
        }
        stuck_at_ = UINT64_MAX;
        std::memcpy(&event, first.data, sizeof event);
        const std::size_t size = std::min<std::size_t>(event.payload_size, sizeof assembled_);
        std::size_t done = std::min(size, first_room);
        if (size <= first_room) {
            payload = {first.data + sizeof event, size};
        } else {
            std::memcpy(assembled_, first.data + sizeof event, done);
            for (std::uint64_t place = tail + 1; done < size; ++place) {
                const std::size_t part = std::min(size - done, slot_room);
                std::memcpy(assembled_ + done, slots_[place & mask_].data, part);
                done += part;
            }
            payload = {assembled_, size};
        }
        unread_slots_ = slots_for(size);
        return true;
    }
}

/// A place that was taken and is not filled: goes on behind it when it will not be any more; false when that is to be
/// waited for.
bool EventRing::skip_unfinished(std::uint64_t ticket, std::uint64_t mark, Writers writers) noexcept {
    const bool is_marked = Mark::is_of(mark, ticket);
    if (is_marked && Mark::slots(mark) == 0) { // see `turn`
        header_->tail.store((ticket | mask_) + 1, std::memory_order_release);
        return true;
    }
    bool is_abandoned = writers == Writers::ended || (is_marked && has_ended(Mark::pid(mark)));
    if (!is_abandoned) {
        const auto now = os::Clock::now();
        if (std::exchange(stuck_at_, ticket) != ticket)
            stuck_since_ = now;
        is_abandoned = now - stuck_since_ >= patience;
    }
    if (!is_abandoned)
        return false;
    const std::uint64_t left = slots_[ticket & mask_].sequence.load(std::memory_order_acquire);
    if (left == ticket + 1)
        return true; // its writer's last deed was to finish it
    const std::uint64_t head = header_->head.load(std::memory_order_acquire);
    std::uint64_t next = ticket + 1;
    if (is_marked) {
        next = std::min(head, ticket + std::max<std::size_t>(Mark::slots(mark), 1));
    } else {
        // How long it was to be is not known: the next that is whole or marked comes after it.
        for (; next < head; ++next) {
            const std::uint64_t value = slots_[next & mask_].sequence.load(std::memory_order_acquire);
            if (value == next + 1 || Mark::is_of(value, next))
                break;
        }
    }
    header_->dropped.fetch_add(1, std::memory_order_relaxed);
    header_->tail.store(next, std::memory_order_release);
    return true;
}

std::uint64_t EventRing::dropped() const noexcept {
    return header_->dropped.load(std::memory_order_relaxed);
}

std::size_t EventRing::used() const noexcept {
    const std::uint64_t tail = header_->tail.load(std::memory_order_acquire);
    return header_->head.load(std::memory_order_acquire) - tail;
}

bool EventRing::wait(os::Deadline deadline) noexcept {
    const auto has_something = [&] {
        return header_->head.load(std::memory_order_seq_cst) !=
               header_->tail.load(std::memory_order_relaxed) + unread_slots_;
    };
    while (!has_something()) {
        if (deadline.has_passed())
            return false;
        header_->asleep.store(1, std::memory_order_seq_cst);
        if (has_something()) {
            header_->asleep.store(0, std::memory_order_relaxed);
            break;
        }
        auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(longest_sleep);
        if (deadline.is_set())
            left = std::clamp(std::chrono::duration_cast<std::chrono::nanoseconds>(deadline.at() - os::Clock::now()),
                              std::chrono::nanoseconds(0), left);
        const timespec timeout{0, left.count()};
        ::syscall(SYS_futex, &header_->asleep, FUTEX_WAIT, 1, &timeout, nullptr, 0);
        const bool was_woken = header_->asleep.exchange(0) == 0;
        if (was_woken && !has_something())
            return false;
    }
    return true;
}

void EventRing::wake() noexcept {
    if (header_->asleep.exchange(0) != 0)
        ::syscall(SYS_futex, &header_->asleep, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

} // namespace pprocess::observe
