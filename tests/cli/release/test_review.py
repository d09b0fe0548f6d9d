"""`packager release review`: what the page of a release says before its approval, and with what it is compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Cli
from parrot import parrot_of

from packager.cli.release import proof
from packager.releases.store import find_release


def facts(cli: Cli, release: str = "main-0002") -> dict[str, object]:
    found: dict[str, object] = json.loads(cli("release", "review", release, "--json").require().out)
    return found


def test_the_page_has_every_track_and_the_command_that_approves_exactly_this_manifest(office: Path, cli: Cli) -> None:
    told = cli("release", "review", "main-0002").require()
    page = office / "output/review/main-0002-folders/index.html"
    assert str(page) in told.err
    html = page.read_text("utf-8")
    assert html.count('class="heard"') == html.count("<article") == 4
    assert "<del>明天停水。</del>" in html and '<span class="s new"' in html
    assert len(list((page.parent / "audio").iterdir())) == 4
    command = facts(cli)["approve"]
    assert isinstance(command, str) and command.replace('"', "&#34;") in html
    cli("release", "approve", "main-0002", "--by", "Wang", "--code", facts(cli)["check_code"]).require()


def test_it_is_compared_with_the_last_approved_release(office: Path, cli: Cli) -> None:
    assert facts(cli)["since"] == "main-0001"
    (office / "packager.yaml").write_text("approval: required\n", "utf-8")
    values = facts(cli)
    assert (values["since"], values["counts"]) == (None, {"added": 4})
    cli("release", "approve", "main-0001", "--by", "Wang").require()
    values = facts(cli)
    assert (values["since"], values["counts"], values["state"]) == ("main-0001", {"edited": 1, "same": 3}, "draft")
    cli("release", "withdraw", "main-0001", "--reason", "wrong", "--by", "Wang").require()
    assert facts(cli)["since"] is None


def test_one_file_holds_the_audio(office: Path, cli: Cli) -> None:
    cli("release", "review", "main-0002", "--single", "-o", "given").require()
    (page,) = (office / "given/main-0002-folders").glob("*.html")
    assert page.read_text("utf-8").count("data:audio/mpeg;base64,") == 4


def test_what_a_recognizer_doubted_is_on_the_page(office: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    before = facts(cli)["doubts"]
    parrot = parrot_of(find_release(office / "output/releases", "main-0002"), office / "output/spoken")
    parrot.change = lambda text: text.replace("先问是谁", "")
    monkeypatch.setattr(proof, "open_whisper", lambda folder, threads: parrot)
    cli("proof", "main-0002", "--all").require(5)
    calls = parrot.calls
    values = facts(cli)
    assert values["doubts"] == int(str(before)) + 1 and parrot.calls == calls
    (place,) = [
        doubt
        for track in values["tracks"]  # type: ignore[attr-defined]
        for doubt in track["doubts"]
        if "[先问是谁]" in doubt["text"]
    ]
    assert place["begins"] > 0 and "was heard as []" in place["reason"]


def test_damaged_audio_makes_no_page(office: Path, cli: Cli) -> None:
    track = next((office / "output/releases/main-0002/folders").rglob("*.mp3"))
    track.unlink()
    track.write_bytes(b"x")
    assert "missing or damaged" in cli("release", "review", "main-0002").require(3).err
    assert not list((office / "output/review").glob("[!.]*"))
