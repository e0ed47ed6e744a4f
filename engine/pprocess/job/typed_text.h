// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include <pprocess/message/any_value.h>

namespace pprocess::job {

/// What a person has typed for a parameter of this type, as the value that the parameter takes. `type` is spelled as in
/// `TaskParameter::type`: "double", "std::vector<int>", "std::chrono::milliseconds".
///
/// - Truth values, numbers, texts and paths are taken plainly; a text as it stands, blanks and all.
/// - A duration is numbers with units: "1.5s", "200ms", "1h 30min" (ns, us, ms, s, min, h, d).
/// - Lists, sets, maps, pairs and tuples are JSON. A list of numbers may also be a line with commas: "1, 2, 3". A map
///   is an object when its keys are texts, else a list of pairs.
/// - An optional is empty when nothing is typed, a byte buffer is the bytes of the text.
/// - A variant is the first alternative that takes the text (one that is itself a text comes last), or
///   `{"alternative": 1, "value": …}`.
/// - Any other type (an enum or a struct of the library) is JSON: its lists become tuples, as structs travel, and
///   `{"list": […]}` a list; `1` is an integer and `1.0` a floating-point number.
///
/// Wherever JSON is taken, `{"bytes": "…"}` stands for a text that is not UTF-8 as in job files, and the texts "nan",
/// "inf" and "-inf" for those numbers: so what `to_json_text` writes is read again.
///
/// Throws `std::invalid_argument` with the rest of a sentence for a person that begins with the parameter's name: `must
/// be a whole number from 0 to 255, but is "abc"`.
[[nodiscard]] AnyValue value_from_text(std::string_view type, std::string_view text);

/// A text that `value_from_text` takes for this type, to show what is wanted: "1.5", "1, 2, 3".
[[nodiscard]] std::string example_for(std::string_view type);

/// What such a value is, for a person: "a number", "a whole number, 0 to 255", "a list of texts".
[[nodiscard]] std::string words_for(std::string_view type);

} // namespace pprocess::job
