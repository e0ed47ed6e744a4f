// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/job.h>

#include <algorithm>
#include <initializer_list>
#include <set>

#include <nlohmann/json.hpp>

#include <pprocess/job/utf8.h>

namespace pprocess::job {

namespace {

using Json = nlohmann::ordered_json;

constexpr int format_version = 1;

// --- text of any bytes ---

constexpr std::string_view hex_digits = "0123456789abcdef";

/// Any bytes as valid text: a backslash twice, a byte that is not part of valid UTF-8 as \xff.
std::string escape_bytes(std::string_view bytes) {
    std::string text;
    while (!bytes.empty()) {
        const std::size_t length = next_character(bytes).length;
        if (length == 0) {
            const auto byte = static_cast<unsigned char>(bytes.front());
            text += "\\x";
            text += hex_digits[byte >> 4];
            text += hex_digits[byte & 15];
        } else if (bytes.front() == '\\') {
            text += "\\\\";
        } else {
            text += bytes.substr(0, length);
        }
        bytes.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return text;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

std::string unescape_bytes(std::string_view text, const std::string& field) {
    std::string bytes;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        if (rest[0] != '\\') {
            bytes += rest[0];
            at += 1;
        } else if (rest.starts_with("\\\\")) {
            bytes += '\\';
            at += 2;
        } else if (rest.starts_with("\\x") && rest.size() >= 4 && hex_value(rest[2]) >= 0 && hex_value(rest[3]) >= 0) {
            bytes += static_cast<char>(hex_value(rest[2]) * 16 + hex_value(rest[3]));
            at += 4;
        } else {
            throw JobError(field,
                           "In \"bytes\" of \"" + field +
                               "\" a backslash must be followed by another one or by x and two digits (0-9, a-f).");
        }
    }
    return bytes;
}

Json text_to_json(const std::string& text) {
    if (is_utf8(text))
        return text;
    return Json{{"bytes", escape_bytes(text)}};
}

// --- reading, with words for each mistake ---

const char* kind_of(const Json& value) {
    switch (value.type()) {
    case Json::value_t::null:
        return "null";
    case Json::value_t::object:
        return "an object";
    case Json::value_t::array:
        return "a list";
    case Json::value_t::string:
        return "a text";
    case Json::value_t::boolean:
        return "true or false";
    default:
        return "a number";
    }
}

[[noreturn]] void refuse(const std::string& field, const Json& value, const std::string& wanted) {
    throw JobError(field, "\"" + field + "\" must be " + wanted + ", but is " + kind_of(value) + ".");
}

std::string text_from(const Json& value, const std::string& field) {
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_object() && value.size() == 1 && value.contains("bytes") && value["bytes"].is_string()) {
        return unescape_bytes(value["bytes"].get_ref<const std::string&>(), field);
    }
    refuse(field, value, "a text (or {\"bytes\": \"…\"} when it is not UTF-8)");
}

bool flag_from(const Json& value, const std::string& field) {
    if (!value.is_boolean())
        refuse(field, value, "true or false");
    return value.get<bool>();
}

std::uint64_t count_from(const Json& value, const std::string& field, std::uint64_t least) {
    if (value.is_number_unsigned() && value.get<std::uint64_t>() >= least)
        return value.get<std::uint64_t>();
    const std::string wanted = "a whole number, at least " + std::to_string(least);
    if (value.is_number())
        throw JobError(field, "\"" + field + "\" must be " + wanted + ", but is " + value.dump() + ".");
    refuse(field, value, wanted);
}

/// One object of the file, whose fields are taken by name; `finish` refuses those that nobody asked for.
class Fields {
public:
    Fields(const Json& object, std::string prefix) : object_(object), prefix_(std::move(prefix)) {}

    [[nodiscard]] std::string name(const std::string& key) const { return prefix_ + key; }

    const Json* find(const std::string& key) {
        known_.push_back(key);
        const auto found = object_.find(key);
        return found == object_.end() ? nullptr : &*found;
    }

    const Json& need(const std::string& key, const std::string& example) {
        const Json* value = find(key);
        if (!value)
            throw JobError(name(key), "The job file lacks \"" + name(key) + "\". Add it, as in " + example);
        return *value;
    }

