"""What runs inside the machine for `test_real_oddities.py`: cards that change under the mounted file system.

Arguments: the mount points, the folder of releases, and a JSON list of jobs: a verb, the numbers of its cards, and its
own arguments. Reports each as JSON.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from packager.base.errors import CardFailedError, CardRefusedError, NeedsCheckError
from packager.registry.database import open_registry
from packager.registry.players import add_player
from packager.releases.store import list_releases
from packager.visits.audit import audit_visit
from packager.visits.load_guards import LoadOverrides
from packager.visits.visit import VisitOptions, update_card, visit_card


def flip(image: Path, place: int) -> None:
    """Flip one bit of the image, under the driver."""
    handle = os.open(image, os.O_RDWR)
    byte = os.pread(handle, 1, place)[0]
    os.pwrite(handle, bytes([byte ^ 1]), place)
    os.fsync(handle)
    os.close(handle)


def copies(roots: list[Path], releases: Path, registry_path: Path) -> list[Any]:
    """Two equal cards in two readers: looked at, refused, and one of them made a card of its own."""
    first, second = roots
    newest = list_releases(releases)[-1]
    with open_registry(registry_path) as registry:
        for player in ("P001", "P002"):
            add_player(registry, player)
        seen = audit_visit(registry, first)
        told = [words_of(partial(visit_card, registry, root, "P001", newest), CardRefusedError) for root in roots]
        overrides = LoadOverrides(new_identity=True)
        copy = visit_card(registry, second, "P002", newest, VisitOptions(overrides=overrides))
        own = visit_card(registry, first, "P001", newest)
        after = [audit_visit(registry, root) for root in roots]
    return [
        [finding.kind.value for finding in seen.findings],
        told,
        [copy.card == own.card, [audit.card.is_good for audit in after]],
        [[finding.kind.value for finding in audit.findings] for audit in after],
    ]


def altered(roots: list[Path], releases: Path, registry_path: Path, image: str, place: int) -> list[Any]:
    """A byte changes under the mounted card: before an audit, and while an update reads back."""
    (root,) = roots
    stored = list_releases(releases)
    with open_registry(registry_path) as registry:
        add_player(registry, "P001")
        good = audit_visit(registry, root).card.is_good
        flip(Path(image), place)
        seen = audit_visit(registry, root)
        flip(Path(image), place)
        visit_card(registry, root, "P001", stored[0])
        marks = itertools.count()

        def progress(stage: str, done: int, total: int) -> None:
            if stage == "verify" and next(marks) == 0:
                data = Path(image).read_bytes()
                flip(Path(image), data.find((stored[-1].folder / "03/001.mp3").read_bytes()[:512]) + 9)

        words = words_of(
            lambda: update_card(registry, root, stored, VisitOptions(verify_all=False, progress=progress)),
            CardFailedError,
        )
        unfinished = audit_visit(registry, root).card.is_good
    return [good, [[f.kind.value, f.path] for f in seen.card.findings if not f.warning], words, unfinished]


def unreadable(roots: list[Path], releases: Path, registry_path: Path) -> list[Any]:
    """A card with a track that can't be read."""
    (root,) = roots
    with open_registry(registry_path) as registry:
        seen = audit_visit(registry, root)
    return [seen.card.is_good, [[f.kind.value, f.path] for f in seen.card.findings if not f.warning]]


def saved(roots: list[Path], releases: Path, registry_path: Path) -> list[Any]:
    """Somebody saves a file of exactly our size where a track goes, and where one stays."""
    (root,) = roots
    stored, told = list_releases(releases), []
    with open_registry(registry_path) as registry:
        add_player(registry, "P001")
        visit_card(registry, root, "P001", stored[0])
        for path in ("04/001.mp3", "02/001.mp3"):
            place = root / path
            track, mine = place.read_bytes(), bytes(place.stat().st_size)
            place.write_bytes(mine)
            told.append(words_of(lambda: update_card(registry, root, stored), CardRefusedError))
            told.append(str(place.read_bytes() == mine))
            place.write_bytes(track)
        told.append(update_card(registry, root, stored).load.release)
        told.append(str(audit_visit(registry, root).card.is_good))
    return told


def locked(roots: list[Path], releases: Path, registry_path: Path) -> list[Any]:
    """A card that is mounted read-only: behind its lock switch, or after its driver found it damaged."""
    (root,) = roots
    with open_registry(registry_path) as registry:
        add_player(registry, "P001")
        seen = audit_visit(registry, root)
        newest = list_releases(releases)[-1]
        words = words_of(lambda: visit_card(registry, root, "P001", newest), NeedsCheckError)
    return [seen.card.is_good, seen.card.read_only, seen.card.verification.value, words]


def words_of(act: Callable[[], object], error: type[Exception]) -> str:
    try:
        act()
    except error as raised:
        return str(raised)
    return ""


def main(places: list[str], releases: Path, jobs: list[list[Any]]) -> list[Any]:
    """Do the jobs one after the other; only the cards of a job are mounted meanwhile."""
    known = [line.split() for line in Path("/proc/mounts").read_text("utf-8").splitlines()]
    mounts = {place: (device, how) for device, place, _kind, how, *_ in known}
    for place in places:
        subprocess.run(["umount", place], check=True)
    results = []
    for number, (verb, cards, *more) in enumerate(jobs):
        roots = [places[card] for card in cards]
        for root in roots:
            device, how = mounts[root]
            subprocess.run(["mount", "-t", "vfat", "-o", how, device, root], check=True)
        results.append(globals()[verb]([Path(root) for root in roots], releases, Path(f"{number}.db"), *more))
        for root in roots:
            subprocess.run(["umount", root], check=True)
    return results


if __name__ == "__main__":
    *mounted, folder, wanted = sys.argv[1:]
    print(json.dumps(main(mounted, Path(folder), json.loads(wanted))))
