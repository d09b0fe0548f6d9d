"""Simulated players of each kind are probed, and play cards of the proposed profile correctly."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from probe_players import (
    Image,
    Player,
    answers_of_player,
    chip,
    chip_takes,
    counted,
    keyed_by_name,
    keyed_by_place,
    keyed_in_mp3,
    no_mono_at_44,
    no_variable_rate,
    require_fat_tools,
)
from tones import NOW, Tones, open_office, tone_engines

from packager.arranging.arrange import arrange
from packager.arranging.number_ledger import NumberLedger
from packager.arranging.playlist import NumberRangeKind, Playlist, PlaylistItem
from packager.arranging.profiles.catalog import load_profile, save_profile
from packager.probe.answers import load_answers, proposal_bytes, propose
from packager.probe.release import build_probe
from packager.probe.tracks import probe_tracks
from packager.reading import Book, Chapter
from packager.releases.store import StoredRelease
from packager.speech import ClipCache, SpeechPool, parse_voice
from playlists import playlist_of

pytestmark = pytest.mark.fat

PLAYERS = {
    "by name": Player(order=sorted),
    "by directory": Player(),
    "only the root": Player(walks=False),
    "counts in the root": Player(walks=False, key=keyed_by_place, digits=3),
    "counts in the order of names": Player(order=sorted, walks=False, key=keyed_by_place, digits=3),
    "two digits": Player(walks=False, key=keyed_by_place, digits=2),
    "number in the name": Player(order=sorted, walks=False, key=keyed_by_name, digits=3),
    "chip, folder and file": Player(takes=chip_takes, folder_key=chip),
    "chip without keys": Player(takes=chip_takes),
    "chip, mp3 folder": Player(key=keyed_in_mp3, digits=4),
    "counts folders and files": Player(folder_key=counted(hidden=True)),
    "99 files, 50 folders": Player(order=sorted, files=99, folders=49),
    "no mono at 44.1 kHz": Player(order=sorted, decodes=no_mono_at_44),
    "no variable bit rate": Player(decodes=no_variable_rate),
    "a display for GBK": Player(order=sorted, shows=(54,)),
    "a display for names": Player(order=sorted, shows=(52, 53, 62)),
}
EXPECTED = {
    "by name": ("name", "folders", "card"),
    "by directory": ("name", "folders", "card"),
    "only the root": ("name", "flat", "card"),
    "counts in the root": ("place", "flat", "card"),
    "counts in the order of names": ("place", "flat", "card"),
    "number in the name": ("name", "flat", "card"),
    "chip, folder and file": ("name", "folders", "folder"),
    "chip without keys": ("name", "folders", "folder"),
    "chip, mp3 folder": ("name", "flat", "card"),
    "counts folders and files": ("place", "folders", "folder"),
}


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> StoredRelease:
    folder = tmp_path_factory.mktemp("probe")
    with SpeechPool(ClipCache(folder / "clips"), engines=tone_engines(), make_executor=Tones) as pool:
        return build_probe(probe_tracks(), pool, parse_voice("kokoro:zf_xiaoyi"), folder, now=NOW)


@pytest.fixture(scope="module")
def card(probe: StoredRelease, tmp_path_factory: pytest.TempPathFactory) -> Image:
    require_fat_tools()
    image = tmp_path_factory.mktemp("image") / "probe.img"
    return Image(image, probe.folder, [track.path for track in probe.manifest.tracks])


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """A finished track by sample rate, as the program makes them."""
    office = open_office(tmp_path_factory.mktemp("sounds") / "office")
    made = {}
    for rate in (44100, 48000):
        text = Path(load_profile.__code__.co_filename).parent / "folders.yaml"
        changed = text.read_text("utf-8").replace("44100", str(rate))
        save_profile(f"r{rate}", changed.encode(), office.workspace.profiles)
        made[rate] = office.build(profile=f"r{rate}").folder / "01" / "002.mp3"
    return made


def books() -> tuple[Playlist, dict[str, Book]]:
    """This week's reading, a book, and one that is longer than a folder of some players."""
    chapters = [Chapter(f"第{n}章", ("有人敲门。",)) for n in range(1, 121)]
    sizes = {"week": 2, "short": 3, "long": 120}
    playlist = playlist_of(
        PlaylistItem("week", range_kind=NumberRangeKind.WEEK),
        PlaylistItem("short"),
        PlaylistItem("long"),
        profile="found",
        week_shelf=5,
        book_shelf=5,
        week="2026-W48",
    )
    return playlist, {name: Book(name, "", tuple(chapters[:size])) for name, size in sizes.items()}


@pytest.mark.parametrize("kind", PLAYERS)
def test_a_player_plays_cards_of_its_proposed_profile_correctly(
    kind: str, card: Image, probe: StoredRelease, sounds: dict[int, Path], tmp_path: Path
) -> None:
    player = PLAYERS[kind]
    says = {track.path: track.number for track in probe.manifest.tracks}
    answers = tmp_path / "answers.yaml"
    answers.write_text(yaml.safe_dump(answers_of_player(player, card, says)), "utf-8")
    proposal = propose(load_answers(answers))
    assert proposal.warnings == []
    save_profile("found", proposal_bytes(proposal), tmp_path / "profiles")
    profile = load_profile("found", tmp_path / "profiles")
    if kind in EXPECTED:
        assert (profile.finds_by.value, profile.layout.value, profile.numbering.value) == EXPECTED[kind]
    playlist, texts = books()
    if profile.limits.tracks < 130:
        playlist = replace(playlist, items=playlist.items[:2])
    tracks = arrange(playlist, profile, texts, NumberLedger("s"))[0].tracks
    for track in tracks:
        (tmp_path / "tree" / track.path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sounds[profile.audio.sample_rate], tmp_path / "tree" / track.path)
    image = Image(tmp_path / "card.img", tmp_path / "tree", [track.path for track in tracks])
    if kind != "chip, mp3 folder":  # its keys alone look there
        assert player.tracks(image) == [track.path for track in tracks]
    for track in tracks:
        assert player.plays(image, track.path)
        if player.key(player, card, 1) or player.key(player, card, 7):
            assert player.key(player, image, track.number) == track.path
            assert len(str(track.number)) <= player.digits
        if player.folder_key(player, card, 1, 1):
            assert player.folder_key(player, image, *divmod(track.number, 1000)) == track.path
    has_keys = any((*(player.key(player, card, n) for n in (1, 7)), player.folder_key(player, card, 1, 1)))
    assert (profile.saying.value == "digits") == has_keys
    assert profile.tags.id3v1_gbk == (kind == "a display for GBK")
    assert (profile.naming.value == "title") == (kind == "a display for names")
    assert profile.limits.files_per_folder == 99 or not kind.startswith(("99 files", "two digits"))


def test_a_player_that_counts_our_folder_is_reported_and_uses_next(
    card: Image, probe: StoredRelease, tmp_path: Path
) -> None:
    says = {track.path: track.number for track in probe.manifest.tracks}
    values = answers_of_player(Player(folder_key=counted(hidden=False)), card, says)
    (tmp_path / "answers.yaml").write_text(yaml.safe_dump(values), "utf-8")
    proposal = propose(load_answers(tmp_path / "answers.yaml"))
    assert (proposal.values["finds_by"], proposal.values["layout"]) == ("name", "folders")
    assert "count the folder .packager" in proposal.warnings[0]
