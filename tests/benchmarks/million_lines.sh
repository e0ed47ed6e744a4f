#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What a job over a million lines takes: the most memory that ppctl and the workbench had, in MiB, and how long it went.
# Goals: 100 MiB and 300 MiB. A function of a task library is called, since a million commands take long to start.
#     tests/benchmarks/million_lines.sh BUILD_FOLDER      of a release build
set -euo pipefail
build=$(cd "${1:?which build folder?}" && pwd)
library=$build/tests/fixtures/shapes_tasks.so
[[ -e $library ]] || { echo "Build the target pprocess_fixtures first: there is no $library." >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export QT_QPA_PLATFORM=offscreen XDG_RUNTIME_DIR=$folder XDG_STATE_HOME=$folder/state XDG_CONFIG_HOME=$folder/config
seq -f "some/folder/line number %.0f" 1 1000000 > "$folder/lines"
cat > "$folder/job.json" <<JOB
{"version": 2, "function": {"library": "$library", "name": "joined", "arguments": ["[\"{}\"]", "-"]},
 "inputs": {"file": "$folder/lines"}}
JOB

# measured NAME COMMAND...: how much and how long, by the kernel's count.
measured() {
    local name=$1
    shift
    python3 - "$name" "$@" <<'PYTHON'
import resource, subprocess, sys, time
begin = time.monotonic()
status = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(f"{sys.argv[1]}: {most:.0f} MiB, {time.monotonic() - begin:.0f} s, exit status {status}")
PYTHON
}

measured ppctl "$build/bin/ppctl" run "$folder/job.json"
measured workbench "$build/bin/pprocess-workbench" "$folder/job.json" --run --screenshot "$folder/end.png"
