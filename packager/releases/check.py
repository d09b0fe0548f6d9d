"""Check the tracks of a release: decode and measure each file, and compare it with the promised limits.

All measurements come from the decoded file. The manifest gives path, length and characters. The text sync of the
build, where it still exists, gives the times of sentences, which count only where the file is silent.
"""

from __future__ import annotations

import math
import os
import signal
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from enum import Enum
from multiprocessing import get_context
from pathlib import Path

from packager.arranging.profiles.variant import variant_lufs
from packager.base.errors import InputError
from packager.base.formats import sha256_file
from packager.base.manifest import Manifest, ManifestTrack, TrackKind
from packager.mastering import CEILING_DBTP, TARGET_LUFS, TOLERANCE_LU
from packager.mastering.analysis import FRAME_SECONDS, AudioAnalysis, listen, loudness_of
from packager.releases.pacing import CHAPTER_TOLERANCE, book_tolerance, misses
from packager.releases.splice_checks import Spans, clicks_of, dead_air_of, jumps_of, measured_silences, passage_near
from packager.releases.store import StoredRelease, is_damaged
from packager.releases.text_sync import SyncedText, TextSync, load_text_sync

HEAD_SECONDS = (0.5, 1.0)  # of silence before the first sound
TAIL_SECONDS = (1.0, 2.0)  # after the last
MOST_SPREAD = 0.6  # LU between the softest and the loudest track
MOST_JUMP = 1.0  # LU between neighbouring sentences
MOST_SILENCE = 1.2  # seconds within a clip; the voices' own pauses last at most 0.4
_MOST_PAUSE = 4.2  # seconds anywhere: the longest pause of mastering, with soft ends of words
_LENGTH_SECONDS = 0.15  # the encoder's delay and padding are 0.1 s, and some decoders keep them
_ROUNDING = 0.05  # meters show tenths
_ENOUGH_CHARACTERS = 300  # of a track whose announcements can't be separated from its text


