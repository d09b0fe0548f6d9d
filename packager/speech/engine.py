"""Speech engines (TTS): what an engine must offer, and what a package must offer to add one.

`docs/ENGINES.md` describes how to add an engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from packager.base.pronunciation import Pronunciation
from packager.base.workspace import Workspace
from packager.speech.clip import Clip
from packager.speech.voice_catalog import Voice, VoiceInfo


class Engine(Protocol):
    """Turns normalized text into speech. It serves all voices that have the same fingerprint."""

    def prepare(self, text: str, readings: Sequence[Pronunciation] = ()) -> str:
        """The model's input for `text`: phonemes, or text respelled to get the pronunciations `readings`.

        This runs in the main process, before anything is spoken, so it must be quick. Raises SpeechError,
        with the sentence, for text that can't be spoken completely.
        """

    def load(self) -> None:
        """Load the model now, so that the first clip does not have to wait for it."""

    def speak(self, prepared: str, voice: str, *, text: str, characters: int) -> Clip:
        """The speech of `prepared` by the voice named `voice`.

        `characters` is the number of audible characters of `text`. Raises SpeechError, with the text, if the
        speech is known to be incomplete or damaged.
        """

    def close(self) -> None:
        """End all waiting, connections and processes. The engine can't be used afterwards."""


@dataclass(frozen=True)
class EngineOptions:
    """What a workspace sets for its engines. Equal in every process, and picklable."""

    root: Path = Path()  # relative paths in voices start here
    model: Path | None = None  # the folder of the workspace's own Kokoro model
    calibration: Path | None = None  # the workspace's own measurements of voices
    cache_folder: Path | None = None  # for prepared models; None: the user's cache folder

    @classmethod
    def of(cls, workspace: Workspace) -> EngineOptions:
        """The options of `workspace`."""
        return cls(root=workspace.root, model=workspace.model, calibration=workspace.calibration)

    def measurements_of(self, voice: str) -> Path | None:
        """The file with what was measured of `voice`: of a Kokoro model of the workspace's own, in its folder."""
        if self.model is not None and voice.startswith("kokoro:"):
            return self.model / "calibration.json"
        return self.calibration


DEFAULT_OPTIONS = EngineOptions()
"""The options without a workspace."""


class EngineProvider(Protocol):
    """Adds an engine to the program. Picklable, unless it is online."""

    @property
    def prefix(self) -> str:
        """The part of its voices' names before the colon: lower-case ASCII letters."""

    @property
    def connections(self) -> int:
        """How many threads of the main process speak at once, for an online engine.

        0: the engine is offline and speaks in worker processes, one for each core.
        """

    @property
    def recipient(self) -> str:
        """The translated name of the service that receives the text; empty if the text stays here.

        Users are told before any text is sent.
        """

    def voices(self, options: EngineOptions = DEFAULT_OPTIONS) -> Sequence[VoiceInfo]:
        """The voices that can be listed. Raises InputError if the workspace's own model can't be used."""

    def find_voice(self, name: str) -> Voice | None:
        """The voice with this name, or None. A name may also be a path that `voices` does not list."""

    def fingerprint(self, voice: Voice, options: EngineOptions) -> str:
        """Engine, version and model: equal fingerprint, text and voice name give the same clip.

        Raises InputError or SpeechError if the engine can't be used here.
        """

    def open(self, voice: Voice, options: EngineOptions) -> Engine:
        """The engine of `voice`. It is opened once for each fingerprint and process."""
