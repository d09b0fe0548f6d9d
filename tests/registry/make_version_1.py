"""Makes `registry-version-1.sql`: a registry as the program made it when its schema had the version 1.

Run with the code of that version first on the path, from a checkout of it (schema version 1 was in use up to
the commit 3cb2d79): `PYTHONPATH=CHECKOUT python make_version_1.py registry-version-1.sql`.
"""

from __future__ import annotations

import itertools
import sqlite3
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

from packager.base.manifest import Manifest, ManifestTrack, TrackKind
from packager.registry.database import open_registry
from packager.registry.event_store import record_audit, record_begun, record_ended
from packager.registry.events import LoadOutcome, Verdict
from packager.registry.players import add_player
from packager.registry.schema import SCHEMA_VERSION


def manifest_of(sequence: int) -> Manifest:
    digits = f"{sequence:064x}"
    track = ManifestTrack(
        number=1,
        path="01-week/001.mp3",
        kind=TrackKind.CHAPTER,
        title="第1章",
        book="本周学习",
        place=1,
        seconds=10.0,
        spoken=30,
        pace=190.0,
        lufs=-18.0,
        true_peak=-3.5,
        size=3,
        sha256=digits,
        recipe=digits,
    )
    return Manifest(
        release=f"main-{sequence:04d}",
        series="main",
        sequence=sequence,
        playlist=f"2026-W{sequence:02d}",
        title="本周学习",
        profile="folders",
        finds_by="place",
        voice="kokoro:zf_xiaoyi",
        pace=190,
        created="2026-11-23T08:00:00Z",
        program="0.1.0",
        tracks=(track,),
    )


def fill(path: Path) -> None:
    moments = (datetime(2026, 11, 2, 8, tzinfo=timezone.utc) + timedelta(minutes=i) for i in itertools.count())
    numbers = itertools.count(1)
    with open_registry(path, clock=lambda: next(moments), new_id=lambda: f"{next(numbers):032x}") as registry:
        add_player(registry, "P001", community="东湖社区", note="蓝色外壳", profile="folders")
        add_player(registry, "P002", community='O\'Hara "社区"; --')
        add_player(registry, "P1000")
        for card, player, outcome in (
            ("a" * 32, "P001", LoadOutcome.DONE),
            ("b" * 32, "P002", LoadOutcome.FAILED),
        ):
            begun = record_begun(
                registry,
                load=registry.new_id(),
                parent=None,
                card=card,
                counter=0,
                player=player,
                manifest=manifest_of(1),
            )
            done = outcome is LoadOutcome.DONE
            record_ended(registry, begun.id, outcome, counter=2 * done, verified=done, reason="" if done else "满")
        record_audit(
            registry,
            card="a" * 32,
            counter=2,
            load=None,
            manifest=manifest_of(2),
            verification="read past the cache",
            verdict=Verdict.GOOD,
            findings={"litter": 2},
        )


def main() -> None:
    assert SCHEMA_VERSION == 1, "this is not the code of version 1"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registry.db"
        fill(path)
        with sqlite3.connect(path) as connection:
            Path(sys.argv[1]).write_text("\n".join(connection.iterdump()) + "\n", encoding="utf-8")
        connection.close()


if __name__ == "__main__":
    main()
