"""A model folder for sherpa-onnx: which kind of model it holds, and which texts its lexicon covers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from packager.base.errors import InputError
from packager.base.formats import canonical_json, sha256_bytes, sha256_file
from packager.base.i18n.language import _

_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:'[A-Za-z]+)*")
_EXTERNAL_DATA = ("*.onnx?data*", "*.data", "*.weights")  # names that exporters give to weights outside the model file


@dataclass(frozen=True)
class ModelFolder:
    """The files of one model. `files` are by the names of the parameters of sherpa-onnx."""

    kind: str  # "vits", "matcha" or "kokoro"
    files: dict[str, Path]
    lexicons: tuple[Path, ...]  # empty: the tokens are characters

    @property
    def tokens(self) -> Path:
        """The vocabulary of the model: lines of a token and its number."""
        return self.files["tokens"]

    def fingerprint(self) -> str:
        """A hash of the kind and of all files, with those of weights that a model file refers to."""
        folder = self.tokens.parent
        external = {path for pattern in _EXTERNAL_DATA for path in folder.glob(pattern) if path.is_file()}
        paths = [*sorted(self.files.values()), *self.lexicons, *sorted(external)]
        return sha256_bytes(canonical_json([self.kind, *([path.name, sha256_file(path)] for path in paths)]))

    @cached_property
    def words(self) -> frozenset[str]:
        """Words and characters that the model can speak, in lower case.

        sherpa-onnx drops lexicon entries with tokens that the model lacks, so they do not count.
        """
        tokens = {line.split()[0] for line in _lines(self.tokens) if len(line.split()) == 2}
        if not self.lexicons:
            return frozenset(map(str.lower, tokens))
        words = set()
        for path in self.lexicons:
            for line in _lines(path):
                word, *sounds = line.split()
                half = len(sounds) // 2
                if len(sounds) == 2 * half and all(map(str.isdecimal, sounds[half:])):
                    sounds = sounds[:half]  # MeloTTS: as many tones as tokens, behind them
                if sounds and tokens.issuperset(sounds):
                    words.add(word.lower())
        return frozenset(words)

    def respell(self, text: str) -> tuple[str, list[str]]:
        """`text` as sherpa-onnx finds it in the lexicon, and the words in it that the model can't speak.

        Latin words become lower case, and are spelled if the lexicon has only their letters. Marks stay.
        """
        missing: list[str] = []

        def latin(found: re.Match[str]) -> str:
            word = found[0].lower()
            if word in self.words:
                return word
            if not all(letter in self.words for letter in word.replace("'", "")):
                missing.append(found[0])
            return f" {' '.join(word.replace(chr(39), ''))} "

        respelled = _LATIN.sub(latin, text)
        others = _LATIN.sub("", text)
        missing += [each for each in dict.fromkeys(others) if each.isalnum() and each.lower() not in self.words]
        return " ".join(respelled.split()), missing


def open_model_folder(folder: Path) -> ModelFolder:
    """Detect the kind of the model in `folder` by its files. Raises InputError."""
    if not folder.is_dir():
        raise InputError(_("there is no model folder {path}").format(path=folder))
    files = {"tokens": folder / "tokens.txt"}
    lexicons = tuple(sorted(path for path in folder.glob("lexicon*.txt") if _is_wanted(path)))
    acoustic = sorted(folder.glob("model-steps-*.onnx"))
    if acoustic:
        kind = "matcha"
        files["acoustic_model"] = acoustic[-1]
        files["vocoder"] = _only(folder, ("voc*.onnx", "hifigan*.onnx"))
    elif (folder / "voices.bin").is_file():
        kind = "kokoro"
        files["model"], files["voices"] = _only(folder, ("model.onnx", "*.onnx")), folder / "voices.bin"
    else:
        kind = "vits"
        files["model"] = _only(folder, ("model.onnx", "*.onnx"))
    for path in (*files.values(), *lexicons):
        if not path.is_file():  # reading a pipe or a device would never end
            raise InputError(
                _("{folder} is not a model of the kind {kind}: {name} is missing").format(
                    folder=folder, kind=kind, name=path.name
                )
            )
    return ModelFolder(kind, files, lexicons)


def _is_wanted(path: Path) -> bool:
    """Kokoro has lexicons for several languages; one accent of English is enough."""
    return "-gb-" not in path.name


def _only(folder: Path, patterns: tuple[str, ...]) -> Path:
    """The first file that matches the first pattern that any file matches."""
    for pattern in patterns:
        for path in sorted(folder.glob(pattern), key=lambda each: ("int8" in each.name, each.name)):
            return path
    return folder / patterns[0]


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.strip():
                yield line
