"""Carry out a load plan on a card crash-safely, in an order that makes every interruption harmless.

The order is: manifest, barrier; the older slot says `updating`, barrier; tracks, each with a barrier; hashes and
order read back; the other slot says `clean`, barrier; old manifests deleted. No managed file of a clean card is
modified before the first slot is durable, and no card is called clean before it was read back.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packager.base.display import shown
from packager.base.errors import CardFailedError, CardRefusedError, InputError
from packager.base.i18n.language import _, reason_of
from packager.base.manifest import Manifest, ManifestFile, ManifestTrack
from packager.cards.filesystem import READ_SIZE, CardFS, DirEntryKind
from packager.cards.io.card import Card, Progress, is_unchanged, no_progress
from packager.cards.io.commit import begin_load, commit_load, write_own_files
from packager.cards.io.directory_writer import DirectoryWriter
from packager.cards.io.os_errors import card_failures
from packager.cards.io.verify import check_content, check_names, wrong_order
from packager.cards.plan.directory_order import Side
from packager.cards.plan.state_slots import Verification, marker_path
from packager.cards.plan.steps import Barrier, CreateFile, DeleteFile, DeleteFolder, LoadPlan, MakeFolder, Step


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


@dataclass
class _LoadContext:
    """A load under way."""

    card: Card
    fs: CardFS
    plan: LoadPlan
    release_folder: Path
    progress: Progress
    writer: DirectoryWriter
    files: dict[str, ManifestFile]
    written: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)  # made by this load
    proven: set[str] = field(default_factory=set)  # written by this load and read back
    bytes_done: int = 0
    position: int = 0  # of the step under way


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
    InputError before anything is written if the release folder is incomplete, and CardFailedError if the card or
    the folder fails later or the card returns other content. The card then stays marked as unfinished, as after a
    KeyboardInterrupt, and the same load continues from there.
    """
    check_release_folder(plan.wanted, release_folder)
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
            _perform(work, step)
        write_own_files(card, plan)
        updating = begin_load(card, plan, load_id)
    with card_failures(card.name, interrupted=snapshot.state is not None and not snapshot.is_clean):
        work.writer.reserve_for_others()
        for work.position, step in enumerate(plan.steps[first:], start=first):
            _perform(work, step)
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
    )


def _context(card: Card, plan: LoadPlan, release_folder: Path, progress: Progress) -> _LoadContext:
    writer = DirectoryWriter(card.fs, plan.order, reserves_places=plan.reserves_places)
    files: dict[str, ManifestFile] = {file.path: file for file in plan.wanted.files}
    return _LoadContext(card, card.fs, plan, release_folder, progress, writer, files)


def check_release_folder(wanted: Manifest, folder: Path) -> None:
    """Raise InputError if files of a release folder are missing or have another size."""
    for file in wanted.files:
        source = folder / file.path
        size = _size_of(source)
        if size != file.size:
            raise InputError(
                _("The release {release} is damaged: {path} is {found}. Build it again, or fetch it again.").format(
                    release=wanted.release,
                    path=source,
                    found=_("missing") if size is None else _("{size} bytes long").format(size=size),
                )
            )


def _size_of(source: Path) -> int | None:
    """The bytes of a file, None where there is none."""
    try:
        found = source.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


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


def _perform(work: _LoadContext, step: Step) -> None:
    """Do one step, unless rewriting a folder has done it already."""
    if isinstance(step, MakeFolder):
        _make(work, step.path)
    elif isinstance(step, CreateFile):
        _make(work, step.file.path)
    elif isinstance(step, DeleteFile):
        if step.path not in work.deleted and step.path not in work.written:
            _delete(work, step.path)
    elif isinstance(step, DeleteFolder):
        if step.path not in work.folders and _exists(work.fs, step.path):
            work.fs.delete(step.path)
            work.writer.entry_deleted(step.path)
    elif isinstance(step, Barrier):
        work.fs.barrier()
    else:
        work.writer.remove_fillers()
        work.fs.barrier()
        _read_back(work, work.written)


def _make(work: _LoadContext, path: str) -> None:
    """Create a folder or a file at its place; if there is no hole, write its followers again behind it."""
    if path in work.folders or path in work.written:
        return
    if work.writer.place(path, lambda: _create(work, path)) is Side.LATE:
        _rewrite_from(work, path)
    else:
        _note_made(work, path)


def _create(work: _LoadContext, path: str) -> None:
    file = work.files.get(path)
    if file is None:
        work.fs.make_folder(path)
    elif work.plan.is_marked and isinstance(file, ManifestTrack):
        mark = marker_path(file.number)
        work.fs.create(mark, ())
        work.fs.barrier()
        work.fs.create(path, _pieces(work, file))
        work.fs.barrier()
        work.fs.delete(mark)
    else:
        work.fs.create(path, _pieces(work, file))


def _note_made(work: _LoadContext, path: str) -> None:
    file = work.files.get(path)
    if file is None:
        work.folders.add(path)
        work.writer.folder_made(path)
    else:
        work.written.append(path)
        work.bytes_done += file.size
    work.writer.reserve_after(path)


