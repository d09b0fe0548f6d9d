"""`feed`: a podcast in RSS 2.0, with chapters and transcripts. Podcast apps load it from a web host.

Namespaces: Apple's `itunes` and the Podcasting 2.0 `podcast`. The guid of an item is the hash of its audio, so that a
corrected track is a new episode and an unchanged one never is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any
from uuid import UUID, uuid5

from packager.base.errors import InputError
from packager.base.formats import parse_utc
from packager.base.html import render
from packager.base.i18n.language import _
from packager.publish.cover import cover_png
from packager.publish.folder import OutputFile, audio_file, bytes_file, text_file
from packager.publish.options import Work
from packager.publish.publication import Publication, PublishedChapter
from packager.releases.text_sync import WrittenRole

FEED = "feed.xml"

_PODCASTS = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")  # the namespace of podcast:guid
_MAIL = re.compile(r"[^\s@]+@[^\s@]+")
_SHORTEST_CHAPTER = 1.0  # second
_LONGEST_DIGEST = 300  # characters of a description


def produce(work: Work) -> Iterator[OutputFile]:
    """`feed.xml`, the cover, and for each episode audio, chapters (JSON) and transcript (VTT)."""
    options, publication = work.options, work.publication
    if not options.base_url:
        raise InputError(
            _(
                "a podcast feed names its files by their addresses: say where the folder will be found, for example "
                "--base-url https://example.org/podcast/ (or base_url under publish: in packager.yaml)"
            )
        )
    base = options.base_url.rstrip("/") + "/"
    kind = "jpg" if options.cover.startswith(b"\xff\xd8") else "png"
    episodes = [_episode(publication, chapter, base, place) for place, chapter in enumerate(publication.chapters)]
    xml = render(
        "publish/feed.xml",
        publication=publication,
        base=base,
        cover=f"{base}cover.{kind}",
        office=options.office,
        owner=options.contact if _MAIL.fullmatch(options.contact) else "",
        guid=str(uuid5(_PODCASTS, f"{base}{FEED}".split("://", 1)[-1])),
        episodes=episodes,
        date=episodes[0]["date"],
    )
    yield text_file(FEED, xml)
    yield bytes_file(f"cover.{kind}", options.cover or cover_png(publication.title))
    for chapter in publication.chapters:
        yield audio_file(_file_name(chapter) + chapter.suffix, chapter, work.advance)
        yield text_file(_file_name(chapter) + ".json", chapters_json(chapter))
        yield text_file(_file_name(chapter) + ".vtt", transcript_vtt(chapter))


def chapters_json(chapter: PublishedChapter) -> str:
    """Chapters of an episode: its headings, by the JSON chapters format 1.2 of Podcasting 2.0."""
    found: list[dict[str, Any]] = []
    for passage in chapter.passages:
        begins = passage.sentences[0].begins
        is_far = not found or begins >= found[-1]["startTime"] + _SHORTEST_CHAPTER
        if passage.role is WrittenRole.HEADING and is_far and passage.text.strip():
            found.append({"startTime": begins, "title": passage.text.strip()[:100]})
    if not found or found[0]["startTime"] > 0:
        found.insert(0, {"startTime": 0, "title": chapter.title})
    return json.dumps({"version": "1.2.0", "chapters": found}, ensure_ascii=False, indent=1) + "\n"


def transcript_vtt(chapter: PublishedChapter) -> str:
    """The text of an episode as WebVTT, a cue for each sentence."""
    cues = [
        f"{_moment(each.begins)} --> {_moment(each.ends)}\n{_escaped(each.text.strip())}\n"
        for each in chapter.sentences
        if each.ends > each.begins and each.text.strip()
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _episode(publication: Publication, chapter: PublishedChapter, base: str, place: int) -> dict[str, Any]:
    # Apps sort by date: a second apart, the first track is the newest, so that the order is that of the player.
    date = parse_utc(publication.created) - timedelta(seconds=place)
    text = " ".join(chapter.text.split())
    return {
        "chapter": chapter,
        "address": base + _file_name(chapter),
        "date": format_datetime(date),
        "number": place + 1,
        "digest": text[: _LONGEST_DIGEST - 1] + "…" if len(text) > _LONGEST_DIGEST else text or chapter.title,
        "seconds": max(round(chapter.seconds), 1),
    }


def _file_name(chapter: PublishedChapter) -> str:
    """ASCII, and another one for other audio, so that no app keeps an old file under a new title."""
    return f"{chapter.number:04d}-{chapter.sha256[:12]}"


def _moment(seconds: float) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02d}:{whole // 60_000 % 60:02d}:{whole // 1000 % 60:02d}.{whole % 1000:03d}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
