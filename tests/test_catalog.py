"""The Chinese catalog: complete, true to the source, and shown wherever Chinese is asked for."""

from __future__ import annotations

import ast
import locale
import os
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

import packager
from packager.base.errors import DocumentError, InputError, PackagerError
from packager.base.findings import FINDING_WORDS, FindingKind
from packager.base.i18n.language import _, choose_language, current_language
from packager.base.yaml_documents import load_document, parse_document, schema_problems
from packager.cli import _COMMANDS, run
from packager.cli.ui.columns import display_width
from packager.cli.ui.help import PLACEHOLDERS, USAGE_WORDS, VALUE_WORDS
from packager.speech.pool import ParentWatchdog, local_processes

SOURCE = Path(packager.__file__).parent
CATALOG = SOURCE / "base" / "i18n" / "locale" / "zh" / "LC_MESSAGES" / "packager.po"
COMMANDS = tuple(_COMMANDS)
VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG", "LC_CTYPE")

Forms = tuple[str, ...]

# click names the kind of number in English, which helps nobody.
PLACEHOLDERS_OF_CLICK = {*USAGE_WORDS, *VALUE_WORDS, *PLACEHOLDERS}
MAY_LEAVE_OUT = {"{value!r} is not a valid {number_type}.": {"number_type"}}


@pytest.fixture(autouse=True)
def _language_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test begins with no language in the environment, and leaves English behind."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANGUAGE", "en")  # so that what choose_language puts there is taken back
    monkeypatch.delenv("LANGUAGE")
    yield
    choose_language("en")


def _catalog() -> Catalog:
    return read_po(BytesIO(CATALOG.read_bytes()))


def _forms(value: str | Forms | list[str]) -> Forms:
    return (value,) if isinstance(value, str) else tuple(value)


def _translations() -> dict[Forms, Forms]:
    return {_forms(message.id): _forms(message.string) for message in _catalog() if message.id}


def _messages_of_the_source() -> dict[Forms, str]:
    """Every message that the documented `pybabel extract` finds, with the file that it stands in."""
    with (SOURCE / "base" / "i18n" / "babel.ini").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(
        SOURCE.parent,
        methods,
        options,
        keywords={**DEFAULT_KEYWORDS, "N_": None},
        directory_filter=lambda folder: Path(folder).name in ("packager", *_folders()),
    )
    return {_forms(message): f"{file}:{line}" for file, line, message, _comments, _context in found}


def _folders() -> set[str]:
    return {path.name for path in SOURCE.rglob("*") if path.is_dir()}


# ── The catalog and the source ──


def test_every_message_of_the_source_has_a_chinese_translation() -> None:
    known = _translations()
    untranslated = [
        f"{place}: {message[0]!r}"
        for message, place in _messages_of_the_source().items()
        if not all(known.get(message, ("",)))
    ]
    assert not untranslated, "without translation:\n" + "\n".join(untranslated)


def test_the_extraction_sees_code_schemas_and_the_words_of_click() -> None:
    found = _messages_of_the_source()
    assert ("Interrupted. Finished work is kept; run the same command again to continue.",) in found
    assert ("characters a minute, a whole number from 120 to 300",) in found
    assert ("Missing argument",) in found
    assert ("{count} player", "{count} players") in found


def test_the_catalog_holds_no_message_that_the_source_has_not() -> None:
    catalog = _catalog()
    gone = set(_translations()) - set(_messages_of_the_source())
    assert not gone and not catalog.obsolete


def test_no_translation_is_marked_as_a_guess() -> None:
    assert not [message.id for message in _catalog() if message.id and message.fuzzy]


def test_translations_name_the_same_placeholders_as_their_messages() -> None:
    differing = [
        f"{english!r} → {chinese!r}"
        for message, translation in _translations().items()
        for english, chinese in zip(message, translation, strict=True)
        if _placeholders(english) - _placeholders(chinese) - _may_leave_out(english)
        or _placeholders(chinese) - _placeholders(english)
    ]
    assert not differing, "placeholders differ:\n" + "\n".join(differing)


def _placeholders(text: str) -> set[tuple[str, str, str]]:
    """Name, format and conversion of each field in `text`; none where its braces are only braces."""
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError:
        return set()
    return {(name, spec or "", how or "") for _literal, name, spec, how in fields if name is not None}


def _may_leave_out(message: str) -> set[tuple[str, str, str]]:
    return {field for field in _placeholders(message) if field[0] in MAY_LEAVE_OUT.get(message, set())}


