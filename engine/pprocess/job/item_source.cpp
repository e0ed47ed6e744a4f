// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/item_source.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <pprocess/job/columns.h>
#include <pprocess/job/grid.h>
#include <pprocess/os/clock.h>
#include <pprocess/os/epoll.h>

namespace pprocess::job {

namespace {

class ListSource final : public ItemSource {
public:
    ListSource(std::vector<Item> items, std::vector<std::string> columns) : items_(std::move(items)) {
        columns_ = std::move(columns);
    }

    Next next(Item& item) override {
        if (next_ == items_.size())
            return Next::end;
        item = std::move(items_[next_++]);
        return Next::item;
    }
    [[nodiscard]] std::optional<std::size_t> total() const override { return items_.size(); }

private:
    std::vector<Item> items_;
    std::size_t next_ = 0;
};

/// The same for texts alone, without a number beside each of a million.
class TextSource final : public ItemSource {
public:
    TextSource(std::vector<std::string> texts, std::vector<std::string> columns) : texts_(std::move(texts)) {
        columns_ = std::move(columns);
    }

    Next next(Item& item) override {
        if (next_ == texts_.size())
            return Next::end;
        item.number = next_;
        item.text = std::move(texts_[next_++]);
        return Next::item;
    }
    [[nodiscard]] std::optional<std::size_t> total() const override { return texts_.size(); }

private:
    std::vector<std::string> texts_;
    std::size_t next_ = 0;
};

/// The records of a text as it comes in.
class RecordSource final : public ItemSource {
public:
    /// `table` is null where each line is an item as it is, or with `ends_with_zero` each text before a zero byte.
    RecordSource(os::Fd owned, int descriptor, std::string name, const TableInputs* table, bool ends_with_zero = false)
        : owned_(std::move(owned)),
          descriptor_(descriptor),
          name_(std::move(name)),
          is_table_(table != nullptr),
          ends_with_zero_(ends_with_zero),
          separator_(table ? table->separator : ' ') {
        if (!table)
            return;
        std::string_view header;
        while (!take(header))
            if (!read())
                return;
        columns_ = columns_of_record(header, *table);
        if (!table->has_header)
            begin_ = 0; // it is the first item too
    }

    Next next(Item& item) override {
        for (;;) {
            std::string_view record;
            while (take(record)) {
                if (record.empty())
                    continue;
                item.number = given_++;
                item.text = is_table_ && separator_ != ',' ? join_record(split_record(record, separator_))
                                                           : std::string(record);
                return Next::item;
            }
            if (is_at_end_)
                return Next::end;
            if (!os::wait_readable(descriptor_, os::Deadline::after(std::chrono::seconds(0))))
                return Next::later;
            read();
        }
    }

    [[nodiscard]] int fileno() const override { return descriptor_; }
    [[nodiscard]] std::optional<std::size_t> total() const override {
        return is_at_end_ && begin_ == text_.size() ? std::optional(given_) : std::nullopt;
    }

private:
    bool take(std::string_view& record) {
        std::string_view rest = std::string_view(text_).substr(begin_);
        if (ends_with_zero_) {
            const std::size_t end = rest.find('\0');
            if (end == std::string_view::npos && (!is_at_end_ || rest.empty()))
                return false;
            record = rest.substr(0, end);
            begin_ += std::min(record.size() + 1, rest.size());
            return true;
        }
        if (!take_record(rest, is_table_ ? separator_ : ' ', is_at_end_, record))
            return false;
        begin_ = text_.size() - rest.size();
        return true;
    }

    /// Waits for more; false at the end.
    bool read() {
        text_.erase(0, begin_);
        begin_ = 0;
        std::array<char, 65536> buffer;
        const ssize_t count = os::retry([&] { return ::read(descriptor_, buffer.data(), buffer.size()); });
        if (count < 0)
            throw JobError("inputs.file",
                           "Cannot read " + name_ + ": " + std::system_category().message(errno) + ". Choose another.");
        text_.append(buffer.data(), static_cast<std::size_t>(count));
        is_at_end_ = count == 0;
        return !is_at_end_;
    }

    os::Fd owned_;
    int descriptor_;
    std::string name_;
    bool is_table_;
    bool ends_with_zero_;
    char separator_;
    std::string text_;
    std::size_t begin_ = 0; ///< of what has not been given yet, in `text_`
    bool is_at_end_ = false;
    std::size_t given_ = 0;
};

class GridSource final : public ItemSource {
public:
    explicit GridSource(const GridInputs& inputs) : grid_(inputs) { columns_ = grid_.names(); }

    Next next(Item& item) override {
        if (next_ == grid_.size())
            return Next::end;
        item.number = next_;
        item.text = join_record(grid_.combination(next_++));
        return Next::item;
    }
    [[nodiscard]] std::optional<std::size_t> total() const override { return grid_.size(); }

private:
    Grid grid_;
    std::size_t next_ = 0;
};

class FilteredSource final : public ItemSource {
public:
    FilteredSource(std::unique_ptr<ItemSource> source, std::function<bool(const Item&)> is_left_out)
        : source_(std::move(source)),
          is_left_out_(std::move(is_left_out)) {
        columns_ = source_->columns();
    }

