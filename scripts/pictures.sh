#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes pictures to be looked at: of every view of the instruments with no process, one, 20 and 1,000, and of jobs,
# results and dialogs; light and dark, at once and twice the size, in windows of 1280x800 and 900x600. No display needed.
#
#     scripts/pictures.sh FOLDER [PART OF A NAME]
#
# BUILD=folder uses a build that is there already.
set -euo pipefail
folder=$(realpath -m "${1:?"usage: scripts/pictures.sh FOLDER [PART OF A NAME]"}")
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
source scripts/setup.sh

if [[ -z "${BUILD:-}" ]]; then
    install_packages
    build dev pictures fixture_recorded pprocess-launcher task_library_samples
    BUILD=build/dev
fi
mkdir -p "$folder"
"$BUILD/tests/fixtures/recorded" "$folder/recorded.pptrace" >"$folder/recorded.txt" ||
    fail "the program whose trace is shown has failed, see $folder/recorded.txt"
for scale in 1 2; do
    QT_QPA_PLATFORM=offscreen QT_SCALE_FACTOR=$scale PPROCESS_PICTURED_TRACE=$folder/recorded.pptrace \
        PPROCESS_PICTURED_LIBRARY=$(realpath "$BUILD/tasks/samples.so") \
        "$BUILD/tests/pictures" "$folder" ${2:+"$2"}
done
find "$folder" -name '*.png' | wc -l
