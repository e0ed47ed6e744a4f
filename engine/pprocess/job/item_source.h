// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <pprocess/job/job.h>
#include <pprocess/os/fd.h>

namespace pprocess::job {

/// One input with its place in the whole job. A value.
struct Item {
    std::size_t number = 0; ///< from 0
    std::string text;       ///< the input; of one with columns a line of CSV
};

/// Gives a job's items one by one, so that no more of them need be in memory than are worked on.
class ItemSource {
public:
    /// What `next` found.
    enum class Next {
        item,  ///< there is one
        later, ///< none yet: ask again when `fileno()` is readable
        end,   ///< there will be no more
    };

    ItemSource() = default;
    ItemSource(const ItemSource&) = delete;
    ItemSource& operator=(const ItemSource&) = delete;
    virtual ~ItemSource() = default;

    /// The next item. Never waits for a pipe or a terminal; a file is read. Throws `JobError` when reading fails.
    virtual Next next(Item& item) = 0;
    /// Readable when `next` that said `later` is worth another try; -1 when it never says so.
    [[nodiscard]] virtual int fileno() const { return -1; }
    /// How many items there are in all, once that is known.
    [[nodiscard]] virtual std::optional<std::size_t> total() const = 0;
    /// The names of the columns into which each item's text is divided; empty: none.
    [[nodiscard]] const std::vector<std::string>& columns() const noexcept { return columns_; }

protected:
    /// To be set before the first item is given.
    std::vector<std::string> columns_;
};

/// These items, numbered by their places.
std::unique_ptr<ItemSource> list_of(std::vector<std::string> texts, std::vector<std::string> columns = {});
/// These items, as they are numbered.
std::unique_ptr<ItemSource> list_of(std::vector<Item> items, std::vector<std::string> columns = {});

/// Items kept for later in little more memory than their text takes, which is given back as they are taken out again.
class ItemPack {
public:
    /// Adds one behind the others.
    void add(const Item& item);
    /// How many there are.
    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    /// See `size`.
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    /// Gives them in the order in which they were added; none are left here. They have these columns.
    [[nodiscard]] std::unique_ptr<ItemSource> take_all(std::vector<std::string> columns = {});

private:
    class Source;
    std::deque<std::string> pieces_; ///< numbers and lengths in their own bytes, each before its text
    std::size_t count_ = 0;
};

/// The job's items as they are read: lines, rows and combinations one by one, the files of a folder all at once. Throws
/// what `collect_inputs` does, except that an empty file is found out by the first `next` only, which then says `end`.
std::unique_ptr<ItemSource> open_inputs(const Inputs& inputs, std::vector<std::string>* problems = nullptr,
                                        const std::stop_token& stop = {});

/// The same lines from a descriptor that somebody else owns.
std::unique_ptr<ItemSource> lines_of(int descriptor, const std::string& name);

/// From a descriptor that somebody else owns (`owned`: from one that the source takes), the texts that a zero byte
/// ends, as `find -print0` writes them; empty ones are left out.
std::unique_ptr<ItemSource> texts_of(int descriptor, const std::string& name, os::Fd owned = {});

/// What `source` gives, without the items for which `is_left_out` is true. They keep their numbers.
std::unique_ptr<ItemSource> without(std::unique_ptr<ItemSource> source, std::function<bool(const Item&)> is_left_out);

} // namespace pprocess::job
