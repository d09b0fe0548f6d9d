"""Commands that messages propose: they carry the typed options, and they work as they are printed."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from command_line import Cli, Outcome

from packager.cli import _top
from packager.cli.ui.proposals import TAKE_PRACTICE, remember_typed, with_typed_options

_LINE = re.compile(r'packager (?:--workspace "[^"]*" )?[^\n,;()]*')


@pytest.fixture
def place(office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder beside a workspace whose name has a blank, so that each command must name the workspace."""
    office.rename(tmp_path / "our office")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path


def proposed(told: Outcome, command: str) -> list[str]:
    """The arguments of the proposal with this command in what was printed."""
    found = [line for line in _LINE.findall(told.out + told.err) if f" {command} " in f"{line} "]
    assert found, told
    return shlex.split(re.split(r"\.(?: |$)", found[0])[0])[1:]


def test_the_proposals_on_the_way_of_a_new_card_work_as_printed(place: Path, cli: Cli) -> None:
    at = ("--workspace", "../our office")
    Path("card").mkdir()
    Path("new card").mkdir()
    refused = cli(*at, "load", "new card", "--player", "P001", "--allow-folder").require(4)
    cli(*proposed(refused, "load")).require()
    unknown = cli(*at, "load", "card", "--player", "P007", "--allow-folder").require(3)
    cli(*proposed(unknown, "add")).require()
    new = cli(*at, "load", "card", "--player", "P007", "--allow-folder").require(4)
    loading = proposed(new, "load")
    assert loading == [*at, "load", "--allow-folder", str(Path("card").absolute()), "--player", "P007", "--new"]
    loaded = cli(*loading).require()
    cli(*proposed(loaded, "audit")).require(0)
    cli(*at, "load", "--allow-folder", "card", "--player", "P007", "--release", "main-0001", "--downgrade").require()
    behind = cli(*at, "audit", "card", "--allow-folder").require()
    cli(*proposed(behind, "update")).require()
    cli(*at, "audit", "card", "--allow-folder").require()


def test_a_copied_card_gets_its_own_identity_by_the_proposal(place: Path, cli: Cli) -> None:
    at = ("--workspace", "../our office")
    Path("one").mkdir()
    cli(*at, "load", "one", "--player", "P001", "--new", "--allow-folder").require()
    shutil.copytree("one", "two")
    for card in ("one", "two"):
        cli(*at, "load", card, "--player", "P001", "--release", "main-0001", "--downgrade", "--allow-folder")
    refused = cli(*at, "update", "two", "--allow-folder").require(4)
    cli(*at, "players", "add", "P008").require()
    proposal = [part.replace("PLAYER", "P008") for part in proposed(refused, "load")]
    cli(*proposal).require()


@pytest.mark.parametrize(
    ("typed", "message", "shown"),
    [
        (["audit"], "see: packager update E:", "see: packager update E:"),
        (["--workspace=a b", "due"], "see: packager due", 'see: packager --workspace "a b" due'),
        (
            ["--workspace", "w", "load", "c", "--allow-folder"],
            "packager players add P001, then packager registry rebuild P001=c; packager-like",
            "packager --workspace w players add P001, then packager --workspace w registry rebuild --allow-folder "
            "P001=c; packager-like",
        ),
        (["load", "--allow-folder"], "packager load c --allow-folder", "packager load c --allow-folder"),
        (
            ["load", "my card", "--player", "P9"],
            f"my card is new: packager load {Path('my card').absolute()} --new. Or: packager audit my card",
            f'my card is new: packager load "{Path("my card").absolute()}" --new. Or: packager audit "my card"',
        ),
        (["load", "c", "--player", "P9"], "packager load c --player PLAYER", "packager load c --player P9"),
    ],
)
def test_typed_options_stand_behind_the_name_of_the_command(
    typed: list[str], message: str, shown: str, fresh: None
) -> None:
    remember_typed(typed)
    assert with_typed_options(message) == shown


@pytest.fixture
def fresh() -> Iterator[None]:
    yield
    remember_typed(())


def test_every_command_that_takes_practice_folders_is_known() -> None:
    def taking(group: click.Group, prefix: str) -> Iterator[str]:
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            if isinstance(command, click.Group):
                yield from taking(command, f"{prefix}{name} ")
            elif command is not None and any("--allow-folder" in option.opts for option in command.params):
                yield prefix + name

    assert set(taking(_top(), "")) == TAKE_PRACTICE
