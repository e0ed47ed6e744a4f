// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/job.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <set>

#include <nlohmann/json.hpp>

#include <pprocess/job/json_text.h>
#include <pprocess/message/utf8.h>

namespace pprocess::job {

namespace {

using Json = nlohmann::ordered_json;

constexpr int newest_version = 2;

// --- reading, with words for each mistake ---

[[noreturn]] void refuse(const std::string& field, const Json& value, const std::string& wanted) {
    throw JobError(field, "\"" + field + "\" must be " + wanted + ", but is " + kind_of_json(value) + ".");
}

bool flag_from(const Json& value, const std::string& field) {
    if (!value.is_boolean())
        refuse(field, value, "true or false");
    return value.get<bool>();
}

std::uint64_t count_from(const Json& value, const std::string& field, std::uint64_t least,
                         std::uint64_t most = std::numeric_limits<std::uint64_t>::max()) {
    if (value.is_number_unsigned() && value.get<std::uint64_t>() >= least && value.get<std::uint64_t>() <= most)
        return value.get<std::uint64_t>();
    std::string wanted = "a whole number, at least " + std::to_string(least);
    if (most != std::numeric_limits<std::uint64_t>::max())
        wanted += " and at most " + std::to_string(most);
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

double number_from(const Json& value, const std::string& field) {
    if (!value.is_number())
        refuse(field, value, "a number");
    return value.get<double>();
}

const Json& list_from(const Json& value, const std::string& field, const std::string& wanted) {
    if (!value.is_array())
        refuse(field, value, wanted);
    return value;
}

std::string at(const std::string& field, std::size_t place) {
    return field + "[" + std::to_string(place) + "]";
}

std::vector<std::string> texts_from(const Json& value, const std::string& field) {
    std::vector<std::string> texts;
    texts.reserve(value.size());
    for (const Json& text : list_from(value, field, "a list of texts"))
        texts.push_back(text_from_json(text, at(field, texts.size())));
    return texts;
}

FolderInputs folder_from(Fields& fields, const Json& folder) {
    FolderInputs inputs;
    inputs.folder = text_from_json(folder, "inputs.folder");
    if (const Json* pattern = fields.find("pattern"))
        inputs.pattern = text_from_json(*pattern, "inputs.pattern");
    if (const Json* recursive = fields.find("recursive"))
        inputs.recursive = flag_from(*recursive, "inputs.recursive");
    return inputs;
}

TableInputs table_from(Fields& fields, const Json& file) {
    TableInputs inputs;
    inputs.file = text_from_json(file, "inputs.table");
    if (const Json* separator = fields.find("separator")) {
        const std::string text = text_from_json(*separator, "inputs.separator");
        if (text.size() != 1 || std::string_view(",;|: \t").find(text) == std::string_view::npos) {
            throw JobError("inputs.separator", "\"inputs.separator\" must be one of , ; | : a blank and a tab (\\t), "
                                               "but is \"" +
                                                   printable(text) + "\".");
        }
        inputs.separator = text.front();
    }
    if (const Json* header = fields.find("header"))
        inputs.has_header = flag_from(*header, "inputs.header");
    return inputs;
}

Axis axis_from(const Json& object, const std::string& field) {
    if (!object.is_object())
        refuse(field, object, R"(an object such as {"name": "x", "from": 1, "to": 10})");
    Fields fields(object, field + ".");
    Axis axis;
    axis.name = text_from_json(fields.need("name", "\"name\": \"x\""), field + ".name");
    if (const Json* values = fields.find("values")) {
        axis.values = texts_from(*values, field + ".values");
    } else {
        Range range;
        range.from = number_from(fields.need("from", "\"from\": 1, or \"values\": [\"a\", \"b\"]"), field + ".from");
        range.to = number_from(fields.need("to", "\"to\": 10"), field + ".to");
        if (const Json* step = fields.find("step"))
            range.step = number_from(*step, field + ".step");
        axis.values = range;
    }
    fields.finish();
    return axis;
}

Inputs inputs_from(const Json& object) {
    if (!object.is_object())
        refuse("inputs", object, "an object such as {\"folder\": \"/usr/include\"}");
    Fields fields(object, "inputs.");
    std::size_t ways = 0;
    for (const char* way : {"folder", "items", "file", "table", "grid", "standard_input"})
        ways += object.contains(way) ? 1 : 0;
    if (ways != 1) {
        throw JobError("inputs", std::string("\"inputs\" must have one of \"folder\", \"items\", \"file\", \"table\", "
                                             "\"grid\" and \"standard_input\", but has ") +
                                     (ways == 0 ? "none of them." : "more than one."));
    }
    Inputs inputs;
    if (const Json* folder = fields.find("folder")) {
        inputs = folder_from(fields, *folder);
    } else if (const Json* items = fields.find("items")) {
        inputs = ListInputs{texts_from(*items, "inputs.items")};
    } else if (const Json* file = fields.find("file")) {
        inputs = LineInputs{text_from_json(*file, "inputs.file")};
    } else if (const Json* table = fields.find("table")) {
        inputs = table_from(fields, *table);
    } else if (const Json* grid = fields.find("grid")) {
        GridInputs axes;
        for (const Json& axis : list_from(*grid, "inputs.grid", "a list of axes"))
            axes.axes.push_back(axis_from(axis, at("inputs.grid", axes.axes.size())));
        inputs = axes;
    } else {
        if (!flag_from(*fields.find("standard_input"), "inputs.standard_input"))
            throw JobError("inputs.standard_input",
                           "\"inputs.standard_input\" can only be true. For other inputs leave "
                           "it out.");
        inputs = StandardInput{};
    }
    fields.finish();
    return inputs;
}

Function function_from(const Json& object, const std::string& field) {
    if (!object.is_object())
        refuse(field, object, R"(an object such as {"library": "libgeo.so", "name": "area"})");
    Fields fields(object, field + ".");
    Function function;
    function.library = text_from_json(fields.need("library", "\"library\": \"libgeo.so\""), field + ".library");
    function.name = text_from_json(fields.need("name", "\"name\": \"area\""), field + ".name");
    if (const Json* arguments = fields.find("arguments"))
        function.arguments = texts_from(*arguments, field + ".arguments");
    fields.finish();
    return function;
}

/// One of the steps that follow the first.
Step step_from(const Json& object, const std::string& field) {
    if (!object.is_object())
        refuse(field, object, R"(an object such as {"command": "wc -l"})");
    if (object.contains("command") == object.contains("function")) {
        throw JobError(field, "\"" + field + "\" must have either \"command\" or \"function\", but has " +
                                  (object.contains("command") ? "both." : "none of them."));
    }
    Fields fields(object, field + ".");
    Step step;
    if (const Json* function = fields.find("function")) {
        step = function_from(*function, field + ".function");
    } else {
        Command command;
        command.line = text_from_json(*fields.find("command"), field + ".command");
        if (const Json* use_shell = fields.find("use_shell"))
            command.use_shell = flag_from(*use_shell, field + ".use_shell");
        step = command;
    }
    fields.finish();
    return step;
}

std::vector<std::pair<std::string, std::string>> environment_from(const Json& object) {
    if (!object.is_object())
        refuse("environment", object, R"(an object such as {"LANG": "C"})");
    std::vector<std::pair<std::string, std::string>> environment;
    for (const auto& entry : object.items())
        environment.emplace_back(entry.key(), text_from_json(entry.value(), "environment." + entry.key()));
    return environment;
}

/// Seconds, which may have a fraction.
std::chrono::milliseconds seconds_from(const Json& value, const std::string& field) {
    const double seconds = number_from(value, field);
    if (!(seconds >= 0.001 && seconds <= 1e9))
        throw JobError(field,
                       "\"" + field + "\" must be a number of seconds, at least 0.001, but is " + value.dump() + ".");
    return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(seconds * 1000 + 0.5));
}

Pattern pattern_from(const Json& value) {
    static const std::string names = R"("map", "queue", "exchange" or "continuous")";
    if (!value.is_string())
        refuse("pattern", value, names);
    const auto& text = value.get_ref<const std::string&>();
    for (const Pattern pattern : {Pattern::map, Pattern::queue, Pattern::exchange, Pattern::continuous})
        if (text == to_string(pattern))
            return pattern;
    throw JobError("pattern", "\"pattern\" must be " + names + ", but is \"" + printable(text) + "\".");
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
        if (!message::is_utf8(text)) {
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
                                   kind_of_json(object) + ".");
    }
    Fields fields(object, "");
    const Json& version = fields.need("version", "\"version\": 1");
    if (!version.is_number_integer())
        refuse("version", version, "a number, such as " + std::to_string(newest_version));
    if (version < 1 || version > newest_version) {
        throw JobError("version", "The job file is of version " + version.dump() +
                                      ", but this program reads versions 1 to " + std::to_string(newest_version) +
                                      ". A newer pprocess may read it.");
    }

