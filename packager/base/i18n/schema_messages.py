"""Extracts the descriptions in the JSON schemas for the catalog: messages about mistakes in documents quote them.

The program does not import this module; the extraction of messages calls it, see `babel.ini`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any


def descriptions(
    file: IO[bytes], keywords: object, comment_tags: object, options: object
) -> Iterator[tuple[int, None, str, list[str]]]:
    """A Babel extraction method: every `description` of the schema in `file`."""
    for description in _described(json.load(file)):
        yield 1, None, description, []


def _described(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        # A property that is itself called "description" would be a schema, not a text.
        if isinstance(value.get("description"), str):
            yield value["description"]
        for part in value.values():
            yield from _described(part)
    elif isinstance(value, list):
        for part in value:
            yield from _described(part)
