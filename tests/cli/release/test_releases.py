"""`packager release`: approve, withdraw, list, prune, pack and unpack."""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command_line import Cli, Outcome
from tones import NEWS, Tones, tree

from packager.base.formats import canonical_json
from packager.base.i18n.language import choose_language
from packager.base.workspace import open_workspace
from packager.cli import run
from packager.cli.release import storage
from packager.registry.database import open_registry
from packager.registry.decisions import all_decisions
from packager.releases.archive import pack_release
from packager.releases.store import list_releases, open_release
from packager.releases.text_sync import load_text_sync, save_text_sync


def card(root: Path, name: str) -> Path:
    path = root / name
    path.mkdir(exist_ok=True)
    return path


def load(cli: Cli, root: Path, player: str, *options: str) -> Outcome:
    return cli("load", card(root, player), "--player", player, "--new", "--allow-folder", *options)


def update(cli: Cli, root: Path, player: str, *options: str) -> Outcome:
    return cli("update", card(root, player), "--allow-folder", *options)


def values(outcome: Outcome) -> Any:
    return json.loads(outcome.require().out)


def require_approval(root: Path) -> None:
    (root / "packager.yaml").write_text("approval: required\n", "utf-8")


def test_only_approved_releases_are_loaded(office: Path, cli: Cli) -> None:
    require_approval(office)
    assert "main-0002' is a draft" in load(cli, office, "P001").require(3).err
    assert "is a draft" in load(cli, office, "P001", "--release", "main-0001").require(3).err
    assert tree(card(office, "P001")) == {}
    approved = cli("release", "approve", "main-0001", "--by", "党群办 王").require()
    assert open_release(office / "output/releases/main-0001/folders").manifest.check_code in approved.out
    assert values(load(cli, office, "P001", "--json"))["release"] == "main-0001"
    again = update(cli, office, "P001").require()
    assert "Skipped: 'main-0002' is a draft" in again.err
    assert "already had main-0001" in again.out
    cli("release", "approve", "main-0002", "--by", "党群办").require()
    assert values(update(cli, office, "P001", "--json"))["release"] == "main-0002"
    assert "is already approved" in cli("release", "approve", "main-0002", "--by", "x").require().out


def test_several_releases_are_approved_together_or_not_at_all(office: Path, cli: Cli) -> None:
    require_approval(office)
    both = ("release", "approve", "main-0001", "main-0002", "--by", "党群办")
    assert "no release 'main-0009'" in cli(*both, "main-0009").require(3).err
    cli("release", "withdraw", "main-0002", "--reason", "错字").require()
    assert "--again" in cli(*both).require(3).err
    assert [one["state"] for one in values(cli("release", "list", "--json"))] == ["draft", "withdrawn"]
    assert "--code applies to one release" in cli(*both, "--code", "12").require(2).err
    told = values(cli(*both, "main-0001", "--again", "--json"))
    assert [(one["release"], one["new"]) for one in told] == [("main-0001", True), ("main-0002", True)]
    assert {one["state"] for one in values(cli("release", "list", "--json"))} == {"approved"}
    assert cli(*both).require().out.count("is already approved") == 2


@pytest.mark.parametrize(("language", "pasted"), [("en", "WHO"), ("zh", "姓名")])
def test_a_proposed_command_pasted_as_it_stands_approves_in_nobodys_name(
    office: Path, cli: Cli, language: str, pasted: str
) -> None:
    require_approval(office)
    try:
        assert run(["--lang", language, "release", "approve", "main-0002", "--by", pasted]) == 2
    finally:
        choose_language("en")
    assert {one["state"] for one in values(cli("release", "list", "--json"))} == {"draft"}


