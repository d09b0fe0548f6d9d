"""A sidecar producer that a test adds with this one file: the titles of each folder, in that folder."""

from __future__ import annotations

from collections.abc import Mapping

from packager.releases.sidecars import ReleaseContent


def produce(content: ReleaseContent) -> Mapping[str, bytes]:
    """A list of titles a folder, each with the first words of its track."""
    titles: dict[str, str] = {}
    for track in content.tracks:
        path = f"{track.path.rpartition('/')[0]}/titles.txt"
        words = content.text_sync[track.sha256].pieces[0].text
        titles[path] = titles.get(path, "") + f"{track.number} {track.title}: {words}\n"
    return {path: text.encode() for path, text in titles.items()}
