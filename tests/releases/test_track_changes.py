"""What changed between releases: tracks are paired, and their sentences are compared."""

from __future__ import annotations

from dataclasses import replace

from packager.base.manifest import TrackKind
from packager.base.pronunciation import Pronunciation
from packager.releases.track_changes import (
    ChangeKind,
    ComparedSentence,
    ComparedTrack,
    SpokenPiece,
    TrackChange,
    compare_tracks,
    reasons,
)


def track(number: int, title: str, *sentences: str, book: str = "通知", **other: object) -> ComparedTrack:
    made = ComparedTrack(
        number=number,
        kind=TrackKind.CHAPTER,
        title=title,
        book=book,
        place=1,
        audio="|".join((str(number), title, *sentences)),
        seconds=60.0,
        voice="kokoro:a",
        pace=190,
        sentences=(
            ComparedSentence(f"第{number}条，", is_announced=True),
            ComparedSentence(title),
            *map(ComparedSentence, sentences),
        ),
        pieces=tuple(SpokenPiece(each) for each in sentences),
    )
    return replace(made, **other)  # type: ignore[arg-type]


def kinds(changes: tuple[TrackChange, ...]) -> dict[str, tuple[str, ...]]:
    return {change.track.title: tuple(kind.value for kind in change.kinds) for change in changes}


WATER = track(2, "停水", "星期三停水。", "请先接水。")
DOOR = track(11, "第一章 敲门", "有人敲门。", "先问是谁。", book="读本")


def test_the_same_tracks_have_not_changed() -> None:
    assert kinds(compare_tracks([WATER, DOOR], [WATER, DOOR])) == {"停水": ("same",), "第一章 敲门": ("same",)}


def test_a_week_that_stays_is_moved_and_the_new_week_at_its_number_is_added() -> None:
    kept = track(14, "停水", "星期三停水。", "请先接水。")
    new = track(2, "体检", "明天体检，请空腹来。")
    found = compare_tracks([WATER, DOOR], [new, DOOR, kept])
    assert kinds(found) == {"停水": ("moved",), "体检": ("added",), "第一章 敲门": ("same",)}
    (moved,) = [change for change in found if ChangeKind.MOVED in change.kinds]
    assert moved.before is not None and moved.after is not None
    assert (moved.before.number, moved.after.number, moved.edits) == (2, 14, ())


def test_notices_of_one_title_are_told_apart_by_their_words() -> None:
    kept = track(14, "停水", "星期三停水。", "请先接水。")
    new = track(2, "停水", "星期五停水一整天。")
    found = compare_tracks([WATER], [new, kept])
    assert [(change.track.number, change.kinds) for change in found] == [
        (2, (ChangeKind.ADDED,)),
        (14, (ChangeKind.MOVED,)),
    ]


def test_edited_sentences_are_named_with_their_places() -> None:
    edited = track(2, "停水", "星期三停水。", "已经改期。", "请先接水。")
    (change,) = compare_tracks([WATER], [edited])
    assert change.kinds == (ChangeKind.EDITED,)
    (edit,) = change.edits
    assert (edit.removed, edit.added, list(edit.places)) == ((), ("已经改期。",), [3])
    assert change.is_new_audio


def test_a_moved_track_can_be_edited_too_and_its_announced_number_is_no_edit() -> None:
    moved = track(14, "停水", "星期四停水。", "请先接水。")
    (change,) = compare_tracks([WATER], [moved])
    assert change.kinds == (ChangeKind.MOVED, ChangeKind.EDITED)
    assert [(edit.removed, edit.added, list(edit.places)) for edit in change.edits] == [
        (("星期三停水。",), ("星期四停水。",), [2])
    ]


def test_a_renamed_track_is_known_by_its_number_and_words_and_another_one_is_not() -> None:
    renamed = track(2, "停水提醒", "星期三停水。", "请先接水。")
    assert kinds(compare_tracks([WATER], [renamed])) == {"停水提醒": ("edited",)}
    other = track(2, "包饺子", "星期五包饺子，想来的早些说。")
    assert kinds(compare_tracks([WATER], [other])) == {"停水": ("removed",), "包饺子": ("added",)}


def test_other_audio_of_the_same_text_has_its_reasons() -> None:
    voice = replace(DOOR, audio="x", voice="kokoro:b", pace=160)
    (change,) = compare_tracks([DOOR], [voice])
    assert change.kinds == (ChangeKind.SPOKEN_ANEW,)
    assert reasons(change) == ("voice kokoro:a → kokoro:b", "speech rate 190 → 160")
    (again,) = compare_tracks([DOOR], [replace(DOOR, audio="x")])
    assert reasons(again) == ("by another program, model or setting",)
    (unknown,) = compare_tracks([DOOR], [replace(DOOR, audio="x", sentences=None, pieces=())])
    assert (unknown.kinds, reasons(unknown)) == ((ChangeKind.SPOKEN_ANEW,), ("its text is not known here",))


def test_other_tags_of_the_same_speech_are_nothing_new_to_hear() -> None:
    before, after = replace(DOOR, speech="s"), replace(DOOR, speech="s", audio="x")
    (change,) = compare_tracks([before], [after])
    assert (change.kinds, change.is_new_audio, reasons(change)) == ((ChangeKind.MADE_AGAIN,), False, ())


def test_a_word_that_is_read_otherwise_is_named() -> None:
    def read(*syllables: str) -> ComparedTrack:
        piece = SpokenPiece("去重庆。", (Pronunciation(1, syllables),))
        return replace(DOOR, audio=" ".join(syllables), pieces=(piece,))

    (change,) = compare_tracks([read("zhong4", "qing4")], [read("chong2", "qing4")])
    assert reasons(change) == ("重庆: zhong4 qing4 → chong2 qing4",)


def test_placeholders_are_no_tracks_that_change() -> None:
    empty = replace(track(3, "3"), kind=TrackKind.PLACEHOLDER)
    assert kinds(compare_tracks([WATER, empty], [WATER])) == {"停水": ("same",)}
    assert kinds(compare_tracks([WATER, empty], [WATER, track(3, "体检", "明天体检。")]))["体检"] == ("added",)
