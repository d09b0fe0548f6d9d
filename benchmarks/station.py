"""Compare loading several cards at once with loading them one after the other, as `packager station` does.

    python benchmarks/station.py FOLDER [--cards 3] [--tracks 30] [--kilobytes 1000] [--reader 8] [--rounds 3]

FOLDER is an empty folder on the medium, or a folder with `--cards` folders, each a mounted empty FAT card. Prints:

- seconds for the cards one after the other and at once, and the ratio of the medians, on this medium;
- the same with readers of `--reader` megabytes a second each, as cheap ones are. Sleeping simulates the reader;
  the rest is the real load.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from slow_reader import slow_readers

from packager.registry.database import Registry, open_registry
from packager.registry.players import add_next_players
from packager.releases.store import list_releases
from packager.station.serve_card import Orders, identify_card, serve

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as name:
        office = Path(name)
        _release(office / "releases" / "week-1" / "folders", options.tracks, options.kilobytes * 1000)
        places = sorted(path for path in options.folder.iterdir() if path.is_dir())
        places += [options.folder / f"card{number}" for number in range(len(places), options.cards)]
        size = options.cards * options.tracks * options.kilobytes / 1000
        print(
            f"{options.cards} cards, {size:.0f} MB in all, {options.rounds} rounds, "
            f"load average {os.getloadavg()[0]:.1f}"
        )
        _measure("this medium", office, places, options.rounds)
        with slow_readers(options.reader * 1e6):
            _measure(f"readers of {options.reader:g} MB/s", office, places, options.rounds)


def _measure(name: str, office: Path, places: list[Path], rounds: int) -> None:
    one_by_one, at_once = [], []
    for _round in range(rounds):
        one_by_one.append(_load_all(office, places, 1))
        at_once.append(_load_all(office, places, len(places)))
    alone, together = statistics.median(one_by_one), statistics.median(at_once)
    print(f"{name:22}  one by one {alone:7.2f} s   at once {together:7.2f} s   ratio {alone / together:.2f}")


def _load_all(office: Path, places: list[Path], threads: int) -> float:
    for place in places:
        _clear(place)
    registry_file = office / "registry.db"
    for path in office.glob("registry.db*"):
        path.unlink()
    with open_registry(registry_file) as registry:
        players = [player.id for player in add_next_players(registry, len(places))]
        orders = Orders(list_releases(office / "releases"), "week", "folders", allow_folder=True)
        start = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda pair: _serve(registry, orders, *pair), zip(places, players, strict=True)))
        return time.perf_counter() - start


def _serve(registry: Registry, orders: Orders, place: Path, player: str) -> None:
    serve(registry, orders, place, identify_card(registry, orders, place), player, claim=True)


def _clear(place: Path) -> None:
    place.mkdir(exist_ok=True)
    for path in place.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    os.sync()


def _release(folder: Path, tracks: int, size: int) -> None:
    from card_kit import make_release, sound

    folder.mkdir(parents=True)
    manifest = make_release(
        folder, {f"01-book/{number:03d}.mp3": sound(str(number), size) for number in range(1, tracks + 1)}
    )
    (folder / "manifest.json").write_bytes(manifest.to_bytes())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cards", type=int, default=3)
    parser.add_argument("--tracks", type=int, default=30)
    parser.add_argument("--kilobytes", type=int, default=1000)
    parser.add_argument("--reader", type=float, default=8.0, help="megabytes a second")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
