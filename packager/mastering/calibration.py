"""Calibration: how fast a voice speaks by itself, and so which paces stretching can give it.

Engines ship the measurements of their voices. Those of a workspace, from `packager voices calibrate`, replace
them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from packager import speech
from packager.arranging.tracklist import Passage, Role
from packager.base.errors import InputError
from packager.base.formats import write_atomic
from packager.base.i18n.language import _
from packager.base.yaml_documents import Place, load_document
from packager.mastering.speech_rate import (
    FASTEST_TEMPO,
    PACES,
    SLOWEST_TEMPO,
    Piece,
    SpeechTiming,
    pause_of,
    time_track,
)
from packager.speech import DEFAULT_OPTIONS, EngineOptions, SpeechPool, Voice, installed_engines
from packager.speech.duration_bounds import DurationBounds, fit_bounds
from packager.textnorm import Break, Chunk, to_chunks

CALIBRATION_TEXT = Path(speech.__file__).parent / "calibration.txt"
_BEST_SPEED = 1.0  # of every engine: stretched speech is easier to understand than slower synthesis
# A book may miss its pace by 5 %. Half of that allows for texts that differ from the calibration text.
_OFF = 0.025
_OTHERS = ("naturalness", "pinyin_error", "pitch")  # measurements beside a calibration, kept when it is made again


@dataclass(frozen=True)
class Calibration:
    """The measurements of a voice over the calibration text."""

    speed: float  # that the engine was told
    characters: int  # heard
    seconds: float  # of speech, without the pauses between clips
    pauses: Mapping[str, int]  # between clips, by the kind of `Break`
    bounds: DurationBounds | None = None  # for offline engines that do not ship their own

    @property
    def rate(self) -> float:
        """Characters a minute of speech, pauses not counted."""
        return 60 * self.characters / self.seconds

    @property
    def slowest(self) -> int:
        """The slowest pace that the voice can have, in characters a minute."""
        return math.ceil(self._pace_at(SLOWEST_TEMPO, 1.0) / (1 + _OFF))

    @property
    def fastest(self) -> int:
        """The fastest pace that the voice can have, in characters a minute."""
        return math.floor(self._pace_at(FASTEST_TEMPO, -1.0) / (1 - _OFF))

    def stretch(self, pace: int) -> float:
        """The tempo, from 0.6 to 1.0, that gives the speech `pace`; at both limits the pauses change too."""
        return self.timing(pace).tempo

    def timing(self, pace: int) -> SpeechTiming:
        """The timing of a track of the calibration text."""
        return time_track(self._pieces(), pace)

    def reaches(self, pace: int) -> bool:
        """Whether the voice can speak books at `pace`."""
        return self.slowest <= pace <= self.fastest

    def _pace_at(self, tempo: float, pause_scale: float) -> float:
        pauses = sum(count * pause_of(Break(kind), pause_scale) for kind, count in self.pauses.items())
        return 60 * self.characters / (self.seconds / tempo + pauses)

    def _pieces(self) -> list[Piece]:
        """Pieces with the measured totals; the last pause is the track's tail."""
        ends = [Break(kind) for kind, count in self.pauses.items() for _each in range(count)]
        pieces = [Piece(0.0, end, 0, True) for end in ends]
        return [*pieces, Piece(self.seconds, Break.PARAGRAPH, self.characters, True)]


def load_calibrations(options: EngineOptions = DEFAULT_OPTIONS) -> dict[str, Calibration]:
    """The calibrations by voice. Those that were measured here replace those of the engines.

    Raises DocumentError for an invalid file, InputError if the workspace's own model can't be used.
    """
    values: dict[str, Any] = {
        str(info.voice): info.calibration for info in installed_engines().voices(options) if info.calibration
    }
    return {voice: _calibration(each) for voice, each in (values | load_measurements(options)).items()}


def load_measurements(options: EngineOptions) -> dict[str, Any]:
    """What was measured here, by voice: entries of `calibration.json`. Raises DocumentError for an invalid file."""
    values: dict[str, Any] = {}
    for path in {options.calibration, options.measurements_of("kokoro:")}:
        if path is not None and path.is_file():
            found = load_document(path, "calibration", check=_no_numbers)
            values |= {voice: each for voice, each in found.items() if options.measurements_of(voice) == path}
    return values