def test_translations_name_the_same_options_commands_and_settings() -> None:
    differing = [
        f"{english!r} → {chinese!r}"
        for message, translation in _translations().items()
        for english, chinese in zip(message, translation, strict=True)
        if _typed(english) != _typed(chinese) and english not in PLACEHOLDERS_OF_CLICK
    ]
    assert not differing, "not the same to type:\n" + "\n".join(differing)


def test_a_placeholder_is_chinese_in_a_chinese_message() -> None:
    words = "|".join((*PLACEHOLDERS, *VALUE_WORDS, "CARDS", "FILES"))
    english = [
        chinese
        for message, translation in _translations().items()
        for chinese in translation
        if message[0] not in PLACEHOLDERS_OF_CLICK and re.search(rf"(?<![\w/{{-])(?:{words})(?![\w}}])", chinese)
    ]
    assert not english, "to be said in Chinese:\n" + "\n".join(english)


# ── One word for one thing ──

# What may not be said, and the word of the glossary (the head of the catalog) for it.
_OTHER_WORDS = {
    "时间表": "周表",
    "审[核批]|核准": "批准",
    "[这那每哪上下各本一整]一?集(?![合中体])|[0-9}] ?集|第几集": "一条（音频）",
    "[这那每哪一几][一几]?首歌?[，。的]|[0-9}] 首": "一条（音频）",
    "曲目|音轨": "音频",
    "(?<!电话|手机)号码": "编号",
    "播放列表|播放清单": "播放单",
    "播放机": "播放器",
    "内存卡|卡片": "存储卡",
    "注册表|登记册|登记表": "登记库",
    "听众": "收听人",
    "发行版": "发布版本",
    "发布包|打包文件": "版本包",
    "构建|制作(?:新的)?发布版本|[新重]制作": "生成",
    "合成": "朗读",
    "周汇报": "周报",
    "工作空间": "工作区",
    "依赖[库项]": "配套程序",
    r"第 ?\{[a-z]+\} 章节": "第几章",
}
_ALWAYS_RIGHT = ("手机号码",)


def _other_words(text: str) -> list[str]:
    """Each word of the text for which the glossary has another, with that."""
    for right in _ALWAYS_RIGHT:
        text = text.replace(right, "")
    return [f"{found[0]} -> {word}" for pattern, word in _OTHER_WORDS.items() for found in re.finditer(pattern, text)]


def _chinese_texts() -> Iterator[tuple[str, str]]:
    """Place and text of all Chinese that a volunteer reads: messages, documents, templates, samples, written files."""
    for message, translation in _translations().items():
        yield message[0], "\n".join(translation)
    root = SOURCE.parent
    documents = [root / "README.zh.md", *root.glob("docs/*.zh.md"), *root.glob("docs/handbook/zh/*.md")]
    written = [SOURCE / "arranging" / "weekly.py", SOURCE / "arranging" / "number_ledger.py"]
    shown = [path for folder in ("templates", "sample", "publish", "schemas") for path in (SOURCE / folder).rglob("*")]
    for path in (*documents, *written, *shown, *root.glob("install.*")):
        if path.is_file() and path.suffix != ".pyc":
            yield path.relative_to(root).as_posix(), path.read_text("utf-8")


def test_one_chinese_word_is_used_for_one_thing() -> None:
    places = dict(_chinese_texts())
    assert len(places) > 1000 and "docs/handbook/zh/2-week.md" in places and "packager/templates/sheet.html" in places
    found = {place: words for place, text in places.items() if (words := _other_words(text))}
    assert not found, "\n".join(f"{place[:70]}: {', '.join(words)}" for place, words in found.items())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("请改时间表", ["时间表 -> 周表"]),
        ("须经审核，共 3 集，上一集", ["审核 -> 批准", "上一集 -> 一条（音频）", "3 集 -> 一条（音频）"]),
        ("按号码点播", ["号码 -> 编号"]),
        ("电话号码和手机号码不是编号；集中、收集、集合、“下一首”都可以", []),
    ],
)
def test_the_search_for_other_words_finds_them_and_nothing_else(text: str, words: list[str]) -> None:
    assert sorted(_other_words(text)) == sorted(words)


# Abbreviations, a word processor, and stand-ins for words of the volunteer's own.
_NOT_TYPED = {"FAT", "ISO", "UTF", "WPS", "YAML", "NUMBER", "CARDS", *VALUE_WORDS, *PLACEHOLDERS}