    Next next(Item& item) override {
        for (;;) {
            const Next found = source_->next(item);
            if (found == Next::item && is_left_out_(item))
                continue;
            given_ += found == Next::item ? 1 : 0;
            is_at_end_ = found == Next::end;
            return found;
        }
    }
    [[nodiscard]] int fileno() const override { return source_->fileno(); }
    [[nodiscard]] std::optional<std::size_t> total() const override {
        return is_at_end_ ? std::optional(given_) : std::nullopt;
    }

private:
    std::unique_ptr<ItemSource> source_;
    std::function<bool(const Item&)> is_left_out_;
    std::size_t given_ = 0;
    bool is_at_end_ = false;
};

std::unique_ptr<ItemSource> open_file(const std::filesystem::path& file, const TableInputs* table) {
    const std::string name = "the file " + printable(file.native());
    if (file.empty())
        throw JobError("inputs.file", "No file is given. Choose the one whose lines are the inputs.");
    os::Fd opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened.is_open())
        throw JobError("inputs.file",
                       "Cannot open " + name + ": " + std::system_category().message(errno) + ". Choose another.");
    const int descriptor = opened.get();
    return std::make_unique<RecordSource>(std::move(opened), descriptor, name, table);
}

} // namespace

std::unique_ptr<ItemSource> list_of(std::vector<std::string> texts, std::vector<std::string> columns) {
    return std::make_unique<TextSource>(std::move(texts), std::move(columns));
}

std::unique_ptr<ItemSource> list_of(std::vector<Item> items, std::vector<std::string> columns) {
    return std::make_unique<ListSource>(std::move(items), std::move(columns));
}

namespace {

constexpr std::size_t piece_size = std::size_t{1} << 20;

void put(std::string& piece, std::size_t number) {
    piece.append(reinterpret_cast<const char*>(&number), sizeof number);
}

std::size_t get(std::string_view& bytes) {
    std::size_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    bytes.remove_prefix(sizeof number);
    return number;
}

} // namespace

class ItemPack::Source final : public ItemSource {
public:
    Source(std::deque<std::string> pieces, std::size_t count, std::vector<std::string> columns)
        : pieces_(std::move(pieces)),
          count_(count) {
        columns_ = std::move(columns);
        if (!pieces_.empty())
            rest_ = pieces_.front();
    }

    Next next(Item& item) override {
        if (rest_.empty()) {
            if (pieces_.empty())
                return Next::end;
            pieces_.pop_front();
            if (pieces_.empty())
                return Next::end;
            rest_ = pieces_.front();
        }
        item.number = get(rest_);
        const std::size_t size = get(rest_);
        item.text = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return Next::item;
    }
    [[nodiscard]] std::optional<std::size_t> total() const override { return count_; }

private:
    std::deque<std::string> pieces_;
    std::size_t count_;
    std::string_view rest_; ///< of the first piece
};

void ItemPack::add(const Item& item) {
    const std::size_t size = 2 * sizeof(std::size_t) + item.text.size();
    if (pieces_.empty() || pieces_.back().size() + size > piece_size) {
        if (!pieces_.empty())
            pieces_.back().shrink_to_fit();
        pieces_.emplace_back();
    }
    std::string& piece = pieces_.back();
    put(piece, item.number);
    put(piece, item.text.size());
    piece += item.text;
    ++count_;
}

std::unique_ptr<ItemSource> ItemPack::take_all(std::vector<std::string> columns) {
    return std::make_unique<Source>(std::exchange(pieces_, {}), std::exchange(count_, 0), std::move(columns));
}

std::unique_ptr<ItemSource> open_inputs(const Inputs& inputs, std::vector<std::string>* problems,
                                        const std::stop_token& stop) {
    if (const auto* lines = std::get_if<LineInputs>(&inputs))
        return open_file(lines->file, nullptr);
    if (const auto* table = std::get_if<TableInputs>(&inputs))
        return open_file(table->file, table);
    if (const auto* grid = std::get_if<GridInputs>(&inputs))
        return std::make_unique<GridSource>(*grid);
    if (std::holds_alternative<StandardInput>(inputs))
        return lines_of(STDIN_FILENO, "standard input");
    return list_of(collect_inputs(inputs, problems, stop));
}

std::unique_ptr<ItemSource> texts_of(int descriptor, const std::string& name, os::Fd owned) {
    return std::make_unique<RecordSource>(std::move(owned), descriptor, name, nullptr, true);
}

std::unique_ptr<ItemSource> lines_of(int descriptor, const std::string& name) {
    return std::make_unique<RecordSource>(os::Fd(), descriptor, name, nullptr);
}

std::unique_ptr<ItemSource> without(std::unique_ptr<ItemSource> source, std::function<bool(const Item&)> is_left_out) {
    return std::make_unique<FilteredSource>(std::move(source), std::move(is_left_out));
}

} // namespace pprocess::job
