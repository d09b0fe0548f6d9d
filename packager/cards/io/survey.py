"""Survey a card for a plan, and plan: read what decides which files are ours. Writes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from packager.base.i18n.language import reason_of
from packager.base.manifest import Manifest
from packager.cards.filesystem import CardFS
from packager.cards.io.card import Card, Progress, no_progress, reading
from packager.cards.io.facts import with_facts
from packager.cards.plan.plan import plan_load
from packager.cards.plan.snapshot import CardSnapshot
from packager.cards.plan.steps import LoadPlan


def survey_and_plan(
    card: Card, wanted: Manifest, *, repair: bool = False, signature: bytes = b"", progress: Progress = no_progress
) -> LoadPlan:
    """Survey a card and plan the load of `wanted`; raises as `plan_load`.

    The size of a file does not prove that it is still ours. So files of a clean card that the load would delete are
    read first, and those that have another time than a load gives them. The load is refused if one has other content
    than was loaded.
    """
    view = survey(card, wanted, repair=repair, progress=progress)
    plan = plan_load(view, wanted, repair=repair, signature=signature)
    if not view.is_clean or repair:
        return plan
    unproved = [path for path in plan.all_deleted if (file := view.file(path)) and file.size]
    with reading(card.name):
        proved = _with_contents(card.fs, view, unproved, progress)
    if proved.contents.keys() == view.contents.keys() and not proved.unreadable:
        return plan
    return plan_load(proved, wanted, repair=repair, signature=signature)


def survey(
    card: Card, wanted: Manifest | None = None, *, repair: bool = False, progress: Progress = no_progress
) -> CardSnapshot:
    """The snapshot of a card for a plan. After an interruption, or to repair, all files of ours are read.

    If the state names `wanted` but the card lost that manifest, the given one is used.
    """
    snapshot = card.snapshot
    if wanted is not None and snapshot.state is not None and wanted.id in snapshot.state.manifests:
        snapshot = replace(snapshot, manifests={wanted.id: wanted, **snapshot.manifests})
    with reading(card.name):
        snapshot = with_facts(card.fs, snapshot)
    if snapshot.is_clean and not repair:
        doubtful = (*snapshot.renamed, *snapshot.unproved)
        return replace(_with_contents(card.fs, snapshot, doubtful, progress), surveyed=True)
    return read_contents(card.fs, snapshot, progress)


def read_contents(fs: CardFS, snapshot: CardSnapshot, progress: Progress = no_progress) -> CardSnapshot:
    """The snapshot with the SHA-256 of every file of ours, or why it can't be read after a second attempt."""
    sizes: dict[str, set[int]] = {}
    for manifest in snapshot.manifests.values():
        for file in manifest.files:
            sizes.setdefault(file.path, set()).add(file.size)
    # A file of another size differs already; it need not be read.
    fitting = [path for path, known in sizes.items() if (entry := snapshot.file(path)) and entry.size in known]
    return replace(_with_contents(fs, snapshot, (*fitting, *snapshot.renamed), progress), surveyed=True)


def _with_contents(fs: CardFS, snapshot: CardSnapshot, paths: Iterable[str], progress: Progress) -> CardSnapshot:
    """The snapshot with the SHA-256 of these files too, or why they can't be read."""
    unread = [path for path in paths if path not in snapshot.contents]
    total = sum(snapshot.entries[path].size for path in unread)
    contents, unreadable = dict(snapshot.contents), dict(snapshot.unreadable)
    done = 0
    for path in unread:
        try:
            contents[path] = read_twice(fs, path)
        except OSError as error:
            unreadable[path] = reason_of(error)
        done += snapshot.entries[path].size
        progress("read", done, total)
    return replace(snapshot, contents=contents, unreadable=unreadable)


def read_twice(fs: CardFS, path: str) -> str:
    """The SHA-256 of a file on the card; a read error is retried once, since readers fail now and then.

    Raises the OSError of the second attempt.
    """
    try:
        return _sha256(fs.read(path))
    except OSError:
        return _sha256(fs.read(path))


def _sha256(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
