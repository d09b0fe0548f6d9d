"""What a load deletes is ours by its content: on models of cards, and on real images in `test_real_oddities.py`."""

from __future__ import annotations

from pathlib import Path

import pytest
from card_kit import PowerCutError, audit, card_on, load, make_release, plan_of, sound
from fat_model import ModelCard
from recording_fs import RecordingFS

from packager.base.errors import CardFailedError, CardRefusedError
from packager.base.findings import FindingKind
from packager.base.manifest import Manifest
from packager.cards.plan.steps import DeletionReason

WEEK_1 = {
    "01/001.mp3": sound("contents 1"),
    "01/002.mp3": sound("news 1"),
    "02/001.mp3": sound("a"),
    "02/002.mp3": sound("b"),
    "03/001.mp3": sound("c"),
}
WEEK_2 = {**WEEK_1, "01/001.mp3": sound("contents 2"), "01/002.mp3": sound("news 2")}
del WEEK_2["02/002.mp3"]
SIZE = len(WEEK_1["02/002.mp3"])


class Weeks:
    """Two releases, and a card with the first."""

    def __init__(self, folder: Path, *, tail_first: bool = False) -> None:
        self.folders = folder / "1", folder / "2"
        self.first: Manifest = make_release(self.folders[0], WEEK_1)
        self.second: Manifest = make_release(self.folders[1], WEEK_2, sequence=2)
        self.card = ModelCard(tail_first=tail_first)
        load(self.card, self.first, self.folders[0])

    def exchange(self, path: str, data: bytes, *, name: str = "") -> None:
        """Put other content at a path, or the same file under another name."""
        self.card.delete(path)
        self.card.barrier()
        self.card.create(name or path, [data])
        self.card.barrier()


@pytest.fixture
def weeks(tmp_path: Path) -> Weeks:
    return Weeks(tmp_path)


def require_kept(weeks: Weeks, path: str) -> None:
    """A stranger's file of our size at `path` refuses the load before it writes; only a repair takes its place."""
    weeks.exchange(path, bytes(SIZE))
    before = dict(weeks.card.files)
    with pytest.raises(CardRefusedError, match=f"{path} is not what was loaded: it has the same size"):
        load(weeks.card, weeks.second, weeks.folders[1])
    assert weeks.card.files == before
    load(weeks.card, weeks.second, weeks.folders[1], repair=True)
    assert audit(weeks.card).is_good


@pytest.mark.parametrize("path", ["02/002.mp3", "01/002.mp3", "01/001.mp3"])
def test_a_file_of_our_size_with_other_content_is_not_deleted(weeks: Weeks, path: str) -> None:
    require_kept(weeks, path)


def test_followers_that_would_be_written_again_are_compared_too(weeks: Weeks, tmp_path: Path) -> None:
    weeks.card.create(".packager/NOPLACES", ())
    weeks.exchange("03/001.mp3", bytes(SIZE))
    more = {**WEEK_1, "02 b/001.mp3": sound("d")}
    order = ["01/001.mp3", "01/002.mp3", "02/001.mp3", "02/002.mp3", "02 b/001.mp3", "03/001.mp3"]
    manifest = make_release(tmp_path / "3", {path: more[path] for path in order}, sequence=3)
    with pytest.raises(CardRefusedError, match=r"03/001\.mp3 is not what was loaded"):
        load(weeks.card, manifest, tmp_path / "3")


@pytest.mark.parametrize("path", ["02/001.mp3", "03/001.mp3"])
def test_a_file_that_somebody_saved_where_a_track_stays_is_not_mended_away(weeks: Weeks, path: str) -> None:
    require_kept(weeks, path)


def test_a_track_that_somebody_copied_back_stays_although_its_time_is_new(weeks: Weeks) -> None:
    weeks.exchange("02/001.mp3", WEEK_1["02/001.mp3"])
    assert "02/001.mp3" not in load(weeks.card, weeks.second, weeks.folders[1]).written


def test_a_file_that_somebody_saves_during_the_load_is_not_mended_away(weeks: Weeks) -> None:
    def save(line: str) -> None:
        if line == "create 01/001.mp3":
            weeks.exchange("03/001.mp3", bytes(SIZE))

    with pytest.raises(CardFailedError, match=r"somebody saved another file as 03/001\.mp3 during the load"):
        load(RecordingFS(weeks.card, before=save), weeks.second, weeks.folders[1])
    assert weeks.card.files["03/001.mp3"] == bytes(SIZE)


def test_sidecars_get_a_time_of_the_load_and_are_not_read_before_the_next(tmp_path: Path) -> None:
    files, beside, card = {"01/001.mp3": sound("a")}, {"01/list.m3u8": b"001.mp3"}, ModelCard()
    manifest = make_release(tmp_path, files, sidecars=beside)
    load(card, manifest, tmp_path)
    seen = RecordingFS(card)
    plan_of(card_on(seen), manifest)
    assert "read 01/list.m3u8" not in seen.log


