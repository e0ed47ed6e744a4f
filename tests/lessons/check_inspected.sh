#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# check_inspected.sh LESSONS FOLDER: lesson programs print and return the same whether or not they are inspected.
set -euo pipefail
lessons=$1
export XDG_RUNTIME_DIR=$2/run
mkdir -p -m 700 "$XDG_RUNTIME_DIR"

# Its words without the time it took and the processes it had, and its exit status.
run() {
    local status=0
    "$lessons/$1" --size 3 --delay 1 --limit 2 2>&1 || status=$?
    echo "status $status"
}
words() {
    sed -E 's/[0-9]+\.[0-9]+ ?s\b/TIME/g; s/(process|pid) [0-9]+/\1 N/g'
}

failed=0
for name in pmap create_queue managed_map reusable_map continuous_queue start_exchange two_way break_worker_throws; do
    plain=$(run "$name" | words)
    inspected=$(PPROCESS_INSPECT=1 run "$name" | words)
    if [[ "$plain" != "$inspected" ]]; then
        echo "$name is not the same when it is inspected:"
        diff <(echo "$plain") <(echo "$inspected") || true
        failed=1
    fi
done

# Each has had an inspector, and none of them stays.
for _ in $(seq 100); do
    [[ -z $(ls -A "$XDG_RUNTIME_DIR/pprocess") ]] && exit "$failed"
    sleep 0.1
done
echo "inspectors stay:"
ls "$XDG_RUNTIME_DIR/pprocess"
exit 1
