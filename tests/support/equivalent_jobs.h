// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <pprocess/job/job.h>

namespace pprocess::tests {

/// A job for which there must be a line of ppctl, and for some a program, that does the same.
struct EquivalentJob {
    const char* name;
    job::Job job;
    bool is_compiled = false; ///< is its program compiled and run?
};

/// `folder` has the files that they read: *.txt, lines, people.csv, plain.tsv; `library` is the shapes_tasks fixture.
inline std::vector<EquivalentJob> equivalent_jobs(const std::string& folder, const std::string& library) {
    std::vector<EquivalentJob> jobs;
    const auto add = [&jobs](const char* name, const char* command, job::Inputs inputs) -> job::Job& {
        jobs.push_back({name, {}, false});
        jobs.back().job.command = command;
        jobs.back().job.inputs = std::move(inputs);
        return jobs.back().job;
    };
    const auto compiled = [&jobs] { jobs.back().is_compiled = true; };
    const job::ListInputs three{{"a", "b", "c"}};

    add("folder", "wc -c {}", job::FolderInputs{folder, "*.txt;*.text", false}).name =
        "Count \\ the \"bytes\"\nof files";
    compiled();
    auto& odd = add("odd characters", "echo 'x  y' {} {.}{#}", job::ListInputs{});
    odd.inputs = job::ListInputs{{"it's", "a\"b $HOME `id`", "-x", "--limit", "ü", "two\nlines", "*", "#", "{}", "a,b",
                                  "{1..3}", "tab\there", "back\\slash"}};
    odd.pattern = job::Pattern::queue;
    odd.reuse = false;
    compiled();
    add("bytes", "printf %s {}", job::ListInputs{{"caf\xe9", "\x01\x7f"}});
    compiled();
    add("brackets", "echo", job::ListInputs{{"[a,b]", ""}});
    add("lines in a shell", "x={}; echo \"$x\" | tr a-z A-Z", job::LineInputs{folder + "/lines"}).use_shell = true;
    compiled();
    add("table", "echo {age} {first name}", job::TableInputs{folder + "/people.csv", ';', true});
    compiled();
    add("table without names", "echo {2} {1}", job::TableInputs{folder + "/plain.tsv", '\t', false});
    add("grid", "echo {size} {mode}",
        job::GridInputs{{{"size", job::Range{1, 0, -0.5}}, {"mode", std::vector<std::string>{"a, b", "c"}}}});
    compiled();
    add("grid of times", "echo", job::GridInputs{{{"at", std::vector<std::string>{"1:2", "2:30"}}}});
    add("function", "", job::GridInputs{{{"w", job::Range{1, 3, 1}}}}).function =
        job::Function{library, "area", {"{w}", "2.5"}};
    compiled();
    add("function of the input", "", job::ListInputs{{"1", "-2", "x"}}).function =
        job::Function{library, "negated<int>", {}};
    add("pipeline", "echo {}", three).then = {job::Command{"tr a-z A-Z", false}, job::Command{"echo {<} {}", false}};
    compiled();
    add("pipeline of all kinds", "echo 1{#}", three).then = {job::Function{library, "negated<int>", {"{<}"}},
                                                             job::Command{"expr 1000 + {<}", true}};
    compiled();
    auto& slow = add("time limit", "sleep", job::ListInputs{{"60", "70"}});
    slow.timeout = std::chrono::milliseconds(1000);
    slow.limit = 2;
    compiled();
    add("retries", "false", three).retries = 2;
    auto& around = add("surroundings", "echo $COLOR; nice; grep Cpus_allowed_list /proc/self/status; pwd; echo {}",
                       job::ListInputs{{"a"}});
    around.use_shell = true;
    around.environment = {{"COLOR", "it's \"red\""}, {"EMPTY", ""}};
    around.niceness = 3;
    around.cores = {0};
    around.working_folder = folder;
    around.output_cap = 1'000'000;
    compiled();
    auto& stopped = add("stop at failure", "test {} != b", three);
    stopped.stop_at_failure = true;
    stopped.limit = 1;
    add("literal braces", "echo \\{} {} '{}'", three);
    // The first ends last.
    auto& ordered = add("kept order", "sleep {}; echo {}", job::ListInputs{{"0.3", "0"}});
    ordered.use_shell = true;
    ordered.limit = 2;
    compiled();
    add("output cap", "echo abcdef", three).output_cap = 3;
    compiled();
    add("as they come", "echo", three).pattern = job::Pattern::queue;
    auto& placed = add("in their places", "sleep {}; echo {}; test {} != 0.1", job::ListInputs{{"0.3", "0.1", "0"}});
    placed.use_shell = true;
    placed.limit = 3;
    placed.pattern = job::Pattern::exchange;
    compiled();
    // One line each: how many come at once is not always the same.
    auto& lines = add("line by line", "echo line of {}; printf 'rest\\n' >&2; printf end; test {} != b", three);
    lines.use_shell = true;
    lines.pattern = job::Pattern::continuous;
    lines.limit = 1; // or the ends without a line end would stand before other lines in each run
    compiled();
    auto& then_lines = add("line by line, the last of two steps", "echo {}", three);
    then_lines.then = {job::Command{"sed s/^/got-/", false}};
    then_lines.pattern = job::Pattern::continuous;
    compiled();
    add("several in hand", "echo {}", three).batch = 2;
    add("standard input", "echo got", job::StandardInput{});
    return jobs;
}

} // namespace pprocess::tests