def test_a_root_of_fixed_size_is_not_written_again_over_a_file_that_somebody_saved(tmp_path: Path) -> None:
    card = ModelCard()
    card.root_slots = 40
    files = {f"{n:03}.mp3": sound(str(n)) for n in range(2, 12)}
    load(card, make_release(tmp_path / "1", files, finds_by="place"), tmp_path / "1")
    for n in range(2):  # of three slots each: they take the end, and leave no holes
        card.create(f"a listener's song {n}.wav", [b"own"])
        card.barrier()
    files = {"001.mp3": sound("new"), **files}
    manifest = make_release(tmp_path / "2", files, sequence=2, finds_by="place")
    card.delete("011.mp3")
    card.barrier()
    card.create("011.mp3", [bytes(SIZE)])
    card.barrier()
    before = dict(card.files)
    with pytest.raises(CardRefusedError, match=r"011\.mp3 is not what was loaded"):
        load(card, manifest, tmp_path / "2")
    assert card.files == before


def test_a_file_that_stays_is_not_read_before_the_load(weeks: Weeks) -> None:
    seen = RecordingFS(weeks.card)
    plan_of(card_on(seen), weeks.second)
    read = [line.removeprefix("read ") for line in seen.log if line.endswith(".mp3")]
    assert sorted(read) == ["01/001.mp3", "01/002.mp3", "02/002.mp3"]


def test_a_file_that_is_to_be_deleted_and_cannot_be_read_is_named(weeks: Weeks) -> None:
    class Unreadable(RecordingFS):
        def read(self, path):
            if path == "02/002.mp3":
                raise OSError(5, "input/output error")
            return super().read(path)

    with pytest.raises(CardRefusedError, match=r"02/002.mp3 must be deleted, but can't be read \(input/output error\)"):
        plan_of(card_on(Unreadable(weeks.card)), weeks.second)


def test_after_an_interruption_a_partial_file_is_not_read(weeks: Weeks) -> None:
    def stop(line: str) -> None:
        if line == "create 02/001.mp3":
            raise PowerCutError

    cut = RecordingFS(weeks.card, before=stop)
    more = {**WEEK_2, "02/001.mp3": sound("new")}
    manifest = make_release(weeks.folders[1], more, sequence=2)
    with pytest.raises(PowerCutError):
        load(cut, manifest, weeks.folders[1])
    weeks.card.settle()
    weeks.card.create("02/001.mp3", [more["02/001.mp3"][:100]])
    seen = RecordingFS(weeks.card)
    plan = plan_of(card_on(seen), manifest)
    assert "02/001.mp3" in [step.path for step in plan.deletes if step.why is DeletionReason.PARTIAL]
    assert "read 02/001.mp3" not in seen.log


@pytest.mark.parametrize("tail_first", [False, True])
def test_a_track_that_was_renamed_in_case_gets_its_name_again(tmp_path: Path, *, tail_first: bool) -> None:
    weeks = Weeks(tmp_path, tail_first=tail_first)
    weeks.exchange("02/001.mp3", WEEK_1["02/001.mp3"], name="02/001.MP3")
    seen = audit(weeks.card)
    assert [(found.kind, found.path) for found in seen.findings] == [(FindingKind.RENAMED, "02/001.mp3")]
    assert "was renamed to 02/001.MP3" in seen.findings[0].message
    plan = plan_of(card_on(weeks.card), weeks.first)
    assert plan.renamed == {"02/001.MP3": "02/001.mp3"}
    result = load(weeks.card, weeks.first, weeks.folders[0])
    assert sorted(result.written) == sorted(file.path for file in plan.creates)
    assert audit(weeks.card).is_good
    assert weeks.card.order("02") == ["001.mp3", "002.mp3"]


def test_a_renamed_track_that_the_release_gives_up_is_deleted(weeks: Weeks) -> None:
    weeks.exchange("02/002.mp3", WEEK_1["02/002.mp3"], name="02/002.MP3")
    load(weeks.card, weeks.second, weeks.folders[1])
    assert weeks.card.order("02") == ["001.mp3"]
    assert audit(weeks.card).is_good


def test_a_renamed_file_with_other_content_stays(weeks: Weeks) -> None:
    weeks.exchange("02/001.mp3", bytes(SIZE), name="02/001.MP3")
    with pytest.raises(CardRefusedError, match=r"02/001.MP3 is a file that this program did not put there"):
        load(weeks.card, weeks.first, weeks.folders[0])
    assert weeks.card.files["02/001.MP3"] == bytes(SIZE)


def renamed_folder(folder: Path) -> tuple[ModelCard, Manifest]:
    files = {f"mp3/{n:04}.mp3": sound(str(n)) for n in range(1, 4)}
    card, manifest = ModelCard(), make_release(folder, files)
    load(card, manifest, folder)
    for path in files:
        card.delete(path)
    card.delete("mp3")
    card.barrier()
    card.make_folder("MP3")
    for path, data in files.items():
        card.create(path.replace("mp3/", "MP3/"), [data])
        card.barrier()
    return card, manifest


def test_a_folder_that_was_renamed_in_case_is_made_again(tmp_path: Path) -> None:
    card, manifest = renamed_folder(tmp_path)
    load(card, manifest, tmp_path)
    assert card.order("") == [".packager", "mp3"]
    assert audit(card).is_good


def test_a_renamed_folder_with_a_foreign_file_is_refused(tmp_path: Path) -> None:
    card, manifest = renamed_folder(tmp_path)
    card.create("MP3/memo.txt", [b"own"])
    card.barrier()
    with pytest.raises(CardRefusedError, match="MP3 is a folder"):
        load(card, manifest, tmp_path)
    assert card.files["MP3/memo.txt"] == b"own"
