"""The tables in docs/FORMAT.md and docs/PLAYERS.md say what the declarations say."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from packager.registry.rows import EXCHANGED, KEPT_HERE

DOCS = Path(__file__).parents[1] / "docs"
DOCUMENTS = ("FORMAT.md", "PLAYERS.md")


@pytest.fixture(scope="module")
def command() -> ModuleType:
    spec = importlib.util.spec_from_file_location("format_tables", DOCS / "format_tables.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_tables_follow_from_the_declarations(command: ModuleType, name: str) -> None:
    text = (DOCS / name).read_text("utf-8")
    assert command.with_tables(text) == text, "run: python docs/format_tables.py"


def test_every_table_has_its_place_in_one_document(command: ModuleType) -> None:
    text = "".join((DOCS / name).read_text("utf-8") for name in DOCUMENTS)
    assert re.findall(r"<!-- table (\S+) -->", text) == sorted(set(command.tables()), key=text.index)


def test_a_changed_table_is_written_anew(command: ModuleType) -> None:
    old = "before\n<!-- table manifest-sidecar -->\n| old |\n<!-- end -->\nafter\n"
    new = command.with_tables(old)
    assert "| `path` |" in new and "old" not in new and new.startswith("before\n") and new.endswith("after\n")


def test_every_column_of_the_registry_is_explained() -> None:
    for kind in (*EXCHANGED, *KEPT_HERE):
        assert kind.about.endswith(".")
        assert all(column.description for column in kind.columns.values())