def test_an_approval_requires_the_check_code_and_undamaged_files(office: Path, cli: Cli) -> None:
    require_approval(office)
    code = open_release(office / "output/releases/main-0001/folders").manifest.check_code
    other = open_release(office / "output/releases/main-0002/folders").manifest.check_code
    wrong = cli("release", "approve", "main-0002", "--by", "党群办", "--code", code)
    refusal = wrong.require(3).err
    assert "packager release review main-0002" in refusal
    assert other not in refusal and other.replace(" ", "") not in refusal  # it is to be read on the page
    for part in (other[:1], other[:-1], other + "0", other[:-1] + "x"):
        refused = cli("release", "approve", "main-0002", "--by", "党群办", "--code", part)
        assert "give all 20 digits" in refused.require(3).err
    track = office / "output/releases/main-0001/folders/01/001.mp3"
    track.unlink()  # its bytes are shared with the other release: not written to, but replaced
    track.write_bytes(b"other speech")
    damaged = cli("release", "approve", "main-0001", "--by", "党群办", "--code", code.replace(" ", "-"))
    assert "is damaged (01/001.mp3)" in damaged.require(3).err
    assert "say who approves" in cli("release", "approve", "main-0002", "--by", " ").require(3).err
    cli("release", "approve", "main-0002").require(2)
    assert {one["state"] for one in values(cli("release", "list", "--json"))} == {"draft"}


def test_a_withdrawn_release_is_refused_and_its_players_are_listed(office: Path, cli: Cli) -> None:
    cli("players", "assign", "P001", "--member", "金秀兰", "--helper", "白志强")
    load(cli, office, "P001").require()
    load(cli, office, "P002", "--release", "main-0001").require()
    assert "say why" in cli("release", "withdraw", "main-0002").require(3).err
    done = cli("release", "withdraw", "main-0002", "--reason", "第二集念错了", "--by", "党群办").require()
    assert "main-0002 is withdrawn: 第二集念错了" in done.err
    assert "P001" in done.out
    assert "P002" not in done.out
    assert "withdrawn" in load(cli, office, "P002", "--release", "main-0002").require(3).err
    assert "already had main-0001" in update(cli, office, "P002").require().out
    back = update(cli, office, "P001").require(4)
    assert "第二集念错了" in back.err
    assert "--downgrade" in back.err
    (row,) = csv.DictReader(
        io.StringIO(cli("release", "withdraw", "main-0002", "--csv").require().out.lstrip("\ufeff"))
    )
    assert row["player"] == "P001"
    listed = values(cli("release", "withdraw", "main-0002", "--json"))
    assert [(one["player"], one["sure"]) for one in listed["players"]] == [("P001", True)]
    assert values(update(cli, office, "P001", "--downgrade", "--json"))["release"] == "main-0001"
    assert values(cli("release", "withdraw", "main-0002", "--json"))["players"] == []
    assert "No player holds it" in cli("release", "withdraw", "main-0002").require().err


def test_the_audit_names_players_with_a_withdrawn_release(office: Path, cli: Cli) -> None:
    load(cli, office, "P001").require()
    load(cli, office, "P002").require()
    cli("audit").require()
    cli("release", "withdraw", "main-0002", "--reason", "错字").require()
    shown = json.loads(cli("audit", "--json").require(5).out)
    assert [(one["player"], one["recall"], one["needs_action"]) for one in shown] == [
        ("P001", "withdrawn", True),
        ("P002", "withdrawn", True),
    ]
    told = cli("audit").require(5)
    assert "current" not in told.out and told.out.splitlines()[-1] == "to be taken back: 2"
    assert "2 players need action" in told.err
    of_card = cli("audit", card(office, "P001"), "--allow-folder").require(5)
    assert "Finding (withdrawn): 'main-0002' was withdrawn" in of_card.out
    assert values(cli("due", "--json"))[0]["reasons"][0] == "withdrawn"


