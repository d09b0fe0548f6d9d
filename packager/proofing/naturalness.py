"""How natural and how free of noise speech sounds, as two predictors of listeners' ratings say. Nothing is downloaded.

DistillMOS (naturalness and quality) and DNSMOS P.835 (overall: speech and background) rate a recording from 1 to 5
without a reference. The extra `naturalness` installs them with their weights. They compare recordings of one voice
well; they do not replace an ear. See docs/decisions/default-voice.md.
"""

from __future__ import annotations

import contextlib
import io
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.speech.clip import Samples

RATING_RATE = 16_000  # hertz: what the predictors take
WINDOW_SECONDS = 7.68  # DistillMOS rates so much in one pass
_DNSMOS_SECONDS = 9.01
_INSTALL = 'pip install "elder-packager[naturalness]"'
# From the model's raw output to the scale of listeners: the coefficients that Microsoft publishes with DNSMOS P.835.
_DNSMOS_OVERALL = (-0.06766283, 1.11546468, 0.04602535)

_SPREADS = 2.0  # standard errors
_OTHER_TEXT = 0.1  # dense notices are rated so much lower than the story that bands are measured with
# The spread of one text's windows can be far below that of other texts' (benchmarks/spoiled.py).
_LEAST_SPREAD = {"distillmos": 0.1, "dnsmos": 0.2}


class Predictor(Protocol):
    """Predicts how listeners rate a recording."""

    def rate(self, samples: Samples) -> float:
        """The rating, 1 to 5, of `samples` (mono, `RATING_RATE`, -1 to 1)."""


@dataclass(frozen=True)
class Band:
    """The ratings of a voice's finished tracks: mean and standard deviation over windows of `WINDOW_SECONDS`."""

    mean: float
    spread: float

    def floor(self, windows: int) -> float:
        """The least rating that a good track of so many windows has on average."""
        return self.mean - _OTHER_TEXT - _SPREADS * self.spread / math.sqrt(windows)


def bands_of(naturalness: Mapping[str, Mapping[str, float]] | None) -> dict[str, Band]:
    """The bands of a voice by predictor, from its `VoiceInfo.naturalness`; none if they were not measured."""
    return {
        name: Band(each["mean"], max(each["spread"], _LEAST_SPREAD.get(name, 0.0)))
        for name, each in (naturalness or {}).items()
    }


def below(ratings: Mapping[str, float], bands: Mapping[str, Band], windows: int) -> tuple[str, ...]:
    """The predictors whose mean rating over so many windows is below the voice's band."""
    return tuple(name for name, band in bands.items() if name in ratings and ratings[name] < band.floor(windows))


def windows_in(samples: Samples, most: int | None = None) -> list[Samples]:
    """Windows of `WINDOW_SECONDS` next to each other, at most `most`, evenly spread; all of a shorter recording."""
    size = round(WINDOW_SECONDS * RATING_RATE)
    count = len(samples) // size
    if count == 0:
        return [samples]
    begins = np.arange(count) * size + (len(samples) - count * size) // 2
    if most is not None and count > most:
        begins = begins[np.round(np.linspace(0, count - 1, most)).astype(int)]
    return [samples[begin : begin + size] for begin in begins]


def mean_ratings(windows: Sequence[Samples], predictors: Mapping[str, Predictor]) -> dict[str, float]:
    """The mean rating over `windows` by predictor."""
    return {
        name: sum(predictor.rate(window) for window in windows) / len(windows) for name, predictor in predictors.items()
    }


def read_for_rating(path: Path) -> Samples:
    """The sound of a file at `RATING_RATE`. Raises OSError, soundfile.SoundFileError."""
    import soundfile

    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return at_rating_rate(samples.mean(axis=1), rate)


def at_rating_rate(samples: Samples, rate: int) -> Samples:
    """`samples` resampled from `rate` to `RATING_RATE`, within -1 to 1."""
    import soxr

    resampled: Samples = np.clip(soxr.resample(samples, rate, RATING_RATE), -1.0, 1.0).astype(np.float32)
    return resampled


def is_installed() -> bool:
    """Whether the packages of the extra `naturalness` are installed."""
    return all(find_spec(name) is not None for name in ("distillmos", "speechmos", "soxr", "torch"))


def open_predictors(*, threads: int = 1) -> dict[str, Predictor]:
    """The predictors by name: `distillmos`, `dnsmos`. Raises InputError if the extra `naturalness` is missing."""
    if not is_installed():
        message = _("predicted naturalness needs more packages, which are not installed: {command}")
        raise InputError(message.format(command=_INSTALL))
    try:
        return {"distillmos": _DistillMos(_distillmos_model(threads)), "dnsmos": _DnsMos(_dnsmos_session(threads))}
    except (ImportError, OSError, RuntimeError) as error:
        message = _("the packages that predict naturalness can't be loaded: {reason}; repair them: {command}")
        command = _INSTALL.replace("install", "install --force-reinstall")
        raise InputError(message.format(reason=error, command=command)) from error


@dataclass(frozen=True)
class _DistillMos:
    model: Any  # distillmos.ConvTransformerSQAModel

    def rate(self, samples: Samples) -> float:
        import torch

        with torch.no_grad():
            return float(self.model(torch.from_numpy(np.ascontiguousarray(samples))[None, :])[0])


@dataclass(frozen=True)
class _DnsMos:
    """The model of DNSMOS P.835 in the package speechmos, in windows of 9.01 s with a hop of one second."""

    session: Any  # onnxruntime.InferenceSession

    def rate(self, samples: Samples) -> float:
        size = int(_DNSMOS_SECONDS * RATING_RATE)
        repeated = np.resize(samples, max(size, len(samples)))  # repeats a short recording, as published
        begins = range(0, len(repeated) - size + 1, RATING_RATE)
        windows = np.stack([repeated[begin : begin + size] for begin in begins]).astype(np.float32)
        (raw,) = self.session.run(None, {"input_1": windows})
        return float(np.mean(np.polyval(_DNSMOS_OVERALL, raw[:, 2])))


def _distillmos_model(threads: int) -> Any:
    # The package imports torchaudio for its command line only, and a torchaudio that does not fit torch fails.
    stands_in = "torchaudio" not in sys.modules
    if stands_in:
        sys.modules["torchaudio"] = ModuleType("torchaudio")
    try:
        import torch

        distillmos = import_module("distillmos")
    finally:
        if stands_in:
            del sys.modules["torchaudio"]
    torch.set_num_threads(threads)
    with contextlib.redirect_stdout(io.StringIO()):  # it prints the path of its weights
        model = distillmos.ConvTransformerSQAModel()
    model.eval()
    return model


def _dnsmos_session(threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    spec = find_spec("speechmos")  # importing it would import librosa
    assert spec is not None
    assert spec.submodule_search_locations
    path = Path(next(iter(spec.submodule_search_locations))) / "dnsmos_models" / "sig_bak_ovr.onnx"
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