def _calibration(values: Mapping[str, Any]) -> Calibration:
    own = {each.name: values[each.name] for each in fields(Calibration) if each.name in values}
    bounds = own.get("bounds")
    return Calibration(**{**own, "bounds": DurationBounds(**bounds) if bounds else None})


def add_calibrations(
    found: Mapping[str, Calibration], path: Path, others: Mapping[str, Mapping[str, Any]] | None = None
) -> None:
    """Add calibrations to the file `path`, indented for people, with other measurements by voice.

    Raises OSError, DocumentError for an invalid file.
    """
    values = load_document(path, "calibration", check=_no_numbers) if path.is_file() else {}
    for voice, each in found.items():
        other = (others or {}).get(voice) or {
            name: values[voice][name] for name in _OTHERS if name in values.get(voice, {})
        }
        values[voice] = {**_without_nulls(asdict(each)), **_without_nulls(other)}
    write_atomic(path, (json.dumps(values, indent=1, sort_keys=True) + "\n").encode())


def _without_nulls(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _no_numbers(values: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    """YAML has NaN and infinity, which a schema does not exclude."""
    for voice, each in values.items():
        if not math.isfinite(each["seconds"]):
            yield (voice, "seconds"), _("'{voice}.seconds' is not a number").format(voice=voice)
        rated = [figure for ratings in each.get("naturalness", {}).values() for figure in ratings.values()]
        if not all(map(math.isfinite, (*each.get("bounds", {}).values(), *rated))):
            yield (voice, "bounds"), _("'{voice}.bounds' holds what is not a number").format(voice=voice)


def require_reach(voices: Iterable[str], pace: int, calibrations: Mapping[str, Calibration]) -> None:
    """Raise InputError for voices that can't have `pace`; voices without a calibration pass."""
    problems = []
    for voice in voices:
        calibration = calibrations.get(voice)
        if calibration is None or calibration.reaches(pace):
            continue
        problems.append(
            _(
                "{voice} can't be brought to {pace} characters a minute: it can have {slowest} to {fastest} "
                "({presets}); choose another pace or voice"
            ).format(
                voice=voice,
                pace=pace,
                slowest=calibration.slowest,
                fastest=calibration.fastest,
                presets=", ".join(str(each) for each in PACES if calibration.reaches(each)) or "-",
            )
        )
    if problems:
        raise InputError("\n".join(problems))


def calibration_chunks() -> tuple[Chunk, ...]:
    """The chunks of the calibration text, a few paragraphs of a story."""
    paragraphs = CALIBRATION_TEXT.read_text("utf-8").strip().split("\n\n")
    return to_chunks([Passage(Role.PARAGRAPH, text) for text in paragraphs])


def calibrate(voice: Voice, pool: SpeechPool, heard: Callable[[int], object] = lambda characters: None) -> Calibration:
    """Measure `voice` over the calibration text. `heard` receives the number of characters of each spoken chunk.

    Raises SpeechError.
    """
    chunks = calibration_chunks()
    asked = [pool.submit(chunk, voice) for chunk in chunks]
    seconds = []
    for chunk, future in zip(chunks, asked, strict=True):
        seconds.append(future.result().evidence.seconds)
        heard(chunk.spoken)
    found = measured(chunks, seconds)
    needs_bounds = not pool.engines.is_online(voice) and pool.engines.bounds_of(str(voice), pool.options) is None
    return found if needs_bounds else replace(found, bounds=None)


def measured(chunks: Iterable[Chunk], seconds: Iterable[float]) -> Calibration:
    """The calibration from `chunks` and the `seconds` of their clips."""
    listed = list(chunks)
    pauses: dict[str, int] = {}
    for chunk in listed[:-1]:
        pauses[chunk.ends.value] = pauses.get(chunk.ends.value, 0) + 1
    lengths = list(seconds)
    bounds = fit_bounds([chunk.text for chunk in listed], lengths)
    return Calibration(_BEST_SPEED, sum(chunk.spoken for chunk in listed), round(sum(lengths), 2), pauses, bounds)