def test_the_printable_page_has_no_names_without_with_names(office: Path, cli: Cli) -> None:
    cli("players", "assign", "P001", "--member", "金秀兰", "--helper", "白志强").require()
    load(cli, office, "P001").require()
    page = office / "list.html"
    cli("release", "withdraw", "main-0002", "--reason", "<b>错</b>", "--html", page).require()
    shown = page.read_text("utf-8")
    assert "P001" in shown
    assert "&lt;b&gt;错&lt;/b&gt;" in shown
    assert "金秀兰" not in shown + json.dumps(values(cli("release", "withdraw", "main-0002", "--json")))
    cli("release", "withdraw", "main-0002", "--html", page, "--with-names").require()
    assert "金秀兰" in page.read_text("utf-8")
    page.write_text("mine", "utf-8")
    assert "--overwrite" in cli("release", "withdraw", "main-0002", "--html", page).require(3).err
    cli("release", "withdraw", "main-0002", "--html", page, "--json").require(2)


def test_a_withdrawal_is_undone_only_with_again(office: Path, cli: Cli) -> None:
    cli("release", "withdraw", "main-0002", "--reason", "错字").require()
    assert "--again" in cli("release", "approve", "main-0002", "--by", "党群办").require(3).err
    cli("release", "approve", "main-0002", "--by", "党群办", "--again").require()
    assert values(load(cli, office, "P001", "--json"))["release"] == "main-0002"
    shown = values(cli("release", "show", "main-0002", "--json"))
    assert [one["decision"] for one in shown["decisions"]] == ["withdrawn", "approved"]
    assert [one["player"] for one in shown["holders"]] == ["P001"]


def test_a_player_with_an_interrupted_load_is_listed_as_a_possible_holder(office: Path, cli: Cli) -> None:
    load(cli, office, "P001", "--release", "main-0001").require()
    track = office / "output/releases/main-0002/folders/01/002.mp3"
    content = track.read_bytes()
    track.unlink()
    track.write_bytes(bytes(len(content)))  # found out only while it is copied
    update(cli, office, "P001").require(4)
    listed = values(cli("release", "withdraw", "main-0002", "--reason", "错字", "--json"))
    assert [(one["player"], one["sure"]) for one in listed["players"]] == [("P001", False)]


def test_a_deleted_release_can_be_withdrawn(office: Path, cli: Cli) -> None:
    load(cli, office, "P001").require()
    shutil.rmtree(office / "output/releases/main-0002")
    assert "P001" in cli("release", "withdraw", "main-0002", "--reason", "错字").require().out
    assert "did you mean" in cli("release", "withdraw", "main-002", "--reason", "错字").require(3).err
    (office / "output/releases/main-0001/folders/manifest.json").write_bytes(b"{}")
    assert "damaged" in cli("release", "withdraw", "main-0001", "--reason", "错字").require().err


def test_show_and_list_describe_a_release(office: Path, cli: Cli) -> None:
    load(cli, office, "P001").require()
    listed = cli("release", "list").require().out
    assert [line.split()[0] for line in listed.splitlines()] == ["release", "main-0001", "main-0002"]
    assert listed.splitlines()[2].split()[-1] == "1"
    shown = cli("release", "show", "main-0002").require().out
    assert "停水" in shown
    assert "series main, sequence 2, profile folders" in shown
    assert "State: built" in shown
    assert "P001" in shown
    assert "did you mean" in cli("release", "show", "main-02").require(3).err


def with_last_day(root: Path, day: str) -> None:
    playlist = root / "playlists" / "week.yaml"
    playlist.write_text(playlist.read_text("utf-8") + f"    until: {day}\n", "utf-8")


def test_an_expired_book_is_not_built_and_its_release_not_loaded(office: Path, cli: Cli, tones: Tones) -> None:
    with_last_day(office, "2099-12-31")
    cli("build", "week").require()
    shown = values(cli("release", "show", "main-0003", "--json"))
    assert shown["expires"] == "2099-12-31"
    load(cli, office, "P001").require()
    manifest = office / "output/releases/main-0003/folders/manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b"2099-12-31", b"2020-12-31"))
    assert "读本" in load(cli, office, "P002", "--release", "main-0003").require(3).err
    playlist = office / "playlists" / "week.yaml"
    playlist.write_text(playlist.read_text("utf-8").replace("2099", "2020"), "utf-8")
    built = cli("build", "week").require()
    assert "texts/book.md is left out: it expires on 2020-12-31" in built.err
    assert "第一章 敲门" not in values(cli("release", "show", "main-0004", "--json"))["numbers"].values()
    assert values(update(cli, office, "P001", "--json"))["release"] == "main-0004"


