#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Says which tests that docs/robustness.md names do not exist.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
missing=0
while IFS=': ' read -r file name; do
    if ! grep -qE "^( {4}|void [A-Za-z]+::)(void )?$name\(\)" tests/*/"$file.cpp"; then
        echo "docs/robustness.md names a test that does not exist: $file: $name" >&2
        missing=1
    fi
done < <(grep -oE '`tst_[a-z_]+: [A-Za-z_0-9]+`' docs/robustness.md | tr -d '`' | sort -u)
exit "$missing"
