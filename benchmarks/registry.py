"""Measure a registry of the size of a city: fleet audit, report, import and export, in seconds and megabytes.

    python benchmarks/registry.py FOLDER [--players 100000] [--loads 5000000] [--events 100000]
    python benchmarks/registry.py FOLDER --url postgresql+psycopg://USER@HOST/DATABASE [...]

FOLDER is an empty folder. The benchmark makes a workspace in it and a registry of that size (about 0.7 kB a load),
in SQLite or in the empty database of the URL. Prints wall seconds, CPU seconds and peak memory of whole processes,
with start-up and imports:

- `packager audit` over all players, `packager report`, an export;
- the import of new events into the large registry and into an empty one, in events a second;
- `packager audit` of 100 players against the bare imports, and `packager --help`.

Nothing is deleted afterwards.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta, timezone
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import event

from packager.base.formats import canonical_json, utc_text
from packager.base.workspace import REGISTRY_VARIABLE
from packager.registry.card_status_projection import refresh_card_status
from packager.registry.database import Registry, open_registry
from packager.registry.events import event_identity
from packager.registry.schema import metadata
from packager.sync.exchange import line_of

_BEGIN = datetime(2025, 11, 24, 8, tzinfo=timezone.utc)
_BATCH = 50_000
_COMMUNITIES = 120
_HELPERS = 400
_MINUTES = 7_000  # of a week with loads


def main() -> None:
    options = _options()
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "packager.yaml").write_text("series: main\n", encoding="utf-8")
    address = options.url or str(folder / "registry.db")
    weeks = max(1, options.loads // options.players)
    print(f"{options.players} players, {weeks} weeks, {options.players * weeks} loads, {_kind(address)}", flush=True)
    started = time.perf_counter()
    # In its own process: otherwise its peak memory would count for every process that is started later.
    generating = get_context("spawn").Process(target=make_registry, args=(address, options.players, weeks))
    generating.start()
    generating.join()
    print(f"generated in {time.perf_counter() - started:.0f} s", flush=True)
    if not options.url:
        print(f"{(folder / 'registry.db').stat().st_size / 1e6:.0f} MB", flush=True)
    environment = {**os.environ, REGISTRY_VARIABLE: address, "LANG": "C.UTF-8"}
    news = folder / "news.jsonl"
    telling = get_context("spawn").Process(target=write_news, args=(news, options.players, weeks, options.events))
    telling.start()
    telling.join()
    _measure(folder, environment, options.events, news)


def _measure(folder: Path, environment: dict[str, str], events: int, news: Path) -> None:
    command = [str(Path(sys.executable).with_name("packager")), "--workspace", str(folder)]
    fleet = "import os\nfrom packager.fleet.status import fleet\n"
    fleet += "from packager.registry.database import open_registry\n"
    fleet += f"with open_registry(os.environ['{REGISTRY_VARIABLE}']) as r: print(len(fleet(r)))"
    _run("the status of all players, as data", [sys.executable, "-c", fleet], environment)
    _run("packager audit", [*command, "audit"], environment)
    _run("packager audit --json", [*command, "audit", "--json"], environment)
    _run("packager report", [*command, "report", "--week", "2026-W45"], environment)
    _run("packager due", [*command, "due", "--json"], environment)
    copy = (
        "import os\nfrom packager.registry.database import open_registry\n"
        "from packager.registry.players import add_next_players\n"
    )
    copy += f"with open_registry(os.environ['{REGISTRY_VARIABLE}']) as r: add_next_players(r, 1)"
    _run("the first change of the day, with the daily copy", [sys.executable, "-c", copy], environment)
    seconds = _run(f"import of {events} new events", [*command, "registry", "import", str(news)], environment)
    print(f"    {events / seconds:.0f} events/s", flush=True)
    empty = {**environment, REGISTRY_VARIABLE: str(folder / "empty.db")}
    seconds = _run("the same into an empty registry", [*command, "registry", "import", str(news)], empty)
    print(f"    {events / seconds:.0f} events/s", flush=True)
    small = {**environment, REGISTRY_VARIABLE: str(folder / "small.db")}
    make_registry(str(folder / "small.db"), 100, 10)
    imports = "import sqlalchemy.dialects.sqlite, packager.cli.cards.audit, packager.registry.schema"
    for _round in range(3):
        bare = _run("bare imports", [sys.executable, "-c", imports], environment)
        audit = _run("packager audit, 100 players", [*command, "audit"], small)
        print(f"    {audit - bare:.2f} s more", flush=True)
    _run("packager --help", [*command, "--help"], environment)
    _run("registry export", [*command, "registry", "export", str(folder / "all.jsonl")], environment)


def _run(what: str, command: list[str], environment: dict[str, str]) -> float:
    """Run a command, print its wall seconds and peak memory, and return the seconds."""
    started = time.perf_counter()
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _pid, status, used = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    cpu = used.ru_utime + used.ru_stime
    print(f"{what}: {seconds:.2f} s, {cpu:.2f} s of CPU, {used.ru_maxrss / 1000:.0f} MB, exit code {code}", flush=True)
    return seconds


def make_registry(address: str, players: int, weeks: int) -> None:
    """Fill the empty registry at `address` with `players`, each loaded once in each of `weeks` weeks."""
    with open_registry(address) as registry:
        if registry.path is not None:
            # Fast settings for the generation alone; they end with these connections.
            with registry.plain_cursor() as cursor:
                cursor.execute("PRAGMA journal_mode = MEMORY")
            event.listen(registry.engine, "connect", _hasty)
            registry.engine.dispose()
        _generate(registry, players, weeks)
        some = [_card(number) for number in random.Random(1).sample(range(1, players + 1), k=min(players, 500))]
        with registry.write() as connection:
            if refresh_card_status(connection, some):
                raise SystemExit("the generated card status does not follow from the events")


def _hasty(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA cache_size = -4000000")  # KiB


def _generate(registry: Registry, players: int, weeks: int) -> None:
    numbers = range(1, players + 1)
    cards = [_card(number) for number in numbers]
    with registry.write() as connection:
        # Building an index once is faster than inserting millions of rows into it.
        indexes = [index for name in ("loads", "outcomes") for index in metadata.tables[name].indexes]
        for index in indexes:
            index.drop(connection)
        _insert(connection, "releases", _columns(_release(0)), map(_values, map(_release, range(weeks + 1))))
        _insert(connection, "players", _columns(_player(1)), (_values(_player(number)) for number in numbers))
        told = _events_of_players(players)
        _insert(connection, "player_events", _columns(next(_events_of_players(1))), map(_values, told))
        seen = zip(cards, _moments(0, numbers), strict=True)
        _insert(connection, "cards", ("id", "first_seen"), seen)
        given = map(_values, map(_assignment, numbers))
        _insert(connection, "assignments", _columns(_assignment(1)), given)
        before: list[str | None] = [None] * players
        held: list[int | None] = [None] * players
        for week in range(weeks):
            loads = list(_loads(week, numbers, cards, before))
            before = [load[0] for load in loads]
            held = [was if _failed(load[0]) else week for was, load in zip(held, loads, strict=True)]
            _insert(connection, "loads", _LOAD, loads)
            _insert(connection, "outcomes", _OUTCOME, map(_outcome, loads))
        _insert(connection, "card_status", _STATUS, map(_status, loads, held))
        for index in indexes:
            index.create(connection)


def _columns(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(row)


def _values(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row.values())


def _insert(connection: Any, table: str, names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows by the fastest way of the database."""
    if connection.dialect.name == "postgresql":
        cursor = connection.connection.cursor()
        with closing(cursor), cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(names))
    iterator = iter(rows)
    while batch := list(islice(iterator, _BATCH)):
        connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", batch)


