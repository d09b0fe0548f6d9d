"""How paths and names that come from cards and systems are printed. Pure."""

from __future__ import annotations

import unicodedata


def shown(path: str) -> str:
    """`path` as it can be printed: bytes that are not UTF-8 and control or direction characters are escaped."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    # Python does not count the wide space of Chinese text as printable.
    return "".join(c if c.isprintable() or unicodedata.category(c) == "Zs" else f"\\u{ord(c):04x}" for c in text)