    void finish() const {
        for (const auto& entry : object_.items()) {
            if (std::find(known_.begin(), known_.end(), entry.key()) != known_.end())
                continue;
            std::string all;
            for (const std::string& key : known_)
                all += (all.empty() ? "" : ", ") + key;
            throw JobError(name(entry.key()), "The job file has a field \"" + name(entry.key()) +
                                                  "\" that means nothing here. Remove it; known are: " + all + ".");
        }
    }

private:
    const Json& object_;
    std::string prefix_;
    std::vector<std::string> known_;
};

Inputs inputs_from(const Json& object) {
    if (!object.is_object())
        refuse("inputs", object, "an object such as {\"folder\": \"/usr/include\"}");
    Fields fields(object, "inputs.");
    const int ways = int(object.contains("folder")) + int(object.contains("items")) + int(object.contains("file"));
    if (ways != 1) {
        throw JobError("inputs",
                       std::string("\"inputs\" must have one of \"folder\", \"items\" and \"file\", but has ") +
                           (ways == 0 ? "none of them." : "more than one."));
    }
    if (const Json* folder = fields.find("folder")) {
        FolderInputs inputs;
        inputs.folder = text_from(*folder, "inputs.folder");
        if (const Json* pattern = fields.find("pattern"))
            inputs.pattern = text_from(*pattern, "inputs.pattern");
        if (const Json* recursive = fields.find("recursive"))
            inputs.recursive = flag_from(*recursive, "inputs.recursive");
        fields.finish();
        return inputs;
    }
    if (const Json* items = fields.find("items")) {
        if (!items->is_array())
            refuse("inputs.items", *items, "a list of texts");
        ListInputs inputs;
        inputs.items.reserve(items->size());
        for (const Json& item : *items) {
            inputs.items.push_back(text_from(item, "inputs.items[" + std::to_string(inputs.items.size()) + "]"));
        }
        fields.finish();
        return inputs;
    }
    LineInputs inputs;
    inputs.file = text_from(*fields.find("file"), "inputs.file");
    fields.finish();
    return inputs;
}

Pattern pattern_from(const Json& value) {
    if (!value.is_string())
        refuse("pattern", value, "\"map\" or \"queue\"");
    const auto& text = value.get_ref<const std::string&>();
    if (text == "map")
        return Pattern::map;
    if (text == "queue")
        return Pattern::queue;
    throw JobError("pattern", "\"pattern\" must be \"map\" or \"queue\", but is \"" + printable(text) + "\".");
}

/// A field that stands twice would silently count once.
Json parse(std::string_view text) {
    std::vector<std::set<std::string>> keys;
    const auto watch = [&](int, Json::parse_event_t event, Json& value) {
        if (event == Json::parse_event_t::object_start) {
            keys.emplace_back();
        } else if (event == Json::parse_event_t::object_end) {
            keys.pop_back();
        } else if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second) {
            const auto field = value.get<std::string>();
            throw JobError(field, "The job file has the field \"" + field + "\" twice in one place. Remove one.");
        }
        return true;
    };
    try {
        return Json::parse(text, watch);
    } catch (const Json::parse_error& error) {
        const std::string_view before = text.substr(0, error.byte > 0 ? std::min(error.byte - 1, text.size()) : 0);
        const auto line = std::count(before.begin(), before.end(), '\n') + 1;
        const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;
        const std::string where = "line " + std::to_string(line) + ", character " + std::to_string(column);
        if (!is_utf8(text)) {
            throw JobError("file", "The job file is not valid UTF-8 (" + where +
                                       "). Write such a text as {\"bytes\": \"…\"} with \\\\xff for each byte.");
        }
        throw JobError("file",
                       "The job file is not valid JSON: look at " + where + " (a missing comma, quote or bracket?).");
    }
}

} // namespace

Job from_json(std::string_view text) {
    const Json object = parse(text);
    if (!object.is_object()) {
        throw JobError("file", std::string("A job file must hold an object, { … }, but this one holds ") +
                                   kind_of(object) + ".");
    }
    Fields fields(object, "");
    const Json& version = fields.need("version", "\"version\": 1");
    if (!version.is_number_integer())
        refuse("version", version, "the number 1");
    if (version != format_version) {
        throw JobError("version", "The job file is of version " + version.dump() + ", but this program reads version " +
                                      std::to_string(format_version) + ". A newer pprocess may read it.");
    }

    Job job;
    if (const Json* name = fields.find("name"))
        job.name = text_from(*name, "name");
    job.command = text_from(fields.need("command", "\"command\": \"sha256sum {}\""), "command");
    if (const Json* use_shell = fields.find("use_shell"))
        job.use_shell = flag_from(*use_shell, "use_shell");
    job.inputs = inputs_from(fields.need("inputs", "\"inputs\": {\"folder\": \"/usr/include\", \"pattern\": \"*.h\"}"));
    if (const Json* pattern = fields.find("pattern"))
        job.pattern = pattern_from(*pattern);
    if (const Json* limit = fields.find("limit"); limit && !limit->is_null())
        job.limit = count_from(*limit, "limit", 1);
    if (const Json* reuse = fields.find("reuse"))
        job.reuse = flag_from(*reuse, "reuse");
    if (const Json* folder = fields.find("working_folder"))
        job.working_folder = text_from(*folder, "working_folder");
    if (const Json* cap = fields.find("output_cap"))
        job.output_cap = count_from(*cap, "output_cap", 0);
    fields.finish();
    return job;
}

std::string to_json(const Job& job) {
    Json inputs = Json::object();
    if (const auto* folder = std::get_if<FolderInputs>(&job.inputs)) {
        inputs["folder"] = text_to_json(folder->folder.native());
        inputs["pattern"] = text_to_json(folder->pattern);
        inputs["recursive"] = folder->recursive;
    } else if (const auto* list = std::get_if<ListInputs>(&job.inputs)) {
        Json& items = inputs["items"] = Json::array();
        for (const std::string& item : list->items)
            items.push_back(text_to_json(item));
    } else {
        inputs["file"] = text_to_json(std::get<LineInputs>(job.inputs).file.native());
    }

    Json object = Json::object();
    object["version"] = format_version;
    object["name"] = text_to_json(job.name);
    object["command"] = text_to_json(job.command);
    object["use_shell"] = job.use_shell;
    object["inputs"] = std::move(inputs);
    object["pattern"] = job.pattern == Pattern::map ? "map" : "queue";
    if (job.limit)
        object["limit"] = *job.limit;
    object["reuse"] = job.reuse;
    if (!job.working_folder.empty())
        object["working_folder"] = text_to_json(job.working_folder.native());
    object["output_cap"] = job.output_cap;
    return object.dump(4) + "\n";
}

} // namespace pprocess::job
