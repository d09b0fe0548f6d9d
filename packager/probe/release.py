"""Builds the probe release: speaks each test track and encodes it as its test requires.

Test tracks have no pace, and each has the encoding that it tests, so they do not go through mastering. Their manifest
is a release's, so that a load has its usual order and safety.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from packager import __version__
from packager.arranging.tracklist import Passage, Role
from packager.base.errors import InputError, StorageError
from packager.base.formats import canonical_json, sha256_bytes, sha256_file, utc_text, write_atomic
from packager.base.i18n.language import _, reason_of
from packager.base.manifest import Manifest, ManifestTrack, TrackKind
from packager.mastering import TARGET_LUFS, Loudness, measure
from packager.mastering.container import TrackTags
from packager.mastering.container.mp3 import id3v1_gbk
from packager.mastering.ffmpeg import file_argument, run_ffmpeg
from packager.probe.tracks import PROBE_SERIES, SUFFIX, ProbeAudio, ProbeTags, ProbeTrack
from packager.releases.store import MANIFEST_FILE, StoredRelease, open_release
from packager.releases.track_store import place_file
from packager.speech import SpeechPool, Voice
from packager.textnorm import to_chunks

_VERSION = 1  # to be raised when the same tracks are made differently
_SPEECH_RMS = 10 ** ((TARGET_LUFS - 2) / 20)  # of full scale: silences left out, speech is 2 dB below its LUFS
_HEAD_SECONDS, _TAIL_SECONDS = 0.5, 0.5
_COVER = bytes.fromhex(  # the smallest PNG: one grey point
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c6368000000820081"
    "dd436af40000000049454e44ae426082"
)


def build_probe(
    tracks: Sequence[ProbeTrack],
    pool: SpeechPool,
    voice: Voice,
    folder: Path,
    *,
    now: datetime,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> StoredRelease:
    """Build the probe release of `tracks`, which are in directory order, in `folder`.

    Recordings of an earlier run are reused. `progress` gets the recordings done and in all. Raises SpeechError for
    speech that fails, StorageError for a disk that is full or read-only.
    """
    audios = tuple(dict.fromkeys(track.audio for track in tracks))
    try:
        made = _encode_all(audios, pool, voice, folder / "sounds", progress)
        source = f"{pool.fingerprint_of(voice)} {voice}"
        listed = _assemble(tracks, made, folder / ".card.part", source)
        return _finish(listed, folder, str(voice), now)
    except OSError as error:
        raise StorageError(
            _("{path} can't be used: {reason}; make room or check its permissions").format(
                path=error.filename or folder, reason=reason_of(error)
            )
        ) from error


def _encode_all(
    audios: Sequence[ProbeAudio], pool: SpeechPool, voice: Voice, folder: Path, progress: Callable[[int, int], None]
) -> dict[ProbeAudio, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    stop = threading.Event()
    waiting = {
        audio: [
            pool.submit(chunk, voice)
            for chunk in to_chunks([Passage(Role.PARAGRAPH, audio.text)], language=voice.language)
        ]
        for audio in audios
    }
    made: dict[ProbeAudio, Path] = {}
    with ThreadPoolExecutor(2) as encoders:
        try:
            work = {}
            for audio, clips in waiting.items():
                keys = [clip.result().key for clip in clips]
                build_key = sha256_bytes(canonical_json([_VERSION, keys, asdict(audio)]))
                work[audio] = encoders.submit(_encode_once, audio, keys, pool, folder / f"{build_key}{SUFFIX}", stop)
                for done in (future for future in work.values() if future.done()):
                    done.result()
            for audio, future in work.items():
                made[audio] = future.result()
                progress(len(made), len(audios))
        except BaseException:
            stop.set()
            encoders.shutdown(cancel_futures=True)
            raise
    return made


def _encode_once(audio: ProbeAudio, keys: Sequence[str], pool: SpeechPool, path: Path, stop: threading.Event) -> Path:
    if path.exists():
        return path
    clips = [pool.cache.load(key) for key in keys]
    rate = clips[0].sample_rate
    samples = np.concatenate([clip.samples for clip in clips])
    loud = samples[np.abs(samples) > 0.02 * max(float(np.max(np.abs(samples))), 1e-6)]
    samples = samples * (_SPEECH_RMS / max(float(np.sqrt(np.mean(np.square(loud)))), 1e-6))
    head, tail = (np.zeros(round(seconds * rate)) for seconds in (_HEAD_SECONDS, _TAIL_SECONDS))
    pcm = np.concatenate([head, samples, tail]).astype("<f4").tobytes()
    part = path.with_suffix(".part")
    run_ffmpeg(
        [
            *("-f", "f32le", "-ar", str(rate), "-ac", "1", "-i", "pipe:0"),
            *("-af", "alimiter=limit=0.7:level=disabled", "-map_metadata", "-1"),
            *("-fflags", "+bitexact", "-flags:a", "+bitexact", "-c:a", "libmp3lame"),
            *(("-b:a", "64k" if audio.channels == 1 else "96k") if audio.constant else ("-q:a", "5")),
            *("-ar", str(audio.sample_rate), "-ac", str(audio.channels)),
            *("-id3v2_version", "0", "-write_xing", str(int(not audio.constant))),
            *("-f", "mp3", file_argument(part)),
        ],
        feed=[pcm],
        stop=stop,
    )
    part.replace(path)
    return path


def _assemble(
    tracks: Sequence[ProbeTrack], made: dict[ProbeAudio, Path], building: Path, source: str
) -> tuple[ManifestTrack, ...]:
    """Writes the card's tree into the new folder `building`; `source` names engine and voice."""
    shutil.rmtree(building, ignore_errors=True)
    measured = {audio: _loudness(path) for audio, path in made.items()}
    listed: list[ManifestTrack] = []
    for track in tracks:
        target = building / track.path
        if track.tags is ProbeTags.NONE:
            place_file(made[track.audio], target)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(made[track.audio], target)
            _write_tags(target, track)
        loudness = measured[track.audio]
        listed.append(
            ManifestTrack(
                number=track.number,
                path=track.path,
                kind=TrackKind.CHAPTER,
                title=track.title or track.audio.text,
                book="probe",
                place=len(listed) + 1,
                seconds=round(loudness.seconds, 3),
                spoken=0,
                pace=0.0,
                lufs=round(loudness.lufs, 2),
                true_peak=round(loudness.true_peak, 2),
                size=target.stat().st_size,
                sha256=sha256_file(target),
                build_key=sha256_bytes(canonical_json([_VERSION, source, asdict(track)])),
            )
        )
    return tuple(listed)


