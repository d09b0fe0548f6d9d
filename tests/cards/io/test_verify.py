"""Reading back what a load left: names, sizes, order and content, and what a failing card is called."""

from __future__ import annotations

import errno
import os

import pytest
from card_kit import card_on, load, plan_of
from fat_model import ModelCard
from two_weeks import WEEK_1

from packager.base.errors import CardFailedError, NeedsCheckError
from packager.cards.io.os_errors import card_failures
from packager.cards.io.verify import check_content, check_names


@pytest.fixture
def card(weeks) -> ModelCard:
    made = ModelCard()
    load(made, *weeks[0])
    return made


def names_of(card: ModelCard, weeks) -> None:
    """Check the names on a card against the plan that was made while it was whole."""
    plan = plan_of(card_on(ModelCard()), weeks[0][0])
    check_names(card_on(card), plan)


def test_a_whole_card_passes(card, weeks) -> None:
    card.create("01/own.txt", [b"own"])
    names_of(card, weeks)


def test_a_missing_track_a_missing_folder_and_another_length_are_noticed(card, weeks) -> None:
    card.files["02/001.mp3"] += b"x"
    with pytest.raises(CardFailedError, match=r"02/001\.mp3 reads back differently"):
        names_of(card, weeks)
    card.delete("02/001.mp3")
    with pytest.raises(CardFailedError, match=r"02/001\.mp3 reads back differently"):
        names_of(card, weeks)
    del card.rows["03"], card.files["03/001.mp3"]
    card.rows[""] = [name for name in card.rows[""] if name != "03"]
    with pytest.raises(CardFailedError, match="the card: 03 reads back differently"):
        names_of(card, weeks)


@pytest.mark.parametrize(("folder", "path"), [("", "03"), ("01", "01/003.mp3")])
def test_the_wrong_order_is_detected_on_an_ordered_medium(card, weeks, folder: str, path: str) -> None:
    card.rows[folder].reverse()
    with pytest.raises(CardFailedError, match=f"the card: {path} is not in the playing order"):
        names_of(card, weeks)
    card.keeps_order = False
    names_of(card, weeks)


def test_content_is_compared_file_by_file_with_progress(card, weeks) -> None:
    told: list[tuple[str, int, int]] = []
    tracks = weeks[0][0].tracks[:3]
    proven = check_content(card_on(card), tracks, lambda *step: told.append(step))
    assert next(proven) == ("01/001.mp3", True)
    assert told == [("verify", 3000, 9000)]
    assert list(proven) == [("01/002.mp3", True), ("01/003.mp3", True)]
    assert told[1:] == [("verify", 6000, 9000), ("verify", 9000, 9000)]
    card.files["01/002.mp3"] = WEEK_1["01/003.mp3"]
    proven = check_content(card_on(card), tracks, lambda *_step: None)
    assert next(proven) == ("01/001.mp3", True)
    with pytest.raises(CardFailedError, match=r"01/002\.mp3 reads back differently"):
        next(proven)
    changed = check_content(card_on(card), tracks, lambda *_step: None, may_have_changed={"01/002.mp3"})
    assert [is_right for _path, is_right in changed] == [True, False, True]


# ── What a failing card is called ──


def failure(number: int, **options: bool) -> CardFailedError | NeedsCheckError:
    with pytest.raises((CardFailedError, NeedsCheckError)) as failed, card_failures("E:", **options):
        raise OSError(number, os.strerror(number), "x")
    return failed.value


@pytest.mark.parametrize(
    "number", [errno.ENODEV, errno.ENXIO, errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.ENOTCONN]
)
def test_a_missing_card_was_removed(number: int) -> None:
    assert "E: failed: it was removed" in str(failure(number))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "it is full"),
        (errno.EIO, "another reader"),
        (errno.EACCES, "may not write"),
        (errno.EPERM, "may not write"),
        (errno.EEXIST, "a file appeared"),
        (errno.ENOTEMPTY, "a file appeared"),
        (errno.EMFILE, "Too many open files"),
    ],
)
def test_a_failure_says_why_and_whether_the_card_is_unfinished(number: int, words: str) -> None:
    begun, before = failure(number), failure(number, begun=False)
    assert words in str(begun)
    assert words in str(before)
    assert "It is marked as unfinished" in str(begun)
    assert "Its tracks were not changed" in str(before)
    assert type(begun) is type(before) is CardFailedError


def test_a_card_that_becomes_read_only_or_fails_after_an_interruption_needs_a_check() -> None:
    assert isinstance(failure(errno.EROFS), NeedsCheckError)
    assert isinstance(failure(errno.EIO, interrupted=True), NeedsCheckError)
    assert not isinstance(failure(errno.EIO), NeedsCheckError)
    assert not isinstance(failure(errno.ENOSPC, interrupted=True), NeedsCheckError)


def test_other_errors_pass_through() -> None:
    with pytest.raises(ValueError, match="other"), card_failures("E:"):
        raise ValueError("other")
