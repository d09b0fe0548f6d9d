"""The registry of formats: a new format is one module that registers itself."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from reading_kit import messages

from packager.base.errors import InputError
from packager.reading import file_types, read_book
from packager.reading.file_types import FileType, register

NEW_FORMAT = '''
"""A fake format: lines after a mark, a heading where a line begins with !."""

from collections import Counter

from packager.reading.chapters import FrontMatter, ParsedDocument
from packager.reading.file_types import FileType, register
from packager.reading.outline import Block


def read_fake(file):
    lines = file.data.decode().splitlines()[1:]
    blocks = [Block(line[1:], 1) if line.startswith("!") else Block(line) for line in lines]
    return ParsedDocument(FrontMatter("一本书", ""), blocks, Counter())


register(FileType("fake", "FAKE", (".fake",), lambda file: file.data.startswith(b"FAKE1"), read_fake))
'''


@pytest.fixture
def fake_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Adds the fake format by importing its one module."""
    monkeypatch.setattr(file_types, "_FILE_TYPES", dict(file_types._FILE_TYPES))
    module = tmp_path / "fake_format.py"
    module.write_text(NEW_FORMAT, "utf-8")
    spec = importlib.util.spec_from_file_location("fake_format", module)
    assert spec is not None and spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


@pytest.mark.usefixtures("fake_format")
def test_a_new_format_is_read_after_one_new_module_is_imported(tmp_path: Path) -> None:
    path = tmp_path / "book.fake"
    path.write_text("FAKE1\n!第一章\n你好。\n", "utf-8")
    found = read_book(path)
    assert (found.format, found.book.title, found.doubts) == ("fake", "一本书", ())
    assert [(chapter.title, chapter.paragraphs) for chapter in found.book.chapters] == [("第一章", ("你好。",))]


@pytest.mark.usefixtures("fake_format")
def test_a_new_format_is_detected_named_and_listed_in_messages(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_text("FAKE1\n你好。\n", "utf-8")
    assert any("it is FAKE and was read as that" in warning for warning in messages(read_book(path)))
    with pytest.raises(InputError, match="FAKE, which declares its own encoding"):
        read_book(path.rename(tmp_path / "book.md"), encoding="utf-8")
    (tmp_path / "book.xyz").write_text("你好。\n", "utf-8")
    with pytest.raises(InputError, match=r"\.txt, .*, \.pdf, \.fake"):
        read_book(tmp_path / "book.xyz")


@pytest.mark.parametrize(("identity", "suffix"), [("txt", ".new"), ("new", ".txt")])
def test_an_id_or_suffix_that_is_taken_is_refused(identity: str, suffix: str) -> None:
    html = file_types._FILE_TYPES["html"]
    with pytest.raises(ValueError, match="registered already"):
        register(FileType(identity, "NEW", (suffix,), html.matches, html.read))
