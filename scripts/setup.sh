# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Shared by ./run, ./test and the scripts beside this file; sourced, with the repository's root as working directory.

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "$@"
    exit 1
}

# Qt asks for a UTF-8 locale; a bare system has none set.
if [[ "$(locale charmap 2>/dev/null)" != "UTF-8" ]]; then
    export LC_ALL=C.UTF-8
fi

# missing_packages: names from packages.txt that are not installed, one a line.
missing_packages() {
    local wanted
    mapfile -t wanted < <(sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' packages.txt)
    # dpkg-query fails for names it has never heard of, but still answers for the others.
    comm -23 <(printf '%s\n' "${wanted[@]}" | LC_ALL=C sort -u) \
        <(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null |
            sed -n 's/^installed //p' | LC_ALL=C sort -u)
}

# install_packages: installs what is missing, says what; silent and instant when nothing is.
install_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "This is no Debian system, so nothing is installed. Needed is what packages.txt names; going on."
        return
    fi

    local missing as_root=()
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]} == 0)) && return

    say "Missing Debian packages: ${missing[*]}"
    if (($(id -u) != 0)); then
        if ! command -v sudo >/dev/null; then
            fail "Installing them needs root, and there is no sudo. As root, run:" $'\n' \
                "   apt-get update && apt-get install --no-install-recommends ${missing[*]}"
        fi
        as_root=(sudo)
    fi

    say "Updating the package lists ..."
    quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update

    local removed
    removed=$(apt-get -s install --no-install-recommends "${missing[@]}" 2>/dev/null |
        sed -n 's/^Remv \([^ ]*\).*/\1/p' | tr '\n' ' ') || true
    if [[ -n "$removed" ]]; then
        say "Installing them REMOVES, because both cannot be installed at once: $removed"
        if [[ -t 0 && -t 2 ]]; then
            local answer
            read -r -p "Go on? [y/N] " answer
            [[ "$answer" == [yY]* ]] || fail "Nothing was changed."
        fi
    fi

    say "Installing: ${missing[*]}"
    # A freshly started system may be busy with its own upgrades: wait for their lock.
    quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
        install -y --no-install-recommends "${missing[@]}"
}

# quietly COMMAND...: its output is shown only when it fails. The terminal stays its input (sudo asks there).
quietly() {
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 || status=$?
    if ((status != 0)); then
        cat "$log" >&2
        say "Failed (exit status $status): $*"
    fi
    rm -f "$log"
    return "$status"
}

# build_jobs: one for each processor, fewer when memory is short (a large translation unit takes about 1 GiB).
build_jobs() {
    local cpus by_memory
    cpus=$(nproc)
    by_memory=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
    ((by_memory < 1)) && by_memory=1
    echo $((cpus < by_memory ? cpus : by_memory))
}

# build PRESET [TARGET...]
build() {
    local preset=$1
    shift
    if [[ -d build/$preset ]]; then
        say "Building $preset ..."
    else
        say "Building $preset (the first time takes some minutes) ..."
    fi
    local options=()
    if [[ "${CI:-}" == true ]]; then
        # Nobody debugs there, and with less to say for debuggers a quarter of the time is saved.
        case $preset in
        dev) options=("-DCMAKE_CXX_FLAGS_DEBUG=-g1 -Og") ;;
        # The whole must end within 25 minutes: windows and views are left to ./test asan on a developer's machine.
        asan) options=(-DPPROCESS_BUILD_WORKBENCH=OFF) ;;
        # The lessons, which know nothing of Qt anyway, are built and run with everything else.
        engine-only) options=("-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O2 -DNDEBUG" -DPPROCESS_BUILD_LESSONS=OFF) ;;
        esac
        # The same sources seldom come again there: the cache need not find out whether they would be the same after
        # preprocessing.
        export CCACHE_DEPEND=1
    fi
    quietly cmake --preset "$preset" ${options[@]+"${options[@]}"}
    quietly cmake --build --preset "$preset" --parallel "$(build_jobs)" ${1:+--target "$@"}
}
