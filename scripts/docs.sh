#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes the API reference and the guide as web pages in build/docs. A warning, such as a public member without its
# comment, is an error.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
source scripts/setup.sh

install_packages
say "Making the reference and the guide ..."
rm -rf build/docs
mkdir -p build/docs
PPROCESS_VERSION=$(sed -n 's/^project(pprocess VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
export PPROCESS_VERSION
doxygen docs/Doxyfile >&2 || fail "The documentation has warnings (above)."
echo "$PWD/build/docs/html/index.html"