    Job job;
    if (const Json* name = fields.find("name"))
        job.name = text_from_json(*name, "name");
    if (const Json* function = fields.find("function")) {
        job.function = function_from(*function, "function");
        if (object.contains("command"))
            throw JobError("function", "The job has both a \"command\" and a \"function\". Keep one as its first step; "
                                       "the other may go into \"then\".");
    } else {
        job.command = text_from_json(fields.need("command", "\"command\": \"sha256sum {}\""), "command");
    }
    if (const Json* use_shell = fields.find("use_shell"))
        job.use_shell = flag_from(*use_shell, "use_shell");
    job.inputs = inputs_from(fields.need("inputs", "\"inputs\": {\"folder\": \"/usr/include\", \"pattern\": \"*.h\"}"));
    if (const Json* pattern = fields.find("pattern"))
        job.pattern = pattern_from(*pattern);
    if (const Json* limit = fields.find("limit"); limit && !limit->is_null())
        job.limit = count_from(*limit, "limit", 1);
    if (const Json* reuse = fields.find("reuse"))
        job.reuse = flag_from(*reuse, "reuse");
    if (const Json* batch = fields.find("batch"); batch && !batch->is_null())
        job.batch = count_from(*batch, "batch", 1);
    if (const Json* then = fields.find("then")) {
        for (const Json& step : list_from(*then, "then", "a list of steps"))
            job.then.push_back(step_from(step, at("then", job.then.size())));
    }
    if (const Json* timeout = fields.find("timeout"); timeout && !timeout->is_null())
        job.timeout = seconds_from(*timeout, "timeout");
    if (const Json* retries = fields.find("retries"))
        job.retries = static_cast<unsigned>(count_from(*retries, "retries", 0, 1000));
    if (const Json* stop = fields.find("stop_at_failure"))
        job.stop_at_failure = flag_from(*stop, "stop_at_failure");
    if (const Json* environment = fields.find("environment"))
        job.environment = environment_from(*environment);
    if (const Json* niceness = fields.find("niceness")) {
        const double number = number_from(*niceness, "niceness");
        if (number < -20 || number > 19 || number != static_cast<int>(number))
            throw JobError("niceness",
                           "\"niceness\" must be a whole number from -20 to 19, but is " + niceness->dump() + ".");
        job.niceness = static_cast<int>(number);
    }
    if (const Json* cores = fields.find("cores")) {
        for (const Json& core : list_from(*cores, "cores", "a list of processors' numbers"))
            job.cores.push_back(static_cast<unsigned>(count_from(core, at("cores", job.cores.size()), 0, 1023)));
    }
    if (const Json* folder = fields.find("working_folder"))
        job.working_folder = text_from_json(*folder, "working_folder");
    if (const Json* cap = fields.find("output_cap"))
        job.output_cap = count_from(*cap, "output_cap", 0);
    fields.finish();
    return job;
}

namespace {

Json texts_to_json(const std::vector<std::string>& texts) {
    Json list = Json::array();
    for (const std::string& text : texts)
        list.push_back(text_to_json(text));
    return list;
}

Json to_object(const FolderInputs& inputs) {
    return {{"folder", text_to_json(inputs.folder.native())},
            {"pattern", text_to_json(inputs.pattern)},
            {"recursive", inputs.recursive}};
}
Json to_object(const ListInputs& inputs) {
    return {{"items", texts_to_json(inputs.items)}};
}
Json to_object(const LineInputs& inputs) {
    return {{"file", text_to_json(inputs.file.native())}};
}
Json to_object(const TableInputs& inputs) {
    return {{"table", text_to_json(inputs.file.native())},
            {"separator", std::string(1, inputs.separator)},
            {"header", inputs.has_header}};
}
/// As it was typed: 3 and not 3.0.
Json number_to_json(double number) {
    if (number == std::floor(number) && std::abs(number) < 1e15)
        return static_cast<std::int64_t>(number);
    return number;
}
Json to_object(const GridInputs& inputs) {
    Json axes = Json::array();
    for (const Axis& axis : inputs.axes) {
        Json object = {{"name", text_to_json(axis.name)}};
        if (const auto* range = std::get_if<Range>(&axis.values)) {
            object["from"] = number_to_json(range->from);
            object["to"] = number_to_json(range->to);
            object["step"] = number_to_json(range->step);
        } else {
            object["values"] = texts_to_json(std::get<std::vector<std::string>>(axis.values));
        }
        axes.push_back(std::move(object));
    }
    Json whole = Json::object();
    whole["grid"] = std::move(axes);
    return whole;
}
Json to_object(const StandardInput&) {
    return {{"standard_input", true}};
}

Json to_object(const Function& function) {
    Json object = {{"library", text_to_json(function.library.native())}, {"name", text_to_json(function.name)}};
    if (!function.arguments.empty())
        object["arguments"] = texts_to_json(function.arguments);
    return object;
}
Json to_object(const Command& command) {
    return {{"command", text_to_json(command.line)}, {"use_shell", command.use_shell}};
}
Json to_object(const Step& step) {
    if (const auto* command = std::get_if<Command>(&step))
        return to_object(*command);
    Json object = Json::object();
    object["function"] = to_object(std::get<Function>(step));
    return object;
}

/// Does the job use what readers of version 1 do not know?
bool needs_version_2(const Job& job) {
    const bool new_inputs = !std::holds_alternative<FolderInputs>(job.inputs) &&
                            !std::holds_alternative<ListInputs>(job.inputs) &&
                            !std::holds_alternative<LineInputs>(job.inputs);
    return new_inputs || job.function || !job.then.empty() || job.timeout || job.retries != 0 || job.stop_at_failure ||
           job.batch || (job.pattern != Pattern::map && job.pattern != Pattern::queue) || !job.environment.empty() ||
           job.niceness != 0 || !job.cores.empty();
}

} // namespace

std::string to_json(const Job& job) {
    Json object = Json::object();
    object["version"] = needs_version_2(job) ? 2 : 1;
    object["name"] = text_to_json(job.name);
    if (job.function) {
        object["function"] = to_object(*job.function);
    } else {
        object["command"] = text_to_json(job.command);
        object["use_shell"] = job.use_shell;
    }
    for (const Step& step : job.then)
        object["then"].push_back(to_object(step));
    object["inputs"] = std::visit([](const auto& inputs) { return to_object(inputs); }, job.inputs);
    object["pattern"] = to_string(job.pattern);
    if (job.limit)
        object["limit"] = *job.limit;
    object["reuse"] = job.reuse;
    if (job.batch)
        object["batch"] = *job.batch;
    if (job.timeout)
        object["timeout"] = number_to_json(std::chrono::duration<double>(*job.timeout).count());
    if (job.retries != 0)
        object["retries"] = job.retries;
    if (job.stop_at_failure)
        object["stop_at_failure"] = true;
    if (!job.working_folder.empty())
        object["working_folder"] = text_to_json(job.working_folder.native());
    for (const auto& [name, value] : job.environment)
        object["environment"][name] = text_to_json(value);
    if (job.niceness != 0)
        object["niceness"] = job.niceness;
    for (const unsigned core : job.cores)
        object["cores"].push_back(core);
    object["output_cap"] = job.output_cap;
    return object.dump(4) + "\n";
}

} // namespace pprocess::job