def _identity(*parts: object) -> str:
    return hashlib.md5(repr(parts).encode(), usedforsecurity=False).hexdigest()


def _card(number: int) -> str:
    return _identity("card", number)


def _moment(week: int, number: int) -> datetime:
    return _BEGIN + timedelta(weeks=week, minutes=number % _MINUTES)


def _at(week: int, number: int) -> str:
    return utc_text(_moment(week, number))


def _load(week: int, number: int) -> str:
    """The identity of a load; it begins with the time, as the program's own identities do."""
    return event_identity(_moment(week, number), _identity("load", week, number))


def _release(week: int) -> dict[str, Any]:
    name = f"main-{week + 1:04d}"
    return {
        "manifest": _identity("release", week),
        "release": name,
        "series": "main",
        "sequence": week + 1,
        "profile": "folders",
        "content": _identity("content", week) * 2,
        "title": f"第{week + 1}周学习",
        "created": _at(week, 0),
        "tracks": 40,
        "size": 600_000_000,
        "expires": "",
    }


def _player(number: int) -> dict[str, Any]:
    member = _identity("member", number)
    return {
        "id": f"P{number:03d}",
        "community": f"第{number % _COMMUNITIES + 1}社区",
        "note": "",
        "profile": "folders",
        "state": "active",
        "added": _at(0, number),
        "step": 3,
        "member": member,
        "holder": member,
        "helper": _identity("helper", number % _HELPERS),
        "card": None,
        "handed_over": _at(0, number),
        "replaced_by": None,
    }


