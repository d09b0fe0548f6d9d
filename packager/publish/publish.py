"""Publishes one release on several channels, and keeps the folder of several weeks in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from packager.base.errors import InputError, StorageError
from packager.base.formats import written_aside
from packager.base.html import render
from packager.base.i18n.language import _, reason_of
from packager.publish.folder import PublicationRecord, publish_folder, published_in, read_record, remove_folder
from packager.publish.formats import Produce
from packager.publish.options import Work

PAGE, FEED, ARCHIVE = "page", "feed", "archive"
LANDING = "index.html"

Banned = Callable[[PublicationRecord], bool]
"""Whether a publication must not be given out any more."""


@dataclass(frozen=True)
class Destination:
    """Where to publish, and what stays there.

    `keep` is how many older publications of the series and profile stay (None: all); those that `is_banned` says are
    removed in any case.
    """

    root: Path
    keep: int | None
    is_banned: Banned


@dataclass(frozen=True)
class Published:
    """What was published on one channel, and the older publications that were removed there."""

    channel: str
    folder: Path
    record: PublicationRecord
    removed: tuple[str, ...]  # releases


def publish(work: Work, channels: Mapping[str, Produce], destination: Destination) -> tuple[Published, ...]:
    """Publish on each channel, in a folder of its own.

    It holds a folder for each release; the feed is one folder. Raises InputError for what a channel lacks, StorageError
    for a disk that can't be written.
    """
    return tuple(_published(work, name, produce, destination) for name, produce in channels.items())


def _published(work: Work, channel: str, produce: Produce, destination: Destination) -> Published:
    folder = destination.root / channel
    if channel == FEED:
        _require_same_series(folder, work)
        return Published(channel, folder, publish_folder(folder, channel, work.publication, produce(work)), ())
    # An archive of changes stands beside the whole one: the office sends both, to different people.
    since = f"-since-{work.options.since}" if channel == ARCHIVE and work.options.since else ""
    place = folder / (work.publication.folder_name + since)
    record = publish_folder(place, channel, work.publication, produce(work))
    try:
        removed = tuple(_tidied(folder, record, destination))
        if channel == PAGE:
            with written_aside(folder / LANDING) as stream:
                stream.write(landing_html(folder).encode())
    except OSError as error:
        message = _("{path} can't be written: {reason}")
        raise StorageError(message.format(path=error.filename or folder, reason=reason_of(error))) from error
    return Published(channel, place, record, removed)


def landing_html(folder: Path) -> str:
    """The page that lists the weeks published in `folder`, the newest first."""
    found = published_in(folder)
    titles = Counter(record.title for _place, record in found)
    weeks = []
    for place, record in reversed(found):
        title = record.title if titles[record.title] == 1 else f"{record.title}（{record.release} {record.profile}）"
        pages = [file.path for file in record.files if file.path.endswith(".html") and "/" not in file.path]
        weeks += [{"title": title, "address": quote(f"{place.name}/{page}")} for page in pages[:1]]
    return render("publish/weeks.html", weeks=weeks)


def _tidied(folder: Path, record: PublicationRecord, destination: Destination) -> Iterable[str]:
    """Remove banned publications, earlier releases of the same playlist, and older ones than are kept."""
    keep, is_banned = destination.keep, destination.is_banned
    others = [each for each in published_in(folder) if each[1].content_id != record.content_id]
    earlier = [
        (place, other)
        for place, other in others
        if (other.series, other.profile) == (record.series, record.profile) and other.sequence < record.sequence
    ]
    too_old = {place for place, other in earlier if other.playlist == record.playlist}
    older = [place for place, other in earlier if place not in too_old and not is_banned(other)]
    if keep is not None:
        too_old |= set(older[: max(len(older) - keep, 0)])
    for place, other in others:
        if place in too_old or is_banned(other):
            remove_folder(place)
            yield other.release


def _require_same_series(folder: Path, work: Work) -> None:
    """A feed of another series would take its listeners' episodes away."""
    try:
        known = read_record(folder)
    except InputError:
        return
    publication = work.publication
    if (known.series, known.profile) != (publication.series, publication.profile):
        raise InputError(
            _(
                "{folder} is the feed of series {series} ({profile}); publish '{release}' into another folder with -o"
            ).format(folder=folder, series=known.series, profile=known.profile, release=publication.release)
        )