def _typed(text: str) -> set[str]:
    """What of a message is typed as it stands."""
    commands = "|".join(COMMANDS)
    pattern = rf"--[a-z][a-z-]+|packager (?:{commands})(?: add)?|[a-z]+_[a-z]+|packager\.yaml|\b[A-Z]{{3,}}\b"
    return set(re.findall(pattern, re.sub(r"\{[^{}]*\}", "", text))) - _NOT_TYPED


def test_the_compiled_catalog_is_the_one_that_people_edit() -> None:
    written = BytesIO()
    write_mo(written, _catalog())
    compiled = read_mo(BytesIO(CATALOG.with_suffix(".mo").read_bytes()))
    expected = read_mo(BytesIO(written.getvalue()))

    def pairs(catalog: Catalog) -> dict[Forms, Forms]:
        return {_forms(message.id): _forms(message.string) for message in catalog if message.id}

    assert pairs(compiled) == pairs(expected), "run: pybabel compile -D packager -d packager/base/i18n/locale"


# ── Texts in the source that nobody could translate ──

_SHOWN_BY = {
    *("echo", "note", "table", "progress_bar", "fail", "write_text", "section"),
    *("Finding", "Difference", "BadParameter", "UsageError", "ClickException"),
}
_SHOWN_AS = {"help", "short_help", "epilog", "prompt", "desc", "unit"}
_MARKS = {"_", "N_", "ngettext"}
# What is typed is the same in every language, and so are units.
_TYPED = re.compile(r"\s*(packager|cd)\b|MB$|B$|\$ |\W*$")


def _errors() -> set[str]:
    found: set[str] = set()
    waiting: list[type[Exception]] = [PackagerError]
    while waiting:
        kind = waiting.pop()
        found.add(kind.__name__)
        waiting.extend(kind.__subclasses__())
    return found


def _name(function: ast.expr) -> str:
    return getattr(function, "id", getattr(function, "attr", ""))