def releases_in(root: Path) -> list[str]:
    return [one.manifest.release for one in list_releases(root / "output" / "releases")]


def spoken_in(root: Path) -> set[str]:
    """The hashes of the tracks whose spoken text is stored."""
    return {path.stem for path in (root / "output" / "spoken").rglob("*.json")}


def build_more(cli: Cli, root: Path, count: int) -> None:
    for number in range(count):
        (root / "texts" / "news.md").write_text(NEWS.replace("明天", f"第{number}天"), "utf-8")
        cli("build", "week").require()


def test_prune_deletes_only_unneeded_releases_and_only_with_yes(office: Path, cli: Cli, tones: Tones) -> None:
    build_more(cli, office, 3)
    load(cli, office, "P001", "--release", "main-0002").require()
    cli("release", "approve", "main-0003", "--by", "党群办").require()
    shown = cli("release", "prune").require()
    assert "Nothing was deleted" in shown.err
    assert "MB would be free" in shown.out and "MB are not freed" in shown.out
    assert releases_in(office) == [f"main-000{n}" for n in range(1, 6)]
    planned = values(cli("release", "prune", "--json"))
    assert planned["would_delete"] == ["main-0001", "main-0004"]
    assert planned["bytes"] > 0 and planned["shared_bytes"] > 0
    kept = tree(office / "output/releases/main-0005")
    spoken_before = spoken_in(office)
    done = values(cli("release", "prune", "--yes", "--json"))
    assert done["deleted"] == ["main-0001", "main-0004"]
    assert releases_in(office) == ["main-0002", "main-0003", "main-0005"]
    assert not (office / "output/releases/main-0001").exists()
    assert tree(office / "output/releases/main-0005") == kept
    needed = {track.sha256 for one in list_releases(office / "output/releases") for track in one.manifest.tracks}
    assert spoken_in(office) == spoken_before & needed
    spoken = len(tones.spoken)
    assert "still main-0005" in cli("build", "week").require().out
    assert len(tones.spoken) == spoken


def test_prune_keeps_the_newest_permitted_release(office: Path, cli: Cli) -> None:
    load(cli, office, "P001").require()
    cli("release", "withdraw", "main-0002", "--reason", "错字").require()
    planned = values(cli("release", "prune", "--json"))
    assert planned["would_delete"] == []
    assert "There is nothing to delete." in cli("release", "prune").require().out
    assert "may be given out" in planned["stay"]["main-0001"]


def test_prune_keeps_releases_that_the_registry_does_not_know(office: Path, cli: Cli) -> None:
    for path in filter(Path.is_file, office.glob("registry.db*")):
        path.unlink()
    assert values(cli("release", "prune", "--yes", "--json"))["deleted"] == []
    assert len(releases_in(office)) == 2


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Another volunteer's workspace, with no texts and one player."""
    root = tmp_path / "elsewhere"
    root.mkdir()
    (root / "packager.yaml").touch()
    return root


