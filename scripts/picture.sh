#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes the README's picture: the workbench with the sample job half done. No display needed.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
source scripts/setup.sh

install_packages
build release pprocess-workbench pprocess-launcher
picture=$PWD/docs/images/workbench.png
mkdir -p docs/images
QT_QPA_PLATFORM=offscreen build/release/bin/pprocess-workbench --sample --run --screenshot "$picture" --screenshot-at 0.5
echo "$picture"
