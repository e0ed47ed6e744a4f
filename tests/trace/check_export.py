#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks what `ppctl trace export` writes against the public Trace Event Format and against the trace itself.

    check_export.py PROGRAM PPCTL FOLDER

PROGRAM records itself into the file that it is given. Its trace is exported as JSON, as CSV and as a job log; the JSON
must be what the format asks for, and say the same as the other two. Then the JSON is broken in many ways, each of which
must be noticed.
"""

import collections
import copy
import csv
import json
import math
import os
import subprocess
import sys

# The phases of the format that are of use here, and what each must have besides ph, name, pid and tid.
REQUIRED = {
    "X": {"ts", "dur"}, "B": {"ts"}, "E": {"ts"}, "i": {"ts", "s"}, "C": {"ts", "args"},
    "s": {"ts", "id", "cat"}, "f": {"ts", "id", "cat"}, "M": {"args"},
}
METADATA = {"process_name": "name", "thread_name": "name", "process_sort_index": "sort_index"}


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def nanoseconds(microseconds):
    return round(microseconds * 1000)


def track(event):
    return event["pid"], event["tid"]


def check_fields(events):
    """Each event by itself."""
    for event in events:
        phase = event.get("ph")
        if phase not in REQUIRED:
            yield f"unknown phase: {event}"
            continue
        missing = (REQUIRED[phase] | {"name", "pid", "tid"}) - event.keys()
        if missing:
            yield f"{missing} missing: {event}"
            continue
        if not isinstance(event["name"], str) or not all(isinstance(event[key], int) for key in ("pid", "tid")):
            yield f"name, pid or tid of a wrong type: {event}"
        if not isinstance(event.get("args", {}), dict) or not isinstance(event.get("cat", ""), str):
            yield f"args or cat of a wrong type: {event}"
        for key in ("ts", "dur"):
            if key in event and (not is_number(event[key]) or event[key] < 0):
                yield f"{key} is no time: {event}"
        if phase == "C" and not (event["args"] and all(is_number(value) for value in event["args"].values())):
            yield f"a counter that is no number: {event}"
        if phase == "i" and event["s"] not in ("t", "p", "g"):
            yield f"unknown scope: {event}"
        if phase == "M" and METADATA.get(event["name"]) not in event["args"]:
            yield f"metadata of an unknown kind: {event}"


def check_names(events):
    """Every track has a name, and the processes an order."""
    named = {(event["name"], *track(event)) for event in events if event["ph"] == "M"}
    for pid, tid in {track(event) for event in events}:
        for name in METADATA:
            if (name, pid, tid) not in named:
                yield f"no {name} for {pid}/{tid}"
    order = [event["args"]["sort_index"] for event in events if event.get("name") == "process_sort_index"]
    if len(set(order)) != len(order):
        yield "two processes have the same place"


def slices_by_track(events):
    slices = collections.defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            begin = nanoseconds(event["ts"])
            slices[track(event)].append((begin, begin + nanoseconds(event["dur"]), event))
    return slices


def check_nesting(events):
    """Slices of a track lie within one another or apart."""
    for where, slices in slices_by_track(events).items():
        open_ends = []
        for begin, end, event in sorted(slices, key=lambda one: (one[0], -one[1])):
            while open_ends and open_ends[-1] <= begin:
                open_ends.pop()
            if open_ends and end > open_ends[-1]:
                yield f"slices overlap on {where}: {event}"
            open_ends.append(end)


def check_flows(events):
    """Each arrow begins once and ends once, not before that, both within slices."""
    flows = collections.defaultdict(lambda: {"s": [], "f": []})
    for event in events:
        if event["ph"] in "sf":
            flows[event["cat"], event["name"], event["id"]][event["ph"]].append(event)
    slices = slices_by_track(events)
    for name, ends in flows.items():
        if len(ends["s"]) != 1 or len(ends["f"]) != 1:
            yield f"arrow {name} has {len(ends['s'])} beginnings and {len(ends['f'])} ends"
            continue
        if ends["f"][0]["ts"] < ends["s"][0]["ts"]:
            yield f"arrow {name} ends before it begins"
        for end in (ends["s"][0], ends["f"][0]):
            time = nanoseconds(end["ts"])
            if not any(begin <= time <= until for begin, until, _ in slices[track(end)]):
                yield f"an end of the arrow {name} is in no slice: {end}"


def check_counters(events):
    """The times of a counter do not go back."""
    latest = {}
    for event in events:
        if event["ph"] == "C":
            key = event["pid"], event["name"]
            if event["ts"] < latest.get(key, 0):
                yield f"the time of counter {key} goes back"
            latest[key] = event["ts"]


def check_against(events, rows):
    """The JSON says what the lines of the CSV say."""
    count = collections.Counter(row["kind"] for row in rows)
    marks = collections.Counter(event["name"] for event in events if event["ph"] == "i")
    for mark, kind in (("fork", "process_created"), ("kill", "process_signalled"), ("retry", "task_retried"),
                       ("timeout", "task_timed_out")):
        if marks[mark] != count[kind]:
            yield f"{marks[mark]} marks of {mark}, {count[kind]} events {kind}"
    outcomes = collections.Counter(row["detail"] for row in rows if row["kind"] == "task_finished")
    for outcome in ("error", "died", "timed out", "cancelled"):
        if marks[outcome] != outcomes[outcome]:
            yield f"{marks[outcome]} marks of {outcome}, {outcomes[outcome]} tasks"

    pids = {int(row[key]) for row in rows for key in ("writer", "process") if row[key]}
    if pids != {event["pid"] for event in events}:
        yield f"tracks and processes differ: {pids ^ {event['pid'] for event in events}}"

    # Messages that both ends tell of.
    told = {}
    arrows = []
    for row in rows:
        if row["kind"] in ("message_sent", "message_received"):
            is_sent = row["kind"] == "message_sent"
            name = row["channel"], (row["detail"] == "creator") == is_sent, row["number"]
            if is_sent:
                told[name] = row
            elif name in told:
                sent = told.pop(name)
                arrows.append((int(sent["writer"]), int(sent["time_ns"]), int(row["writer"]), int(row["time_ns"]),
                               int(row["size"])))
    starts = {event["id"]: event for event in events if event["ph"] == "s"}
    drawn = [(starts[event["id"]]["pid"], nanoseconds(starts[event["id"]]["ts"]), event["pid"],
              nanoseconds(event["ts"]), event["args"]["size"])
             for event in events if event["ph"] == "f" and event["id"] in starts]
    if sorted(arrows) != sorted(drawn):
        yield f"{len(arrows)} messages and {len(drawn)} arrows differ"
    if not arrows:
        yield "there are no messages"

    # Functions that ran to their end.
    started = {}
    runs = []
    for row in rows:
        if row["kind"] == "task_started":
            started[row["channel"], row["number"]] = int(row["time_ns"])
        elif row["kind"] == "task_returned":
            begin = started.pop((row["channel"], row["number"]), None)
            if begin is not None:
                runs.append((int(row["writer"]), begin, int(row["time_ns"])))
    slices = [(event["pid"], nanoseconds(event["ts"]), nanoseconds(event["ts"]) + nanoseconds(event["dur"]))
              for event in events if event["ph"] == "X" and event["cat"] == "running"]
    if not set(runs) <= set(slices) or len(runs) < 100:
        yield f"of {len(runs)} runs {len(set(runs) - set(slices))} are no slices: {sorted(set(runs) - set(slices))[:3]}"
    values = sum(event["ph"] == "X" and event["cat"] == "running" and event["args"].get("outcome") == "value"
                 for event in events)
    if values != outcomes["value"]:
        yield f"{values} slices of tasks with a value, {outcomes['value']} such tasks"


def check(trace, rows):
    """All that is wrong, in words."""
    events = trace.get("traceEvents")
    if not isinstance(events, list) or not events or trace.get("displayTimeUnit") not in ("ms", "ns"):
        return ["this is no trace of the object form"]
    problems = list(check_fields(events))
    if problems:
        return problems  # the others count on them
    for part in (check_names, check_nesting, check_flows, check_counters):
        problems += part(events)
    return problems + list(check_against(events, rows))


def break_in_many_ways(trace):
    """Copies of the trace, each with one thing wrong."""
    def first(events, test):
        return next(event for event in events if test(event))

    def removed(test):
        return lambda events: events.remove(first(events, test))

    def changed(test, **fields):
        return lambda events: first(events, test).update(fields)

    def is_phase(phase):
        return lambda event: event["ph"] == phase

    def is_run(event):
        return event["ph"] == "X" and event["cat"] == "running" and event["args"].get("outcome") == "value"

    ways = {
        "an arrow without an end": removed(is_phase("f")),
        "an arrow without a beginning": removed(is_phase("s")),
        "an arrow that ends early": lambda events: first(events, is_phase("f")).update(ts=0),
        "an arrow out of nowhere": lambda events: first(events, is_phase("s")).update(tid=999999),
        "an unknown phase": changed(is_phase("X"), ph="Q"),
        "a slice without an end": lambda events: first(events, is_phase("X")).pop("dur"),
        "a slice that is too long": lambda events: first(events, is_run).update(dur=1e12),
        "a slice that is a little too long": lambda events: first(events, is_run).update(
            dur=first(events, is_run)["dur"] + 0.001),
        "a slice at another time": lambda events: first(events, is_run).update(ts=first(events, is_run)["ts"] - 0.001),
        "a slice that is missing": removed(is_run),
        "a slice on another track": lambda events: first(events, is_run).update(pid=1),
        "a time before the beginning": changed(is_phase("X"), ts=-1),
        "a time that is none": changed(is_phase("X"), ts="now"),
        "a counter that is no number": changed(is_phase("C"), args={"tasks": "many"}),
        "a counter that goes back": lambda events: [event for event in events if event["ph"] == "C"][0].update(ts=1e12),
        "a track without a name": removed(lambda event: event["name"] == "thread_name"),
        "a process without a place": removed(lambda event: event["name"] == "process_sort_index"),
        "a mark that is missing": removed(lambda event: event["ph"] == "i" and event["name"] == "retry"),
        "a mark too many": lambda events: events.append(dict(first(events, lambda event: event["name"] == "fork"))),
    }
    for name, way in ways.items():
        broken = copy.deepcopy(trace)
        way(broken["traceEvents"])
        yield name, broken


def check_job_log(path, rows):
    with open(path, encoding="utf-8", newline="") as file:
        lines = file.read().splitlines()
    head = lines[0].split("\t")
    if head[:9] != ["Seq", "Host", "Starttime", "JobRuntime", "Send", "Receive", "Exitval", "Signal", "Command"]:
        yield f"the first line of the job log is {head}"
    jobs = [dict(zip(head, line.split("\t"))) for line in lines[1:]]
    outcomes = collections.Counter(row["detail"] for row in rows if row["kind"] == "task_finished")
    if collections.Counter(job["Outcome"] for job in jobs) != outcomes:
        yield "the job log has other outcomes than the trace"
    if sorted(int(job["Seq"]) for job in jobs) != list(range(1, len(jobs) + 1)):
        yield "the jobs are not numbered one after another"
    for job in jobs:
        if (job["Outcome"] == "value") != (job["Exitval"] == "0" and job["Signal"] == "0"):
            yield f"exit value and outcome differ: {job}"
    if not any(job["Outcome"] == "died" and job["Exitval"] == "3" and job["Attempts"] == "2" for job in jobs):
        yield "the process that exits with status 3 twice is not in the job log"


def main():
    program, ppctl, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    path = {kind: os.path.join(folder, "recorded." + kind) for kind in ("trace", "chrome", "csv", "joblog")}
    written = int(subprocess.run([program, path["trace"]], check=True, capture_output=True).stdout.split()[1])
    for kind in ("chrome", "csv", "joblog"):
        subprocess.run([ppctl, "trace", "export", path["trace"], "--format", kind, "-o", path[kind]], check=True)
    shown = subprocess.run([ppctl, "trace", "export", path["trace"], "--format", "csv"], check=True,
                           capture_output=True).stdout
    with open(path["csv"], "rb") as file:
        assert shown == file.read(), "standard output gets the same"
    assert shown.count(b"\r\n") == written + 1, "one line for each event"
    with open(path["csv"], encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    with open(path["chrome"], encoding="utf-8") as file:
        trace = json.load(file)

    problems = check(trace, rows) + list(check_job_log(path["joblog"], rows))
    problems += [f"not noticed: {name}" for name, broken in break_in_many_ways(trace) if not check(broken, rows)]

    torn = path["trace"] + ".torn"
    with open(path["trace"], "rb") as whole, open(torn, "wb") as file:
        file.write(whole.read()[:-5])
    result = subprocess.run([ppctl, "trace", "export", torn, "--format", "chrome"], capture_output=True)
    if result.returncode != 126 or b"not written to its end" not in result.stderr or json.loads(result.stdout) is None:
        problems.append(f"a torn trace: status {result.returncode}, {result.stderr}")
    result = subprocess.run([ppctl, "trace", "export", __file__, "--format", "csv"], capture_output=True)
    if result.returncode != 126 or b"is no trace file" not in result.stderr:
        problems.append(f"no trace: status {result.returncode}, {result.stderr}")

    for problem in problems[:20]:
        print(problem)
    print(f"{len(trace['traceEvents'])} entries of {written} events, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
