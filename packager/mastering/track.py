"""Master one track: assemble its clips, time, stretch, encode and tag them, and move the file into place."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packager.arranging.profiles.profile import AudioFormat, TagFormat
from packager.base.errors import SpeechError, StorageError
from packager.base.formats import sha256_file
from packager.base.i18n.language import _, reason_of
from packager.mastering.clip_leveler import CLIP_LUFS, MOST_GAIN, QUIETED, ROOM_BELOW
from packager.mastering.concat import FADE_SECONDS, SpokenChunk, assemble
from packager.mastering.container import TrackTags, find_container
from packager.mastering.encoding import encode_to_level, stretch
from packager.mastering.ffmpeg import FfmpegError
from packager.mastering.limiter import MOST_LOWERED
from packager.mastering.loudness import (
    CEILING_DBTP,
    CLOSE_LU,
    SILENT_LUFS,
    TARGET_LUFS,
    Loudness,
    is_acceptable,
    peaks_over,
)
from packager.mastering.speech_rate import (
    BREATH_SECONDS,
    FASTEST_TEMPO,
    HEAD_SECONDS,
    LONGEST_PAUSES,
    PAUSE_SECONDS,
    SHORTEST_PAUSES,
    SLOWEST_TEMPO,
    TAIL_SECONDS,
    SpeechTiming,
    Times,
    TrackClock,
    clock_of,
    time_slower_track,
    time_track,
)

MASTERING_VERSION = 5  # raise it when the same clips and constants give other bytes


@dataclass(frozen=True)
class MasteredTrack:
    """The measurements of a finished track. `pace` may differ from the wanted one at the limits of the stretch."""

    seconds: float
    spoken: int  # characters heard in the body
    pace: float  # spoken characters a minute over the body, 0 for a track without one
    tempo: float
    lufs: float
    true_peak: float  # dBTP
    size: int  # bytes
    sha256: str
    clock: TrackClock

    @property
    def times(self) -> Times:
        """When each clip begins and ends."""
        return self.clock.times


def master(
    spoken: Iterable[SpokenChunk],
    *,
    pace: int,
    usual_pace: int = 0,
    lufs: float = TARGET_LUFS,
    audio: AudioFormat,
    tags: TrackTags,
    tag_format: TagFormat,
    destination: Path,
) -> MasteredTrack:
    """Write the finished track of `spoken` to `destination`, whose folder must exist: completely or not at all.

    `pace` is in spoken characters a minute, `lufs` the integrated loudness.
    `usual_pace` is that of the track that a slower variant is compared with. Memory holds one clip and a block of PCM.
    The work is done in the folder `.<name>.part` beside the destination, which is deleted at the end; the next run
    deletes one that a killed run left.

    Raises SpeechError for silence and for sound that can't reach its loudness, StorageError for a disk that is full
    or read-only, PackagerError when ffmpeg fails.
    """
    work = destination.parent / f".{destination.name}.part"
    finished = work / f"track{audio.suffix}"
    try:
        _make_anew(work)
        try:
            timing, clock, heard = _sound(
                spoken, finished, pace=pace, usual_pace=usual_pace, lufs=lufs, audio=audio, tags=tags
            )
            find_container(audio.container).write_tags(finished, tags, tag_format)
            mastered = _mastered(finished, timing, clock, heard)
            finished.replace(destination)
        finally:
            shutil.rmtree(work)
    except FfmpegError as error:
        if error.is_disk_full:
            raise _disk_full(destination) from error
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _disk_full(destination) from error
        message = _("{path} can't be written: {reason}")
        raise StorageError(message.format(path=destination, reason=reason_of(error))) from error
    return mastered


def build_key_parts(lufs: float = TARGET_LUFS) -> dict[str, Any]:
    """All constants that determine the bytes of a track of `lufs`, as JSON values, without versions of tools."""
    return {
        "mastering": MASTERING_VERSION,
        "pauses": {
            end.value: [SHORTEST_PAUSES[end], seconds, LONGEST_PAUSES[end]] for end, seconds in PAUSE_SECONDS.items()
        },
        "head": HEAD_SECONDS,
        "tail": TAIL_SECONDS,
        "breaths": list(BREATH_SECONDS),
        "fade": FADE_SECONDS,
        "tempo": [SLOWEST_TEMPO, FASTEST_TEMPO],
        "lufs": lufs,
        "close": CLOSE_LU,
        "clips": [CLIP_LUFS, MOST_GAIN, ROOM_BELOW, QUIETED],
        "peaks": [peaks_over(lufs), MOST_LOWERED],
        "true_peak": CEILING_DBTP,
    }


def _sound(
    spoken: Iterable[SpokenChunk],
    finished: Path,
    *,
    pace: int,
    usual_pace: int,
    lufs: float,
    audio: AudioFormat,
    tags: TrackTags,
) -> tuple[SpeechTiming, TrackClock, Loudness]:
    """Make the untagged file `finished`, working in its folder."""
    assembly = assemble(spoken, finished.with_name("speech.pcm"), peaks=peaks_over(lufs))
    if not assembly.pieces:
        raise _silent(tags)
    timing = time_slower_track(assembly.pieces, pace, usual_pace) if usual_pace else time_track(assembly.pieces, pace)
    track = stretch(assembly, timing, finished.with_name("stretched.pcm"))
    assembly.speech.unlink()
    if track.lufs < SILENT_LUFS:
        raise _silent(tags)
    heard = encode_to_level(track, finished, lufs=lufs, audio=audio)
    if not is_acceptable(heard, lufs):
        raise _out_of_level(tags, heard, lufs)
    return timing, clock_of(assembly.pieces, timing), heard


def _mastered(finished: Path, timing: SpeechTiming, clock: TrackClock, heard: Loudness) -> MasteredTrack:
    with finished.open("rb+") as stream:
        os.fsync(stream.fileno())
    return MasteredTrack(
        seconds=round(heard.seconds, 3),
        spoken=timing.spoken,
        pace=round(timing.pace, 2),
        tempo=timing.tempo,
        lufs=heard.lufs,
        true_peak=heard.true_peak,
        size=finished.stat().st_size,
        sha256=sha256_file(finished),
        clock=clock,
    )


def _make_anew(work: Path) -> None:
    if work.exists():
        shutil.rmtree(work)
    work.mkdir()


def _silent(tags: TrackTags) -> SpeechError:
    message = _("track {number} ({title}): there is no sound in its speech; speak its text again")
    return SpeechError(message.format(number=tags.number, title=tags.title))


def _out_of_level(tags: TrackTags, heard: Loudness, lufs: float) -> SpeechError:
    message = _(
        "track {number} ({title}) comes out at {lufs:.1f} LUFS with peaks of {peak:.1f} dBTP and can't be "
        "brought to {target:.0f} LUFS under {ceiling:.0f} dBTP; try another voice for it"
    )
    return SpeechError(
        message.format(
            number=tags.number,
            title=tags.title,
            lufs=heard.lufs,
            peak=heard.true_peak,
            target=lufs,
            ceiling=CEILING_DBTP,
        )
    )


def _disk_full(destination: Path) -> StorageError:
    message = _("no room left for {path}: make room on this disk and run it again")
    return StorageError(message.format(path=destination))
