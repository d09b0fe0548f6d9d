"""Generate the tables of registry, manifest and playlist in docs/FORMAT.md, and all of docs/PLAYERS.md.

    python docs/format_tables.py            # after a change of a row, of the manifest or of the playlist

A table is between `<!-- table NAME -->` and `<!-- end -->`. The registry's columns are declared in
`packager/registry` (see row_kinds.py), keys in `packager/schemas` with their `meaning` and their default
(`left_out`), chip families in `packager/firmware`. tests/test_format_tables.py fails if a document differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from packager.base.yaml_documents import load_schema
from packager.firmware.catalog import FIRMWARES
from packager.firmware.model import Firmware
from packager.registry.row_kinds import RowKind
from packager.registry.rows import EXCHANGED, KEPT_HERE

FORMAT = Path(__file__).with_name("FORMAT.md")
PLAYERS = Path(__file__).with_name("PLAYERS.md")

_TABLE = re.compile(r"<!-- table (\S+) -->\n.*?<!-- end -->", re.DOTALL)


def tables() -> Mapping[str, str]:
    """Markdown of all tables by name: those of FORMAT.md and of PLAYERS.md."""
    playlist, manifest = load_schema("playlist"), load_schema("manifest")
    return {
        "playlist": "\n".join(_keys(playlist, left_out=True)),
        "playlist-item": "\n".join(_keys(playlist["$defs"]["item"], left_out=True)),
        "manifest": "\n".join(_keys(manifest)),
        **{f"manifest-{name}": "\n".join(_keys(manifest["$defs"][name])) for name in ("track", "evidence", "sidecar")},
        "firmwares": "\n".join(_firmwares()),
        **{f"firmware-{firmware.name}": "\n".join(_rules(firmware)) for firmware in FIRMWARES},
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


def _firmwares() -> Iterator[str]:
    yield from _head(("firmware", "family", "order", "a number plays", "remembers", "doubts", "limits"))
    for each in FIRMWARES:
        limits = ", ".join(f"{key} {most}" for key, most in vars(each.limits).items() if most is not None)
        doubts = "; ".join(doubt.reason for doubt in each.doubts)
        ways = (each.walk.order.value, each.keys.value, each.memory.value)
        yield _line(f"`{each.name}`", each.title, *ways, doubts or "none", limits.replace("_", " ") or "none known")


def _rules(firmware: Firmware) -> Iterator[str]:
    yield from _head(("about", "rule", "source", "certainty"))
    for rule in firmware.rules:
        yield _line(rule.aspect.value, rule.text, rule.source, rule.certainty.value)


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
    for document in (FORMAT, PLAYERS):
        document.write_text(with_tables(document.read_text("utf-8")), "utf-8")
