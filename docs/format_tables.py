"""Generate the tables of registry, manifest and playlist in docs/FORMAT.md from their declarations.

    python docs/format_tables.py            # after a change of a row, of the manifest or of the playlist

A table is between `<!-- table NAME -->` and `<!-- end -->`. The registry's columns are declared in
`packager/registry` (see row_kinds.py), keys in `packager/schemas` with their `meaning` and their default
(`left_out`). tests/test_format_tables.py fails if FORMAT.md differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from packager.base.yaml_documents import load_schema
from packager.registry.row_kinds import RowKind
from packager.registry.rows import EXCHANGED, KEPT_HERE

FORMAT = Path(__file__).with_name("FORMAT.md")

_TABLE = re.compile(r"<!-- table (\S+) -->\n.*?<!-- end -->", re.DOTALL)


def tables() -> Mapping[str, str]:
    """Markdown of all tables by name."""
    playlist, manifest = load_schema("playlist"), load_schema("manifest")
    return {
        "playlist": "\n".join(_keys(playlist, left_out=True)),
        "playlist-item": "\n".join(_keys(playlist["$defs"]["item"], left_out=True)),
        "manifest": "\n".join(_keys(manifest)),
        **{f"manifest-{name}": "\n".join(_keys(manifest["$defs"][name])) for name in ("track", "evidence", "sidecar")},
        "registry-exported": "\n\n".join(map(_columns, EXCHANGED)),
        "registry-local": "\n\n".join(map(_columns, KEPT_HERE)),
    }


def with_tables(text: str) -> str:
    """`text` with its tables generated. Raises KeyError for an unknown table."""
    known = tables()
    return _TABLE.sub(lambda found: f"<!-- table {found[1]} -->\n{known[found[1]]}\n<!-- end -->", text)


def _keys(schema: Mapping[str, Any], *, left_out: bool = False) -> Iterator[str]:
    heads = ("key", "meaning", "when left out") if left_out else ("key", "meaning")
    yield from _head(heads)
    for name, key in sorted(schema["properties"].items(), key=lambda item: item[0] not in schema["required"]):
        otherwise = "required" if name in schema["required"] else key.get("left_out", "")
        yield _line(f"`{name}`", key["meaning"], *([otherwise] if left_out else []))


def _columns(kind: RowKind[Any]) -> str:
    lines = [f"`{kind.table}`: {kind.about} Key: {', '.join(f'`{name}`' for name in kind.primary_key)}.", ""]
    lines += _head(("column", "values", "meaning"))
    for name, column in kind.columns.items():
        notes = [note for note, holds in (("or NULL", column.is_optional), ("personal", column.personal)) if holds]
        form = ", ".join([column.type.form, *notes])
        names = f" (a row of `{column.references}`)" if column.references else ""
        lines.append(_line(f"`{name}`", form, column.description + names))
    return "\n".join(lines)


def _head(names: Iterable[str]) -> tuple[str, str]:
    names = tuple(names)
    return _line(*names), "|" + "---|" * len(names)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    FORMAT.write_text(with_tables(FORMAT.read_text("utf-8")), "utf-8")
