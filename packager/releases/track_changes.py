"""What differs between the tracks of two releases, sentence by sentence. Pure.

tracks before + tracks after -> pairs (same audio, same words, same title, same number with similar words)
-> one change a track: added, removed, moved to another number, edited, spoken anew
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum

from packager.base.i18n.language import _
from packager.base.manifest import TrackKind
from packager.base.pronunciation import Pronunciation

_LIKE = 0.5  # of the characters: the words of a track that was edited, and not of another one at its number
_COMPARED = 2000  # characters of a track by which likeness is judged


class ChangeKind(str, Enum):
    """How a track differs from its predecessor. A track can be moved and edited."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"  # to another number
    EDITED = "edited"  # its text as written
    SPOKEN_ANEW = "spoken anew"  # other speech of the same text at the same number
    MADE_AGAIN = "made again"  # the same speech with other tags or settings
    SAME = "same"


@dataclass(frozen=True)
class ComparedSentence:
    """A sentence as written; `is_announced` where it is said around the book's text, as the number."""

    text: str
    is_announced: bool = False


@dataclass(frozen=True)
class SpokenPiece:
    """A piece of normalized text with its readings."""

    text: str
    readings: tuple[Pronunciation, ...] = ()


@dataclass(frozen=True)
class ComparedTrack:
    """A track as it is compared.

    `audio` is equal for equal files, `speech` for equal clips, voice and pace; empty: not known. `sentences` is None
    where the text is not known.
    """

    number: int
    kind: TrackKind
    title: str
    book: str
    place: int
    audio: str
    seconds: float
    voice: str
    pace: int  # of its release
    sentences: tuple[ComparedSentence, ...] | None
    pieces: tuple[SpokenPiece, ...] = ()
    speech: str = ""

    @property
    def body(self) -> tuple[str, ...]:
        """The sentences of the book's text."""
        return tuple(each.text for each in self.sentences or () if not each.is_announced)


@dataclass(frozen=True)
class SentenceEdit:
    """Sentences that were replaced: those before, and those after, which begin at the place `start` (from 0)."""

    removed: tuple[str, ...]
    added: tuple[str, ...]
    start: int

    @property
    def places(self) -> range:
        """The places of `added` among the sentences of the later track."""
        return range(self.start, self.start + len(self.added))


