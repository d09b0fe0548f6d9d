"""`packager station` on practice folders, with and without a terminal."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Cli, environment, run_apart, tone_command
from station_kit import READ_A_QUESTION, Listener, Practice, answer, end_all, finish, kill
from tones import tree

from packager.base.errors import EXIT_CARD, EXIT_DONE, EXIT_FINDINGS, EXIT_INTERRUPTED
from packager.cli.ui.columns import display_width
from packager.releases.store import list_releases

pytestmark = pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX")


@pytest.fixture
def practice(office: Path) -> Iterator[Practice]:
    yield Practice(office).prepare()
    end_all()


def tracks_of(office: Path, release: str) -> dict[str, bytes]:
    (found,) = [one for one in list_releases(office / "output" / "releases") if one.manifest.release == release]
    return {track.path: (found.folder / track.path).read_bytes() for track in found.manifest.tracks}


def tracks_on(card: Path) -> dict[str, bytes]:
    return {path: data for path, data in tree(card).items() if not path.startswith(".packager/")}


def test_new_cards_are_offered_declined_and_numbered_and_the_summary_counts_them(practice, cli) -> None:
    terminal = practice.sit_down()
    terminal.expect("2 to go")
    practice.put("one", "A")
    terminal.expect("A: a new card. Use it as the card of P001")
    answer(terminal, "y")
    terminal.expect("remove P001 and write P001 on it .main-0002, .*1 to go")
    practice.put("two", "B")
    terminal.expect("B: a new card. Use it as the card of P002")
    answer(terminal, "n")
    terminal.expect("B was not changed")
    practice.card("three").joinpath("song.mp3").write_bytes(b"a song")
    practice.put("three", "C")
    terminal.expect("C: a new card with 1 other file, which stays. Use it as the card of P002")
    answer(terminal, "9\r")
    terminal.expect("remove P009 and write P009 on it")
    terminal.expect("P009 was in no roster; it is a new player now")
    terminal.send("q")
    code, end = finish(terminal)
    assert code == EXIT_DONE
    assert re.search(r"Done: 2 .*Already current: 0.*Remaining: 1.*\(no community\): 1 \(P002\)", end, re.S)
    for reader in "AC":
        cli("audit", practice.readers / reader, "--allow-folder").require()
    assert tree(practice.readers / "B") == {}
    assert (practice.readers / "C" / "song.mp3").read_bytes() == b"a song"
    listed = cli("players", "list").require().out
    assert "P009" in listed


def test_the_bell_has_different_sounds_for_success_and_failure_and_can_be_switched_off(practice) -> None:
    practice.put("one", "A")
    terminal = practice.sit_down("--new-from", "P001")
    terminal.expect("remove P001")
    assert "\a" not in terminal.before
    terminal.expect("\a")
    practice.readers.joinpath("B").mkdir()
    practice.readers.joinpath("B", ".packager").touch()  # a file in the place of our folder
    terminal.expect("B: .*is not ours")
    for _bell in range(3):
        terminal.expect("\a")
    terminal.send("q")
    assert finish(terminal)[0] == EXIT_CARD
    silent = practice.sit_down("--no-sound")
    silent.expect("remove P001, which already had")
    silent.send("q")
    assert "\a" not in finish(silent)[1]


def test_a_card_removed_early_is_reported_and_finished_when_inserted_again(practice, cli) -> None:
    terminal = practice.sit_down("--new-from", "P001", seconds=0.15)
    terminal.expect("to go")
    practice.put("one", "A")
    terminal.expect("P001 .*writing")
    practice.take("A", "one")
    terminal.expect("P001: it was removed too early; insert it again")
    practice.put("one", "A")
    terminal.expect("remove P001 .*1 to go")
    terminal.send("q")
    assert finish(terminal)[0] == EXIT_DONE
    assert tracks_on(practice.readers / "A") == tracks_of(practice.office, "main-0002")
    cli("audit", practice.readers / "A", "--allow-folder").require()


def test_ctrl_c_finishes_running_loads(practice, cli) -> None:
    terminal = practice.sit_down("--new-from", "P001", seconds=0.15)
    terminal.expect("to go")
    practice.put("one", "A")
    terminal.expect("writing")
    terminal.sendintr()
    terminal.expect("No new cards are accepted")
    practice.put("two", "B")
    terminal.expect("remove P001")
    code, end = finish(terminal)
    assert code == EXIT_DONE
    assert "Done: 1" in end
    assert tree(practice.readers / "B") == {}
    cli("audit", practice.readers / "A", "--allow-folder").require()


def test_ctrl_c_twice_stops_running_loads_and_the_next_run_finishes_them(practice, cli) -> None:
    terminal = practice.sit_down("--new-from", "P001", seconds=0.2)
    terminal.expect("to go")
    practice.put("one", "A")
    terminal.expect("writing")
    terminal.sendintr()
    terminal.expect("No new cards are accepted")
    terminal.sendintr()
    terminal.expect("P001: stopped before the end; it is marked as unfinished")
    code, end = finish(terminal)
    assert code == EXIT_INTERRUPTED
    assert "Not done: 1" in end
    assert "Traceback" not in end
    cli("audit", practice.readers / "A", "--allow-folder").require(EXIT_FINDINGS)
    again = practice.sit_down()
    again.expect("remove P001 .*1 to go")
    again.send("q")
    assert finish(again)[0] == EXIT_DONE
    assert tracks_on(practice.readers / "A") == tracks_of(practice.office, "main-0002")


def test_a_killed_station_loses_nothing(practice, cli) -> None:
    listener = Listener(practice, "--new-from", "P001", seconds=0.1)
    practice.put("one", "A")
    state = practice.readers / "A" / ".packager" / "state.a"
    while not state.exists():
        time.sleep(0.02)
    kill(listener)
    cli("audit", practice.readers / "A", "--allow-folder").require(EXIT_FINDINGS)
    again = Listener(practice, "--until-done")
    again.until_event("done", player="P001")
    practice.put("two", "B")
    again.until_event("asked", reader="B")
    again.type("y\n")
    assert again.summary()["to_come"] == {}
    assert again.process.returncode == EXIT_DONE
    for reader in "AB":
        assert tracks_on(practice.readers / reader) == tracks_of(practice.office, "main-0002")


def test_copies_of_one_card_side_by_side_are_recognised(practice) -> None:
    listener = Listener(practice, "--new-from", "P001")
    practice.put("one", "A")
    listener.until_event("done")
    shutil.copytree(practice.readers / "A", practice.shelf / "copy")
    practice.put("copy", "B")
    refused = listener.until_event("refused", reader="B")
    assert "A" in refused["message"]
    assert "copy of the other" in refused["message"]
    practice.take("B", "copy")
    practice.take("A", "one")
    time.sleep(0.5)  # a folder that is away for shorter is not seen to be away
    practice.put("one", "A")
    listener.until_event("again", player="P001")
    summary = listener.end()
    assert (summary["done"], listener.process.returncode) == (["P001"], EXIT_CARD)


def test_without_a_terminal_output_and_answers_are_plain_lines(practice) -> None:
    practice.put("one", "第一读卡器")
    out, err = practice.office / "out", practice.office / "err"
    with out.open("wb") as results, err.open("wb") as messages:
        process = subprocess.Popen(
            tone_command(*practice.arguments()),
            cwd=practice.office,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=results,
            stderr=messages,
        )
    assert process.stdin is not None
    end = time.monotonic() + 600
    while "Use it as" not in err.read_text("utf-8") and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(READ_A_QUESTION)
    process.stdin.write(b"y\n")
    process.stdin.close()
    while "remove P001" not in out.read_text("utf-8") and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(600) == EXIT_DONE
    assert "第一读卡器: a new card. Use it as the card of P001?" in err.read_text("utf-8")
    assert "remove P001 and write P001 on it" in out.read_text("utf-8")
    text = out.read_text("utf-8") + err.read_text("utf-8")
    assert not set("\x1b\a\r") & set(text)


def test_a_dry_run_changes_neither_cards_nor_registry(practice, cli) -> None:
    cli("load", practice.card("one"), "--player", "P001", "--release", "main-0001", "--new", "--allow-folder")
    before = tree(practice.card("one"))
    listener = Listener(practice, "--dry-run")
    practice.put("one", "A")
    practice.put("two", "B")
    planned = listener.until_event("planned", player="P001")
    assert (planned["release"], planned["to_go"]) == ("main-0002", 2)
    assert planned["tracks_written"] > 0
    listener.until_event("planned", player="P002")
    summary = listener.end()
    assert set(summary["to_come"]) == {"P001", "P002"}
    assert tree(practice.readers / "A") == before
    assert tree(practice.readers / "B") == {}
    assert "no player P003" not in cli("players", "list").require().out


def test_cards_of_other_communities_are_skipped(practice, cli) -> None:
    cli("players", "change", "P001", "--community", "东门").require()
    cli("players", "change", "P002", "--community", "西门").require()
    for name, player in (("one", "P001"), ("two", "P002")):
        card = practice.card(name)
        cli("load", card, "--player", player, "--release", "main-0001", "--new", "--allow-folder").require()
    listener = Listener(practice, "--only-community", "东门")
    practice.put("two", "B")
    left = listener.until_event("kept-out")
    assert left["message"] == "P002 belongs to 西门; only 东门 is served now"
    practice.put("one", "A")
    assert listener.until_event("done")["to_go"] == 0
    listener.end()
    assert tracks_on(practice.readers / "B") == tracks_of(practice.office, "main-0001")
    assert "'南门'" in cli("station", "--only-community", "南门").require(3).err


def test_a_named_release_is_loaded_onto_every_card(practice, cli) -> None:
    cli("load", practice.card("one"), "--player", "P001", "--new", "--allow-folder").require()
    refusing = Listener(practice, "--release", "main-0001")
    practice.put("one", "A")
    assert "--downgrade" in refusing.until_event("refused", player="P001")["message"]
    refusing.end()
    listener = Listener(practice, "--release", "main-0001", "--downgrade")
    assert listener.until_event("done")["release"] == "main-0001"
    listener.end()
    assert tracks_on(practice.readers / "A") == tracks_of(practice.office, "main-0001")


def test_a_draft_is_not_loaded(practice, cli) -> None:
    (practice.office / "packager.yaml").write_text("approval: required\n", "utf-8")
    listener = Listener(practice, "--new-from", "P001")
    practice.put("one", "A")
    assert "main-0002" in listener.until_event("refused")["message"]
    assert listener.end()["done"] == []
    assert tree(practice.readers / "A") == {}


def test_a_withdrawn_release_is_replaced_with_downgrade(practice, cli) -> None:
    cli("load", practice.card("one"), "--player", "P001", "--new", "--allow-folder").require()
    cli("release", "withdraw", "main-0002", "--reason", "a wrong number", "--by", "office").require()
    practice.put("one", "A")
    refusing = Listener(practice)
    assert "--downgrade" in refusing.until_event("refused", player="P001", to_go=2)["message"]
    refusing.end()
    listener = Listener(practice, "--downgrade")
    assert listener.until_event("done")["release"] == "main-0001"
    listener.end()


def test_every_status_line_fits_the_terminal(practice) -> None:
    names = ["左边那个很旧的读卡器", "右边", "a reader with a rather long name"]
    for number, name in enumerate(names):
        practice.put(f"card{number}", name)
    for columns in (80, 40):
        terminal = practice.sit_down("--new-from", "P001", columns=columns)
        terminal.logfile_read = seen = io.StringIO()
        for _card in names:
            terminal.expect("remove P00")
        terminal.send("q")
        finish(terminal)
        shown = re.sub(r"\x1b\[[0-9]*[A-Z]|\a", "", seen.getvalue())
        drawn = [line for line in re.split(r"[\r\n]+", shown.partition("Done:")[0]) if "  P00" in line]
        assert drawn
        assert max(map(display_width, drawn)) < columns


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--allow-folder"], "--watch-dir"),
        (["--switch"], "--release"),
        (["--release", "main-0009"], "main-0002"),
        (["--playlist", "weak"], "week"),
        (["--release", "main-0001", "--playlist", "week"], "either --release"),
        (["--new-from", "fifty"], "P001 to P999999"),
    ],
)
def test_wrong_options_are_refused_before_any_card(office: Path, cli: Cli, arguments, words) -> None:
    outcome = cli("station", *arguments)
    assert outcome.code in (2, 3)
    assert words in outcome.err


def test_a_station_stops_when_its_terminal_closes(practice) -> None:
    terminal = practice.sit_down("--new-from", "P001", seconds=0.15)
    terminal.expect("to go")
    practice.put("one", "A")
    terminal.expect("writing")
    terminal.kill(signal.SIGHUP)
    terminal.wait()
    assert terminal.exitstatus == EXIT_INTERRUPTED
    assert (
        run_apart(tone_command("audit", practice.readers / "A", "--allow-folder"), practice.office).code
        == EXIT_FINDINGS
    )
