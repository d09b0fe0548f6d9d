"""What the shells run, and the answers that they read: bash, zsh, fish and PowerShell.

click has the protocols of zsh and fish. That of bash is replaced, because bash divides words at the colon of
`kokoro:zf_xiaoyi`. That of PowerShell is new.
"""

from __future__ import annotations

import os

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    split_arg_string,
)

from packager.base.i18n.language import choose_language

VARIABLE = "_PACKAGER_COMPLETE"

# Without `2>/dev/null` a broken installation would print its error into the command line.
_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' line type value
    COMPREPLY=()
    for line in $(COMP_WORDS="${COMP_LINE:0:COMP_POINT}" %(complete_var)s=bash_complete "$1" 2>/dev/null); do
        IFS=',' read -r type value <<< "$line"
        case $type in
            dir) compopt -o dirnames 2>/dev/null ;;
            file) compopt -o default 2>/dev/null ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done
}
complete -o nosort -F %(complete_func)s %(prog_name)s 2>/dev/null || complete -F %(complete_func)s %(prog_name)s
"""

# zsh needs its completion system, which a new account does not start.
_ZSH_START = "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -u }\n"

_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $line = $commandAst.ToString()
    $length = [Math]::Max(0, [Math]::Min($line.Length, $cursorPosition - $commandAst.Extent.StartOffset))
    $encoding = [Console]::OutputEncoding
    try {
        [Console]::OutputEncoding = [System.Text.Encoding]::UTF8
        $env:COMP_WORDS = $line.Substring(0, $length)
        $env:COMP_CWORD = $wordToComplete
        $env:%(complete_var)s = 'powershell_complete'
        & %(prog_name)s 2>$null | ForEach-Object {
            $value, $text = $_ -split "`t", 2
            if (-not $text) { $text = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $text)
        }
    } finally {
        [Console]::OutputEncoding = $encoding
        Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_CWORD -ErrorAction SilentlyContinue
    }
}
"""


class _Bash(BashComplete):
    source_template = _BASH

    def source(self) -> str:
        return ShellComplete.source(self)  # the script also suits bash 3.2

    def get_completion_args(self) -> tuple[list[str], str]:
        return _words_before(os.environ["COMP_WORDS"])

    def complete(self) -> str:
        args, incomplete = self.get_completion_args()
        # bash replaces what stands behind the last character that divides words.
        cut = max(incomplete.rfind(character) for character in ":=") + 1
        found = self.get_completions(args, incomplete)
        option = len(incomplete.partition("=")[0]) + 1 if incomplete.startswith("--") and "=" in incomplete else 0
        return "\n".join(f"{item.type},{str(item.value)[max(cut - option, 0) :]}" for item in found)


class _Zsh(ZshComplete):
    def source(self) -> str:
        return _ZSH_START + super().source()


class _PowerShell(ShellComplete):
    name = "powershell"
    source_template = _POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        # A backslash divides folders there, and escapes nothing.
        return _words_before(os.environ["COMP_WORDS"].replace("\\", "/"))

    def format_completion(self, item: CompletionItem) -> str:
        help_text = " ".join((item.help or "").split())
        return f"{item.value}\t{help_text}" if help_text else str(item.value)

    def complete(self) -> str:
        args, incomplete = self.get_completion_args()
        # PowerShell completes files itself where nothing is answered.
        found = [item for item in self.get_completions(args, incomplete) if item.type == "plain"]
        return "\n".join(map(self.format_completion, found))


SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": FishComplete, "powershell": _PowerShell}


def _words_before(line: str) -> tuple[list[str], str]:
    """The complete words of a command line without the program, and the word at the cursor."""
    words = split_arg_string(line)[1:]
    if not words or line[-1:].isspace():
        return words, ""
    return words[:-1], words[-1]


def script(shell: str) -> str:
    """The script with which `shell` completes `packager`."""
    return SHELLS[shell](click.Command("packager"), {}, "packager", VARIABLE).source()


def answer() -> int:
    """Answer the shell's question in the environment, and return the exit code. Prints no errors."""
    from packager.cli.completion.command_table import commands_of_table

    try:
        choose_language()
        shell = os.environ[VARIABLE].partition("_")[0]
        click.echo(SHELLS[shell](commands_of_table(), {}, "packager", VARIABLE).complete().encode())
    except Exception:
        return 1  # a message would stand in the middle of the typed line
    return 0
