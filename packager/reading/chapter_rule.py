"""A playlist's own rule of where chapters begin, applied instead of detected headings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import thread_time

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.reading.nouns import Doubt, DoubtKind
from packager.reading.outline import Block

LONGEST_PATTERN = 200
_LONGEST_TITLE = 40
_JUDGED_CHARACTERS = 200
_SENTENCE_ENDS = ("。", "；", "，", "：", "！", "…")
_SECONDS = 5.0
"""The most processor time that a pattern may take for a whole book: some regular expressions take for ever (ReDoS)."""
_FAR_OUT = 20.0  # seconds for one paragraph; a busy computer makes everything slow


@dataclass(frozen=True)
class ChapterRule:
    """Where chapters begin; exactly one of the three is set.

    `pattern` is a regular expression that a paragraph matches from its beginning; `starts` are beginnings of
    paragraphs; `level` is the lowest level of headings that are chapters of their own, from 1.
    """

    pattern: str = ""
    starts: tuple[str, ...] = ()
    level: int = 0

    def __post_init__(self) -> None:
        if sum(map(bool, (self.pattern, self.starts, self.level))) != 1 or self.level < 0:
            raise ValueError(f"no rule: {self}")


def pattern_problem(pattern: str) -> str:
    """A sentence about the mistake in a regular expression; empty if it is valid."""
    import regex

    if len(pattern) > LONGEST_PATTERN:
        return _("the pattern has more than {n} characters").format(n=LONGEST_PATTERN)
    try:
        compiled = regex.compile(pattern)
    except (regex.error, OverflowError, RecursionError) as error:
        return _("'{pattern}' is not a regular expression: {reason}").format(pattern=pattern, reason=error)
    if compiled.match("", timeout=_FAR_OUT) is not None:
        return _("'{pattern}' matches an empty line, and so every line").format(pattern=pattern)
    return ""


def apply_rule(rule: ChapterRule, blocks: Sequence[Block], path: Path) -> tuple[list[Block], tuple[Doubt, ...]]:
    """`blocks` with the headings that `rule` makes, and doubts. The text does not change.

    Raises InputError when the rule finds no chapter, or its pattern takes too long.
    """
    if rule.level:
        ranks = sorted({block.rank for block in blocks if block.rank})
        kept = set(ranks[: rule.level]) | {0}
        divided = [block if block.rank in kept else _as_paragraph(block) for block in blocks]
        unmet: list[str] = []
    elif rule.pattern:
        divided = list(_by_pattern(rule.pattern, blocks, path))
        unmet = []
    else:
        divided = list(_by_starts(rule.starts, blocks))
        heads = [block.text for block in divided if block.rank is not None]
        unmet = [start for start in rule.starts if not any(head.startswith(start) for head in heads)]
    if all(block.rank is None for block in divided):
        raise InputError(
            _("{path}: the rule in 'chapters:' finds no chapter; see the text with: packager read").format(path=path)
        )
    message = _("no line begins with '{start}'")
    return divided, tuple(Doubt(DoubtKind.RULE, message.format(start=start)) for start in unmet)


def _by_pattern(pattern: str, blocks: Sequence[Block], path: Path) -> Iterator[Block]:
    import regex

    problem = pattern_problem(pattern)
    if problem:
        raise InputError(problem)
    compiled = regex.compile(pattern)
    end = thread_time() + _SECONDS
    for block in blocks:
        judged = block.text[:_JUDGED_CHARACTERS]
        try:
            found = compiled.match(judged, timeout=_FAR_OUT)
            is_late = thread_time() > end
        except TimeoutError:
            is_late = True
        if is_late:
            message = _("{path}: the pattern '{pattern}' takes too long; make it simpler")
            raise InputError(message.format(path=path, pattern=pattern))
        yield from _heading(block, found[0] if found else "")


def _by_starts(starts: tuple[str, ...], blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        yield from _heading(block, next((start for start in starts if block.text.startswith(start)), ""))


def _heading(block: Block, begin: str) -> Iterator[Block]:
    """A short paragraph is its chapter's title; of a sentence, only the part that the rule found is."""
    if not begin.strip():
        yield _as_paragraph(block)
    elif len(block.text) <= _LONGEST_TITLE and not block.text.endswith(_SENTENCE_ENDS):
        yield replace(block, rank=1, number=None)
    else:
        yield replace(block, text=begin.strip()[:_LONGEST_TITLE], rank=1, number=None)
        yield _as_paragraph(block)


def _as_paragraph(block: Block) -> Block:
    return replace(block, rank=None, number=None)
