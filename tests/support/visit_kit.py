"""A volunteer with a registry, a shelf of releases and folders that stand for cards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from packager.base.errors import PackagerError
from packager.base.manifest import Manifest
from packager.fleet.status import PlayerStatusKind, fleet
from packager.registry.database import Registry
from packager.registry.event_store import card_history
from packager.registry.events import LoadEnded
from packager.releases.store import StoredRelease, list_releases
from packager.visits.audit import AuditVisit, audit_visit
from packager.visits.visit import VisitOptions, VisitResult, update_card, visit_card

Make = Callable[..., Manifest]


@dataclass
class Visits:
    """A volunteer with a registry, a shelf of releases, and folders that stand for cards."""

    registry: Registry
    folder: Path
    release: Make

    def card(self, name: str = "card") -> Path:
        path = self.folder / name
        path.mkdir(exist_ok=True)
        return path

    def stored(self, manifest: Manifest) -> StoredRelease:
        return next(one for one in list_releases(self.folder / "releases") if one.manifest == manifest)

    def load(
        self,
        manifest: Manifest,
        *,
        card: str = "card",
        player: str = "P001",
        claim: bool = True,
        known: bool = False,
        **options: Any,
    ) -> VisitResult:
        """A load; `known` says that the releases of the shelf are known to it."""
        how = VisitOptions(allow_folder=True, claim=claim, **options)
        releases = list_releases(self.folder / "releases") if known else ()
        return visit_card(self.registry, self.card(card), player, self.stored(manifest), how, known=releases)

    def update(self, card: str = "card", **options: Any) -> VisitResult:
        releases = list_releases(self.folder / "releases")
        return update_card(self.registry, self.card(card), releases, VisitOptions(allow_folder=True, **options))

    def audit(self, card: str = "card", **options: Any) -> AuditVisit:
        return audit_visit(self.registry, self.card(card), allow_folder=True, **options)

    def status_of(self, player: str = "P001") -> tuple[PlayerStatusKind, str | None, int]:
        status = next(status for status in fleet(self.registry) if status.player.id == player)
        return status.kind, status.release and status.release.release, status.behind

    def outcomes(self, card: str) -> list[LoadEnded | None]:
        history = card_history(self.registry, card)
        return [history.outcomes.get(load.id) for load in history.loads]

    def files(self, card: str = "card") -> dict[str, bytes]:
        root = self.card(card)
        return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}

    def tracks(self, card: str = "card") -> dict[str, bytes]:
        return {path: data for path, data in self.files(card).items() if not path.startswith(".packager")}


def refused(visits: Visits, error: type[PackagerError], words: str, act: Callable[[], object]) -> None:
    """`act` is refused with `words`, and leaves cards and events as they were."""
    before = everything(visits)
    with pytest.raises(error, match=words):
        act()
    assert everything(visits) == before


def everything(visits: Visits) -> tuple[object, ...]:
    """All files of all cards, and all events."""
    cards = {path.name: visits.files(path.name) for path in visits.folder.glob("card*")}
    return (
        {name: files for name, files in cards.items() if files},
        [card_history(visits.registry, card) for card in known_cards(visits.registry)],
    )


def known_cards(registry: Registry) -> list[str]:
    from packager.registry.schema import cards

    with registry.read() as connection:
        return [row.id for row in connection.execute(cards.select())]


class Interruption:
    """Interrupts a load when it has written a part, as Ctrl-C does."""

    def __init__(self, stage: str) -> None:
        self.stage = stage

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == self.stage:
            raise KeyboardInterrupt
