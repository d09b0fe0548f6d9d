"""The script of a track: announcements, headings and paragraphs in the order in which they are spoken. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from packager.arranging.announcements import MANDARIN, Announcements, AnnouncementTexts, HeldBook
from packager.arranging.profiles.profile import Saying
from packager.arranging.tracklist import Passage, Role
from packager.reading import Chapter


@dataclass(frozen=True)
class Heading:
    """The facts that announce a track. `title` is the chapter's; empty or the book's if it has none."""

    number: int  # as it is keyed in
    book: str
    author: str
    title: str
    part: int = 0  # from 1; 0 for a chapter in one piece
    parts: int = 0


def chapter_script(
    heading: Heading,
    chapter: Chapter,
    announce: Announcements,
    saying: Saying = Saying.NUMBER,
    texts: AnnouncementTexts = MANDARIN,
) -> tuple[Passage, ...]:
    """Lead-in, text and tail of a chapter or a part of one.

    The title is spoken once, in the lead-in. If neither number nor book is announced, it is a heading of the text.
    """
    values = {
        "number": texts.keyed_number(heading.number, saying),
        "book": texts.quoted(heading.book),
        "author": heading.author,
        "chapter": texts.spoken_title(heading.title).removesuffix("。") if heading.title != heading.book else "",
        "part": texts.numeral(heading.part),
        "parts": texts.count(heading.parts),
    }
    lead_in = announce.said("number", values, texts) + announce.said("book", values, texts)
    title = announce.said("chapter", values, texts) if values["chapter"] else ""
    title += announce.said("part", values, texts) if heading.part else ""
    passages = [Passage(Role.LEAD_IN, lead_in)] if lead_in else []
    if title:
        passages.append(Passage(Role.LEAD_IN if lead_in else Role.HEADING, title, is_title=True))
    passages += [Passage(Role.PARAGRAPH, paragraph) for paragraph in chapter.paragraphs]
    return (*passages, *_tail(announce, values, texts))


def contents_script(
    number: int,
    title: str,
    *,
    week: Sequence[HeldBook],
    kept: Sequence[HeldBook],
    books: Sequence[HeldBook],
    announce: Announcements,
    saying: Saying = Saying.NUMBER,
    iso_week: str = "",
    texts: AnnouncementTexts = MANDARIN,
) -> tuple[Passage, ...]:
    """The opening; then the player's books with their numbers, and this week's titles one by one.

    `iso_week` is the playlist's own, as 2026-W48.
    """
    values = {"number": texts.keyed_number(number, saying), "title": title, **texts.days(iso_week)}
    lead_in = announce.said("number", values, texts) + announce.said("contents", values, texts)
    opening = announce.said("opening", values, texts) if announce.opens(iso_week) else ""
    passages = [Passage(Role.LEAD_IN, lead_in)] if lead_in else []
    passages += [Passage(Role.PARAGRAPH, opening)] if opening else []
    passages.append(Passage(Role.HEADING, texts.spoken_title(title)))
    if announce.contents:
        passages += _paragraphs(texts.BOOKS_INTRO, (texts.as_a_whole(held, saying) for held in books))
        passages += _paragraphs(texts.KEPT_INTRO, (texts.as_a_whole(held, saying) for held in kept))
        passages += _paragraphs(texts.WEEK_INTRO, (texts.title_by_title(held, saying) for held in week))
    tail = {**values, "book": title, "author": "", "chapter": ""}
    return (*passages, *_tail(announce, tail, texts))


def placeholder_script(
    number: int, saying: Saying = Saying.NUMBER, texts: AnnouncementTexts = MANDARIN
) -> tuple[Passage, ...]:
    """The script at a number that holds nothing, for players that count files: about three seconds."""
    return (Passage(Role.LEAD_IN, texts.placeholder(number, saying)),)


def _tail(announce: Announcements, values: dict[str, str], texts: AnnouncementTexts) -> Iterable[Passage]:
    tail = announce.said("tail", values, texts)
    return (Passage(Role.TAIL, tail),) if tail else ()


def _paragraphs(opening: str, texts: Iterable[str]) -> list[Passage]:
    """A paragraph a book, for the pause between them; the first begins with `opening`."""
    openings = [opening]
    return [Passage(Role.PARAGRAPH, (openings.pop() if openings else "") + text) for text in texts]
