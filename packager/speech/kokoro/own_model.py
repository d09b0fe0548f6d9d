"""A Kokoro model of the workspace's own: a folder with model, vocabulary and voices, checked before it speaks.

docs/ENGINES.md describes the layout. Nothing of the folder is executed or unpickled.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from packager.base.errors import InputError
from packager.base.formats import canonical_json, sha256_bytes, sha256_file
from packager.base.i18n.language import _, reason_of
from packager.speech.clip import Samples
from packager.speech.kokoro.front_ends import FrontEnd, front_end_of, missing_from
from packager.speech.kokoro.graph_checks import graph_problem

MANDARIN_VOICE = re.compile(r"z[fm]_[a-z0-9_]+")
STYLE_SHAPE = (510, 1, 256)  # a row for each count of phonemes
_STYLE_BYTES = 4 * 510 * 256
_MOST_TOKENS = 100_000
_MOST_CONFIG_BYTES = 1_000_000
_SHOWN = 12  # names in a message


@dataclass(frozen=True)
class OwnModel:
    """The files of one model. `voices` are the files of the Mandarin voices by name."""

    folder: Path
    model: Path
    vocabulary: Mapping[str, int]
    front_end: FrontEnd
    voices: Mapping[str, Path]

    @property
    def measurements(self) -> Path:
        """The measurements of its voices, from `packager voices`; the file may be missing."""
        return self.folder / "calibration.json"

    def fingerprint(self, voice: str) -> str:
        """A hash of all that decides how `voice` sounds. Raises InputError if the folder does not have it."""
        if voice not in self.voices:
            raise _no_voice(self, voice)
        paths = [self.model, *_external_data(self.folder), self.voices[voice]]
        values = [[path.name, _sha256(path, _stamp(path))] for path in paths]
        return sha256_bytes(canonical_json([values, dict(self.vocabulary)]))[:16]


def open_own_model(folder: Path) -> OwnModel:
    """The model in `folder`, with its vocabulary and voices checked. Raises InputError that says what is wrong."""
    if folder.is_file():
        message = _(
            "model: in packager.yaml names the file {path}; expected a folder with model, config.json and voices"
        )
        raise InputError(message.format(path=folder))
    if not folder.is_dir():
        raise InputError(_("the model {path} in packager.yaml does not exist").format(path=folder))
    model = _model_file(folder)
    vocabulary = _vocabulary(folder / "config.json")
    front_end = front_end_of(vocabulary.keys())
    if front_end is None:
        nearest, missing = missing_from(vocabulary.keys())
        reason = _("its vocabulary lacks {symbols} of {model}, and the program knows no other").format(
            symbols=" ".join(missing[:_SHOWN]) or "-", model=nearest.trained
        )
        raise _unfit(folder / "config.json", reason)
    voices = dict(_voice_files(folder))
    if not voices:
        raise _unfit(
            folder, _("it has no Mandarin voices: expected files as voices/zf_001.bin, .npy or .pt, or a voices*.npz")
        )
    return OwnModel(folder, model, vocabulary, front_end, voices)


def require_usable(own: OwnModel, voice: str) -> None:
    """Check the model's graph and the style vectors of `voice`. Raises InputError that says what is wrong."""
    if voice not in own.voices:
        raise _no_voice(own, voice)
    problem = _graph_problem(own.model, _stamp(own.model), max(own.vocabulary.values()))
    if problem:
        raise _unfit(own.model, problem)
    read_styles(own, voice)


def read_styles(own: OwnModel, voice: str) -> Samples:
    """The style vectors of `voice`, float32 of `STYLE_SHAPE`. Raises InputError for other shapes and no numbers."""
    path = own.voices[voice]
    try:
        styles = np.asarray(_array_in(path, voice))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise _unfit(path, str(error)) from error
    if styles.shape == (STYLE_SHAPE[0], STYLE_SHAPE[2]):
        styles = styles[:, np.newaxis, :]
    if styles.shape != STYLE_SHAPE or styles.dtype.kind != "f":
        message = _("the voice {voice} has {found} numbers of type {type}, expected {expected} of a float type")
        found, expected = (" x ".join(map(str, shape)) for shape in (styles.shape, STYLE_SHAPE))
        raise _unfit(path, message.format(voice=voice, found=found, expected=expected, type=styles.dtype))
    if not np.isfinite(styles).all() or not np.any(styles):
        raise _unfit(path, _("the voice {voice} holds no usable numbers").format(voice=voice))
    return styles.astype(np.float32)