@dataclass(frozen=True)
class TrackChange:
    """A track before and after. `edits` are those of the text as written."""

    before: ComparedTrack | None
    after: ComparedTrack | None
    edits: tuple[SentenceEdit, ...] = ()

    @property
    def track(self) -> ComparedTrack:
        """The later track, or the removed one."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def kinds(self) -> tuple[ChangeKind, ...]:
        """How the track changed."""
        if self.before is None:
            return (ChangeKind.ADDED,)
        if self.after is None:
            return (ChangeKind.REMOVED,)
        found = [ChangeKind.MOVED] if self.before.number != self.after.number else []
        found += [ChangeKind.EDITED] if self.edits else []
        if not found and self.before.audio != self.after.audio:
            found = [ChangeKind.SPOKEN_ANEW if self.is_new_audio else ChangeKind.MADE_AGAIN]
        return tuple(found) or (ChangeKind.SAME,)

    @property
    def is_new_audio(self) -> bool:
        """Whether the later release has other speech, as far as that is known."""
        if self.before is None or self.after is None:
            return self.after is not None
        is_same_speech = bool(self.after.speech) and self.before.speech == self.after.speech
        return self.before.audio != self.after.audio and not is_same_speech

    @property
    def is_same(self) -> bool:
        """Whether nothing changed."""
        return self.kinds == (ChangeKind.SAME,)


def compare_tracks(before: Sequence[ComparedTrack], after: Sequence[ComparedTrack]) -> tuple[TrackChange, ...]:
    """One change for each track of both sides, by number. Placeholders, which say that a number is empty, are left
    out."""
    old = [track for track in before if track.kind is not TrackKind.PLACEHOLDER]
    new = [track for track in after if track.kind is not TrackKind.PLACEHOLDER]
    origins = _origins(old, new)
    changes = [_change(old[origins[place]] if place in origins else None, track) for place, track in enumerate(new)]
    kept = set(origins.values())
    changes += [TrackChange(track, None) for place, track in enumerate(old) if place not in kept]
    return tuple(sorted(changes, key=lambda change: (change.track.number, change.after is None)))


def of_kind(changes: Iterable[TrackChange], kind: ChangeKind) -> tuple[TrackChange, ...]:
    """The changes of one kind."""
    return tuple(change for change in changes if kind in change.kinds)


def reasons(change: TrackChange) -> tuple[str, ...]:
    """Why a track with the same text at the same number has other audio, for people."""
    before, after = change.before, change.after
    if before is None or after is None or ChangeKind.SPOKEN_ANEW not in change.kinds:
        return ()
    found = []
    if before.sentences is None or after.sentences is None:
        found.append(_("its text is not known here"))
    if before.voice != after.voice:
        found.append(_("voice {before} → {after}").format(before=before.voice, after=after.voice))
    if before.pace != after.pace:
        found.append(_("speech rate {before} → {after}").format(before=before.pace, after=after.pace))
    found += [
        _("“{before}” → “{after}”").format(before="".join(edit.removed), after="".join(edit.added))
        for edit in _edits([each.text for each in before.pieces], [each.text for each in after.pieces])
        if before.pieces and after.pieces
    ]
    found += _other_readings(before.pieces, after.pieces)
    return tuple(found) or (_("by another program, model or setting"),)


def _origins(old: Sequence[ComparedTrack], new: Sequence[ComparedTrack]) -> dict[int, int]:
    """For places in `new` the place in `old` that it comes from, by ever weaker signs."""
    signs: tuple[Callable[[ComparedTrack], Hashable], ...] = (
        lambda track: (track.audio, track.number),
        lambda track: track.audio,
        lambda track: (track.kind, track.title, track.body) if track.body else None,
        lambda track: (track.kind, track.book, track.title, track.place),
        lambda track: (track.kind, track.book, track.title),
        lambda track: track.kind if track.kind is TrackKind.CONTENTS else None,
    )
    origins: dict[int, int] = {}
    for sign in signs:
        waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
        taken = set(origins.values())
        for place, track in enumerate(old):
            if place not in taken:
                waiting[sign(track)].append(place)
        for place, track in enumerate(new):
            key = sign(track)
            if place not in origins and key is not None and waiting[key]:
                origins[place] = waiting[key].pop(0)
    _pair_edited(old, new, origins)
    return origins


def _pair_edited(old: Sequence[ComparedTrack], new: Sequence[ComparedTrack], origins: dict[int, int]) -> None:
    """Add tracks whose title changed: they have the number and most of the words of an earlier track."""
    taken = set(origins.values())
    by_number = {(track.kind, track.number): place for place, track in enumerate(old) if place not in taken}
    for place, track in enumerate(new):
        origin = by_number.get((track.kind, track.number))
        if place not in origins and origin is not None and _are_like(old[origin], track):
            origins[place] = origin


def _are_like(one: ComparedTrack, other: ComparedTrack) -> bool:
    texts = ["".join(track.body)[:_COMPARED] for track in (one, other)]
    matcher = SequenceMatcher(None, texts[0], texts[1], autojunk=False)
    return all(texts) and matcher.quick_ratio() >= _LIKE and matcher.ratio() >= _LIKE


def _change(before: ComparedTrack | None, after: ComparedTrack) -> TrackChange:
    if before is None or before.audio == after.audio or before.sentences is None or after.sentences is None:
        return TrackChange(before, after)
    # A moved track announces its new number; that is no edit.
    is_moved = before.number != after.number
    places = [place for place, each in enumerate(after.sentences) if not (is_moved and each.is_announced)]
    old = [each.text for each in before.sentences if not (is_moved and each.is_announced)]
    edits = _edits(old, [after.sentences[place].text for place in places])
    places.append(len(after.sentences))
    return TrackChange(
        before, after, tuple(SentenceEdit(each.removed, each.added, places[each.start]) for each in edits)
    )


def _edits(old: Sequence[str], new: Sequence[str]) -> list[SentenceEdit]:
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [SentenceEdit(tuple(old[a:b]), tuple(new[c:d]), c) for tag, a, b, c, d in codes if tag != "equal"]


def _other_readings(before: Sequence[SpokenPiece], after: Sequence[SpokenPiece]) -> list[str]:
    """The words that are read otherwise in pieces of the same text."""
    found = []
    known = {piece.text: piece for piece in before}
    for piece in after:
        earlier = known.get(piece.text)
        if earlier is None:
            continue
        old = {(each.start, each.end): each.syllables for each in earlier.readings}
        for each in piece.readings:
            was = old.get((each.start, each.end), each.syllables)
            if was != each.syllables:
                word = piece.text[each.start : each.end]
                found.append(f"{word}: {' '.join(was)} → {' '.join(each.syllables)}")
    return list(dict.fromkeys(found))
