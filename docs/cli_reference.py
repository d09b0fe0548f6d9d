"""Writes the reference of all commands, the man pages, and the table that completes them in shells.

    python docs/cli_reference.py

Everything comes from the commands themselves. `tests/cli/test_reference.py` fails where a file is old.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from packager.base.i18n.language import _, choose_language
from packager.cli import _SECTIONS, _top
from packager.cli.ui.columns import wrapped
from packager.cli.ui.examples import EXAMPLES
from packager.cli.ui.help import PLACEHOLDERS, USAGE_WORDS, VALUE_WORDS, in_language, shown_row

ROOT = Path(__file__).parent.parent
TABLE = "packager/cli/completion/commands.json"
TITLES = {
    "en": {
        "title": "Commands",
        "note": "This page is written by `python docs/cli_reference.py`. `packager help COMMAND` shows the same.",
        "common": "Options of every command, written before it",
        "name": "NAME",
        "about": "books to Mandarin speech on SD cards, and a registry of who holds what",
        "synopsis": "SYNOPSIS",
        "description": "DESCRIPTION",
        "options": "OPTIONS",
        "commands": "COMMANDS",
        "examples": "Examples",
        "exit": "EXIT STATUS",
        "codes": "0 done; 1 unexpected fault; 2 wrong usage; 3 unusable input; 4 card refused or failed; "
        "5 an audit found something; 6 speech failed; 130 interrupted.",
        "environment": "ENVIRONMENT",
    },
    "zh": {
        "title": "命令大全",
        "note": "本页由 `python docs/cli_reference.py` 生成。运行 `packager help 命令`，看到的也是这些。",
        "common": "每个命令都可用的选项，写在命令的前面",
        "name": "名称",
        "about": "把书变成普通话朗读，装入存储卡，并登记每台播放器里有什么",
        "synopsis": "用法",
        "description": "说明",
        "options": "选项",
        "commands": "命令",
        "examples": "示例",
        "exit": "退出码",
        "codes": "0 完成；1 意外故障；2 用法不对；3 输入不能用；4 存储卡被拒绝或写卡失败；5 检查发现问题；"
        "6 朗读失败；130 已中断。",
        "environment": "环境变量",
    },
}
VARIABLES = {
    "PACKAGER_REGISTRY": {
        "en": "The registry: a file, or the URL of a database.",
        "zh": "登记库：一个文件，或数据库的地址。",
    },
    "PACKAGER_DEBUG": {
        "en": "If set, an unexpected fault prints its traceback.",
        "zh": "设置以后，遇到意外故障会显示出错的详细位置。",
    },
}


@dataclass(frozen=True)
class Entry:
    """One command as the reference shows it."""

    path: str  # "players add"; "" for the program
    usage: str
    help: str
    options: tuple[tuple[str, str], ...]
    examples: tuple[str, ...]


def commands() -> Iterator[tuple[str, click.Command, click.Context]]:
    """Every command with its path, in the order of the help."""
    top = _top()
    yield from _below("", top, click.Context(top, info_name="packager"))


def _below(
    path: str, command: click.Command, context: click.Context
) -> Iterator[tuple[str, click.Command, click.Context]]:
    yield path, command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            sub = command.get_command(context, name)
            assert sub is not None
            yield from _below(f"{path} {name}".strip(), sub, click.Context(sub, info_name=name, parent=context))


def entry_of(path: str, command: click.Command, context: click.Context) -> Entry:
    """What the reference says of a command."""
    pieces = " ".join(command.collect_usage_pieces(context))
    options = [each for each in command.params if isinstance(each, click.Option)]
    rows = [record for each in options if (record := each.get_help_record(context))]
    return Entry(
        path,
        in_language(pieces, (*USAGE_WORDS, *VALUE_WORDS, *PLACEHOLDERS)),
        command.help
        or _("Turn books into Mandarin speech on players' SD cards, and keep a registry of who holds what."),
        tuple(shown_row(*row) for row in rows),
        EXAMPLES.get(path, ()),
    )


# ── Markdown ──


def markdown(entries: Mapping[str, Entry], language: str) -> str:
    """The reference as one page."""
    words = TITLES[language]
    lines = [f"# {words['title']}", "", words["note"], ""]
    for title, names in _SECTIONS.items():
        links = ", ".join(f"[`{name}`](#packager-{name})" for name in names)
        lines.append(f"- {_(title)}{'：' if language == 'zh' else ': '}{links}")
    lines += ["", f"{words['common']}{'：' if language == 'zh' else ':'}", "", *_options(entries[""]), ""]
    for path, entry in entries.items():
        if path:
            heading = "##" if " " not in path else "###"
            lines += [f"{heading} packager {path}", "", f"`packager {path} {entry.usage}`".replace(" `", "`"), ""]
            lines += [_plain(entry.help), ""]
            lines += [*_options(entry), ""] if entry.options else []
            lines += ["```", *entry.examples, "```", ""]
    return "\n".join(lines)


def _options(entry: Entry) -> list[str]:
    return [f"- `{term}` {_plain(text)}" for term, text in entry.options]


def _plain(text: str) -> str:
    """Text in which Markdown sees no marks of its own."""
    return re.sub(r"([*<\\])", r"\\\1", text)


# ── Man pages ──


def man_page(entries: Mapping[str, Entry], language: str) -> str:
    """The manual page, in the macros of man(7)."""
    words = TITLES[language]
    lines = [
        '.\\" Written by docs/cli_reference.py.',
        f'.TH PACKAGER 1 "" packager "{words["title"]}"',
        f".SH {words['name']}",
        f"packager \\- {_roff(words['about'])}",
        f".SH {words['synopsis']}",
        ".B packager",
        _roff(entries[""].usage),
        f".SH {words['description']}",
        _roff_text(entries[""].help),
        f".SH {words['options']}",
        *_roff_options(entries[""]),
        f".SH {words['commands']}",
    ]
    for path, entry in entries.items():
        if path:
            lines += [f".SS packager {_roff(f'{path} {entry.usage}'.strip())}", _roff_text(entry.help)]
            lines += _roff_options(entry)
            lines += [".PP", f"{words['examples']}{'：' if language == 'zh' else ':'}", ".PP", ".nf"]
            lines += [*map(_roff, entry.examples), ".fi"]
    lines += [f".SH {words['exit']}", _roff_text(words["codes"]), f".SH {words['environment']}"]
    for name, text in VARIABLES.items():
        lines += [".TP", f".B {name}", _roff_text(text[language])]
    return "\n".join(lines) + "\n"


def _roff_options(entry: Entry) -> list[str]:
    return [line for term, text in entry.options for line in (".TP", f".B {_roff(term)}", _roff_text(text))]


def _roff_text(text: str) -> str:
    """A paragraph. Chinese lines end with breaks, because troff breaks lines only at spaces."""
    if text.isascii():
        return "\n".join(map(_roff, textwrap.wrap(text, 78, break_long_words=False, break_on_hyphens=False)))
    return "\n.br\n".join(map(_roff, wrapped(text, 64)))


def _roff(line: str) -> str:
    escapes = {"\\": "\\e", "-": "\\-", "~": "\\(ti", "'": "\\(aq", "^": "\\(ha", "`": "\\(ga"}
    escaped = "".join(escapes.get(character, character) for character in line)
    return f"\\&{escaped}" if escaped.startswith(".") else escaped


# ── The table for completion ──


def command_table() -> dict[str, Any]:
    """All commands with what a shell needs to complete them; English, for translation."""
    from packager.arranging.profiles.catalog import profile_names
    from packager.arranging.profiles.variant import variants_of
    from packager.speech import EngineOptions, installed_engines

    profiles = profile_names(None)
    voices = [str(info.voice) for info in installed_engines().voices(EngineOptions())]
    values = {"PROFILE": [*profiles, *(name for profile in profiles for name in variants_of(profile))], "VOICE": voices}
    top = _top()
    table = _entry(top, click.Context(top, info_name="packager"), "")
    return {"packager": table, "values": values}


def _entry(command: click.Command, context: click.Context, help_line: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"help": help_line}
    options = [_option(each) for each in command.params if isinstance(each, click.Option)]
    arguments = [_argument(each, context) for each in command.params if isinstance(each, click.Argument)]
    entry |= ({"options": options} if options else {}) | ({"arguments": arguments} if arguments else {})
    if isinstance(command, click.Group):
        entry["commands"] = {}
        for name in command.list_commands(context):
            sub = command.get_command(context, name)
            assert sub is not None
            line = command._listed[name][1]  # type: ignore[attr-defined]
            entry["commands"][name] = _entry(sub, click.Context(sub, info_name=name, parent=context), line)
    return entry


def _option(option: click.Option) -> dict[str, Any]:
    names = ["/".join([option.opts[0], *option.secondary_opts])] if option.secondary_opts else list(option.opts)
    entry: dict[str, Any] = {"names": names, "help": option.help or ""}
    if option.is_flag:
        return entry | {"flag": True}
    return entry | ({"many": True} if option.multiple else {}) | _value(option.type, option.metavar)


def _argument(argument: click.Argument, context: click.Context) -> dict[str, Any]:
    metavar = argument.metavar or (argument.name or "").upper()
    return ({"many": True} if argument.nargs == -1 else {}) | _value(argument.type, metavar)


def _value(kind: click.ParamType, metavar: str | None) -> dict[str, Any]:
    if isinstance(kind, click.Choice):
        return {"choices": list(kind.choices)}
    if isinstance(kind, click.Path):
        return {"path": "file" if kind.file_okay else "folder"}
    return {"value": metavar} if metavar and kind is click.STRING else {}


# ── Writing ──


def documents(language: str) -> dict[str, str]:
    """The generated files of one language by their place; a process has one language."""
    choose_language(language)
    entries = {path: entry_of(path, command, context) for path, command, context in commands()}
    suffix, folder = ("", "") if language == "en" else (f".{language}", "zh_CN/")
    made = {
        f"docs/CLI{suffix}.md": markdown(entries, language),
        f"docs/man/{folder}packager.1": man_page(entries, language),
    }
    if language == "en":
        made[TABLE] = json.dumps(command_table(), ensure_ascii=False, indent=1) + "\n"
    return made


def all_documents() -> dict[str, str]:
    """All generated files by their place."""
    running = [
        subprocess.Popen([sys.executable, __file__, language], stdout=subprocess.PIPE, cwd=ROOT) for language in TITLES
    ]
    made: dict[str, str] = {}
    for process in running:
        made |= json.loads(process.communicate()[0])
    return made


def main() -> None:
    """Write all files, or print those of one language as JSON."""
    if len(sys.argv) > 1:
        sys.stdout.buffer.write(json.dumps(documents(sys.argv[1])).encode())
        return
    for place, text in all_documents().items():
        path = ROOT / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
