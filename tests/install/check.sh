#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: check.sh BUILD WORK
#
# Installs the build tree BUILD into a clean prefix under WORK and uses it as an outside project would: by CMake with the
# static and the shared library, by pkg-config with a bare compiler, and all of it again after the prefix has been moved.
set -euo pipefail
build=$1
work=$2
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}
step() { printf '%s\n' "$1"; }

# Nothing of this project's own environment may help.
unset PPROCESS_LAUNCHER LD_LIBRARY_PATH PKG_CONFIG_PATH CMAKE_PREFIX_PATH CFLAGS CXXFLAGS LDFLAGS
rm -rf "$work"
mkdir -p "$work"
prefix=$work/prefix

step "Installing ..."
cmake --install "$build" --prefix "$prefix" >"$work/install.log"
if grep -rlF "$build" "$prefix/lib" "$prefix/include" --include='*.cmake' --include='*.pc' --include='*.h'; then
    fail "The installed files above name the build tree."
fi

programs=()
for source in "$here"/*.cpp; do
    name=${source##*/}
    programs+=("${name%.cpp}")
done

# use PREFIX FOLDER PROGRAM...: builds and runs these programs in both ways by CMake, and one by pkg-config.
use() {
    local prefix=$1 folder=$2 program kind targets=()
    shift 2
    for program in "$@"; do
        targets+=("${program}_static" "${program}_shared")
    done
    step "CMake ..."
    cmake -S "$here" -B "$folder" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=None \
        ${CXX_LAUNCHER:+-DCMAKE_CXX_COMPILER_LAUNCHER="$CXX_LAUNCHER"} >"$folder.log" || {
        cat "$folder.log"
        fail "An outside project cannot be configured."
    }
    cmake --build "$folder" --parallel "$(nproc)" --target "${targets[@]}" >"$folder.log" || {
        cat "$folder.log"
        fail "An outside project cannot be built."
    }
    for program in "$@"; do
        for kind in static shared; do
            "$folder/${program}_$kind" || fail "$program with the $kind library failed."
        done
    done
    [[ "$(ldd "$folder/server_shared")" == *"$prefix/"*libpprocess.so* ]] || fail "The shared program uses another library."
    [[ "$(ldd "$folder/server_static")" != *libpprocess* ]] || fail "The static program uses a shared library."

    step "pkg-config ..."
    local pkg_config_path
    pkg_config_path=$(dirname "$(find "$prefix" -name pprocess.pc)")
    pc() { PKG_CONFIG_PATH=$pkg_config_path pkg-config "$@" pprocess; }
    pc --atleast-version=0.1 --print-errors
    local static_flags
    eval "static_flags=($(pc --static --cflags --libs))"
    g++ -std=c++20 "$here/server.cpp" $(pc --cflags --libs) -o "$folder/by_pkg_config" # unquoted, as everybody writes it
    g++ -std=c++20 -static "$here/server.cpp" "${static_flags[@]}" -o "$folder/by_pkg_config_static"
    "$folder/by_pkg_config" || fail "A program built with pkg-config failed."
    "$folder/by_pkg_config_static" || fail "A program built with pkg-config --static failed."

    if [[ -x "$prefix/bin/ppctl" ]]; then
        step "ppctl ..."
        [[ "$(echo item | "$prefix/bin/ppctl" run -- echo installed {})" == *"installed item"* ]] || fail "ppctl failed."
    fi
}

use "$prefix" "$work/first" "${programs[@]}"

step "The same from another place ..."
mv "$prefix" "$work/moved"
use "$work/moved" "$work/second" server channels
echo "The installed library works."
