//! Scripts of shells: each asks this program what may stand at the cursor, and takes its files from the shell where
//! [`FILES`](super::FILES) comes back.

/// The script of a shell.
pub(super) fn of(shell: &str) -> Option<&'static str> {
    match shell {
        "bash" => Some(BASH),
        "zsh" => Some(ZSH),
        "fish" => Some(FISH),
        "powershell" | "pwsh" => Some(POWERSHELL),
        _ => None,
    }
}

/// The shells, as they are told.
pub(super) const SHELLS: [&str; 4] = ["bash", "zsh", "fish", "powershell"];

// The line as a whole, since this shell parts words at `=` and `:` too; `$2` is what it will replace. It takes what
// begins with `@` for a host, so files are looked up by hand there, as they are on macOS, whose old one has no `compopt`.
const BASH: &str = r#"_swpanel() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <(swpanel complete --shell bash --line="${COMP_LINE:0:COMP_POINT}" -- "$2" 2>/dev/null)
    if [[ ${COMPREPLY[0]} == :files ]]; then
        COMPREPLY=()
        if [[ $2 == @* ]] || ! compopt -o default 2>/dev/null; then
            while IFS= read -r line; do
                [[ -d $line ]] && line+=/
                COMPREPLY+=("${2%%[!@]*}$(printf %q "$line")")
            done < <(compgen -f -- "${2#@}")
        fi
    fi
    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[/@:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -F _swpanel swpanel
"#;

// As a file in `fpath` it is run when it is first needed, and must then complete at once.
const ZSH: &str = r#"#compdef swpanel
_swpanel() {
    local -a found more
    found=("${(@f)$(swpanel complete --shell zsh -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    if [[ "${found[1]}" == :files ]]; then
        [[ "$PREFIX" == --*=* ]] && compset -P '*='
        [[ "$PREFIX" == @* ]] && compset -P '@'
        _files
    elif [[ -n "${found[1]}" ]]; then
        [[ ${#found} == 1 && "${found[1]%:*}" == *[/@:] ]] && more=(-S '')
        _describe swpanel found "${more[@]}"
    fi
}
if [[ "${funcstack[1]}" == _swpanel ]]; then _swpanel "$@"; else compdef _swpanel swpanel; fi
"#;

const FISH: &str = r#"function __swpanel_complete
    set -l word (commandline -ct)
    set -l found (swpanel complete --shell fish -- (commandline -opc)[2..] "$word" 2>/dev/null)
    if test "$found[1]" = :files
        set -l before (string match -r -- '^(?:--[^=]+=)?@?' "$word")
        set -l rest (string replace -r -- '^(?:--[^=]+=)?@?' '' "$word")
        for path in (__fish_complete_path "$rest")
            echo "$before$path"
        end
    else
        printf '%s\n' $found
    end
end
complete -c swpanel -f -a '(__swpanel_complete)'
"#;

// It turns to files by itself where nothing comes back.
const POWERSHELL: &str = r#"Register-ArgumentCompleter -Native -CommandName swpanel -ScriptBlock {
    param($word, $ast, $position)
    $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    if (-not $word) { $words += '' }
    swpanel complete --shell powershell -- @words 2>$null | Where-Object { $_ -ne ':files' } | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
"#;
