"""Carry out the steps of a load plan: create, delete and show files and folders at their places."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from packager.base.display import shown
from packager.base.errors import CardFailedError
from packager.base.i18n.language import _, reason_of
from packager.base.manifest import ManifestFile, ManifestTrack
from packager.cards.filesystem import READ_SIZE, CardFS, DirEntry, DirEntryKind
from packager.cards.io.card import Card, Progress
from packager.cards.io.directory_writer import DirectoryWriter
from packager.cards.io.sources import source_size
from packager.cards.io.verify import check_content, wrong_order
from packager.cards.plan.directory_order import Side, is_load_time, load_time
from packager.cards.plan.state_slots import marker_path
from packager.cards.plan.steps import (
    Barrier,
    CreateFile,
    DeleteFile,
    DeleteFolder,
    LoadPlan,
    MakeFolder,
    ShowEntry,
    Step,
)


@dataclass
class LoadContext:
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
    proven: set[str] = field(default_factory=set)  # read back and right
    changed: set[str] = field(default_factory=set)  # untouched by the plan, but read back differently
    bytes_done: int = 0
    position: int = 0  # of the step under way
    has_new_root: bool = False  # all entries of ours in the root were written again


def perform(work: LoadContext, step: Step) -> None:
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
    elif isinstance(step, ShowEntry):
        if step.path not in work.written and step.path not in work.folders:
            work.fs.show(step.path)
    elif isinstance(step, Barrier):
        work.fs.barrier()
    else:
        work.writer.remove_fillers()
        work.fs.barrier()
        files = [work.files[path] for path in work.written if path not in work.proven]
        work.proven.update(path for path, _right in check_content(work.card, files, work.progress))


def mend(work: LoadContext, path: str) -> None:
    """Write a file again whose content changed on the card.

    Raises CardFailedError if somebody saved another file there since the plan was made, which its time shows.
    """
    if path not in work.written:  # it can have been written again as a follower of another
        if not is_load_time(work.files[path], work.fs.facts_of(path).modified):
            raise CardFailedError(_saved_meanwhile(work, path))
        _delete(work, path)
        work.fs.barrier()
        _make(work, path)
        work.fs.barrier()


def _make(work: LoadContext, path: str) -> None:
    """Create a folder or a file at its place; if there is no hole, write its followers again behind it."""
    if path in work.folders or path in work.written:
        return
    if path in work.plan.breaks:
        _rewrite_from(work, path)
    elif work.writer.place(path, partial(_create, work, path)) is Side.RIGHT:
        _note_made(work, path)
    elif _is_in_fixed_root(work, path) and not work.has_new_root:
        _rewrite_root(work)
    else:
        _rewrite_from(work, path)


def _is_in_fixed_root(work: LoadContext, path: str) -> bool:
    return "/" not in path and work.fs.root_slots is not None


def _create(work: LoadContext, path: str, is_placed: Callable[[], bool]) -> bool:
    """Create a file or folder; if it does not stand in its place, delete it and return False."""
    file = work.files.get(path)
    if file is None:
        work.fs.make_folder(path)
        if is_placed():
            return True
        work.fs.delete(path)
        work.fs.barrier()
        return False
    modified = load_time(file)
    if not isinstance(file, ManifestTrack) or not (work.plan.is_marked or path in work.changed):
        return work.fs.create(path, _pieces(work, file), modified=modified, is_placed=is_placed)
    mark = marker_path(file.number)
    work.fs.create(mark, ())
    work.fs.barrier()
    placed = work.fs.create(path, _pieces(work, file), modified=modified, is_placed=is_placed)
    work.fs.barrier()
    work.fs.delete(mark)
    return placed


def _note_made(work: LoadContext, path: str) -> None:
    file = work.files.get(path)
    if file is None:
        work.folders.add(path)
        work.writer.folder_made(path)
    else:
        work.written.append(path)
        work.bytes_done += file.size


def _rewrite_from(work: LoadContext, path: str) -> None:
    """Create `path` at its place by writing all our files after it in its folder again."""
    folder, _slash, name = path.rpartition("/")
    children = work.plan.order[folder]
    turn = children.index(name)
    paths = [f"{folder}/{child}" if folder else child for child in children]
    followers = paths[turn + 1 :]
    work.writer.append_again(folder, children)
    _refuse_foreign_files(work, followers)
    _require_sources_of(work, followers)
    if work.plan.little_space:
        # All these are written early, so files that make room for them are deleted early too.
        for step in _steps_to_the_last_of(work, (path, *followers)):
            if isinstance(step, DeleteFile):
                perform(work, step)
    for follower in followers:
        if _exists(work.fs, follower):
            _delete_tree(work, follower)
    work.fs.barrier()
    for earlier in paths[:turn]:
        if not _exists(work.fs, earlier):
            work.writer.hold(earlier)  # a contents track that was deleted early, to make room
    for again in (path, *followers):
        _make_tree(work, again)


def _steps_to_the_last_of(work: LoadContext, paths: Sequence[str]) -> Sequence[Step]:
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


def _rewrite_root(work: LoadContext) -> None:
    """Write our entries of a root of fixed size again: holes that no system shows left no room behind them.

    The plan made sure that they fit then, wherever foreign entries stand (`fixed_root.full_root`). Folders with foreign
    files stay; if there are some, the load found room around them before its first write (`fixed_root.split_root`).
    """
    work.has_new_root = True
    children = work.plan.order[""]
    work.writer.append_again("", children)
    stays = {top for top in (*children, *work.card.snapshot.ours_in("")) if any(_foreign_files(work, top))}
    again = [name for name in children if name not in stays]
    _require_sources_of(work, again)
    if work.plan.little_space:
        for step in work.plan.steps[work.position :]:
            if isinstance(step, DeleteFile):
                perform(work, step)
    for path in (*sorted(work.card.snapshot.ours_in("") - {*children} - stays), *again):
        if _exists(work.fs, path):
            _delete_tree(work, path)
    work.fs.barrier()
    for path in again:
        _make_tree(work, path)


def _make_tree(work: LoadContext, path: str) -> None:
    """Create a file, or a folder with all its files."""
    if path in work.folders or path in work.written:
        return
    if work.writer.place(path, partial(_create, work, path)) is Side.LATE:
        if work.has_new_root or not _is_in_fixed_root(work, path):
            raise CardFailedError(wrong_order(work.card, path))
        _rewrite_root(work)
        return
    _note_made(work, path)
    work.fs.barrier()
    for child in work.plan.order.get(path, ()):
        _make_tree(work, f"{path}/{child}")


def _refuse_foreign_files(work: LoadContext, paths: Sequence[str]) -> None:
    """Raise CardFailedError if a file among `paths`, or in a folder among them, is not ours."""
    for path in paths:
        found = next(_foreign_files(work, path), None)
        if found is not None:
            raise CardFailedError(
                _(
                    "{card}: the folder {folder} must be made again in the right place, "
                    "but {path} in it is not ours. Move that file to another place, then run the "
                    "same command again."
                ).format(card=work.card.name, folder=found.rpartition("/")[0] or work.card.name, path=shown(found))
            )


def _foreign_files(work: LoadContext, path: str) -> Iterator[str]:
    """The files at a path, or in the folder there, that are not ours."""
    entry = _entry_at(work.fs, path)
    if entry is not None and entry.kind is DirEntryKind.FOLDER:
        for inner in work.fs.scan(path):
            yield from _foreign_files(work, f"{path}/{inner.name}")
    elif entry is not None and path not in work.plan.ours and path not in work.written:
        yield path


def _require_sources_of(work: LoadContext, paths: Sequence[str]) -> None:
    """Raise CardFailedError, before they are deleted, if files at or in `paths` can't be written again."""
    inside = tuple(f"{path}/" for path in paths)
    for path, file in work.files.items():
        if (path in paths or path.startswith(inside)) and source_size(work.release_folder, file) != file.size:
            source = work.release_folder / path
            raise CardFailedError(_source_failed(work, source, _("its content is not what the manifest says")))


