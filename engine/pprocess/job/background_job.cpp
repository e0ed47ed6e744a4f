// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/background_job.h>

#include <string_view>
#include <utility>

namespace pprocess::job {

namespace {

// To be changed with what follows them.
constexpr std::string_view item_word = "pprocess job item 1";
constexpr std::string_view end_word = "pprocess job end 1";

} // namespace

void send_item(Channel& channel, const ItemResult& result) {
    channel.send(std::pair<std::string_view, const ItemResult&>(item_word, result));
}

void send_end(Channel& channel, const Progress& progress) {
    channel.send(std::pair<std::string_view, const Progress&>(end_word, progress));
}

JobMessage job_message(const AnyValue& value) {
    if (value.kind() != AnyValue::Kind::tuple || value.size() != 2)
        return {};
    const AnyValue word = value.child(0);
    if (word.kind() != AnyValue::Kind::text)
        return {};
    if (word.text() == item_word)
        return value.child(1).as<ItemResult>();
    if (word.text() == end_word)
        return value.child(1).as<Progress>();
    return {};
}

} // namespace pprocess::job
