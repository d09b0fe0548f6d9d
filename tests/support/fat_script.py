"""What runs inside the machine: loads and audits of the mounted cards, one process a card, reported as JSON.

Arguments: the mount points, then the path of a JSON file with a list of jobs, one for each card. A job is a
list of orders, carried out in turn: `{"verb": "audit"}`, `{"verb": "load", "folder": ...}` with `"written":
true` where only what is written is to be verified, and with `"cut": N` where the load is to be cut before its
N-th operation; with `"races": true` it goes on from there, so that the power is cut somewhere behind;
`{"verb": "root"}`, which tells how many slots a root of fixed size has; and
`{"verb": "fill", "folder": ...}`, which leaves just the room of a load, or with `"short": true` a unit less.
Once every card that is to be cut has come to its moment, the file SIGNAL says so.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from card_kit import NOW, FailingMedium, plan_of

from packager.base.errors import CardFailedError, CardRefusedError, NeedsCheckError
from packager.base.manifest import Manifest
from packager.cards import apply_load, audit_card, open_card, plan_load, survey
from packager.cards.io.card import Card, CardAccess, read_card
from packager.cards.io.take_over import with_files_taken_over

Wait = Callable[[bool], None]

_ACCESS = CardAccess(claim=True, clock=lambda: NOW)


def main(roots: list[Path], jobs: list[list[dict[str, Any]]]) -> None:
    waiting = sum(any("cut" in order for order in job) for job in jobs)
    arrived, arrive = os.pipe()
    gate, opener = os.pipe()
    pipes = []
    for root, job in zip(roots, jobs, strict=True):
        result, report = os.pipe()
        if os.fork() == 0:
            os.write(report, json.dumps(_work(root, job, arrive, gate)).encode())
            os._exit(0)
        os.close(report)
        pipes.append(result)
    if waiting:
        for _card in range(waiting):
            os.read(arrived, 1)
        os.write(opener, b"x" * waiting)
        _signal()
    print(json.dumps([_read(pipe) for pipe in pipes]))


def _work(root: Path, job: list[dict[str, Any]], arrive: int, gate: int) -> list[dict[str, Any]]:
    came = []

    def wait(races: bool) -> None:
        came.append(True)
        os.write(arrive, b"x")
        if not races:
            time.sleep(3600)  # the power is cut meanwhile
        os.read(gate, 1)

    reports = [_carry_out(root, order, wait) for order in job]
    if any("cut" in order for order in job) and not came:
        os.write(arrive, b"x")  # the load had fewer operations
    return reports


def _carry_out(root: Path, order: dict[str, Any], wait: Wait) -> dict[str, Any]:
    try:
        card = open_card(root, _ACCESS)
        if order["verb"] == "fill":
            return _fill(card, order)
        if order["verb"] == "root":
            return {"slots": card.fs.root_slots}
        return _audit(card) if order["verb"] == "audit" else _load(card, order, wait)
    except NeedsCheckError as error:
        return {"needs_check": str(error)}
    except (CardFailedError, CardRefusedError) as error:
        return {"failed": str(error)}
    except BaseException:  # whatever it is, the test must hear of it
        return {"fault": traceback.format_exc()}


def _audit(card: Card) -> dict[str, Any]:
    seen = audit_card(card)
    return {
        "good": seen.is_good,
        "verification": seen.verification.value,
        "release": seen.manifest.release if seen.manifest else None,
        "findings": [[finding.kind.value, finding.path] for finding in seen.findings],
        "foreign": seen.foreign,
    }


def _load(card: Card, order: dict[str, Any], wait: Wait) -> dict[str, Any]:
    folder = Path(order["folder"])
    manifest = Manifest.from_bytes((folder / "manifest.json").read_bytes(), "manifest.json")
    races = bool(order.get("races"))
    counting = FailingMedium(card.fs, fail_at=order.get("cut", -1), partly=not races, fail=lambda: wait(races))
    counted = with_files_taken_over(read_card(counting, card.name, _ACCESS), [manifest])
    plan = plan_of(counted, manifest)
    verify_all = not order.get("written")
    with card.fs.exclusive():
        result = apply_load(counted, plan, folder, load_id=str(uuid.uuid4()), verify_all=verify_all)
    return {
        "done": result.release,
        "verification": result.verification.value,
        "written": result.written,
        "mended": result.mended,
        "shown": plan.shows,
        "little_space": plan.little_space,
        "operations": counting.operations,
    }


def _fill(card: Card, order: dict[str, Any]) -> dict[str, Any]:
    """Fill a card until a load fits exactly, or lacks `short` bytes, with a file of somebody's own."""
    folder, filler = Path(order["folder"]), Path(card.name) / "filler.bin"
    manifest = Manifest.from_bytes((folder / "manifest.json").read_bytes(), "manifest.json")
    filler.write_bytes(b"x")
    seen = open_card(Path(card.name), _ACCESS)
    snapshot, unit = survey(seen, manifest), card.fs.allocation_unit
    low, high = -1, snapshot.free_space // unit
    while high - low > 1:
        middle = (low + high) // 2
        try:
            plan_load(replace(snapshot, free_space=middle * unit), manifest)
            high = middle
        except CardRefusedError:
            low = middle
    with filler.open("r+b") as stream:
        stream.write(bytes(unit + snapshot.free_space - (high - bool(order.get("short"))) * unit))
    os.sync()
    return {"unit": unit}


def _signal() -> None:
    with Path(os.environ["SIGNAL"]).open("w", encoding="utf-8") as stream:
        stream.write("now")
        stream.flush()
        os.fsync(stream.fileno())


def _read(pipe: int) -> Any:
    with os.fdopen(pipe, "rb") as stream:
        return json.loads(stream.read())


if __name__ == "__main__":
    main([Path(root) for root in sys.argv[1:-1]], json.loads(Path(sys.argv[-1]).read_text("utf-8")))
