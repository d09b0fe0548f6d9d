"""Reading a card: what it says of itself, and signs of a damaged file system."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from card_kit import NOW, audit, card_on, load, make_release, sound
from fat_model import ModelCard
from two_weeks import WEEK_1

from packager.base.errors import CardFailedError, CardRefusedError, NeedsCheckError
from packager.cards import DirEntry, DirEntryKind, survey
from packager.cards.filesystem import SLOT_SIZE
from packager.cards.io import card as card_module
from packager.cards.io.card import CardAccess, is_unchanged, with_known_manifests, with_new_identity
from packager.cards.io.survey import read_contents, read_twice
from packager.cards.plan.state_slots import CARD_FOLDER, IDENTITY_PATH, SLOT_PATHS, manifest_path


class OddCard(ModelCard):
    """A card of which parts can be made to look or fail as a test wants it."""

    def __init__(self) -> None:
        super().__init__()
        self.odd: dict[str, Callable[[], tuple[DirEntry, ...]]] = {}
        self.fails: dict[str, int] = {}  # by path: error number of every reading
        self.readings: list[str] = []

    def scan(self, folder: str) -> tuple[DirEntry, ...]:
        return self.odd[folder]() if folder in self.odd else super().scan(folder)

    def read(self, path: str) -> Iterator[bytes]:
        self.readings.append(path)
        if path in self.fails:
            raise OSError(self.fails[path], os.strerror(self.fails[path]), path)
        return super().read(path)


def raises(number: int) -> Callable[[], tuple[DirEntry, ...]]:
    def scan() -> tuple[DirEntry, ...]:
        raise OSError(number, os.strerror(number))

    return scan


def folder(name: str) -> DirEntry:
    return DirEntry(name, 0, DirEntryKind.FOLDER)


@pytest.fixture
def card(weeks) -> OddCard:
    made = OddCard()
    load(made, *weeks[0])
    return made


def test_an_unclaimed_card_is_refused_as_unknown_or_as_one_that_lost_its_identity(card) -> None:
    with pytest.raises(CardRefusedError, match="not a card of ours yet"):
        card_on(OddCard(), claim=False)
    card.files[IDENTITY_PATH] = b"{}"
    with pytest.raises(CardRefusedError, match="was a card of ours"):
        card_on(card, claim=False)
    assert card_on(card).is_new


def test_a_card_is_new_until_its_identity_is_written_on_it(card) -> None:
    seen = card_on(card, claim=False)
    assert (seen.is_new, seen.found) == (False, seen.identity)
    assert with_new_identity(seen, CardAccess(clock=lambda: NOW)).is_new
    assert card_on(OddCard()).is_new
    assert not seen.read_only


def test_small_files_of_our_own_are_read_only_when_they_are_small_files(card) -> None:
    identity = card.files[IDENTITY_PATH]
    card.files[IDENTITY_PATH] = identity.ljust(4096)
    assert card_on(card).found is None, "a longer form of an identity is none"
    card.readings.clear()
    card.files[IDENTITY_PATH] = bytes(4097)
    assert card_on(card).found is None
    assert IDENTITY_PATH not in card.readings
    del card.files[IDENTITY_PATH]
    card.rows[IDENTITY_PATH] = []
    assert card_on(card).found is None


def test_the_snapshot_has_every_foreign_folder_and_the_free_space(card) -> None:
    card.make_folder("own")
    card.barrier()
    card.create("own/.packager", [b"x"])
    snapshot = card_on(card).snapshot
    assert set(snapshot.folders) == {"", "01", "02", "03", "own"}
    assert ".packager" not in snapshot.entries
    assert "own/.packager" in snapshot.entries, "only in the root is it ours"
    assert snapshot.free_space == card.free_space()
    assert (snapshot.allocation_unit, snapshot.keeps_order, snapshot.fills_tail_first) == (4096, True, False)
    assert set(snapshot.own) >= {IDENTITY_PATH, *SLOT_PATHS}
    assert not snapshot.surveyed


def test_a_file_named_like_our_folder_is_refused(card) -> None:
    fresh = OddCard()
    fresh.create(".packager", [b"x"])
    with pytest.raises(CardRefusedError, match=r"a file named \.packager that is not ours"):
        card_on(fresh)


# ── Damaged file systems ──


def test_a_repeated_name_in_a_folder_needs_a_check(card) -> None:
    card.odd["02"] = lambda: (DirEntry("a", 1, DirEntryKind.FILE), DirEntry("a", 2, DirEntryKind.FILE))
    with pytest.raises(NeedsCheckError, match="a name occurs twice in 02/"):
        card_on(card)


def test_endlessly_nested_folders_need_a_check() -> None:
    for depth, raised in ((16, False), (17, True)):
        card = OddCard()
        for level in range(1, depth + 1):
            card.make_folder("/".join(["d"] * level))
        if raised:
            with pytest.raises(NeedsCheckError, match="nested without end"):
                card_on(card)
        else:
            card_on(card)


def test_more_entries_than_any_card_holds_need_a_check(monkeypatch) -> None:
    monkeypatch.setattr(card_module, "_MAX_ENTRIES", 5)
    card = OddCard()
    card.make_folder("d")
    for n in range(4):
        card.create(f"d/{n}", ())
    card_on(card)
    card.create("d/5", ())
    with pytest.raises(NeedsCheckError, match="nested without end"):
        card_on(card)


def test_a_folder_with_a_broken_name_is_listed_and_not_entered() -> None:
    for name in ("a\x01", "b\x7f", "c:", "d\\e"):
        card = OddCard()
        card.odd[""] = lambda name=name: (folder(name),)
        assert list(card_on(card).snapshot.folders) == [""]


def test_an_unreadable_folder_is_empty_unless_it_is_the_root(card) -> None:
    card.odd["03"] = raises(errno.EACCES)
    assert card_on(card).snapshot.folders["03"] == ()
    card.odd["03"] = raises(errno.ENOENT)
    with pytest.raises(CardFailedError, match="can't be read"):
        card_on(card)
    card.odd[""] = raises(errno.EACCES)
    with pytest.raises(CardFailedError, match="insert it again"):
        card_on(card)


def test_an_input_error_while_the_card_is_read_needs_a_check(card) -> None:
    card.odd["01"] = raises(errno.EIO)
    with pytest.raises(NeedsCheckError, match="the file system is damaged"):
        card_on(card)


# ── Manifests ──


def test_a_lost_manifest_that_the_state_names_is_a_problem(card, weeks) -> None:
    path = manifest_path(weeks[0][0].id)
    data = card.files.pop(path)
    card.rows[".packager"] = [name for name in card.rows[".packager"] if name != path.rpartition("/")[2]]
    snapshot = card_on(card).snapshot
    assert (snapshot.manifests, len(snapshot.problems), snapshot.is_clean) == ({}, 1, False)
    assert "missing on the card" in snapshot.problems[0]
    other = manifest_path("a" * 32)
    card.files[other] = data
    card.rows[".packager"].append(other.rpartition("/")[2])
    assert card_on(card).snapshot.manifests == {}, "its content does not fit its name"


def test_without_a_valid_state_every_readable_manifest_counts(card, weeks) -> None:
    for path in SLOT_PATHS:
        card.files[path] = bytes(512)
    torn = manifest_path("b" * 32)
    card.files[torn] = b"{"
    card.rows[".packager"].append(torn.rpartition("/")[2])
    snapshot = card_on(card).snapshot
    assert (snapshot.state, list(snapshot.manifests), snapshot.problems) == (None, [weeks[0][0].id], ())


def test_with_a_valid_state_only_its_manifests_count(card, weeks) -> None:
    path = manifest_path(weeks[1][0].id)
    card.files[path] = weeks[1][0].to_bytes()
    card.rows[".packager"].append(path.rpartition("/")[2])
    assert list(card_on(card).snapshot.manifests) == [weeks[0][0].id]


def test_a_lost_manifest_is_replaced_from_the_known_ones(card, weeks) -> None:
    card.files[manifest_path(weeks[0][0].id)] = b""
    seen = card_on(card)
    known = with_known_manifests(seen, (week[0] for week in weeks))
    assert list(known.snapshot.manifests) == [weeks[0][0].id]
    assert with_known_manifests(seen, ()).snapshot.manifests == {}
    whole = card_on(OddCard())
    assert with_known_manifests(whole, [weeks[0][0]]) is whole


# ── Surveys ──


def test_a_clean_card_is_surveyed_without_reading_a_track(card, weeks) -> None:
    card.readings.clear()
    view = survey(card_on(card), weeks[0][0])
    assert (view.surveyed, view.contents) == (True, {})
    assert not [path for path in card.readings if path in WEEK_1]
    repaired = survey(card_on(card), weeks[0][0], repair=True)
    assert set(repaired.contents) == set(WEEK_1)


def test_the_wanted_manifest_replaces_only_one_that_the_card_names(card, weeks) -> None:
    card.files[manifest_path(weeks[0][0].id)] = b""
    assert list(survey(card_on(card), weeks[0][0]).manifests) == [weeks[0][0].id]
    assert survey(card_on(card), weeks[1][0]).manifests == {}
    assert survey(card_on(card)).manifests == {}
    assert survey(card_on(OddCard()), weeks[0][0]).manifests == {}


def test_only_files_of_an_expected_length_are_read_and_counted(card) -> None:
    card.files["01/002.mp3"] = b"short"
    card.fails["02/001.mp3"] = errno.EIO
    told: list[tuple[str, int, int]] = []
    view = read_contents(card, card_on(card).snapshot, lambda *step: told.append(step))
    assert set(view.contents) == set(WEEK_1) - {"01/002.mp3", "02/001.mp3"}
    assert list(view.unreadable) == ["02/001.mp3"]
    total = 5 * 3000
    assert told == [("read", done, total) for done in range(3000, total + 1, 3000)]


def test_a_failed_read_is_retried(card) -> None:
    class Once(OddCard):
        left = 1

        def read(self, path: str) -> Iterator[bytes]:
            self.left -= 1
            if self.left >= 0:
                raise OSError(errno.EIO, "once")
            return iter([b"ab", b"c"])

    assert read_twice(Once(), "x") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    twice = Once()
    twice.left = 2
    with pytest.raises(OSError, match="once"):
        read_twice(twice, "x")


# ── Just before the first write ──


def test_a_card_is_unchanged_if_identity_slots_and_given_files_are(card, weeks) -> None:
    seen = card_on(card)
    paths = set(WEEK_1)
    assert is_unchanged(seen, paths)
    card.create("own.txt", [b"x"])
    assert is_unchanged(seen, paths)
    assert not is_unchanged(seen, {*paths, "own.txt"})
    card.files["01/001.mp3"] += b"x"
    assert not is_unchanged(seen, paths)
    assert is_unchanged(seen, paths - {"01/001.mp3"})


@pytest.mark.parametrize("path", [IDENTITY_PATH, SLOT_PATHS[1]])
def test_another_identity_or_slot_is_a_change(card, path) -> None:
    seen = card_on(card)
    card.files[path] = b""
    assert not is_unchanged(seen, ())


def test_another_card_at_the_mount_point_is_a_change_and_a_failing_card_is_an_error(card) -> None:
    seen = card_on(card)
    card.odd[""] = raises(errno.ENODEV)
    assert not is_unchanged(seen, ())
    card.odd[""] = raises(errno.ENXIO)
    with pytest.raises(CardFailedError):
        is_unchanged(seen, ())


def test_a_slot_that_no_load_can_have_filled_does_not_count(tmp_path: Path) -> None:
    for blank, missing in (("state.a", None), (None, "state.b")):
        card = ModelCard()
        load(card, make_release(tmp_path / "a", {"01/001.mp3": sound("1")}), tmp_path / "a")
        assert card_on(card).slots.newest is not None
        if blank:
            card.files[f"{CARD_FOLDER}/{blank}"] = bytes(SLOT_SIZE)
        else:
            card.delete(f"{CARD_FOLDER}/{missing}")
        assert card_on(card).slots.newest is None
        load(card, make_release(tmp_path / "a", {"01/001.mp3": sound("1")}), tmp_path / "a")
        assert audit(card).is_good
