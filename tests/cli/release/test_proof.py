"""`packager proof` on a release of tones, with a recognizer for tones."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
from parrot import Parrot, parrot_of
from shared import made_once
from tones import BOOK, Built, Office, open_office

from packager.base.errors import InputError
from packager.cli import run
from packager.cli.release import proof


@dataclass
class Command:
    """Runs `packager proof` in an office, with `parrot` as the recognizer."""

    office: Office
    built: Built
    parrot: Parrot
    read: Callable[[], tuple[str, str]]

    def __call__(self, *arguments: str, code: int) -> tuple[str, str]:
        self.read()
        command = ["--lang", "en", "--workspace", str(self.office.root), "proof", *arguments]
        assert run(command) == code, self.read()
        return self.read()

    @property
    def page(self) -> Path:
        return self.office.workspace.proofs / "main-0001.folders.html"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, Built]:
    def make(folder: Path) -> tuple[Office, Built]:
        office = open_office(folder / "an office & #1 %")
        office.write({"book.md": BOOK.replace("敲门\n", "敲门 <b>“甲”</b> & 乙\n", 1)})
        return office, office.build()

    return made_once(tmp_path_factory, "proof", make)


@pytest.fixture
def command(
    finished: tuple[Office, Built], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Command:
    root = tmp_path / "an office & #1 %"
    shutil.copytree(finished[0].root, root)
    office = Office(root)
    built = office.build()
    parrot = parrot_of(built.result.release, office.workspace.spoken)
    monkeypatch.setattr(proof, "open_whisper", lambda folder, threads: parrot)
    return Command(office, built, parrot, capfd.readouterr)


def test_a_correct_release_ends_with_exit_code_0(command: Command) -> None:
    out, err = command("main-0001", "--all", code=0)
    assert "differing: 0.00 %, with tones 0.00 %" in out
    assert "0 places should be listened to" in out
    assert str(command.page) in err
    assert "<button" not in command.page.read_text("utf-8")


def test_lost_speech_ends_with_exit_code_5_and_is_on_terminal_page_and_in_json(command: Command) -> None:
    command.parrot.change = lambda text: text.replace("先问是谁", "")
    out, _err = command("main-0001", "--all", code=5)
    (line,) = [line for line in out.splitlines() if "[先问是谁]" in line]
    assert "有人敲门。[先问是谁]" in line
    assert "was heard as []" in line
    assert "1 place should be listened to" in out
    page = command.page.read_text("utf-8")
    assert "<mark>先问是谁</mark>" in page
    assert "<b>“甲”" not in page
    out, _err = command("main-0001", "--all", "--json", code=5)
    told = json.loads(out)
    (doubtful,) = [track for track in told["tracks"] if track["doubts"]]
    assert told["doubtful"] is True
    assert (doubtful["doubts"][0]["expected"], doubtful["longest"]["lost"]) == ("先问是谁", 4)
    assert Path(told["page"]) == command.page


def test_the_page_finds_its_sound_whatever_is_in_the_path(command: Command) -> None:
    command.parrot.change = lambda text: text.replace("先问是谁", "")
    command("main-0001", "--all", code=5)
    source = command.page.read_text("utf-8").split('src="')[1].split('"')[0]
    assert not source.startswith(("/", "file:", "http"))
    assert (command.page.parent / unquote(source)).is_file()


def test_a_damaged_track_ends_with_exit_code_5_without_transcription(command: Command) -> None:
    (command.built.folder / command.built.result.release.manifest.tracks[0].path).unlink()
    out, _err = command("main-0001", "--all", code=5)
    assert "is missing or damaged: build the playlist again" in out


def test_without_spoken_text_the_command_to_restore_it_is_printed(command: Command) -> None:
    shutil.rmtree(command.office.workspace.spoken)
    _out, err = command("main-0001", code=3)
    assert "build week --force" in err


def test_a_missing_recognizer_is_reported_before_anything_is_written(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(folder: Path | None, threads: int) -> Parrot:
        raise InputError(f"no recognizer in {folder}")

    monkeypatch.setattr(proof, "open_whisper", missing)
    _out, err = command("main-0001", code=3)
    assert "no recognizer in None" in err
    (command.office.root / "packager.yaml").write_text("proof_model: models/whisper\n")
    _out, err = command("main-0001", code=3)
    assert f"no recognizer in {command.office.root / 'models/whisper'}" in err
    assert not command.page.exists()


def test_wrong_names_are_refused(command: Command) -> None:
    _out, err = command("main-0002", code=3)
    assert "did you mean 'main-0001'" in err
    _out, err = command("main-0001", "--track", "77", code=3)
    assert "has no track 77" in err
    _out, err = command("main-0001", "--profile", "keypad", code=3)
    assert "folders" in err


def test_an_interruption_keeps_finished_transcripts(command: Command) -> None:
    command.parrot.stop_after = 2
    command("main-0001", "--all", code=130)
    heard = command.parrot.calls
    command.parrot.stop_after = 1000
    command("main-0001", "--all", code=0)
    calls = command.parrot.calls
    command("main-0001", "--all", code=0)
    assert 0 < heard < calls == command.parrot.calls


def test_a_proof_of_one_track_keeps_what_was_heard_in_the_others_on_the_page(command: Command) -> None:
    command.parrot.change = lambda text: text.replace("先问是谁", "").replace("请先接水", "天气真好啊")
    command("main-0001", "--all", code=5)
    doubtful = marked(command.page)
    assert len(doubtful) == 2
    command.parrot.change = lambda text: text
    out, _err = command("main-0001", "--track", "2", code=0)
    assert "先问是谁" not in out
    assert marked(command.page) == doubtful


def marked(page: Path) -> set[str]:
    return {part.partition("</mark>")[0] for part in page.read_text("utf-8").split("<mark>")[1:]}