def _delete_tree(work: LoadContext, path: str) -> None:
    found = _entry_at(work.fs, path)
    if found is not None and found.kind is DirEntryKind.FOLDER:
        for entry in work.fs.scan(path):
            _delete_tree(work, f"{path}/{entry.name}")
        work.folders.discard(path)
    _delete(work, path)


def _delete(work: LoadContext, path: str) -> None:
    work.fs.delete(path)
    work.writer.entry_deleted(path)
    if path not in work.plan.order:
        work.deleted.append(path)
    if path in work.written:
        work.written.remove(path)
        work.proven.discard(path)


def _exists(fs: CardFS, path: str) -> bool:
    return _entry_at(fs, path) is not None


def _entry_at(fs: CardFS, path: str) -> DirEntry | None:
    folder, _slash, name = path.rpartition("/")
    return next((entry for entry in fs.scan(folder) if entry.name == name), None)


def _pieces(work: LoadContext, file: ManifestFile) -> Iterator[bytes]:
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


def _saved_meanwhile(work: LoadContext, path: str) -> str:
    return _(
        "{card}: somebody saved another file as {path} during the load. The card is marked as unfinished. Move that "
        "file to another place, then run the same command again."
    ).format(card=work.card.name, path=path)


def _source_failed(work: LoadContext, source: Path, reason: str) -> str:
    return _(
        "The release {release} is damaged: {path}: {reason}. {card} is marked as unfinished. Build the "
        "release again, or fetch it again, then run the same command again."
    ).format(release=work.plan.wanted.release, path=source, reason=reason, card=work.card.name)