def test_an_unpacked_release_is_loaded_without_texts(
    office: Path, elsewhere: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = values(cli("release", "pack", "main-0002", "-o", elsewhere, "--json"))
    file = Path(packed["file"])
    assert file.name == "main-0002-folders.packager.zip"
    assert packed["size"] == file.stat().st_size
    assert "--overwrite" in cli("release", "pack", "main-0002", "-o", elsewhere).require(3).err
    monkeypatch.chdir(elsewhere)
    assert "unpacked and verified" in cli("release", "unpack", file).require().out
    before = tree(elsewhere / "output/releases/main-0002")
    assert before == tree(office / "output/releases/main-0002")
    assert "was already here" in cli("release", "unpack", file).require().out
    cli("players", "add", "P050").require()
    load(cli, elsewhere, "P050").require()
    assert values(cli("audit", card(elsewhere, "P050"), "--allow-folder", "--json"))["verdict"] == "good"
    partial = elsewhere / "output/releases/main-0002/folders/01/001.mp3"
    partial.write_bytes(b"spoiled")
    assert "unpacked and verified" in cli("release", "unpack", file).require().out
    assert tree(elsewhere / "output/releases/main-0002") == before


def test_a_difference_carries_decisions_and_is_whole_only_where_the_earlier_release_is(
    office: Path, elsewhere: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("release", "withdraw", "main-0002", "--reason", "错字").require()
    several = values(cli("release", "pack", "main-0001", "main-0002", "-o", elsewhere, "--json"))
    assert [one["release"] for one in several] == ["main-0001", "main-0002"]
    packed = values(cli("release", "pack", "main-0002", "--since", "main-0001", "-o", elsewhere, "--json"))
    assert Path(packed["file"]).name == "main-0002-folders-since-main-0001.packager.zip"
    assert packed["left_out"] > 0
    assert packed["size"] < several[1]["size"]
    assert "no folder" in cli("release", "pack", "main-0001", "main-0002", "-o", elsewhere / "x").require(3).err
    monkeypatch.chdir(elsewhere)
    refused = cli("release", "unpack", packed["file"]).require(3).err
    assert "'main-0001'" in refused
    assert not (elsewhere / "output/releases/main-0002").exists()
    cli("release", "unpack", several[0]["file"]).require()
    assert values(cli("release", "unpack", packed["file"], "--json"))["from_here"] == packed["left_out"]
    assert tree(elsewhere / "output/releases/main-0002") == tree(office / "output/releases/main-0002")
    assert [one["state"] for one in values(cli("release", "list", "--json"))] == ["built", "withdrawn"]


def test_an_archive_carries_the_spoken_text_and_known_text_is_kept(
    office: Path, elsewhere: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = (open_workspace(root).spoken for root in (office, elsewhere))
    stored = open_release(office / "output/releases/main-0002/folders")
    hashes = [track.sha256 for track in stored.manifest.tracks]
    cli("release", "pack", "main-0002", "-o", elsewhere / "new").require()
    pack_release(stored, elsewhere / "older")
    monkeypatch.chdir(elsewhere)
    cli("release", "unpack", elsewhere / "older").require()
    assert all(load_text_sync(there, sha256) is None for sha256 in hashes)
    ours = load_text_sync(here, hashes[0])
    assert ours is not None
    known = replace(ours, voice="kokoro:zm_yunjian")  # whole: a record without the text as written would be filled
    save_text_sync(there, hashes[0], known)
    assert "was already here" in cli("release", "unpack", elsewhere / "new").require().out
    assert load_text_sync(there, hashes[0]) == known
    for sha256 in hashes[1:]:
        assert load_text_sync(there, sha256) == load_text_sync(here, sha256) is not None
    assert tree(elsewhere / "output/releases/main-0002/folders") == tree(stored.folder)


def test_an_archive_with_invalid_spoken_text_is_refused(
    office: Path, elsewhere: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = open_release(office / "output/releases/main-0002/folders")
    other = canonical_json({"format": 1, "tracks": {"0" * 64: {"pieces": [], "voice": "x"}}})
    pack_release(stored, elsewhere / "bad", spoken=other)
    monkeypatch.chdir(elsewhere)
    assert "spoken.json" in cli("release", "unpack", elsewhere / "bad").require(3).err
    assert releases_in(elsewhere) == []
    assert not (elsewhere / "output/spoken").exists()


def test_approval_and_withdrawal_travel_with_the_release(
    office: Path, elsewhere: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_approval(office)
    require_approval(elsewhere)
    draft, approved, withdrawn = (elsewhere / name for name in ("draft", "approved", "withdrawn"))
    cli("release", "pack", "main-0002", "-o", draft).require()
    cli("release", "approve", "main-0002", "--by", "党群办").require()
    cli("release", "pack", "main-0002", "-o", approved).require()
    cli("release", "pack", "main-0002", "-o", elsewhere / "again").require()
    assert (elsewhere / "again").read_bytes() == approved.read_bytes()
    cli("release", "withdraw", "main-0002", "--reason", "错字").require()
    cli("release", "pack", "main-0002", "-o", withdrawn).require()
    monkeypatch.chdir(elsewhere)
    cli("players", "add", "P050").require()
    states = []
    for file in (draft, approved, withdrawn, approved, draft):
        cli("release", "unpack", file).require()
        states.append(values(cli("release", "show", "main-0002", "--json"))["state"])
    assert states == ["draft", "claimed", "withdrawn", "withdrawn", "withdrawn"]
    assert "错字" in load(cli, elsewhere, "P050", "--release", "main-0002").require(3).err


def test_two_different_releases_of_one_sequence_are_a_finding_and_refused(
    office: Path, elsewhere: Path, cli: Cli, tones: Tones, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("release", "pack", "main-0002", "-o", elsewhere / "one").require()
    monkeypatch.chdir(elsewhere)
    for folder in ("texts", "playlists"):
        shutil.copytree(office / folder, elsewhere / folder, dirs_exist_ok=True)
    for path in (elsewhere / "playlists").glob("*.numbers.yaml"):
        path.unlink()
    build_more(cli, elsewhere, 2)
    before = tree(elsewhere / "output/releases")
    refused = cli("release", "unpack", elsewhere / "one").require(5)
    assert "Finding" in refused.out
    assert "main-0002" in refused.out
    assert json.loads(cli("release", "unpack", elsewhere / "one", "--json").require(5).out)["finding"] == "forked"
    assert tree(elsewhere / "output/releases").keys() == before.keys()
    shutil.rmtree(elsewhere / "output/releases/main-0002")  # the registry still knows of it
    cli("release", "unpack", elsewhere / "one").require(5)
    assert releases_in(elsewhere) == ["main-0001"]


def test_a_release_does_not_replace_another_of_the_same_name(
    office: Path, elsewhere: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("release", "pack", "main-0001", "-o", elsewhere / "one").require()
    shutil.copytree(office / "output/releases/main-0001/folders", elsewhere / "disguised")
    disguised = open_release(elsewhere / "disguised")
    other = replace(disguised.manifest, series="other", sequence=7)
    monkeypatch.chdir(elsewhere)
    cli("release", "unpack", elsewhere / "one").require()
    before = tree(elsewhere / "output/releases")
    for file, name in (("two", "main-0001"), ("three", "Main-0001")):  # one folder on Windows and macOS
        pack_release(replace(disguised, manifest=replace(other, release=name)), elsewhere / file)
        assert "has the same name as another release" in cli("release", "unpack", elsewhere / file).require(5).out
    assert tree(elsewhere / "output/releases") == before


def test_a_withdrawn_release_is_never_stored_without_its_withdrawal(
    office: Path, elsewhere: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("release", "withdraw", "main-0002", "--reason", "错字").require()
    cli("release", "pack", "main-0002", "-o", elsewhere / "withdrawn").require()
    monkeypatch.chdir(elsewhere)
    with monkeypatch.context() as patched:
        # The power fails as soon as the release is in its place.
        patched.setattr(storage, "open_release", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        cli("release", "unpack", elsewhere / "withdrawn").require(130)
    with open_registry(elsewhere / "registry.db") as registry:
        (decision,) = all_decisions(registry)
    assert decision.reason == "错字"


@pytest.mark.parametrize(
    "decisions", [b"{}\n", b"null\n", b"[7]\n", b"[" * 1000, b'[{"id":"x"}]\n', b"[]", b" []\n", b"\xff\n"]
)
def test_forged_decisions_are_refused(
    office: Path, elsewhere: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, decisions: bytes
) -> None:
    stored = list_releases(open_workspace(office).releases)[0]
    pack_release(stored, elsewhere / "bad", decisions=decisions)
    monkeypatch.chdir(elsewhere)
    assert "no decisions about 'main-0001'" in cli("release", "unpack", elsewhere / "bad").require(3).err
    assert releases_in(elsewhere) == []
