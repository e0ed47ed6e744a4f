// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/stored_row.h>

#include <array>
#include <atomic>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <system_error>

namespace pprocess::widgets {

namespace {

/// The texts of a row, in the order in which they are packed.
enum Text { input, detail, output, errors, value, textCount };

using Texts = std::array<std::string_view, textCount>;

/// Longer than any column is wide.
constexpr std::size_t longestValueText = 300;

std::string wordsOf(const std::optional<AnyValue>& value) {
    return value ? to_text(*value, longestValueText) : std::string();
}

/// Where a value is kept.
enum class ValuePlace : std::uint8_t {
    none,   ///< there is none
    number, ///< it is a whole number, of which its words say all
    text,   ///< it is a text, and its words are that
    beside, ///< behind the numbers
};

ValuePlace placeOf(const std::optional<AnyValue>& value) {
    if (!value) {
        return ValuePlace::none;
    }
    const bool isInteger =
        value->kind() == AnyValue::Kind::signed_integer || value->kind() == AnyValue::Kind::unsigned_integer;
    if (value->kind() == AnyValue::Kind::text && value->text().size() <= longestValueText) {
        return ValuePlace::text;
    }
    return isInteger ? ValuePlace::number : ValuePlace::beside;
}

AnyValue integerOf(std::string_view words) {
    std::int64_t number = 0;
    if (std::from_chars(words.data(), words.data() + words.size(), number).ec == std::errc()) {
        return AnyValue(number);
    }
    std::uint64_t large = 0;
    std::from_chars(words.data(), words.data() + words.size(), large);
    return AnyValue(large);
}

std::chrono::nanoseconds shownDuration(bool isOfSteps, std::chrono::nanoseconds all, std::chrono::nanoseconds program) {
    return isOfSteps ? all : program;
}

} // namespace

std::optional<double> ResultView::number() const {
    std::string_view rest = words;
    while (!rest.empty() && std::isspace(static_cast<unsigned char>(rest.back())) != 0) {
        rest.remove_suffix(1);
    }
    while (!rest.empty() && std::isspace(static_cast<unsigned char>(rest.front())) != 0) {
        rest.remove_prefix(1);
    }
    constexpr std::size_t longest = 40;
    double number = 0;
    if (rest.empty() || rest.size() > longest || !succeeded()) {
        return {};
    }
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    return error == std::errc() && end == rest.data() + rest.size() && std::isfinite(number) ? std::optional(number)
                                                                                             : std::nullopt;
}

struct StoredRow::Block {
    mutable std::atomic<std::uint32_t> uses{0};
    bool isWhole;
    explicit Block(bool whole) : isWhole(whole) {}
};

struct StoredRow::Whole : Block {
    ResultRowPtr row;
    std::string valueText;
    explicit Whole(ResultRowPtr what) : Block(true), row(std::move(what)), valueText(wordsOf(row->result.value)) {}
};

/// The numbers; behind them the value, if there is one, and then the texts.
struct StoredRow::Packed : Block {
    std::uint8_t outcome;
    std::uint8_t exitCode;
    std::uint8_t signal;
    std::uint32_t index;
    std::int32_t worker;
    std::uint16_t attempts;
    std::uint8_t step;
    ValuePlace valuePlace;
    std::array<std::uint16_t, textCount> lengths;
    std::int64_t duration;
    std::int64_t programDuration;

    Packed(const ResultRow& row, const Texts& texts)
        : Block(false),
          outcome(static_cast<std::uint8_t>(row.result.outcome)),
          exitCode(static_cast<std::uint8_t>(row.result.program.exit_code)),
          signal(static_cast<std::uint8_t>(row.result.program.signal)),
          index(static_cast<std::uint32_t>(row.result.index)),
          worker(row.result.worker),
          attempts(static_cast<std::uint16_t>(row.result.attempts)),
          step(static_cast<std::uint8_t>(row.result.step)),
          valuePlace(placeOf(row.result.value)),
          duration(row.result.duration.count()),
          programDuration(row.result.program.duration.count()) {
        char* place = textPlace();
        for (std::size_t text = 0; text < textCount; ++text) {
            lengths[text] = static_cast<std::uint16_t>(texts[text].size());
            if (!texts[text].empty()) {
                std::memcpy(place, texts[text].data(), texts[text].size());
            }
            place += texts[text].size();
        }
        if (valuePlace == ValuePlace::beside) {
            new (this + 1) AnyValue(*row.result.value);
        }
    }
    ~Packed() {
        if (valuePlace == ValuePlace::beside) {
            std::launder(const_cast<AnyValue*>(anyValue()))->~AnyValue();
        }
    }
    Packed(const Packed&) = delete;
    Packed& operator=(const Packed&) = delete;

    [[nodiscard]] const AnyValue* anyValue() const { return reinterpret_cast<const AnyValue*>(this + 1); }
    [[nodiscard]] char* textPlace() {
        return reinterpret_cast<char*>(this + 1) + (valuePlace == ValuePlace::beside ? sizeof(AnyValue) : 0);
    }
    [[nodiscard]] Texts texts() const {
        const char* place = const_cast<Packed*>(this)->textPlace();
        Texts all;
        for (std::size_t text = 0; text < textCount; ++text) {
            all[text] = {place, lengths[text]};
            place += lengths[text];
        }
        return all;
    }

