"""What was said in the sample's release and what Whisper heard in it, and hearings that are made from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from packager.base.pronunciation import Pronunciation
from packager.proofing import Heard, hear_pieces
from packager.releases.text_sync import SyncedText
from packager.speech import Evidence


@dataclass(frozen=True)
class RecordedTrack:
    """One track: its pieces, and what was heard between two times."""

    path: str
    pieces: tuple[SyncedText, ...]
    heard: dict[tuple[float, float], str]

    def listen(self, change: Callable[[str], str] = lambda text: text) -> Heard:
        """All of the track is heard as recorded, but for what `change` makes of each hearing.

        A stretch that was not listened to when it was recorded is heard as it was to be said.
        """
        return hear_pieces(self.pieces, range(len(self.pieces)), lambda *times: change(self.at(*times)))

    def at(self, begins: float, ends: float) -> str:
        known = self.heard.get((begins, ends))
        if known is not None:
            return known
        return "".join(piece.text for piece in self.pieces if begins <= piece.begins and piece.ends <= ends)


def load_recorded() -> list[RecordedTrack]:
    """What `record.py` wrote."""
    tracks = json.loads(Path(__file__).with_name("recorded.json").read_text("utf-8"))
    return [
        RecordedTrack(
            track["path"],
            tuple(
                SyncedText(
                    **{
                        **piece,
                        "readings": tuple(Pronunciation(**reading) for reading in piece["readings"]),
                        "evidence": Evidence(**piece["evidence"]),
                    }
                )
                for piece in track["spoken"]["pieces"]
            ),
            {tuple(map(float, times.split())): text for times, text in track["heard"].items()},  # type: ignore[misc]
        )
        for track in tracks
    ]


def piece_of(text: str, begins: float, **evidence: object) -> SyncedText:
    """A piece as long as its text, at the usual pace."""
    seconds = 0.25 * len(text)
    known = {"seconds": seconds * 0.6, "spoken": len(text), "phonemes": 4 * len(text), "peak": 0.5}
    known = {**known, "longest_silence": 0.0, **evidence}
    return SyncedText(text, (), begins, round(begins + seconds, 3), Evidence(**known))  # type: ignore[arg-type]
