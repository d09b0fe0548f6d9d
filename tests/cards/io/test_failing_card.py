"""Cards, readers and release folders that fail: named for what they are, and never called good."""

import errno
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from card_kit import audit, card_on, files_of, folder_card, load, plan_of
from fat_model import ModelCard
from two_weeks import LOAD_ID, WEEK_1, WEEK_2, of_model

from packager.base.errors import CardFailedError, InputError, NeedsCheckError
from packager.base.findings import FindingKind
from packager.cards import apply_load
from packager.cards.io.mounted_fs import MountedFS
from packager.cards.plan.state_slots import SLOT_PATHS


def test_a_track_that_changed_since_is_written_again_by_the_same_load_which_names_it(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    flipped = bytearray(WEEK_1["02/001.mp3"])
    flipped[1000] ^= 1
    (card.root / "02" / "001.mp3").write_bytes(flipped)
    result = load(card, *weeks[1])
    assert result.mended == ("02/001.mp3",)
    assert result.written[-1] == "02/001.mp3"
    assert files_of(card.root) == WEEK_2
    assert audit(card).is_good
    assert load(card, *weeks[1]).mended == ()


def test_a_track_that_does_not_stay_right_after_it_was_written_fails_the_load(weeks) -> None:
    class Worn(ModelCard):
        def read(self, path):
            data = self.files[path]
            return iter([data[:-1] + b"?" if path == "02/001.mp3" else data])

    with pytest.raises(CardFailedError, match=r"02/001\.mp3 reads back differently"):
        load(Worn(), *weeks[0])
    card = ModelCard()
    load(card, *weeks[0])
    card.__class__ = Worn
    with pytest.raises(CardFailedError, match=r"02/001\.mp3 reads back differently"):
        load(card, *weeks[1])
    assert not audit(card).is_good


def test_a_card_that_fills_up_in_the_middle_fails_and_says_what_to_do(weeks) -> None:
    card = ModelCard(capacity=200_000)
    seen = card_on(card)
    plan = plan_of(seen, weeks[0][0])
    card.create("own.bin", [bytes(160_000)])
    with pytest.raises(CardFailedError, match="full"):
        apply_load(seen, plan, weeks[0][1], load_id=LOAD_ID)
    card.delete("own.bin")
    load(card, *weeks[0])
    assert of_model(card) == WEEK_1


@pytest.mark.parametrize(
    ("number", "words"), [(errno.EIO, "another reader"), (errno.EROFS, "read-only"), (errno.ENODEV, "removed")]
)
def test_a_card_that_fails_is_named_with_what_to_do_next(weeks, number, words) -> None:
    class Broken(ModelCard):
        def create(self, path, pieces, **how) -> bool:
            if path == "02/001.mp3":
                raise OSError(number, os.strerror(number), path)
            return super().create(path, pieces, **how)

    card = Broken()
    # A card that was written on and then is read-only has a damaged file system: so systems guard it.
    expected = NeedsCheckError if number == errno.EROFS else CardFailedError
    with pytest.raises(expected, match=words) as failed:
        load(card, *weeks[0])
    assert "the card" in str(failed.value)
    assert "same command again" in str(failed.value)
    assert not audit(card).is_good


def test_a_release_folder_with_a_missing_file_is_refused_before_the_card_is_touched(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    (weeks[0][1] / "02" / "002.mp3").unlink()
    with pytest.raises(InputError, match=r"002\.mp3"):
        load(card, *weeks[0])
    assert list(card.root.iterdir()) == []


def test_a_release_file_that_is_not_what_its_manifest_says_never_makes_a_good_card(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    good = (weeks[0][1] / "02" / "002.mp3").read_bytes()
    (weeks[0][1] / "02" / "002.mp3").write_bytes(good[:-1] + b"?")
    with pytest.raises(CardFailedError, match=r"release week-1 is damaged.*002\.mp3"):
        load(card, *weeks[0])
    assert not audit(card).is_good
    (weeks[0][1] / "02" / "002.mp3").write_bytes(good)
    load(card, *weeks[0])
    assert files_of(card.root) == WEEK_1


def test_one_failed_read_is_tried_again(weeks) -> None:
    class Flaky(ModelCard):
        reads = 0

        def read(self, path):
            self.reads += 1
            if path.endswith(".mp3") and self.reads % 2:
                raise OSError(errno.EIO, os.strerror(errno.EIO), path)
            return super().read(path)

    card = Flaky()
    load(card, *weeks[0])
    assert audit(card).is_good


def test_a_failure_before_the_begin_leaves_no_unfinished_card(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    slot = card.root / SLOT_PATHS[0]
    slot.unlink()
    slot.mkdir()
    (slot / "note.txt").write_bytes(b"own")
    with pytest.raises(CardFailedError, match="Its tracks were not changed"):
        load(card, *weeks[1])
    assert files_of(card.root) == WEEK_1
    assert (slot / "note.txt").read_bytes() == b"own"


class Reader(MountedFS):
    """A card reader that fails as they do: in the middle of a file, some times, or always."""

    def __init__(self, root: Path, fails: Mapping[str, int]) -> None:
        super().__init__(root, keeps_order=False)
        self.left = dict(fails)  # by path, how many readings fail
        self.tried: Counter[str] = Counter()

    def read(self, path: str) -> Iterator[bytes]:
        self.tried[path] += 1
        if self.left.get(path, 0) > 0:
            self.left[path] -= 1
            yield next(iter(super().read(path)))[:100]
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)
        yield from super().read(path)


def test_a_read_error_is_retried_once(tmp_path, weeks) -> None:
    root = folder_card(tmp_path / "card").root
    reader = Reader(root, dict.fromkeys(WEEK_1, 1))
    load(reader, *weeks[0])
    assert {path: reader.tried[path] for path in WEEK_1} == dict.fromkeys(WEEK_1, 2)
    again = Reader(root, dict.fromkeys(WEEK_1, 1))
    assert audit(again).is_good
    assert {path: again.tried[path] for path in WEEK_1} == dict.fromkeys(WEEK_1, 2)


def test_permanent_read_errors_are_unreadable_and_wrong_data_is_altered(tmp_path, weeks) -> None:
    root = folder_card(tmp_path / "card").root
    load(folder_card(root), *weeks[0])
    flipped = bytearray(WEEK_1["02/002.mp3"])
    flipped[-1] ^= 1
    (root / "02/002.mp3").write_bytes(flipped)
    reader = Reader(root, {"02/001.mp3": 99})
    found = {finding.path: finding.kind for finding in audit(reader).findings}
    assert found == {"02/001.mp3": FindingKind.UNREADABLE, "02/002.mp3": FindingKind.ALTERED}
    assert reader.tried["02/001.mp3"] == 2


@pytest.mark.parametrize("path", ["01/002.mp3", "02/001.mp3"])
def test_a_load_that_can_not_verify_reports_it_and_does_not_report_alteration(tmp_path, weeks, path) -> None:
    reader = Reader(folder_card(tmp_path / "card").root, {path: 99})
    with pytest.raises(CardFailedError, match=rf"{path} was written but can't be read back") as failed:
        load(reader, *weeks[0])
    assert "in another reader if there is one" in str(failed.value)
    assert "differently" not in str(failed.value)
    reader.left.clear()
    assert not audit(reader).is_good
    load(reader, *weeks[0])
    assert audit(reader).is_good
    assert files_of(reader.root) == WEEK_1
