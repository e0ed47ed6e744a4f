#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Formats the C++ sources that git knows; with --check only says whether they are formatted.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
source scripts/setup.sh

# The owner of a checkout may be another than who runs this (containers); reading the list of files is harmless.
mapfile -d '' -t sources < <(git -c safe.directory="$PWD" ls-files -z -- '*.h' '*.cpp')
present=()
for source in "${sources[@]}"; do
    [[ -f "$source" ]] && present+=("$source")
done
((${#present[@]} > 0)) || fail "No C++ sources that git knows."

case ${1:-} in
--check)
    say "Checking the formatting of ${#present[@]} files ..."
    printf '%s\0' "${present[@]}" | xargs -0 -n 20 -P "$(nproc)" clang-format --dry-run -Werror ||
        fail "Not formatted as .clang-format says; scripts/format.sh does it."
    ;;
"") clang-format -i "${present[@]}" ;;
*) fail "usage: scripts/format.sh [--check]" ;;
esac
