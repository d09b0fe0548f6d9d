"""Audio containers: how a track is encoded, tagged and decoded again.

This folder is a plugin registry. Each module in it is one container, named as its files' suffix and as the
`audio.container` of a profile, and has a `CONTAINER`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from packager.arranging.profiles.profile import AudioFormat, TagFormat
from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.yaml_documents import did_you_mean

LANGUAGE = "zho"  # of every track, ISO 639-2


@dataclass(frozen=True)
class TrackTags:
    """What the tags say; `number`, which the listener keys in, only names the track in messages."""

    title: str
    album: str  # the book
    artist: str  # the author
    place: int  # of the chapter in its book, from 1
    places: int  # chapters that the book has
    number: int


@dataclass(frozen=True)
class StreamInfo:
    """What the container's own header says of its audio."""

    seconds: float
    sample_rate: int  # hertz
    channels: int


class SampleReader:
    """A decoded audio stream, read from its beginning to its end by libsndfile."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.sample_rate = int(file.samplerate)  # hertz
        self.channels = int(file.channels)

    def read(self, frames: int) -> npt.NDArray[np.float64]:
        """The next samples, shape (at most `frames`, channels), full scale 1.0; empty at the end."""
        samples: npt.NDArray[np.float64] = self._file.read(frames, dtype="float64", always_2d=True)
        return samples


class Container(Protocol):
    """One kind of audio file."""

    def encoder_arguments(self, audio: AudioFormat) -> list[str]:
        """ffmpeg's arguments that encode mono audio: the same samples make the same bytes."""

    def write_tags(self, path: Path, tags: TrackTags, tag_format: TagFormat) -> None:
        """Tag the untagged file at `path`: the same tags make the same bytes, without date or encoder."""

    def stream_info(self, path: Path) -> StreamInfo:
        """What the header says. Raises ValueError where the file is not of this container."""

    def decoded(self, path: Path) -> AbstractContextManager[SampleReader]:
        """The decoded samples. Raises ValueError or OSError where they can't be decoded."""


@contextmanager
def decoded_by_libsndfile(path: Path) -> Iterator[SampleReader]:
    """The samples of a file that libsndfile decodes, such as MP3 and WAV."""
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            # After each read soundfile seeks to where it is already, and an MP3 decoder that was made to seek
            # stumbles over what was kept for the next frame. A file that can't seek is just read on.
            file.seekable = lambda: False
            yield SampleReader(file)
    except soundfile.SoundFileError as error:
        raise ValueError(str(error)) from error


def container_names() -> tuple[str, ...]:
    """The names of all containers, which are their files' suffixes without the dot."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def find_container(name: str) -> Container:
    """The container of that name. Raises InputError when there is none."""
    known = container_names()
    if name not in known:
        raise InputError(
            _("there is no audio container '{name}'{hint} (known: {known})").format(
                name=name, hint=did_you_mean(name, list(known)), known=", ".join(known)
            )
        )
    module: Any = import_module(f"{__name__}.{name}")
    container: Container = module.CONTAINER
    return container


def container_of(path: Path) -> Container:
    """The container of the file at `path`, by its suffix. Raises InputError when there is none."""
    return find_container(path.suffix.removeprefix("."))
