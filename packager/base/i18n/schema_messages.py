"""The descriptions in the JSON schemas, for the catalog: a mistake in a document is answered with them.

The program itself never imports this module: the extraction of messages calls it, as `babel.ini` says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any


def descriptions(
    file: IO[bytes], keywords: object, comment_tags: object, options: object
) -> Iterator[tuple[int, None, str, list[str]]]:
    """Every `description` of the schema in `file`, in the form of a Babel extraction method."""
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