def _events_of_players(players: int) -> Iterator[dict[str, Any]]:
    for number in range(1, players + 1):
        row = _player(number)
        told = {"community": row["community"], "note": "", "profile": "folders"}
        nothing = dict.fromkeys(told)
        for step, kind, person, values in (
            (1, "added", None, told),
            (2, "helper", row["helper"], nothing),
            (3, "handover", row["member"], nothing),
        ):
            yield {
                "id": _identity(kind, number),
                "player": row["id"],
                "step": step,
                "kind": kind,
                **values,
                "person": person,
                "at": _at(0, number),
            }


def _assignment(number: int) -> dict[str, Any]:
    label = f"P{number:03d}"
    return {
        "id": _identity("assignment", number),
        "step": 1,
        "card": _card(number),
        "player": label,
        "at": _at(0, number),
    }


_LOAD = ("id", "parent", "card", "counter", "lamport", "step", "player", "manifest", "at")
_OUTCOME = ("load", "outcome", "counter", "verification", "verified", "reason", "at")
_STATUS = ("card", "player", "manifest", "trouble", "last", "seen", "reason", "cloned", "settled")
_PULLED = "the card was pulled out"


def _moments(week: int, numbers: Iterable[int]) -> Iterator[str]:
    """`_at` for many numbers."""
    texts = [_at(week, number) for number in range(_MINUTES)]
    return (texts[number % _MINUTES] for number in numbers)


def _loads(
    week: int, numbers: Sequence[int], cards: Iterable[str], before: Iterable[str | None]
) -> Iterator[tuple[Any, ...]]:
    """One load of each player, in the columns of _LOAD; `before` are the loads of the week before."""
    manifest, moments = _identity("release", week), _moments(week, numbers)
    for number, card, parent, at in zip(numbers, cards, before, moments, strict=True):
        load = _load(week, number)
        yield (load, parent, card, 2 * week, 2 * week, 1, f"P{number:03d}", manifest, at)


def _outcome(load: tuple[Any, ...]) -> tuple[Any, ...]:
    """The outcome of a load, in the columns of _OUTCOME."""
    if _failed(load[0]):
        return (load[0], "failed", 0, "", 0, _PULLED, load[-1])
    return (load[0], "done", load[3] + 2, "hashes-past-cache", 1, "", load[-1])


def _failed(load: str) -> bool:
    return load.endswith(("a1", "b2", "c3"))


def _status(last: tuple[Any, ...], held: int | None) -> tuple[Any, ...]:
    """The card's status in the columns of _STATUS, without reading its events; `make_registry` checks a sample.

    `held` is the week of its last verified load.
    """
    failed = _failed(last[0])
    manifest = None if held is None else _identity("release", held)
    settled = None if held is None else 2 * held + 2
    how = "failed" if failed else "done"
    reason = _PULLED if failed else ""
    return (last[2], last[6], manifest, "failed" if failed else None, how, last[-1], reason, 0, settled)


def write_news(path: Path, players: int, week: int, events: int) -> None:
    """Write an export of another registry about the next week: half loads, half outcomes."""
    numbers = sorted(random.Random(1).sample(range(1, players + 1), k=min(players, events // 2)))
    before = (_load(week - 1, number) for number in numbers)
    loads = sorted(_loads(week, numbers, map(_card, numbers), before))  # an export is ordered by identity
    lines = [line_of("releases", _release(week))]
    lines += [line_of("loads", dict(zip(_LOAD, load, strict=True))) for load in loads]
    lines += [line_of("outcomes", dict(zip(_OUTCOME, _outcome(load), strict=True))) for load in loads]
    head = canonical_json({"format": 1, "kind": "packager registry", "names": False, "registry": "f" * 32})
    body = b"".join(lines)
    end = {
        "events": hashlib.sha256(body).hexdigest(),
        "lines": len(lines),
        "sha256": hashlib.sha256(head + body).hexdigest(),
    }
    path.write_bytes(head + body + canonical_json({"end": end}))


def _kind(address: str) -> str:
    return "PostgreSQL" if "://" in address else "SQLite"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--players", type=int, default=100_000)
    parser.add_argument("--loads", type=int, default=5_000_000)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--url")
    return parser.parse_args()


if __name__ == "__main__":
    main()
