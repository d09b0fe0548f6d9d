"""Helpers for tests of reading."""

from __future__ import annotations

from packager.reading import Doubt, DoubtKind, ReadBook


def messages(reading: ReadBook) -> tuple[str, ...]:
    """The messages of all doubts about a book."""
    return tuple(doubt.message for doubt in reading.doubts)


def doubts_of(reading: ReadBook, kind: DoubtKind) -> tuple[Doubt, ...]:
    """The doubts of one kind."""
    return tuple(doubt for doubt in reading.doubts if doubt.kind is kind)
