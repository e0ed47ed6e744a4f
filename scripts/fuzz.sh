#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Fuzzes what reads from sockets: builds the preset "fuzz" (clang) and runs its targets beside one another, starting
# from sound inputs and from tests/fuzz/corpus. Fails on the first input that breaks a promise, and keeps it.
#
#   scripts/fuzz.sh [SECONDS]          all targets, 60 seconds of processors together unless said otherwise
#   scripts/fuzz.sh --keep [SECONDS]   then packs what was worth keeping, and is short, into tests/fuzz/corpus
#   scripts/fuzz.sh --replay FILE...   runs kept inputs again; a file's folder or the start of its name is the target
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
source scripts/setup.sh

targets=(stream body tree)
corpus=tests/fuzz/corpus
work=build/fuzz/corpus
found=build/fuzz/found
fuzzer=build/fuzz/tests/fuzz/pprocess-fuzz
# Inputs are small and allocation follows what arrives, so that these limits are generous.
limits=(-timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=256 -max_len=4096)

run() { # TARGET OPTION...
    local target=$1
    shift
    PPROCESS_FUZZ_TARGET=$target ASAN_OPTIONS="detect_leaks=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}" \
        "$fuzzer" "${limits[@]}" "$@"
}

target_of() { # FILE
    local target name folder
    name=$(basename "$1")
    folder=$(basename "$(dirname "$1")")
    for target in "${targets[@]}"; do
        if [[ $folder == "$target" || $name == "$target"-* ]]; then
            echo "$target"
            return
        fi
    done
    fail "$1: neither its folder nor its name begins with one of: ${targets[*]}"
}

keep=false
case ${1:-} in
-h | --help)
    sed -n '4,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
--replay)
    shift
    install_packages
    build fuzz
    for file in "$@"; do
        run "$(target_of "$file")" "$file"
    done
    exit 0
    ;;
--keep)
    keep=true
    shift
    ;;
esac
seconds=${1:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || fail "scripts/fuzz.sh: not a number of seconds: $seconds"

install_packages
build fuzz

# All targets at once. The time is that of processors, so it is over the sooner the more of them there are.
at_once=$(nproc)
((at_once > ${#targets[@]})) && at_once=${#targets[@]}
share=$(((seconds + at_once - 1) / at_once))
declare -A fuzzers
stop() {
    local process
    for process in "${fuzzers[@]}"; do
        kill "$process" 2>/dev/null || true
    done
}
trap stop EXIT
say "Fuzzing ${targets[*]} for $share s ..."
for target in "${targets[@]}"; do
    seeds=$work/seeds/$target
    rm -rf "$seeds"
    mkdir -p "$work/$target" "$seeds" "$found"
    PPROCESS_FUZZ_UNPACK=$seeds PPROCESS_FUZZ_CORPUS=$corpus/$target.hex run "$target"
    run "$target" "$work/$target" "$seeds" -max_total_time="$share" \
        -use_value_profile=1 -print_final_stats=1 -artifact_prefix="$found/$target-" >"$work/$target.log" 2>&1 &
    fuzzers[$target]=$!
done
for target in "${targets[@]}"; do
    log=$work/$target.log
    if ! wait "${fuzzers[$target]}"; then
        tail -n 40 "$log" >&2
        fail "Fuzzing $target found an input that breaks a promise; see above. It is in $found," \
            "and scripts/fuzz.sh --replay FILE runs it again."
    fi
    unset "fuzzers[$target]"
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    coverage=$(sed -n 's/.* cov: \([0-9]*\) ft: \([0-9]*\) .*/\1 edges, \2 features/p' "$log" | tail -n 1)
    say "$target: $executions executions, $coverage, nothing found"
done

if [[ $keep == true ]]; then
    for target in "${targets[@]}"; do
        # Every edge once, by inputs as short as there are.
        rm -rf "$work/kept"
        mkdir "$work/kept"
        run "$target" -merge=1 -use_counters=0 -max_len=256 "$work/kept" "$work/seeds/$target" "$work/$target" \
            >>"$work/$target.log" 2>&1
        PPROCESS_FUZZ_PACK=$work/kept run "$target" >"$corpus/$target.hex"
        say "$corpus/$target.hex now holds $(wc -l <"$corpus/$target.hex") inputs"
    done
fi
