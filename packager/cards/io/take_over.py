"""Take over the files of a card that lost its state, where they are byte for byte those of a known release.

Players, television sets and cleaning programs delete `.packager`. The tracks are still there, and writing them
again would take minutes and the place where the listener stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from packager.base.manifest import Manifest
from packager.cards.io.card import Card, Progress, no_progress, reading
from packager.cards.io.survey import read_contents
from packager.cards.plan.snapshot import CardSnapshot


def with_files_taken_over(card: Card, known: Iterable[Manifest], progress: Progress = no_progress) -> Card:
    """The card with the manifests, out of `known`, that name its files.

    Each file at a path of these manifests is read and has the right content, so that no foreign file becomes ours.
    An interrupted update leaves files of two releases, so there are up to two manifests. Other cards are returned
    as they are. Raises CardFailedError or NeedsCheckError if the card can't be read.
    """
    snapshot = card.snapshot
    if snapshot.state is not None or snapshot.manifests or not snapshot.entries:
        return card
    likely = {manifest.id: manifest for manifest in known if _may_hold(snapshot, manifest)}
    if not likely:
        return card
    with reading(card.name):
        read = read_contents(card.fs, replace(snapshot, manifests=likely), progress)
    chosen = _choose([_Fit.of(snapshot, manifest, read.contents) for manifest in likely.values()])
    if not chosen:
        return card
    contents = {path: read.contents[path] for fit in chosen for path in fit.right}
    manifests = {fit.manifest.id: fit.manifest for fit in chosen}
    return replace(card, snapshot=replace(snapshot, manifests=manifests, contents=contents))


@dataclass(frozen=True)
class _Fit:
    """The paths of a manifest that exist on the card: with its content, or with other content."""

    manifest: Manifest
    right: frozenset[str]
    wrong: frozenset[str]

    @classmethod
    def of(cls, snapshot: CardSnapshot, manifest: Manifest, contents: Mapping[str, str]) -> _Fit:
        there = {file.path for file in manifest.files if file.path in snapshot.entries}
        right = {file.path for file in manifest.files if contents.get(file.path) == file.sha256}
        return cls(manifest, frozenset(right), frozenset(there - right))


def _may_hold(snapshot: CardSnapshot, manifest: Manifest) -> bool:
    """Whether any file of a manifest is on the card with its size."""
    return any((entry := snapshot.file(file.path)) and entry.size == file.size for file in manifest.files)


def _choose(fits: list[_Fit]) -> list[_Fit]:
    """The manifest, or two, of which every existing file has the right content of one of them; newest first."""
    fits = sorted((fit for fit in fits if fit.right), key=lambda fit: (-len(fit.right), -fit.manifest.sequence))
    for one in fits:
        if not one.wrong:
            return [one]
    for one in fits:
        for other in fits:
            if one.wrong <= other.right and other.wrong <= one.right:
                return [one, other]
    return []