def _rewrite_from(work: _LoadContext, path: str) -> None:
    """Create `path` at its place by writing all our files after it in its folder again."""
    folder, _slash, name = path.rpartition("/")
    children = work.plan.order[folder]
    followers = [f"{folder}/{child}" if folder else child for child in children[children.index(name) + 1 :]]
    work.writer.remove_fillers()
    _refuse_foreign_files(work, followers)
    if work.plan.little_space:
        # Followers are written early, so files that make room for them are deleted early too.
        for step in _steps_to_the_last_of(work, followers):
            if isinstance(step, DeleteFile):
                _perform(work, step)
    for follower in followers:
        if _exists(work.fs, follower):
            _delete_tree(work, follower)
    work.fs.barrier()
    for again in (path, *followers):
        _make_tree(work, again)


def _steps_to_the_last_of(work: _LoadContext, paths: Sequence[str]) -> Sequence[Step]:
    """The remaining steps, up to the one that writes the last of `paths` or of the files in them."""
    inside = tuple(f"{path}/" for path in paths)
    wanted, steps = set(paths), work.plan.steps
    last = max(
        (
            place
            for place, step in enumerate(steps)
            if isinstance(step, CreateFile) and (step.file.path in wanted or step.file.path.startswith(inside))
        ),
        default=work.position,
    )
    return steps[work.position : last]


def _make_tree(work: _LoadContext, path: str) -> None:
    """Create a file, or a folder with all its files."""
    if work.writer.place(path, lambda: _create(work, path)) is Side.LATE:
        raise CardFailedError(wrong_order(work.card, path))
    _note_made(work, path)
    work.fs.barrier()
    for child in work.plan.order.get(path, ()):
        _make_tree(work, f"{path}/{child}")


def _refuse_foreign_files(work: _LoadContext, paths: Sequence[str]) -> None:
    """Raise CardFailedError if a file among `paths`, or in a folder among them, is not ours."""
    for path in paths:
        folder, _slash, name = path.rpartition("/")
        entry = next((entry for entry in work.fs.scan(folder) if entry.name == name), None)
        if entry is not None and entry.kind is DirEntryKind.FOLDER:
            _refuse_foreign_files(work, [f"{path}/{inner.name}" for inner in work.fs.scan(path)])
        elif entry is not None and path not in work.plan.ours and path not in work.written:
            raise CardFailedError(
                _(
                    "{card}: the folder {folder} must be made again in the right place, "
                    "but {path} in it is not ours. Move that file to another place, then run the "
                    "same command again."
                ).format(card=work.card.name, folder=folder or work.card.name, path=shown(path))
            )


def _delete_tree(work: _LoadContext, path: str) -> None:
    if path in work.plan.order:
        for entry in work.fs.scan(path):
            _delete_tree(work, f"{path}/{entry.name}")
        work.folders.discard(path)
    _delete(work, path)


def _delete(work: _LoadContext, path: str) -> None:
    work.fs.delete(path)
    work.writer.entry_deleted(path)
    if path not in work.plan.order:
        work.deleted.append(path)
    if path in work.written:
        work.written.remove(path)
        work.proven.discard(path)


def _exists(fs: CardFS, path: str) -> bool:
    folder, _slash, name = path.rpartition("/")
    return any(entry.name == name for entry in fs.scan(folder))


def _pieces(work: _LoadContext, file: ManifestFile) -> Iterator[bytes]:
    """The content of a file in the release folder. Raises CardFailedError if it differs from the manifest."""
    source = work.release_folder / file.path
    digest = hashlib.sha256()
    done = 0
    try:
        with source.open("rb", buffering=0) as stream:
            while done <= file.size and (piece := stream.read(READ_SIZE)):
                digest.update(piece)
                done += len(piece)
                yield piece
                work.progress("write", work.bytes_done + done, max(work.plan.bytes_to_write, work.bytes_done + done))
    except OSError as error:
        if error.filename is None or Path(error.filename) != source:
            raise
        raise CardFailedError(_source_failed(work, source, reason_of(error))) from error
    if digest.hexdigest() != file.sha256:
        raise CardFailedError(_source_failed(work, source, _("its content is not what the manifest says")))


def _source_failed(work: _LoadContext, source: Path, reason: str) -> str:
    return _(
        "The release {release} is damaged: {path}: {reason}. {card} is marked as unfinished. Build the "
        "release again, or fetch it again, then run the same command again."
    ).format(release=work.plan.wanted.release, path=source, reason=reason, card=work.card.name)


def _verify(work: _LoadContext, verify_all: bool) -> Verification:
    """Read back names, order and hashes; returns how far that went."""
    check_names(work.card, work.plan)
    paths = [file.path for file in work.plan.wanted.files if verify_all or file.path in work.written]
    _read_back(work, paths)
    past_cache = work.fs.reads_past_cache
    if verify_all:
        return Verification.HASHES_PAST_CACHE if past_cache else Verification.HASHES
    return Verification.WRITTEN_PAST_CACHE if past_cache else Verification.WRITTEN


def _read_back(work: _LoadContext, paths: Sequence[str]) -> None:
    files = [work.files[path] for path in paths if path not in work.proven]
    work.proven.update(check_content(work.card, files, work.progress))
