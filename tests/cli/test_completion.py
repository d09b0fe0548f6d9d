"""Shells complete commands and the values of a workspace, quickly, silently, and without a trace."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Cli, Outcome, environment, run_apart

from packager.cli.completion.shells import SHELLS, script

Ask = Callable[..., list[str]]

FORBIDDEN = ("sqlalchemy", "numpy", "packager.speech", "packager.cli.release", "packager.cli.cards")


def answered(folder: Path, line: str, shell: str = "bash", **more: str) -> Outcome:
    """The answer to a shell, with the modules that were imported in its last line."""
    code = (
        "import sys\nfrom packager.cli import main\ntry: main()\n"
        "except SystemExit as end: print('\\n' + ' '.join(sys.modules)); sys.exit(end.code)"
    )
    word = line.rsplit(" ", 1)[-1]
    count = str(len(line.split(" ")) - 1)
    asked = {"_PACKAGER_COMPLETE": f"{shell}_complete", "COMP_WORDS": line}
    asked["COMP_CWORD"] = count if shell == "zsh" else word
    return run_apart([sys.executable, "-c", code], folder, environment(**asked, **more))


def replies(outcome: Outcome) -> list[str]:
    return [line.partition(",")[2] for line in outcome.require().out.splitlines()[:-1] if line.startswith("plain,")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("packager release s", ["show"]),
        ("packager players show P", ["P001", "P002"]),
        ("packager release approve main-0001 ", ["main-0002", "main-0001"]),
        ("packager load X --release main-0002 --player p00", ["P001", "P002"]),
        ("packager build ", ["week"]),
        ("packager build week --voice kokoro:zm_yunj", ["zm_yunjian"]),
        ("packager build week --voice=kokoro:zm_yunj", ["zm_yunjian"]),
        ("packager build week --profile=keypad-", ["keypad-folders"]),
        ("packager build week --profile folders+s", ["folders+slow", "folders+slow+loud"]),
        ("packager build week --variant ", ["slow", "loud"]),
        ("packager publish v", ["verify"]),
        ("packager help players un", []),
        ("packager help players h", ["handover", "history"]),
        ('packager say "not closed', []),
    ],
)
def test_a_line_is_completed(line: str, expected: list[str], two_weeks: Path) -> None:
    outcome = answered(two_weeks, line)
    assert replies(outcome) == expected
    assert not outcome.err


def test_completion_imports_little_and_writes_nothing(office: Path, cli: Cli) -> None:
    cli("players", "change", "P001", "--community", "东风社区").require()
    before = sorted((path, path.stat().st_mtime_ns) for path in office.rglob("*"))
    outcome = answered(office, "packager due --community ")
    assert replies(outcome) == ["东风社区"]
    imported = outcome.out.splitlines()[-1].split()
    assert not [name for name in imported if name.startswith(FORBIDDEN)]
    assert sorted((path, path.stat().st_mtime_ns) for path in office.rglob("*")) == before


def test_the_newest_players_are_found_while_another_command_has_the_registry_open(office: Path, cli: Cli) -> None:
    from packager.registry.database import open_registry
    from packager.registry.players import add_player

    with open_registry(office / "registry.db") as registry:
        add_player(registry, "P077")
        assert "P077" in replies(answered(office, "packager players show P0"))


@pytest.mark.parametrize("damage", [b"", b"no database" * 100])
def test_a_damaged_registry_says_nothing(damage: bytes, office: Path) -> None:
    (office / "registry.db").write_bytes(damage)
    outcome = answered(office, "packager players show P")
    assert not outcome.err and "plain" not in outcome.out


def test_nothing_is_completed_and_nothing_said_outside_of_a_workspace(tmp_path: Path) -> None:
    outcome = answered(tmp_path, "packager players show P")
    assert replies(outcome) == [] and not outcome.err
    (tmp_path / "packager.yaml").write_text("pace: wrong\n", "utf-8")
    outcome = answered(tmp_path, "packager players show P")
    assert replies(outcome) == [] and not outcome.err


def test_powershell_is_answered_in_lines_of_value_and_explanation(two_weeks: Path) -> None:
    outcome = answered(two_weeks, r"packager --workspace .\ players show P", "powershell")
    assert outcome.require().out.splitlines()[:-1] == ["P001", "P002", ""]
    outcome = answered(two_weeks, "packager release ", "powershell", LANGUAGE="zh")
    assert "approve\t" in outcome.out and "办公室" in outcome.out
    assert "Register-ArgumentCompleter -Native -CommandName packager" in script("powershell")


# ── Real shells ──


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_tab_key_completes_in_a_real_shell(
    shell: str, office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli
) -> None:
    pexpect = pytest.importorskip("pexpect")
    program = shutil.which(shell)
    if program is None:
        if shell == "bash" or os.environ.get("PACKAGER_REQUIRE_SHELLS"):
            pytest.fail(f"{shell} is not installed")
        pytest.skip(f"{shell} is not installed")
    home = tmp_path / "home"
    commands = home / "bin"
    commands.mkdir(parents=True)
    (commands / "packager").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m packager "$@"\n')
    (commands / "packager").chmod(0o755)
    for name, value in {"HOME": home, "XDG_CONFIG_HOME": home / ".config", "XDG_DATA_HOME": home / "data"}.items():
        monkeypatch.setenv(name, str(value))
    for name in ("ZDOTDIR", "BASH_ENV", "ENV"):
        monkeypatch.delenv(name, raising=False)
    start = {"bash": home / ".bashrc", "zsh": home / ".zshrc"}.get(shell)
    if start is not None:
        start.write_text("# mine")
    monkeypatch.setenv("SHELL", program)
    assert "Open a new window" in cli("completion", "install").require().err
    cli("completion", "install").require()  # a second time changes nothing
    if start is not None:
        assert start.read_text().count("completion") == 2  # one line: the file, and the mark
        assert start.read_text().startswith("# mine\n")
    env = environment(PATH=f"{commands}:{os.environ['PATH']}", PYTHONPATH=str(Path(__file__).parents[2]), TERM="xterm")
    child = pexpect.spawn(program, ["-i"], cwd=str(office), env=env, encoding="utf-8", dimensions=(24, 200))
    child.delaybeforesend = 0.3
    child.timeout = 120  # a guard only
    child.sendline("echo re''ady")
    child.expect("ready")
    child.send("echo packager players show P00; packager release show main-0002 --js\t")
    child.expect("--json")
    child.sendcontrol("u")
    child.send("packager build week --voice kokoro:zm_yunj\t")
    child.expect("kokoro:zm_yunjian")
    child.close(force=True)


def test_each_shell_has_a_script(cli: Cli) -> None:
    for shell in SHELLS:
        assert "_PACKAGER_COMPLETE" in cli("completion", "show", shell).require().out


def test_an_unknown_shell_is_asked_for(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/csh")
    cli("completion", "install").require_error(3, "name your shell", "powershell")
