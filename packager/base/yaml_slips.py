"""Slips of a Chinese keyboard in YAML documents, as a full-width colon after a key. Pure.

`repaired_texts` yields what a document was probably meant to be, line by line, so that line numbers stay. A caller
takes a repair only where the document as it is written is wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_SPACES = "\u3000\u00a0"  # the wide space, and the one that word processors put in
_KEY_OF_LINE = re.compile(
    r"""(?P<lead>[ ]*(?:[-－—–·•][ ]*(?=\S))?)      # a dash of a list may be the wrong one
        (?P<key>"[^"]*"|'[^']*'|[“”][^“”"]*[“”]|[‘’][^‘’']*[‘’]|[^\s#:：“”"'{\[｛［【][^:：#{\[]*?)
        [ ]*(?:：[ ]*|:[ ]+|:$|:(?=\S))(?P<value>.*)\Z""",
    re.VERBOSE,
)
_LIST_VALUE = re.compile(r"(?P<lead>[ ]*-[ ]+)(?P<value>.+)\Z")
_QUOTED = re.compile(r"""(?:[“”][^“”"]*[“”"]|"[^“”"]*[“”]|[‘’][^‘’']*[‘’'])(?=\s*(?:[#,}\]].*)?\Z)""")
_QUOTED_IN_FLOW = re.compile("""[“”]([^“”"]*)[“”]|[‘’]([^‘’']*)[‘’]""")
_COLON_IN_FLOW = re.compile(
    r"((?:\A|[{\[,])[^{}\[\],:：]*?)[ ]*：[ ]*"
)  # the first of an entry: others are its value's
_PLAIN_QUOTES = re.compile(r"""("(?:[^"\\]|\\.)*"|'[^']*')""")
_BRACKETS = str.maketrans("｛｝［］【】", "{}[][]")
_FULL_WIDTH = re.compile(r"[！-～]*[！-～][!-~！-～]*")
_BLOCK = re.compile(r"[|>][-+0-9]*\s*(?:#.*)?\Z")
_FLOW = ("{", "[", "｛", "［", "【")
_PATH_KEY = "book"
_WEEK_KEY = "week"
_WEEK = re.compile(r"([0-9]{4})-?[Ww]([0-9]{2})")


def repaired_texts(text: str) -> Iterator[str]:
    """What the document `text` may be meant to be: with the fewest changes first; `text` itself is not among them."""
    seen = {text}
    for commas in (False, True):
        repaired = "\n".join(_repaired_lines(text, commas=commas)) + "\n" * text.endswith("\n")
        if repaired not in seen:
            seen.add(repaired)
            yield repaired


def unquoted(value: str) -> str:
    """`value` without the Chinese quotes around it; as it is when they belong to its text."""
    inner = value[1:-1]
    is_quoted = len(value) > 1 and value[0] + value[-1] in ("“”", "””", "““", "‘’")
    return inner if is_quoted and not re.search("[“”‘’]", inner) else value


def _repaired_lines(text: str, *, commas: bool) -> Iterator[str]:
    """The lines; those of a block of text (`|`, `>`) stay as they are."""
    block: int | None = None
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip(" "))
        if block is not None and (indent > block or not line.strip()):
            yield line
            continue
        repaired = line if line.lstrip().startswith("#") else _repaired(line, commas=commas)
        block = indent if _BLOCK.search(repaired) else None
        yield repaired


def _repaired(line: str, *, commas: bool) -> str:
    body = line.lstrip(" \t" + _SPACES)
    if not body:
        return ""
    lead = line[: len(line) - len(body)].replace("\u3000", "  ").replace("\u00a0", " ")
    line = lead + body.rstrip(_SPACES + " \t")
    if body.startswith("＃"):
        return f"{lead}#{body[1:]}"
    line = re.sub(rf"[{_SPACES}]+(?=#)|(?<=[-－—–:：])[{_SPACES}]+", " ", line)
    if body.startswith(_FLOW):
        return lead + _repaired_flow(line[len(lead) :], commas=commas)
    if found := _KEY_OF_LINE.match(line):
        key = _repaired_key(found["key"])
        value = _repaired_value(key, found["value"], commas=commas)
        dash = "- " if found["lead"].strip() else ""
        lead = found["lead"][: len(found["lead"]) - len(found["lead"].lstrip(" "))]
        return f"{lead}{dash}{key}:{' ' if value else ''}{value}"
    if found := _LIST_VALUE.match(line):
        return found["lead"] + _repaired_value("", found["value"], commas=commas)
    return line


def _repaired_key(key: str) -> str:
    key = unquoted(key.strip(_SPACES + " "))
    key = unicodedata.normalize("NFKC", key) if _FULL_WIDTH.fullmatch(key) else key
    return _WEEK.sub(r"\1-W\2", key) if _WEEK.fullmatch(key) else key


def _repaired_value(key: str, value: str, *, commas: bool) -> str:
    value = value.strip(_SPACES + " ")
    if key == _PATH_KEY or (not key and "\\" in value):
        value = re.sub(r"\\+", "/", value)
    if value.startswith(_FLOW):
        return _repaired_flow(value, commas=commas)
    if key == _WEEK_KEY:
        return _WEEK.sub(r"\1-W\2", unicodedata.normalize("NFKC", unquoted(value)))
    if found := _QUOTED.match(value):
        return _in_plain_quotes(found[0][1:-1]) + value[found.end() :]
    return unicodedata.normalize("NFKC", value) if _FULL_WIDTH.fullmatch(value) else value


def _repaired_flow(value: str, *, commas: bool) -> str:
    """A list or mapping in brackets; what stands in plain quotes stays."""
    value = _QUOTED_IN_FLOW.sub(lambda found: _in_plain_quotes(found[1] or found[2] or ""), value)
    parts = _PLAIN_QUOTES.split(value)
    for place in range(0, len(parts), 2):
        part = parts[place].translate(_BRACKETS)
        parts[place] = _COLON_IN_FLOW.sub(r"\1: ", re.sub(r"[，、]", ", ", part) if commas else part)
    return "".join(parts)


def _in_plain_quotes(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
