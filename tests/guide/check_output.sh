#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: check_output.sh PROGRAM EXPECTED
#
# Runs a program and compares what it prints with a file.
set -euo pipefail
diff -u --label "what the guide says" --label "what the program prints" "$2" <("$1" || echo "exit status $?")
