"""`packager init`: the new workspace and its commented settings."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import pytest
from command_line import Cli
from tones import tree

from packager.base.i18n.language import choose_language
from packager.base.workspace import Settings
from packager.base.yaml_documents import load_document, parse_document
from packager.cli import run


def test_a_new_workspace_is_complete(cli: Cli, tmp_path: Path) -> None:
    root = tmp_path / "my office"
    made = cli("init", root).require().out.split("\n")
    assert {Path(line).relative_to(root).as_posix() for line in made if line} == tree(root).keys()
    assert {"packager.yaml", "playlists/2026-w48.yaml", "playlists/timetable.yaml", "output/README.md"} <= tree(
        root
    ).keys()
    cli("--workspace", root, "read", root / "texts" / "fangzha.md").require()
    assert "01/001.mp3" in cli("--workspace", root, "build", "2026-w48", "--dry-run").require().out
    cli("--workspace", root, "players", "list").require()


@pytest.mark.parametrize(("language", "first"), [("zh", "[一-鿿]"), ("en", "[A-Z]")])
def test_comments_begin_in_the_language_of_the_user(tmp_path: Path, language: str, first: str) -> None:
    try:
        assert run(["--lang", language, "init", str(tmp_path)]) == 0
    finally:
        choose_language("en")
    for name in ("packager.yaml", "playlists/timetable.yaml"):
        for comment in re.split(r"\n(?!# )", (tmp_path / name).read_text("utf-8")):
            line = comment.strip().removeprefix("# ").removeprefix("packager publish ").removeprefix("packager proof ")
            assert not comment.strip().startswith("# ") or re.match(first, line), comment


def test_all_users_can_read_the_files(cli: Cli, tmp_path: Path) -> None:
    cli("init", tmp_path / "office").require()
    (tmp_path / "plain").touch()
    usual = (tmp_path / "plain").stat().st_mode
    assert {path.stat().st_mode for path in (tmp_path / "office").rglob("*") if path.is_file()} == {usual}


def test_init_again_restores_missing_files_and_changes_no_others(cli: Cli, tmp_path: Path) -> None:
    cli("init", tmp_path).require()
    (tmp_path / "packager.yaml").write_text("pace: 160\n", "utf-8")
    (tmp_path / "texts" / "fangzha.md").unlink()
    assert cli("init", tmp_path).require().out == f"{tmp_path / 'texts' / 'fangzha.md'}\n"
    assert (tmp_path / "packager.yaml").read_text("utf-8") == "pace: 160\n"
    before = tree(tmp_path)
    again = cli("init", tmp_path).require()
    assert again.out == ""
    assert "nothing was changed" in again.err
    assert tree(tmp_path) == before


def test_a_file_in_place_of_a_folder_is_wrong_usage(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "file" in cli("init", tmp_path / "file").require(2).err


def test_commented_settings_are_the_defaults(cli: Cli, tmp_path: Path) -> None:
    cli("init", tmp_path).require()
    text = (tmp_path / "packager.yaml").read_text("utf-8")
    assert Settings(**load_document(tmp_path / "packager.yaml", "workspace")) == Settings()
    shown = re.findall(r"^# ([a-z_]+: \S+)$", text, re.MULTILINE)
    values = parse_document("\n".join(shown).encode("utf-8"), "workspace", source="sample")
    assert values.keys() == asdict(Settings()).keys()
    # These have no value of their own: one process a core, a file here, the models that were installed, no workers.
    examples = {"jobs", "registry", "model", "proof_model", "workers"}
    defaults = asdict(Settings())
    assert {key: value for key, value in values.items() if key not in examples} == {
        key: value for key, value in defaults.items() if key not in examples
    }
