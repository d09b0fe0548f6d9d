"""What a difference costs: a release of which few tracks changed, and the register of an office after a week.

    python benchmarks/differences.py                  # 3 of 100 tracks; 100 players after 52 weeks
    python benchmarks/differences.py --players 1000

Prints the bytes of the difference against those of the whole, and the processor seconds of making and reading both.
The audio is random bytes, since nothing here depends on what is heard.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from registry import make_registry, write_news

from packager.base.formats import sha256_bytes
from packager.base.manifest import Manifest, ManifestTrack, TrackKind
from packager.registry.database import open_registry
from packager.registry.number_blocks import registry_identity
from packager.releases.archive import keep_unpacked, pack_release, unpacked
from packager.releases.archive_form import difference_of
from packager.releases.store import MANIFEST_FILE, StoredRelease
from packager.sync.exchange import export_registry, import_file
from packager.sync.peers import recipient_named

_TRACK_SECONDS = 360.0
_BIT_RATE = 48_000


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--tracks", type=int, default=100)
    arguments.add_argument("--changed", type=int, default=3)
    arguments.add_argument("--players", type=int, default=100)
    arguments.add_argument("--weeks", type=int, default=52)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        _releases(Path(name), given.tracks, given.changed)
        _registries(Path(name), given.players, given.weeks)


def _releases(folder: Path, tracks: int, changed: int) -> None:
    first = _release(folder / "here", 1, tracks, changed=0)
    second = _release(folder / "here", 2, tracks, changed=changed)
    _timed("unpack of the first release", lambda: _unpack(_pack(first, None, folder / "1.zip"), folder / "there"))
    whole = _timed("pack of the second release", lambda: _pack(second, None, folder / "2.zip"))
    part = _timed("pack of what changed", lambda: _pack(second, first, folder / "difference.zip"))
    _timed("unpack of what changed", lambda: _unpack(part, folder / "there"))
    share = 100 * part.stat().st_size / whole.stat().st_size
    print(f"{changed} of {tracks} tracks changed: {_size(part)} of {_size(whole)}, {share:.2f} %")


def _registries(folder: Path, players: int, weeks: int) -> None:
    address = str(folder / "office.db")
    make_registry(address, players, weeks)
    with open_registry(address) as office, open_registry(folder / "volunteer.db") as volunteer:
        whole = folder / "office.jsonl"
        _timed("whole export", lambda: export_registry(office, whole))
        _timed("import of it", lambda: import_file(volunteer, whole))
        told, news, part = folder / "told.jsonl", folder / "news.jsonl", folder / "part.jsonl"
        export_registry(volunteer, told)
        import_file(office, told)
        write_news(news, players, weeks, 2 * players)  # a load and its end for each player
        import_file(office, news)
        with volunteer.read() as connection:
            recipient = recipient_named(office, registry_identity(connection))
        _timed("export of what is new", lambda: export_registry(office, part, recipient=recipient))
        _timed("import of what is new", lambda: import_file(volunteer, part))
        equal = export_registry(office, whole).events == export_registry(volunteer, told).events
    share = 100 * part.stat().st_size / whole.stat().st_size
    print(f"{players} players, {weeks} weeks and a new one: {_size(part)} of {_size(whole)}, {share:.2f} %")
    print(f"both registries are equal: {equal}")


def _release(folder: Path, sequence: int, tracks: int, *, changed: int) -> StoredRelease:
    """A release in `folder`, whose first `changed` tracks are other ones than those of the first release."""
    place = folder / f"main-{sequence:04d}" / "folders"
    place.mkdir(parents=True)
    made = []
    for number in range(1, tracks + 1):
        seed = f"{number} {sequence}" if number <= changed else str(number)
        data = random.Random(seed).randbytes(round(_TRACK_SECONDS * _BIT_RATE / 8))
        path = f"{number:03d}.mp3"
        (place / path).write_bytes(data)
        made.append(_track(number, path, data, seed))
    manifest = Manifest(
        release=f"main-{sequence:04d}",
        series="main",
        sequence=sequence,
        playlist="week",
        title="week",
        profile="folders",
        finds_by="place",
        voice="kokoro:zf_xiaoyi",
        pace=190,
        created="2026-11-23T08:00:00Z",
        program="packager",
        tracks=tuple(made),
    )
    (place / MANIFEST_FILE).write_bytes(manifest.to_bytes())
    return StoredRelease(place, manifest)


def _track(number: int, path: str, data: bytes, seed: str) -> ManifestTrack:
    return ManifestTrack(
        number=number,
        path=path,
        kind=TrackKind.CHAPTER,
        title=str(number),
        book="book",
        place=number,
        seconds=_TRACK_SECONDS,
        spoken=1140,
        pace=190.0,
        lufs=-18.0,
        true_peak=-3.0,
        size=len(data),
        sha256=sha256_bytes(data),
        build_key=sha256_bytes(seed.encode()),
    )


def _pack(release: StoredRelease, since: StoredRelease | None, file: Path) -> Path:
    difference = difference_of(release.manifest, since.manifest) if since is not None else None
    pack_release(release, file, since=difference)
    return file


def _unpack(file: Path, releases: Path) -> Path:
    with unpacked(file, releases) as found:
        return keep_unpacked(found, releases).folder


def _timed(what: str, action: Callable[[], object]) -> Path:
    """Do it, print its processor seconds, and return what it returned."""
    started = time.process_time()
    done = action()
    print(f"{what}: {time.process_time() - started:.2f} CPU s", flush=True)
    return done if isinstance(done, Path) else Path()


def _size(file: Path) -> str:
    return f"{file.stat().st_size / 1e6:.2f} MB"


if __name__ == "__main__":
    main()
