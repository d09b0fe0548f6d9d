"""Wrong input for every command: one message with the mistake, the place and the next step; nothing is written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command_line import Cli, Outcome
from tones import Tones, tree

from packager.base.errors import EXIT_CARD, EXIT_INPUT, EXIT_SPEECH, EXIT_USAGE


def refused(answer: Outcome, code: int, *said: str) -> None:
    """Assert that the output is one error message, which contains all of `said`."""
    answer.require_error(code, *said)
    assert answer.out == ""


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("read nowhere.txt", EXIT_INPUT, "nowhere.txt does not exist"),
        ("read nowhere", EXIT_INPUT, "nowhere does not exist"),
        ("read texts", EXIT_INPUT, "texts is a folder"),
        ("read texts/book.md/chapter.md", EXIT_INPUT, "texts/book.md/chapter.md"),
        ("read packager.yaml", EXIT_INPUT, "is empty"),
        ("read playlists/week.yaml", EXIT_INPUT, "save the text as one of .txt"),
        ("read texts/news.md --encoding klingon", EXIT_INPUT, "unknown encoding 'klingon'"),
        ("read " + "x" * 300 + ".txt", EXIT_INPUT, "xxx"),
        ("build nowhere", EXIT_INPUT, "no playlist 'nowhere'"),
        ("build nowhere", EXIT_INPUT, "has: week.yaml"),
        ("build texts", EXIT_INPUT, "no playlist 'texts'"),
        ("build texts/news.md", EXIT_INPUT, "news.md"),
        ("build week --voice kokoro:zm_yunjan", EXIT_INPUT, "did you mean 'kokoro:zm_yunjian'"),
        ("build week --voice xiaoyi", EXIT_INPUT, "no voice 'xiaoyi'"),
        ("build week --profile keypd", EXIT_INPUT, "did you mean 'keypad'"),
        ("say …… -o hello.mp3", EXIT_INPUT, "contains nothing that can be spoken"),
        ("say 你好 -o hello.mp3 --voice kokoro:zf_xiaoy", EXIT_INPUT, "did you mean 'kokoro:zf_xiaoyi'"),
        ("players add X7", EXIT_INPUT, "a number is P001 to P999999"),
        ("players add P001", EXIT_INPUT, "player P001 is in the registry already"),
        ("players add P007 --profile keypd", EXIT_INPUT, "did you mean 'keypad'"),
        ("players add P007 --community " + "x" * 300, EXIT_INPUT, "at most 200"),
        ("load card --player P009 --allow-folder", EXIT_INPUT, "players add P009"),
        ("load card --player P1x --allow-folder", EXIT_INPUT, "'P1x' is no player's number"),
        ("load card --player P001 --release main-003 --allow-folder", EXIT_INPUT, "did you mean 'main-000"),
        ("load nowhere --player P001", EXIT_CARD, "Is the card plugged in?"),
        ("load packager.yaml --player P001", EXIT_CARD, "is a file, not a card"),
        ("load card --player P001", EXIT_CARD, "--allow-folder"),
        ("load . --player P001 --allow-folder --new", EXIT_CARD, "a folder of work"),
        ("load / --player P001 --allow-folder --new", EXIT_CARD, "this computer's own disk"),
        ("load /usr/lib --player P001 --allow-folder --new", EXIT_CARD, "this computer's system"),
        ("load card --player P001 --allow-folder", EXIT_CARD, "--new"),
        ("update nowhere", EXIT_CARD, "Is the card plugged in?"),
        ("update card", EXIT_CARD, "--allow-folder"),
        ("update card --allow-folder", EXIT_CARD, "--new"),
        ("audit nowhere", EXIT_CARD, "Is the card plugged in?"),
        ("audit card --allow-folder", EXIT_CARD, "not a card of ours"),
        ("demo --dir .", EXIT_INPUT, "is not empty"),
    ],
)
def test_wrong_input_is_refused_in_one_message_and_changes_nothing(
    cli: Cli, office: Path, arguments: str, code: int, said: str
) -> None:
    (office / "card").mkdir()
    before = tree(office)
    refused(cli(*arguments.split()), code, said)
    assert tree(office) == before


@pytest.mark.parametrize("arguments", ["players list", "audit", "update card", "build week", "load card --player P001"])
def test_without_a_workspace_init_is_suggested(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str
) -> None:
    monkeypatch.chdir(tmp_path)
    refused(cli(*arguments.split()), EXIT_INPUT, "packager init DIR", "--workspace")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_workspace_is_named(cli: Cli, tmp_path: Path) -> None:
    refused(cli("--workspace", tmp_path / "no", "players", "list"), EXIT_INPUT, str(tmp_path / "no"))
    assert list(tmp_path.iterdir()) == []


def test_all_errors_of_a_playlist_are_reported_at_once(cli: Cli, office: Path) -> None:
    (office / "playlists" / "bad.yaml").write_text(
        "playlist: bad\ntitel: x\nvoice: xiaoyi\npace: fast\nitems:\n"
        "  - bok: texts/book.md\n  - book: /etc/passwd\n    shelf: weak\n",
        "utf-8",
    )
    refused(
        cli("build", "bad"),
        EXIT_INPUT,
        "bad.yaml",
        "line 1: 'title' is missing",
        "line 2: unknown key 'titel' - did you mean 'title'?",
        "line 3: 'voice' is \"xiaoyi\"",
        "line 4: 'pace' is \"fast\"",
        "line 6: 'book' is missing",
        "line 6: unknown key 'bok' - did you mean 'book'?",
        "line 7: 'items.1.book' is \"/etc/passwd\"",
        "line 8: 'items.1.shelf' is 'weak'",
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "'playlist' is missing"),
        (b"playlist: [\n", "not valid YAML"),
        (b"\tplaylist: x\n", "line 1"),
        (b"- a\n", "key: value"),
        (b"playlist: \xff\n", "not UTF-8"),
        (b"a: &a [x]\nb: *a\n", "aliases"),
        (b"playlist: a\nplaylist: b\ntitle: t\nitems: [{book: texts/book.md}]\n", "given twice"),
        (b"\0", "week"),
    ],
)
def test_an_invalid_playlist_is_named_with_its_line(cli: Cli, office: Path, content: bytes, said: str) -> None:
    (office / "playlists" / "week.yaml").write_bytes(content)
    refused(cli("build", "week"), EXIT_INPUT, "week.yaml", said)


def test_all_errors_of_the_settings_are_reported_at_once(cli: Cli, office: Path) -> None:
    (office / "packager.yaml").write_text("seris: a\npace: 20\nkeep: yes\n", "utf-8")
    for command in ("players list", "build week", "say 你好 -o x.mp3", "read texts/book.md", "voices"):
        answer = cli(*command.split())
        refused(answer, EXIT_INPUT, "did you mean 'series'", "line 2: 'pace' is 20", "line 3: 'keep' is")


def test_a_changed_number_ledger_is_refused(cli: Cli, office: Path) -> None:
    numbers = office / "playlists" / "main.numbers.yaml"
    numbers.write_text(numbers.read_text("utf-8").replace("first: 11", "first: 5"), "utf-8")
    before = tree(office)
    refused(cli("build", "week"), EXIT_INPUT, "main.numbers.yaml", "texts/book.md")
    assert tree(office) == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        ("……！\n\n——\n".encode(), "has nothing to say"),
        (b"\xff\xff\xff\xff", "--encoding"),
    ],
)
def test_an_unreadable_book_stops_the_build_before_synthesis(
    cli: Cli, office: Path, tones: Tones, text: bytes | None, said: str
) -> None:
    book = office / "texts" / "book.md"
    book.unlink() if text is None else book.write_bytes(text)
    before = tree(office)
    refused(cli("build", "week"), EXIT_INPUT, "book.md", said)
    assert tones.spoken == []
    assert tree(office) == before


def test_a_folder_in_place_of_a_book_is_reported(cli: Cli, office: Path) -> None:
    (office / "texts" / "book.md").unlink()
    (office / "texts" / "book.md").mkdir()
    refused(cli("build", "week"), EXIT_INPUT, "book.md is a folder")


def test_a_missing_chapter_and_a_full_player_are_errors_of_the_build(cli: Cli, office: Path) -> None:
    playlist = office / "playlists" / "week.yaml"
    playlist.write_text(playlist.read_text("utf-8") + "    chapters: 7\n", "utf-8")
    refused(cli("build", "week", "--dry-run"), EXIT_INPUT, "texts/book.md", "chapter 7")
    (office / "profiles").mkdir()
    (office / "profiles" / "tiny.yaml").write_text(
        "title: tiny\nfinds_by: name\nlayout: flat\nfile_digits: 3\n"
        "audio: {sample_rate: 44100, bit_rate: 64}\n"
        "limits: {tracks: 2, files_per_folder: 2, minutes_per_track: 60}\n",
        "utf-8",
    )
    playlist.write_text(playlist.read_text("utf-8").replace("    chapters: 7\n", ""), "utf-8")
    refused(cli("build", "week", "--dry-run", "--profile", "tiny"), EXIT_INPUT, "2")


def test_text_without_phonemes_is_shown_and_ends_the_build_without_a_release(
    cli: Cli, office: Path, tones: Tones
) -> None:
    before = tree(office / "output" / "releases")
    (office / "texts" / "book.md").write_text("# 读本\n\n## 一\n\n今天の天气很好。\n", "utf-8")
    refused(cli("build", "week"), EXIT_SPEECH, "今天の天气很好", "no sound for の", "の: what is said")
    after = tree(office / "output" / "releases")
    assert {path: after[path] for path in before} == before
    assert [path for path in after if path not in before and not path.startswith(".")] == []


def test_the_suggested_line_for_the_lexicon_mends_the_build(cli: Cli, office: Path, tones: Tones) -> None:
    text = "# 读本\n\n## 一\n\n今天の天气很好，Привет，𠮷野家。\n"
    (office / "texts" / "book.md").write_text(text, "utf-8")
    said = {"の": "的", "Привет": "你好", "𠮷": "吉"}
    lines = "words:\n"
    for _unspoken in said:
        error = cli("build", "week").require(EXIT_SPEECH).err
        (word,) = [word for word in said if f"  {word}: what is said" in error]
        lines += f"  {word}: {said[word]}\n"
        (office / "lexicon.yaml").write_text(lines, "utf-8")
    cli("build", "week").require()


@pytest.mark.parametrize("dry_run", [[], ["--dry-run"]])
def test_a_misspelt_title_in_the_lexicon_is_reported(cli: Cli, office: Path, tones: Tones, dry_run: list[str]) -> None:
    own = "books:\n  {title}: {{单: shan4}}\n"
    for title in ("读本儿", "《读本》", "红楼梦", "读本下"):
        (office / "lexicon.yaml").write_text(own.format(title=title), "utf-8")
        err = cli("build", "week", *dry_run).require().err
        assert ("lexicon.yaml has entries for 《读本儿》" in err) == (title == "读本儿")
        assert ("did you mean 《读本》?" in err) == (title == "读本儿")


def test_say_does_not_write_to_folders_or_devices(cli: Cli, office: Path) -> None:
    (office / "pipe").symlink_to("/dev/null")
    cli("say", "你好", "-o", "texts").require(EXIT_USAGE)
    refused(cli("say", "你好", "-o", "pipe"), EXIT_INPUT, "pipe is not a regular file")
    assert Path("/dev/null").is_char_device()
    refused(cli("say", "你好", "-o", "packager.yaml/x.mp3"), 1, "packager.yaml")


def test_a_missing_model_is_named_by_every_command_that_synthesizes(cli: Cli, office: Path) -> None:
    (office / "packager.yaml").write_text("model: models/own.onnx\n", "utf-8")
    (office / "texts" / "news.md").write_text("# 通知\n\n## 停水\n\n今天停水。\n", "utf-8")
    place = str(office / "models" / "own.onnx")
    refused(cli("build", "week"), EXIT_INPUT, place)
    refused(cli("--workspace", office / "texts", "say", "你好", "-o", "x.mp3"), EXIT_INPUT, place)
    refused(cli("voices"), EXIT_INPUT, place)
    (office / "models").mkdir()
    (office / "models" / "own.onnx").write_bytes(b"no weights")
    refused(cli("build", "week", "--jobs", 1), EXIT_INPUT, place)


def test_an_invalid_registry_is_unchanged_and_reported_before_synthesis(cli: Cli, office: Path, tones: Tones) -> None:
    (office / "registry.db").write_bytes(b"something else, and not a database at all" * 100)
    (office / "texts" / "news.md").write_text("# 通知\n\n## 停水\n\n今天停水。\n", "utf-8")
    before = tree(office)
    for command in ("players list", "players add P003", "audit", "build week"):
        refused(cli(*command.split()), EXIT_INPUT, "registry.db")
    assert tones.spoken == []
    assert tree(office) == before


def test_a_damaged_manifest_is_named_with_the_folder_to_delete(cli: Cli, office: Path) -> None:
    manifest = office / "output" / "releases" / "main-0002" / "folders" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:-10])
    (office / "card").mkdir()
    for command in ("build week", "load card --player P001 --new --allow-folder"):
        refused(cli(*command.split()), EXIT_INPUT, str(manifest), "delete the folder")
    assert list((office / "card").iterdir()) == []


def test_the_registry_keeps_the_highest_sequence(cli: Cli, office: Path, tones: Tones) -> None:
    shutil.rmtree(office / "output")
    (office / "playlists" / "main.numbers.yaml").unlink()
    assert "New release main-0003" in cli("build", "week").require().out
