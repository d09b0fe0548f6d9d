"""`packager probe`: the card of test tracks, the sheet, and the profile from the answers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from command_line import new_workspace, run_apart, run_here, tone_command
from shared import made_once
from tones import tree

from packager.arranging.profiles.catalog import load_profile
from packager.cli.cards._probe_questions import QUESTIONS
from packager.probe.tracks import probe_tracks
from packager.releases.store import open_release

ANSWERS = {
    "name": "k6",
    "title": "晨光 K6",
    "heard": [11, 12, 13, 14, 41, 42, 43, 44, 46, 51, 52, 53, 54, 55],
    "key_1": 11,
    "key_4": 14,
    "digits": 3,
}


@pytest.fixture(scope="module")
def probed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that has made a probe card in `card`, not to be changed."""

    def make(root: Path) -> Path:
        new_workspace(root / "office")
        (root / "card").mkdir()
        run_here(root / "office", "probe", root / "card", "--new", "--allow-folder")
        return root

    return made_once(tmp_path_factory, "probed", make)


@pytest.fixture
def office(probed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(probed, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy" / "office")
    return tmp_path / "copy" / "office"


def test_the_card_has_every_test_track_in_the_order_of_the_plan(office: Path) -> None:
    release = open_release(office / "output" / "probe" / "card")
    assert [track.path for track in release.manifest.tracks] == [track.path for track in probe_tracks()]
    card = {path: data for path, data in tree(office.parent / "card").items() if ".packager" not in path}
    assert card == {path: data for path, data in tree(release.folder).items() if path != "manifest.json"}


def test_the_same_command_again_writes_no_track(cli, office: Path, tones) -> None:
    before = tree(office.parent / "card")
    values = json.loads(cli("probe", "../card", "--allow-folder", "--json").require().out)
    assert values["written"] == 0
    assert tones.spoken == []
    after = tree(office.parent / "card")
    assert {path for path in before if before[path] != after.get(path)} <= {".packager/state.a", ".packager/state.b"}


def test_the_sheet_has_every_question_and_the_blank_answers_are_yaml(office: Path) -> None:
    folder = office / "output" / "probe"
    page = (folder / "sheet.html").read_text("utf-8")
    assert page.count("<li>") == len(QUESTIONS)
    blank = yaml.safe_load((folder / "answers.yaml").read_text("utf-8"))
    assert blank.keys() == {question.key for question in QUESTIONS} - {"title"}


@pytest.mark.parametrize("name", ["song.mp3", "._song.mp3", "Music/song.mp3"])
def test_a_card_with_other_files_is_refused_before_synthesis(
    cli, office: Path, tones, tmp_path: Path, name: str
) -> None:
    (tmp_path / "full" / name).parent.mkdir(parents=True)
    (tmp_path / "full" / name).write_bytes(b"song")
    shutil.rmtree(office / "output")
    told = cli("probe", tmp_path / "full", "--new", "--allow-folder").require(4).err
    assert "take an empty card" in " ".join(told.split()).lower()
    assert tree(tmp_path / "full") == {name: b"song"}
    assert tones.spoken == []


def test_a_card_that_holds_a_release_is_refused(cli, two_weeks: Path, tmp_path: Path, monkeypatch) -> None:
    shutil.copytree(two_weeks, tmp_path / "office")
    monkeypatch.chdir(tmp_path / "office")
    card = tmp_path / "card"
    card.mkdir()
    cli("load", card, "--player", "P001", "--new", "--allow-folder").require()
    before = tree(card)
    assert "main-0002" in cli("probe", card, "--allow-folder").require(4).err
    assert tree(card) == before


def test_an_unclaimed_card_is_refused_and_a_dry_run_writes_nothing(cli, office: Path, tmp_path: Path) -> None:
    card = tmp_path / "empty"
    card.mkdir()
    assert "--new" in cli("probe", card, "--allow-folder").require(4).err
    out = cli("probe", card, "--new", "--allow-folder", "--dry-run").require().out
    assert len(out.splitlines()) == len(probe_tracks())
    assert list(card.iterdir()) == []


def test_answers_become_a_profile_with_the_reason_for_each_value(cli, office: Path) -> None:
    Path("answers.yaml").write_text(yaml.safe_dump(ANSWERS, allow_unicode=True), "utf-8")
    assert not (office / "profiles" / "k6.yaml").exists()
    cli("probe", "--answers", "answers.yaml", "--dry-run").require()
    assert not (office / "profiles" / "k6.yaml").exists()
    out = cli("probe", "--answers", "answers.yaml").require().out
    profile = load_profile("k6", office / "profiles")
    assert (profile.title, profile.finds_by.value, profile.layout.value) == ("晨光 K6", "place", "flat")
    assert all("  # " in line for line in out.splitlines()[1:] if not line.endswith(":"))
    cli("build", "week", "--profile", "k6", "--dry-run").require()
    assert "--replace" in cli("probe", "--answers", "answers.yaml").require(3).err
    cli("probe", "--answers", "answers.yaml", "--replace").require()


def test_ask_gives_the_same_profile_as_the_answer_file(office: Path) -> None:
    typed = []
    for question in QUESTIONS:
        value = ANSWERS.get(question.key, "")
        typed.append(" ".join(map(str, value)) if isinstance(value, list) else str(value))
    typed.insert(2, "eleven")  # is asked again
    run_apart(tone_command("probe", "--ask"), office, input="\n".join(typed) + "\n").require()
    assert load_profile("k6", office / "profiles").finds_by.value == "place"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"heard": []}, "none of the tracks 11 to 25 was heard"),
        ({"heard": [11, 12]}, "does not play mono"),
        ({"name": "../k6"}, "the name of the profile"),
        ({"herd": [1]}, "did you mean 'heard'"),
        ({"key_1": "eleven"}, "line "),
        ({"heard": [11, 120]}, "the number that a test track said"),
    ],
)
def test_impossible_answers_are_explained(cli, office: Path, changed: dict, says: str) -> None:
    Path("answers.yaml").write_text(yaml.safe_dump({**ANSWERS, **changed}), "utf-8")
    assert says in cli("probe", "--answers", "answers.yaml").require(3).err
    assert not (office / "profiles").exists()


def test_without_a_card_or_answers_the_usage_is_printed(cli, office: Path) -> None:
    assert "--answers FILE" in cli("probe").require(2).err
    cli("probe", "../card", "--ask").require(2)
