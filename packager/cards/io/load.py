"""Carry out a load plan on a card crash-safely, in an order that makes every interruption harmless.

The order is: manifest, barrier; the older slot says `updating`, barrier; tracks, each with a barrier; hashes and
order read back; the other slot says `clean`, barrier; old manifests deleted. No managed file of a clean card is
modified before the first slot is durable, and no card is called clean before it was read back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from packager.base.errors import CardRefusedError
from packager.base.i18n.language import _
from packager.base.manifest import ManifestFile
from packager.cards.io.card import Card, Progress, is_unchanged, no_progress
from packager.cards.io.commit import begin_load, commit_load, write_own_files
from packager.cards.io.directory_writer import DirectoryWriter
from packager.cards.io.load_steps import LoadContext, mend, perform
from packager.cards.io.os_errors import card_failures
from packager.cards.io.root_room import require_room_in_root
from packager.cards.io.sources import require_sources
from packager.cards.io.verify import check_content, check_names
from packager.cards.plan.state_slots import Verification
from packager.cards.plan.steps import Barrier, DeleteFile, DeleteFolder, LoadPlan


@dataclass(frozen=True)
class LoadResult:
    """A load that ended well: the card is clean and holds the release."""

    card: str  # the card's id
    load: str
    parent: str  # the load before this one, empty on the first
    counter: int  # of the clean slot
    release: str
    manifest: str  # its id
    verification: Verification
    written: tuple[str, ...]  # paths, in the order of writing
    bytes_written: int
    deleted: tuple[str, ...]
    tracks_written: int
    untouched: int  # tracks
    mended: tuple[str, ...] = ()  # of `written`: files whose content had changed on the card, at their full size


def apply_load(
    card: Card,
    plan: LoadPlan,
    release_folder: Path,
    *,
    load_id: str,
    verify_all: bool = True,
    progress: Progress = no_progress,
) -> LoadResult:
    """Carry out `plan` on `card` with the files of `release_folder`, and read the result back.

    `load_id` is a UUID. With `verify_all` every file is read back, else only those that were written. Raises
    InputError before anything is written if the release folder is incomplete, CardRefusedError if the card changed
    since the plan was made or its root has too little room, and CardFailedError if the card or
    the folder fails later or the card returns other content than was written. A file that changed on the card since
    an earlier load is written again. The card then stays marked as unfinished, as after a
    KeyboardInterrupt, and the same load continues from there.
    """
    check_release_folder(plan, release_folder, verify_all=verify_all)
    fs = card.fs
    work = _context(card, plan, release_folder, progress)
    snapshot = card.snapshot
    first = 0 if snapshot.is_clean else _clearing(plan)
    with card_failures(card.name, begun=False, interrupted=True):
        # After a power cut a half-written file may use clusters that count as free. It is deleted before any
        # cluster is used; the slot already says `updating`, or no slot is valid.
        fs.barrier()
        _require_unchanged(card, plan)
        for step in plan.steps[:first]:
            perform(work, step)
        require_room_in_root(card, plan)
        write_own_files(card, plan)
        updating = begin_load(card, plan, load_id)
    with card_failures(card.name, interrupted=snapshot.state is not None and not snapshot.is_clean):
        work.writer.reserve_for_others()
        for work.position, step in enumerate(plan.steps[first:], start=first):
            perform(work, step)
        work.writer.remove_fillers()
        fs.barrier()
        verification = _verify(work, verify_all)
        clean = commit_load(card, plan, updating, verification)
    written = sum(track.path in work.written for track in plan.wanted.tracks)
    return LoadResult(
        card=card.identity.id,
        load=load_id,
        parent=clean.parent,
        counter=clean.counter,
        release=plan.wanted.release,
        manifest=plan.wanted.id,
        verification=verification,
        written=tuple(work.written),
        bytes_written=work.bytes_done,
        deleted=tuple(work.deleted),
        tracks_written=written,
        untouched=len(plan.wanted.tracks) - written,
        mended=tuple(sorted(work.changed)),
    )


def _context(card: Card, plan: LoadPlan, release_folder: Path, progress: Progress) -> LoadContext:
    writer = DirectoryWriter(card.fs, plan.placing, reserving=plan.reserving)
    files: dict[str, ManifestFile] = {file.path: file for file in plan.wanted.files}
    return LoadContext(card, card.fs, plan, release_folder, progress, writer, files)


def check_release_folder(plan: LoadPlan, folder: Path, *, verify_all: bool) -> None:
    """Raise InputError if files that a load reads in the release folder are missing or have another size.

    These are the files that it writes. With `verify_all` it also mends those that changed on the card, so all count.
    """
    require_sources(plan.wanted, folder, plan.wanted.files if verify_all else plan.creates)


def _require_unchanged(card: Card, plan: LoadPlan) -> None:
    """Raise CardRefusedError if the card changed since the plan was made, which may be minutes ago.

    After the first write, a foreign file at the path of a track would pass for a half-written track.
    """
    if not is_unchanged(card, plan.ours | {file.path for file in plan.wanted.files}):
        raise CardRefusedError(
            _(
                "The card was not touched: {card} is not as it was a moment ago; another card was put in, or "
                "something else writes on it. Run the same command again."
            ).format(card=card.name)
        )


def _clearing(plan: LoadPlan) -> int:
    """The number of steps at the beginning of a plan that only delete."""
    steps = enumerate(plan.steps)
    return next((n for n, s in steps if not isinstance(s, DeleteFile | DeleteFolder | Barrier)), len(plan.steps))


def _verify(work: LoadContext, verify_all: bool) -> Verification:
    """Read back names, order and hashes, and mend what changed; returns how far that went."""
    check_names(work.card, work.plan)
    paths = [file.path for file in work.plan.wanted.files if verify_all or file.path in work.written]
    work.changed.update(_read_back(work, paths, may_have_changed=set(paths) - set(work.written)))
    for path in sorted(work.changed):
        mend(work, path)
    if work.changed:
        work.writer.remove_fillers()
        work.fs.barrier()
        check_names(work.card, work.plan)
        _read_back(work, work.written)
    past_cache = work.fs.reads_past_cache
    if verify_all:
        return Verification.HASHES_PAST_CACHE if past_cache else Verification.HASHES
    return Verification.WRITTEN_PAST_CACHE if past_cache else Verification.WRITTEN


def _read_back(work: LoadContext, paths: Sequence[str], *, may_have_changed: Collection[str] = ()) -> list[str]:
    """Read files back. Returns those of `may_have_changed` that are different; any other difference is an error."""
    files = [work.files[path] for path in paths if path not in work.proven]
    changed: list[str] = []
    for path, is_right in check_content(work.card, files, work.progress, may_have_changed=may_have_changed):
        if is_right:
            work.proven.add(path)
        else:
            changed.append(path)
    return changed