def _unmarked(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each literal in `source` that a user would see without its passing through `_`."""
    shown_by = _SHOWN_BY | _errors()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        shows_all = _name(node.func) in shown_by
        shown = [keyword.value for keyword in node.keywords if shows_all or keyword.arg in _SHOWN_AS]
        shown += node.args if shows_all else []
        for expression in shown:
            for literal in _literals(expression):
                if not _TYPED.match(literal.value) and re.search(r"[A-Za-z]", literal.value):
                    yield literal.lineno, literal.value


def _literals(node: ast.AST) -> Iterator[ast.Constant]:
    """The text literals that `node` shows: not those inside a mark, and not what only names something."""
    if isinstance(node, ast.Call):
        if _name(node.func) in _MARKS:
            return
        # The arguments of a format fill a message in; the message itself is what it is called on.
        children: list[ast.AST] = [node.func] if _name(node.func) == "format" else [node.func, *node.args]
    elif isinstance(node, ast.FormattedValue | ast.Subscript | ast.Attribute):
        children = [node.value]
    elif isinstance(node, ast.Compare | ast.comprehension | ast.Dict):
        children = []
    else:
        children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    for child in children:
        yield from _literals(child)


def test_every_text_that_a_user_sees_can_be_translated() -> None:
    unmarked = [
        f"{path.relative_to(SOURCE.parent)}:{line}: {text!r}"
        for path in sorted(SOURCE.rglob("*.py"))
        for line, text in _unmarked(path.read_text(encoding="utf-8"))
    ]
    assert not unmarked, "not wrapped in _():\n" + "\n".join(unmarked)


@pytest.mark.parametrize(
    "source",
    [
        'raise InputError("no such thing")',
        'raise InputError("no {x}".format(x=1))',
        'raise CardRefusedError(f"{card} is full")',
        'raise DocumentError(source, ["wrong", _("right")])',
        'click.echo("Done.")',
        'note(f"{count} tracks")',
        'click.option("--json", help="Print JSON.")',
        'Finding(kind, "gone", path)',
        'click.echo(_("a") + "and more")',
        'click.echo(_("yes") if sure else "no")',
    ],
)
def test_the_search_for_untranslatable_texts_finds_them(source: str) -> None:
    assert list(_unmarked(source))


@pytest.mark.parametrize(
    "source",
    [
        'raise InputError(_("no {x}").format(x="y"))',
        'raise ValueError("a bug, never shown")',
        'click.echo("  packager audit cards/P001")',
        'click.echo(f"  {path}")',
        'click.option("--json", "as_json", help=_("Print JSON."))',
        'click.echo(", ".join(names))',
        'click.echo(ngettext("{n} file", "{n} files", n).format(n=n))',
    ],
)
def test_the_search_for_untranslatable_texts_passes_what_is_right(source: str) -> None:
    assert not list(_unmarked(source))


def test_every_format_string_is_translated_before_it_is_filled_in() -> None:
    filled_before = [
        f"{path.relative_to(SOURCE.parent)}:{node.lineno}"
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and _name(node.func) in _MARKS
        and node.args
        and (
            isinstance(node.args[0], ast.JoinedStr)
            or (isinstance(node.args[0], ast.Call) and _name(node.args[0].func) == "format")
        )
    ]
    assert not filled_before


def test_no_message_stands_within_a_format_string_where_the_extraction_misses_it() -> None:
    missed = [
        f"{path.relative_to(SOURCE.parent)}:{call.lineno}"
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and _name(call.func) in _MARKS
        if call.args and isinstance(call.args[0], ast.Constant)
    ]
    assert not missed


def test_every_kind_of_finding_has_a_word_of_its_own() -> None:
    choose_language("zh")
    words = [_(FINDING_WORDS[kind]) for kind in FindingKind]
    assert all(_has_hanzi(word) for word in words)
    assert len(set(words)) == len(words)


# ── What a volunteer sees ──


def _has_hanzi(text: str) -> bool:
    return bool(re.search("[一-鿿]", text))


def _english_sentences(text: str) -> list[str]:
    """Three English words and more in a row that are no command line."""
    text = re.sub(r"packager( [a-z]+)+", "", text)
    return re.findall(r"[A-Za-z]*[a-z]+(?: [a-z]+){2,}", text)


HELPS = ("", *COMMANDS, "players add", "players list")

# A command's help is made when its module is imported: a process has one language.
_ALL_HELP = """
import sys
from packager.cli import _COMMANDS, run
from packager.cli.ui.columns import display_width
for words in sys.argv[1:]:
    print("\\f", end="", flush=True)
    run(["--lang", "zh", *words.split(), "--help"])
"""


@pytest.fixture(scope="module")
def helps() -> dict[str, str]:
    """The Chinese help of every command, by the command."""
    shown = _output([sys.executable, "-c", _ALL_HELP, *HELPS])
    return dict(zip(HELPS, shown.split("\f")[1:], strict=True))


@pytest.mark.parametrize("words", HELPS)
def test_the_help_of_every_command_is_chinese(words: str, helps: dict[str, str]) -> None:
    shown = helps[words]
    assert f"packager {words}".strip() in shown
    assert "用法" in shown and "选项" in shown and "显示本帮助" in shown
    assert not _english_sentences(shown)
    assert all(display_width(line) <= 80 for line in shown.splitlines())
    # Each option's line, or the one below it, explains it in Chinese.
    options = re.split(r"\n  (?=--?[a-z])", shown)[1:]
    assert options and all(_has_hanzi(option) for option in options)


def test_every_command_that_help_lists_is_among_those_tested(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    listed = capsys.readouterr().out.partition("First steps:")[2]
    assert tuple(re.findall(r"^  ([a-z]+)", listed, re.MULTILINE)) == COMMANDS


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["biuld"], "没有“biuld”这个命令，您是不是想写“build”？"),
        (["approve"], "没有“approve”这个命令，您是不是想写“release approve”？"),
        (["--nothing"], "没有“--nothing”这个选项。"),
        (["build"], "缺少参数“播放单”。"),
        (["build", "x", "--pace"], "选项“--pace”后面要写一个值。"),
        (["build", "x", "--pace", "fast"], "“--pace”的值不对：“fast”不是有效的数。"),
        (["build", "x", "--pace", "999"], "999 不在允许的范围 120–300 内"),
        (["build", "x", "--dry-run=1"], "选项“--dry-run”后面不带值。"),
        (["build", "x", "y", "z"], "多写了几个参数：y z"),
        (["load", "X"], "缺少选项“--player”。"),
        (["load", "X", "--playr", "P001"], "您是不是想写“--player”？"),
        (["players", "nobody"], "没有“nobody”这个命令"),
        (["init", __file__], "是一个文件，不是文件夹。"),
        (["read", "nowhere.txt"], "nowhere.txt 不存在，请检查名称"),
    ],
)
def test_wrong_usage_is_answered_in_chinese(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--lang", "zh", *arguments]) in (2, 3)
    shown = capsys.readouterr().err
    assert expected in shown and "错误：" in shown
    assert not _english_sentences(shown)


def test_a_mistake_in_a_document_is_explained_in_chinese() -> None:
    choose_language("zh")
    assert schema_problems({"pace": 5}, "workspace") == ["“pace”写的是 5，应为：每分钟字数，120 到 300 之间的整数"]


def test_what_the_system_and_the_yaml_reader_say_is_chinese_too(tmp_path: Path) -> None:
    choose_language("zh")
    with pytest.raises(InputError, match="没有这个文件或文件夹"):
        load_document(tmp_path / "nowhere.yaml", "workspace")
    with pytest.raises(DocumentError, match=r"第 1 行第 1 个字符：.*制表符"):
        parse_document(b"\tpace: 190\n", "workspace", source="packager.yaml")
    with pytest.raises(DocumentError, match="中文冒号"):
        parse_document(b"pace: 190\nvoice: kokoro: x\n", "workspace", source="packager.yaml")


def test_the_chinese_readme_shows_the_commands_of_the_english_one_and_what_the_program_prints() -> None:
    english, chinese = ((SOURCE.parent / name).read_text("utf-8") for name in ("README.md", "README.zh.md"))
    guide = (SOURCE.parent / "docs" / "GUIDE.zh.md").read_text("utf-8")
    install = re.findall(r"^python3 -m venv .*$", english, re.MULTILINE)
    assert len(install) == 2 and re.findall(r"^python3 -m venv .*$", chinese, re.MULTILINE) == install
    choose_language("zh")
    for message in ("good: the release is complete and in order", "every track was read back from the card"):
        assert _(message) in chinese
    for typed in re.findall(r"(?:^|`)packager ([a-z]+)", chinese + guide, re.MULTILINE):
        assert typed in COMMANDS


# ── Which language ──


def _said(arguments: list[str], **variables: str) -> str:
    """What the program says in a process of its own, with no language in its environment but `variables`."""
    return _output([sys.executable, "-c", "from packager.cli import main; main()", *arguments], **variables)


def _output(command: list[str], **variables: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    environment |= {"PYTHONIOENCODING": "utf-8", **variables}
    return subprocess.run(command, env=environment, capture_output=True, check=True).stdout.decode("utf-8")


@pytest.mark.parametrize(
    ("arguments", "variables", "expected"),
    [
        (["--help"], {"LANG": "zh_CN.UTF-8"}, "用法"),
        (["--help"], {"LANG": "C"}, "Usage"),
        (["--help"], {}, "Usage"),
        (["--lang", "zh", "--help"], {"LANG": "C"}, "用法"),
        (["--lang", "en", "--help"], {"LANG": "zh_CN.UTF-8"}, "Usage"),
    ],
)
def test_a_fresh_process_speaks_the_language_asked_for(
    arguments: list[str], variables: dict[str, str], expected: str
) -> None:
    shown = _said(arguments, **variables)
    assert shown.startswith(expected)
    assert _has_hanzi(shown) == (expected == "用法")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW.Big5"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "en:zh"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
    ],
)
def test_the_environment_counts_in_the_order_of_gettext(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert choose_language() == expected == current_language()
    assert _has_hanzi(_("yes")) == (expected == "zh")


@pytest.mark.parametrize(
    ("user_locale", "expected"),
    [
        (("Chinese (Simplified)_China", "936"), "zh"),
        (("zh_CN", "UTF-8"), "zh"),
        (("English_United States", "1252"), "en"),
        ((None, None), "en"),
    ],
)
def test_windows_which_sets_no_variable_is_asked_for_its_user_locale(
    user_locale: tuple[str | None, str | None], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locale, "getlocale", lambda: user_locale)
    assert choose_language() == expected


def test_a_locale_that_python_does_not_know_means_english(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> None:
        raise ValueError("unknown locale: xx")

    monkeypatch.setattr(locale, "getlocale", unknown)
    assert choose_language() == "en"


def test_an_empty_message_stays_empty() -> None:
    choose_language("zh")
    assert _("") == ""


def test_workers_answer_in_the_language_of_their_parent() -> None:
    choose_language("zh")
    lifeline = ParentWatchdog()  # held here: where nobody holds it, it breaks, and the workers end
    with local_processes(1, lifeline) as workers:
        assert workers.submit(_, "interrupted").result(timeout=60) == "装入中断"