class Fault(str, Enum):
    """What is out of bounds in a track."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    CHANGED = "changed"  # the bytes differ from the manifest
    CHANNELS = "channels"  # not one
    LOUDNESS = "loudness"
    PEAK = "peak"
    HEAD = "head"
    TAIL = "tail"
    LENGTH = "length"
    PACE = "pace"
    CLICK = "click"
    JUMP = "jump"
    SILENCE = "silence"  # within speech


@dataclass(frozen=True)
class TrackCheck:
    """The measurements of a track; None where something could not be measured."""

    number: int
    path: str
    book: str
    faults: tuple[Fault, ...]
    lufs: float | None = None
    true_peak: float | None = None  # dBTP
    head: float | None = None  # seconds
    tail: float | None = None  # seconds
    seconds: float | None = None
    pace: float | None = None  # spoken characters a minute
    is_body_pace: bool = False  # over the body alone, else with announcements
    clicks: tuple[float, ...] = ()  # seconds
    jump: float | None = None  # the greatest between two neighbouring sentences, LU
    jump_at: float | None = None  # seconds
    silence: float | None = None  # the longest within speech, seconds
    silence_at: float | None = None  # seconds


@dataclass(frozen=True)
class BookCheck:
    """The pace of a whole book."""

    book: str
    pace: float
    is_out: bool


@dataclass(frozen=True)
class ReleaseCheck:
    """The measurements of a release, in playing order."""

    tracks: tuple[TrackCheck, ...]
    books: tuple[BookCheck, ...]
    lufs: float  # the target
    pace: int
    damaged_sidecars: tuple[str, ...] = ()  # paths

    @property
    def spread(self) -> float:
        """LU between the softest track and the loudest."""
        heard = [track.lufs for track in self.tracks if track.lufs is not None]
        return round(max(heard) - min(heard), 2) if heard else 0.0

    @property
    def is_good(self) -> bool:
        """Whether tracks, books, sidecars and the loudness spread are all within bounds."""
        faults = (track.faults for track in self.tracks)
        return not (self.is_uneven or self.damaged_sidecars or any(faults) or any(book.is_out for book in self.books))

    @property
    def is_uneven(self) -> bool:
        """Whether the loudness spread is out of bounds."""
        return self.spread > MOST_SPREAD + _ROUNDING


@dataclass(frozen=True)
class Asked:
    """One track to check, with all that a worker process needs."""

    track: ManifestTrack
    folder: Path
    lufs: float
    pace: int
    text_sync: TextSync | None


@dataclass
class _Measured:
    """The analysis of a track, and its faults."""

    sound: AudioAnalysis
    lufs: float
    silences: Spans
    faults: list[Fault] = field(default_factory=list)


def check_release(
    release: StoredRelease,
    text_sync: Path,
    *,
    jobs: int | None = None,
    progress: Callable[[TrackCheck], None] = lambda track: None,
) -> ReleaseCheck:
    """Measure every track of `release`, on all cores or in `jobs` processes.

    `text_sync` is the folder of the builds' text sync. `progress` is called for each track when it is done.
    """
    manifest = release.manifest
    lufs = variant_lufs(manifest.profile)
    lufs = TARGET_LUFS if lufs is None else lufs
    asked = [
        Asked(track, release.folder, lufs, manifest.pace, load_text_sync(text_sync, track.sha256))
        for track in manifest.tracks
    ]
    done: dict[int, TrackCheck] = {}
    processes = max(1, min(jobs or os.cpu_count() or 1, len(asked)))
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_begin) as pool:
        try:
            waiting = {pool.submit(check_track, each): place for place, each in enumerate(asked)}
            for future in as_completed(waiting):
                done[waiting[future]] = future.result()
                progress(future.result())
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    tracks = tuple(done[place] for place in range(len(asked)))
    books = tuple(_books(manifest, tracks))
    damaged = tuple(each.path for each in manifest.sidecars if is_damaged(release.folder, each))
    return ReleaseCheck(tracks, books, lufs, manifest.pace, damaged)


def check_track(asked: Asked) -> TrackCheck:
    """Measure one track."""
    track = asked.track
    path = asked.folder / track.path
    if not path.is_file():
        return TrackCheck(track.number, track.path, track.book, (Fault.MISSING,))
    changed = [Fault.CHANGED] if sha256_file(path) != track.sha256 else []
    try:
        sound = listen(path)
    except InputError:
        return TrackCheck(track.number, track.path, track.book, (*changed, Fault.UNREADABLE))
    lufs = loudness_of(sound.power)
    return _judged(asked, _Measured(sound, lufs, measured_silences(sound, lufs), changed))


def _judged(asked: Asked, heard: _Measured) -> TrackCheck:
    sound, track = heard.sound, asked.track
    head, tail = _ends(heard)
    body = _body(asked, heard)
    pace, tolerance = _pace(asked, heard, body)
    clicks = clicks_of(sound, heard.silences, heard.lufs)
    jump_at, jump = _greatest_jump(asked, heard)
    silence_at, silence = _dead_air(asked, heard)
    out = {
        Fault.CHANNELS: sound.channels != 1,
        Fault.LOUDNESS: abs(heard.lufs - asked.lufs) > TOLERANCE_LU + _ROUNDING,
        Fault.PEAK: sound.true_peak > CEILING_DBTP + _ROUNDING,
        Fault.HEAD: not HEAD_SECONDS[0] <= head <= HEAD_SECONDS[1],
        Fault.TAIL: not TAIL_SECONDS[0] <= tail <= TAIL_SECONDS[1],
        Fault.LENGTH: abs(sound.seconds - track.seconds) > _LENGTH_SECONDS,
        Fault.PACE: tolerance > 0 and misses(pace or 0.0, asked.pace, tolerance, track.spoken),
        Fault.CLICK: bool(clicks),
        Fault.JUMP: jump is not None and abs(jump) > MOST_JUMP + _ROUNDING,
        Fault.SILENCE: silence is not None and silence > (MOST_SILENCE if asked.text_sync else _MOST_PAUSE),
    }
    return TrackCheck(
        number=track.number,
        path=track.path,
        book=track.book,
        faults=(*heard.faults, *(fault for fault, is_out in out.items() if is_out)),
        lufs=round(heard.lufs, 2),
        true_peak=round(sound.true_peak, 2),
        head=round(head, 2),
        tail=round(tail, 2),
        seconds=round(sound.seconds, 2),
        pace=None if pace is None else round(pace, 1),
        is_body_pace=pace is not None and body is not None,
        clicks=clicks,
        jump=jump,
        jump_at=jump_at,
        silence=silence,
        silence_at=silence_at,
    )


def _ends(heard: _Measured) -> tuple[float, float]:
    """Seconds of silence before the first sound and after the last."""
    frames = len(heard.sound.level)
    head = next((end for begin, end in heard.silences if begin == 0), 0)
    tail = next((end - begin for begin, end in reversed(heard.silences) if end == frames), 0)
    return head * FRAME_SECONDS, tail * FRAME_SECONDS


def _pace(asked: Asked, heard: _Measured, body: tuple[int, int] | None) -> tuple[float | None, float]:
    """The measured pace of the body, and its tolerance; 0 where the pace can't be judged.

    Where the times of the sentences are unknown, the announcements count with the body.
    """
    track = asked.track
    if track.spoken <= 0 or track.kind is not TrackKind.CHAPTER:
        return None, 0.0
    if body is not None:
        return 60 * track.spoken / ((body[1] - body[0]) * FRAME_SECONDS), CHAPTER_TOLERANCE
    head, tail = _ends(heard)
    seconds = heard.sound.seconds - head - tail
    if track.evidence is None or seconds <= 0:
        return None, 0.0
    characters = track.evidence.characters
    return 60 * characters / seconds, CHAPTER_TOLERANCE if characters >= _ENOUGH_CHARACTERS else 0.0


def _body(asked: Asked, heard: _Measured) -> tuple[int, int] | None:
    """The frames of the body."""
    if asked.text_sync is None:
        return None
    pieces = asked.text_sync.pieces
    found = body_pieces(pieces, asked.track.spoken, asked.track.pace)
    return None if found is None else passage_near(heard.silences, pieces[found[0]].begins, pieces[found[1]].ends)


def body_pieces(pieces: Sequence[SyncedText], spoken: int, pace: float) -> tuple[int, int] | None:
    """The first and last of the consecutive pieces with `spoken` characters, as the manifest says of the body.

    A title may be as long as the end of the body. Of several runs of pieces, that whose pace is nearest to `pace` of
    the manifest counts.
    """
    counts = [0]
    for piece in pieces:
        counts.append(counts[-1] + piece.evidence.spoken)

    def distance(run: tuple[int, int]) -> float:
        seconds = pieces[run[1]].ends - pieces[run[0]].begins
        return abs(60 * spoken / seconds - pace) if seconds > 0 else math.inf

    runs = [
        (first, last)
        for first in range(len(pieces))
        for last in range(first, len(pieces))
        if counts[last + 1] - counts[first] == spoken
    ]
    return min(runs, key=distance, default=None)


def _greatest_jump(asked: Asked, heard: _Measured) -> tuple[float | None, float | None]:
    """When (seconds) and by how much (LU) the loudness of neighbouring sentences differs most."""
    pieces = asked.text_sync.pieces if asked.text_sync else ()
    found = [passage_near(heard.silences, piece.begins, piece.ends) for piece in pieces]
    jumps = jumps_of(heard.sound, [passage for passage in found if passage is not None])
    return max(jumps, key=lambda jump: abs(jump[1]), default=(None, None))


def _dead_air(asked: Asked, heard: _Measured) -> tuple[float | None, float | None]:
    """The begin and length (seconds) of the longest silence within a sentence.

    Without text sync it is the longest pause between the first sound and the last.
    """
    head, tail = _ends(heard)
    spoken = [(head, heard.sound.seconds - tail)]
    if asked.text_sync:
        spoken = [(piece.begins, piece.ends) for piece in asked.text_sync.pieces]
    return dead_air_of(heard.silences, spoken)


def _books(manifest: Manifest, checked: Sequence[TrackCheck]) -> Iterator[BookCheck]:
    """The pace of each book over the chapters whose body could be separated from the announcements."""
    books: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for track, check in zip(manifest.tracks, checked, strict=True):
        if check.pace and check.is_body_pace:
            books[track.book].append((track.spoken, check.pace))
    for book, chapters in books.items():
        in_all = sum(spoken for spoken, _pace in chapters)
        pace = in_all / sum(spoken / pace for spoken, pace in chapters)
        yield BookCheck(book, round(pace, 1), misses(pace, manifest.pace, book_tolerance(manifest.profile), in_all))


def _begin() -> None:
    """Initialize a worker process: ignore Ctrl-C, which the parent handles, and hide the decoder's messages."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