    /// Is there nothing in the row that has no place here?
    static bool holds(const ResultRow& row, const Texts& texts) {
        const auto& result = row.result;
        const auto& program = result.program;
        std::size_t size = 0;
        for (const std::string_view text : texts) {
            size += text.size();
        }
        return size <= mostPackedText && result.input.empty() && program.start_error == 0 &&
               program.start_message.empty() && program.note_error == 0 &&
               program.output_bytes == program.output.size() && program.error_bytes == program.error_output.size() &&
               result.index <= std::numeric_limits<std::uint32_t>::max() &&
               result.attempts <= std::numeric_limits<std::uint16_t>::max() && result.step <= 255 &&
               program.exit_code >= 0 && program.exit_code <= 255 && program.signal >= 0 && program.signal <= 255;
    }
};

void intrusive_ptr_add_ref(const StoredRow::Block* block) noexcept {
    block->uses.fetch_add(1, std::memory_order_relaxed);
}

void intrusive_ptr_release(const StoredRow::Block* block) noexcept {
    if (block->uses.fetch_sub(1, std::memory_order_acq_rel) != 1) {
        return;
    }
    if (block->isWhole) {
        delete static_cast<const StoredRow::Whole*>(block);
    } else {
        const auto* packed = static_cast<const StoredRow::Packed*>(block);
        packed->~Packed();
        ::operator delete(const_cast<StoredRow::Packed*>(packed));
    }
}

StoredRow::StoredRow(ResultRowPtr row) {
    static_assert(alignof(AnyValue) <= alignof(Packed) && sizeof(Packed) % alignof(AnyValue) == 0);
    const auto& result = row->result;
    const std::string valueText = wordsOf(result.value);
    const Texts texts{row->input, result.detail, result.program.output, result.program.error_output, valueText};
    if (!Packed::holds(*row, texts)) {
        m_block.reset(new Whole(std::move(row)));
        return;
    }
    std::size_t size = sizeof(Packed) + (placeOf(result.value) == ValuePlace::beside ? sizeof(AnyValue) : 0);
    for (const std::string_view text : texts) {
        size += text.size();
    }
    m_block.reset(new (::operator new(size)) Packed(*row, texts));
}

ResultRowPtr StoredRow::row() const {
    if (!m_block) {
        return {};
    }
    if (m_block->isWhole) {
        return static_cast<const Whole&>(*m_block).row;
    }
    const auto& packed = static_cast<const Packed&>(*m_block);
    const Texts texts = packed.texts();
    auto row = std::make_shared<ResultRow>();
    row->input = texts[input];
    auto& result = row->result;
    result.index = packed.index;
    result.outcome = static_cast<job::Outcome>(packed.outcome);
    result.detail = texts[detail];
    result.worker = packed.worker;
    result.attempts = packed.attempts;
    result.step = packed.step;
    result.duration = std::chrono::nanoseconds(packed.duration);
    if (packed.valuePlace == ValuePlace::number) {
        result.value = integerOf(texts[value]);
    } else if (packed.valuePlace == ValuePlace::text) {
        result.value = AnyValue(texts[value]);
    } else if (packed.valuePlace == ValuePlace::beside) {
        result.value = *packed.anyValue();
    }
    auto& program = result.program;
    program.exit_code = packed.exitCode;
    program.signal = packed.signal;
    program.output = texts[output];
    program.error_output = texts[errors];
    program.output_bytes = program.output.size();
    program.error_bytes = program.error_output.size();
    program.duration = std::chrono::nanoseconds(packed.programDuration);
    return row;
}

ResultView StoredRow::view() const {
    ResultView view;
    if (!m_block) {
        return view;
    }
    const auto firstOf = [](const Texts& texts, std::string_view otherwise) {
        for (const Text text : {output, value, errors}) {
            if (!texts[text].empty()) {
                return texts[text];
            }
        }
        return otherwise;
    };
    if (m_block->isWhole) {
        const auto& whole = static_cast<const Whole&>(*m_block);
        const auto& result = whole.row->result;
        const auto& program = result.program;
        view = {
            .index = result.index,
            .outcome = result.outcome,
            .worker = result.worker,
            .attempts = result.attempts,
            .exitCode = program.exit_code,
            .signal = program.signal,
            .duration = shownDuration(result.value.has_value() || result.step > 0, result.duration, program.duration),
            .input = whole.row->input,
            .detail = result.detail,
            .words = firstOf({{{}, {}, program.output, program.error_output, whole.valueText}}, program.start_message),
            .hasValue = result.value.has_value()};
        return view;
    }
    const auto& packed = static_cast<const Packed&>(*m_block);
    const Texts texts = packed.texts();
    view = {.index = packed.index,
            .outcome = static_cast<job::Outcome>(packed.outcome),
            .worker = packed.worker,
            .attempts = packed.attempts,
            .exitCode = packed.exitCode,
            .signal = packed.signal,
            .duration = shownDuration(packed.valuePlace != ValuePlace::none || packed.step > 0,
                                      std::chrono::nanoseconds(packed.duration),
                                      std::chrono::nanoseconds(packed.programDuration)),
            .input = texts[input],
            .detail = texts[detail],
            .words = firstOf(texts, {}),
            .hasValue = packed.valuePlace != ValuePlace::none};
    return view;
}

} // namespace pprocess::widgets
