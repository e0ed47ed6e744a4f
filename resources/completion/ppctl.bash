# SPDX-License-Identifier: GPL-3.0-or-later
#
# Completion of ppctl's commands, options, addresses and process numbers for bash. What there is to be completed is
# asked of ppctl itself, so that it is always what this ppctl knows.

_ppctl_options() {
    # The command's help has each option at the beginning of its line: "  -h,--help", "  --limit UINT".
    "$1" "${@:2}" --help 2>/dev/null | sed -n 's/^  \(-[^ ]*\).*/\1/p' | tr ',' '\n' | grep '^--'
}

_ppctl() {
    local ppctl=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]}
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "run list attach watch collect stop export tasks trace --help --version" -- "$word")
        return
    fi
    # What stands behind -- is another program's.
    local i
    for ((i = 2; i < COMP_CWORD; ++i)); do
        if [[ ${COMP_WORDS[i]} == -- ]]; then
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return
        fi
    done
    local verbs=("$verb")
    if [[ $verb == trace ]]; then
        if ((COMP_CWORD == 2)); then
            mapfile -t COMPREPLY < <(compgen -W "export --help" -- "$word")
            return
        fi
        verbs=(trace export)
    fi
    case $before in
    --format)
        local formats="csv json"
        [[ $verb == trace ]] && formats="chrome csv joblog"
        mapfile -t COMPREPLY < <(compgen -W "$formats" -- "$word")
        return
        ;;
    --folder | --working-folder | --go-on)
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        return
        ;;
    esac
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_ppctl_options "$ppctl" "${verbs[@]}")" -- "$word")
        return
    fi
    local listed
    case $verb in
    collect) listed=$("$ppctl" list --json 2>/dev/null | sed -n 's/.*"kind":"background".*"address":"\([^"]*\)".*/\1/p') ;;
    stop) listed=$("$ppctl" list --json 2>/dev/null |
        sed -n -e 's/.*"pid":\([0-9]*\).*/\1/p' -e 's/.*"kind":"background".*"address":"\([^"]*\)".*/\1/p') ;;
    export) listed=$("$ppctl" list --runs --json 2>/dev/null | sed -n 's/^{"run":"\([^"]*\)".*/\1/p') ;;
    attach) listed=$("$ppctl" list --json 2>/dev/null | sed -n 's/.*"pid":\([0-9]*\),"kind":"program".*/\1/p') ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$listed" -- "$word"; [[ $verb == attach ]] || compgen -f -- "$word")
}

complete -o filenames -F _ppctl ppctl
