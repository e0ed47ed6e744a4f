#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: check_output.sh PROGRAM EXPECTED
#
# Runs a program in an empty folder of its own and compares what it prints with a file.
set -euo pipefail
program=$1
expected=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export XDG_RUNTIME_DIR=$folder
diff -u --label "what the guide says" --label "what the program prints" "$expected" <("$program" || echo "exit status $?")