def _model_file(folder: Path) -> Path:
    found = sorted(folder.glob("*.onnx"))
    if (folder / "model.onnx").is_file():
        return folder / "model.onnx"
    if len(found) != 1 or not found[0].is_file():
        raise _unfit(
            folder,
            _("expected one file model.onnx, found {files}").format(
                files=", ".join(path.name for path in found) or "-"
            ),
        )
    return found[0]


def _vocabulary(path: Path) -> dict[str, int]:
    """The phonemes of a config.json of Kokoro, with their numbers."""
    try:
        if path.stat().st_size > _MOST_CONFIG_BYTES:
            raise _unfit(path, _("it is too large for a config.json of Kokoro"))
        values = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise _unfit(path, reason_of(error)) from error
    except ValueError as error:
        raise _unfit(path, _("it is not JSON")) from error
    found: Any = values.get("vocab") if isinstance(values, dict) else None
    numbers = list(found.values()) if isinstance(found, dict) else []
    are_numbers = all(type(number) is int and 0 < number < _MOST_TOKENS for number in numbers)
    if not numbers or not are_numbers or len(set(numbers)) < len(numbers):
        raise _unfit(path, _("expected “vocab” with a number of its own for each phoneme"))
    return dict(found)


def _voice_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The Mandarin voices in files of their own and in archives of numpy, by name."""
    for path in sorted(folder.glob("voices*")):
        if path.is_file() and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                names = (name.removesuffix(".npy") for name in archive.namelist())
                yield from ((name, path) for name in names if MANDARIN_VOICE.fullmatch(name))
    for path in sorted((folder / "voices").glob("*")):
        if path.is_file() and path.suffix in (".bin", ".npy", ".pt") and MANDARIN_VOICE.fullmatch(path.stem):
            yield path.stem, path


def _array_in(path: Path, voice: str) -> Any:
    if path.suffix == ".npy":
        return np.load(path, allow_pickle=False)
    if path.suffix == ".pt":
        return np.frombuffer(_tensor_bytes(path), "<f4").reshape(STYLE_SHAPE)
    if path.parent.name == "voices":
        data = path.read_bytes()
        if len(data) != _STYLE_BYTES:
            raise ValueError(
                _("it has {found} bytes, expected {expected}").format(found=len(data), expected=_STYLE_BYTES)
            )
        return np.frombuffer(data, "<f4").reshape(STYLE_SHAPE)
    with np.load(path, allow_pickle=False) as archive:
        return archive[voice]


def _tensor_bytes(path: Path) -> bytes:
    """The numbers of a file of PyTorch with one tensor of 32-bit floats; its pickled part is not executed."""
    with zipfile.ZipFile(path) as archive:
        pickled = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        stored = [each for each in archive.infolist() if re.search(r"/data/\d+$", each.filename)]
        is_float = len(pickled) == 1 and b"FloatStorage" in archive.read(pickled[0])
        if not is_float or len(stored) != 1 or stored[0].file_size != _STYLE_BYTES:
            raise ValueError(_("expected one tensor of {shape} 32-bit floats").format(shape="510 x 1 x 256"))
        return archive.read(stored[0])


def _external_data(folder: Path) -> list[Path]:
    """Files with weights that a model file refers to."""
    patterns = ("*.onnx?data*", "*.data", "*.weights")
    return sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()})


def _no_voice(own: OwnModel, voice: str) -> InputError:
    names = sorted(own.voices)
    listed = ", ".join([*names[:_SHOWN], *(["…"] if len(names) > _SHOWN else [])])
    message = _("the model in {folder} has no voice {voice}; it has {names}: choose one with voice: in packager.yaml")
    return InputError(message.format(folder=own.folder, voice=voice, names=listed))


def _unfit(path: Path, reason: str) -> InputError:
    return InputError(_("{path} is no Kokoro model that can be used: {reason}").format(path=path, reason=reason))


def _stamp(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_mtime_ns, about.st_size


@lru_cache(maxsize=64)
def _sha256(path: Path, _stamp: tuple[int, int]) -> str:
    return sha256_file(path)


@lru_cache(maxsize=4)
def _graph_problem(path: Path, _stamp: tuple[int, int], greatest: int) -> str | None:
    return graph_problem(path, greatest)