def _loudness(path: Path) -> Loudness:
    """The loudness of a recording, measured once and stored beside it."""
    beside = path.with_suffix(".json")
    try:
        return Loudness(**json.loads(beside.read_bytes()))
    except (OSError, ValueError, TypeError):
        measured = measure(path)
        write_atomic(beside, canonical_json(asdict(measured)))
        return measured


def _finish(listed: tuple[ManifestTrack, ...], folder: Path, voice: str, now: datetime) -> StoredRelease:
    """Moves the assembled release to its place. An equal earlier release keeps its manifest, so that a card which
    holds it stays untouched."""
    place, building = folder / "card", folder / ".card.part"
    manifest = Manifest(
        release="probe-0001",
        series=PROBE_SERIES,
        sequence=1,
        playlist="probe",
        title="probe card",
        profile="probe",
        finds_by="name",
        voice=voice,
        pace=190,
        created=utc_text(now),
        program=f"packager {__version__}",
        tracks=listed,
    )
    with suppress(InputError):  # there is none yet, or a damaged one
        earlier = open_release(place).manifest
        if replace(manifest, created=earlier.created) == earlier:
            manifest = earlier
    write_atomic(building / MANIFEST_FILE, manifest.to_bytes())
    shutil.rmtree(place, ignore_errors=True)
    building.rename(place)
    return StoredRelease(place, manifest)


def _write_tags(path: Path, track: ProbeTrack) -> None:
    from mutagen.id3 import APIC, ID3, TALB, TIT2, TRCK

    if track.tags is ProbeTags.ID3V1_GBK:
        tags = TrackTags(track.title, "测试", "", track.order, 10, track.number)
        with path.open("ab") as stream:
            stream.write(id3v1_gbk(tags))
        return
    version, encoding = (4, 3) if track.tags is ProbeTags.ID3V24 else (3, 1)  # UTF-8; UTF-16
    id3 = ID3()
    id3.add(TIT2(encoding=encoding, text=[track.title]))
    id3.add(TALB(encoding=encoding, text=["测试"]))
    id3.add(TRCK(encoding=0, text=[f"{track.order}/10"]))
    if track.tags is ProbeTags.COVER:
        id3.add(APIC(encoding=0, mime="image/png", type=3, desc="", data=_COVER))
    id3.save(path, v1=0, v2_version=version, padding=lambda info: 0)
