"""A workspace's lexicon: words with a spoken form of their own (text normalization) or their own pinyin (G2P)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from packager.base.formats import canonical_json, sha256_bytes
from packager.base.i18n.language import _
from packager.base.yaml_documents import Place, load_document
from packager.textnorm.zh.characters import HANZI, spoken_characters, unify
from packager.textnorm.zh.pinyin import is_meant_as_pinyin, pinyin_syllables, spread_erhua, syllable_problems
from packager.textnorm.zh.segmentation import is_whole_word

LEXICON_FILE = "lexicon.yaml"

_LONGEST_WORD = 40  # characters
_VOLUME = re.compile(r"[\d上中下前后续一二三四五六七八九十]")


@dataclass(frozen=True)
class Lexicon:
    """Written forms with what is said for them (`spoken`) or with their pinyin (`readings`).

    `books` holds, by title, what goes before that in one book.
    """

    spoken: Mapping[str, str] = field(default_factory=dict)
    readings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    books: Mapping[str, Lexicon] = field(default_factory=dict)

    def for_book(self, title: str) -> Lexicon:
        """The lexicon for the book of that title, with or without its 《》; without entries by book."""
        return Lexicon(self.spoken, self.readings).under(self.books.get(_bare_title(title), Lexicon()))

    def own_readings(self, title: str) -> Mapping[str, tuple[str, ...]]:
        """The entries with pinyin that are given for the book of that title alone."""
        book = self.books.get(_bare_title(title))
        return book.readings if book else {}

    def unmatched_books(self, titles: Iterable[str]) -> tuple[str, ...]:
        """The titles under `books` that are none of `titles`, so that their words count for nothing there."""
        known = {_bare_title(title) for title in titles}
        return tuple(title for title in self.books if title not in known)

    def mistaken_books(self, titles: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """The titles under `books` that are nearly one of `titles`, each with that one.

        Only a title that has no words of its own counts as meant: 上册 and 下册 side by side are no slip.
        """
        titles = tuple(titles)
        wordless = sorted({_bare_title(title) for title in titles} - set(self.books))
        near = ((stranger, _nearest(stranger, wordless)) for stranger in self.unmatched_books(titles))
        return tuple((stranger, title) for stranger, title in near if title)

    def under(self, upper: Lexicon) -> Lexicon:
        """This lexicon and `upper`, whose entries count more: a word has one entry, spoken form or pinyin."""
        spoken = {word: said for word, said in self.spoken.items() if word not in upper.readings}
        readings = {word: said for word, said in self.readings.items() if word not in upper.spoken}
        books = {
            title: self.books.get(title, Lexicon()).under(upper.books.get(title, Lexicon()))
            for title in {**self.books, **upper.books}
        }
        return Lexicon({**spoken, **upper.spoken}, {**readings, **upper.readings}, books)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all entries."""
        books = {title: book.fingerprint for title, book in self.books.items()}
        return sha256_bytes(canonical_json([dict(self.spoken), dict(self.readings), books]))

    def respell(self, text: str) -> str:
        """The unified `text` with every word that has a spoken form as it is said."""
        return "".join(_replaced(self._spoken_pattern, text, self.spoken)) if self.spoken else text

    @cached_property
    def _spoken_pattern(self) -> re.Pattern[str]:
        return _any_of(self.spoken)


def load_lexicon(path: Path | None = None) -> Lexicon:
    """The lexicon in the file `path`, empty if there is none.

    Raises DocumentError with all its problems when the file is wrong.
    """
    return _read(path) if path is not None and path.exists() else Lexicon()


def _read(path: Path) -> Lexicon:
    values = load_document(path, "lexicon", check=_problems)
    books = {_bare_title(title): _entries(words) for title, words in values.get("books", {}).items()}
    entries = _entries(values.get("words", {}))
    return Lexicon(entries.spoken, entries.readings, books)


def _entries(words: Mapping[str, str]) -> Lexicon:
    return Lexicon(
        {unify(word): said for word, said in words.items() if not is_meant_as_pinyin(said)},
        {unify(word): _syllables(word, said) for word, said in words.items() if is_meant_as_pinyin(said)},
    )


def _problems(values: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    parts: list[tuple[Place, dict[Any, str]]] = [(("words",), values.get("words", {}))]
    parts += [(("books", title), words) for title, words in values.get("books", {}).items()]
    for place, words in parts:
        for word, said in words.items():
            for problem in _entry_problems(word, said):
                yield (*place, str(word)), problem


def _entry_problems(word: Any, said: str) -> Iterator[str]:
    if not isinstance(word, str):
        yield _("'{word}' is read as a number: put it in quotes").format(word=word)
    elif not spoken_characters(unify(word)) or len(word) > _LONGEST_WORD:
        yield _("'{word}' is no word: letters, Hanzi or figures, at most {most}").format(word=word, most=_LONGEST_WORD)
    elif not is_meant_as_pinyin(said):
        if not spoken_characters(said):
            yield _("'{word}': there is nothing in “{said}” that can be said").format(word=word, said=said)
    elif not re.fullmatch(f"[{HANZI}]+", unify(word)):
        yield _("'{word}': pinyin is for Hanzi; write what is said for it").format(word=word)
    else:
        syllables = _syllables(word, said)
        for problem in syllable_problems(syllables):
            yield _("'{word}': {problem}").format(word=word, problem=problem)
        if len(syllables) != len(unify(word)):
            yield _("'{word}' has {characters} characters, but {syllables} syllables of pinyin").format(
                word=word, characters=len(unify(word)), syllables=len(syllables)
            )


def _syllables(word: str, said: str) -> tuple[str, ...]:
    return spread_erhua(unify(word), pinyin_syllables(said))


def _bare_title(title: str) -> str:
    return str(title).strip().removeprefix("《").removesuffix("》")


def _nearest(title: str, known: Sequence[str]) -> str:
    """The title of `known` that `title` is probably meant to be, or nothing.

    Volumes are alike without being meant for each other: titles that differ only in a number count as others.
    """
    others = [other for other in known if _VOLUME.sub("", other) != _VOLUME.sub("", title)]
    longer = [other for other in others if min(len(other), len(title)) > 1 and (other in title or title in other)]
    return next(iter([*longer, *get_close_matches(title, others, n=1, cutoff=0.6)]), "")


def _any_of(words: Mapping[str, Any]) -> re.Pattern[str]:
    """A pattern of `words`, the longest first; those with one beginning together, so that it stays fast."""
    by_beginning: dict[str, list[str]] = {}
    for word in sorted(words, key=lambda word: (-len(word), word)):
        by_beginning.setdefault(word[0], []).append(re.escape(word[1:]))
    return re.compile("|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in by_beginning.items()))


def _places(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each whole word of `pattern` in `text`."""
    place = 0
    while found := pattern.search(text, place):
        if is_whole_word(text, *found.span()):
            yield found.span()
            place = found.end()
        else:
            place = found.start() + 1


def _replaced(pattern: re.Pattern[str], text: str, said: Mapping[str, str]) -> Iterator[str]:
    place = 0
    for start, end in _places(pattern, text):
        yield text[place:start]
        yield said[text[start:end]]
        place = end
    yield text[place:]
