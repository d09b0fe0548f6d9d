"""Reads a release, the records of its tracks and their tags, as a Publication."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.manifest import ManifestTrack, TrackKind
from packager.publish.publication import Publication, PublishedBook, PublishedChapter
from packager.reading.nouns import TITLE_JOINT
from packager.releases.read_along import readable_passages, xml_text
from packager.releases.store import StoredRelease
from packager.releases.text_sync import load_text_sync


def read_publication(release: StoredRelease, spoken: Path, *, with_week_notices: bool = True) -> Publication:
    """What `release` publishes. `spoken` is the folder of the records of tracks.

    Placeholders are left out, and without `with_week_notices` the contents track, which names a player's keys.
    Raises InputError when nothing is left.
    """
    manifest = release.manifest
    left_out = {TrackKind.PLACEHOLDER} if with_week_notices else {TrackKind.PLACEHOLDER, TrackKind.CONTENTS}
    tracks = [track for track in manifest.tracks if track.kind not in left_out]
    if not tracks:
        raise InputError(_("'{release}' has no track to publish").format(release=manifest.release))
    # A book that is in this week's range and in a range of its own is one book for each run of its tracks.
    books = [
        PublishedBook(
            xml_text(title),
            _author(release.folder / run[0].path),
            tuple(_chapter(release, track, spoken) for track in run),
        )
        for title, run in ((title, list(group)) for title, group in groupby(tracks, key=lambda track: track.book))
    ]
    return Publication(
        release=manifest.release,
        profile=manifest.profile,
        series=manifest.series,
        sequence=manifest.sequence,
        playlist=manifest.playlist,
        title=xml_text(manifest.title),
        created=manifest.created,
        content_id=manifest.content_id,
        manifest=manifest.id,
        expires=manifest.expires,
        books=tuple(books),
    )


def _chapter(release: StoredRelease, track: ManifestTrack, spoken: Path) -> PublishedChapter:
    title = xml_text(track.title.replace(TITLE_JOINT, " ")) or xml_text(track.book)
    record = load_text_sync(spoken, track.sha256)
    return PublishedChapter(
        number=track.number,
        title=title,
        kind=track.kind,
        file=release.folder / track.path,
        size=track.size,
        sha256=track.sha256,
        seconds=track.seconds,
        passages=readable_passages(record, title, track.seconds),
        is_written=bool(record and record.passages),
    )


def _author(file: Path) -> str:
    """The artist in the tags of an audio file; empty where there is none."""
    from mutagen import File, MutagenError

    try:
        tags: Any = File(file)
    except (MutagenError, OSError):
        return ""
    values = (tags.get("TPE1") or tags.get("\xa9ART") or []) if tags is not None else []
    return xml_text(", ".join(map(str, getattr(values, "text", values))))
