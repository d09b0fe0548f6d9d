"""Files that are made to keep a reader busy: chains, cycles, numbers without measure and floods of links."""

from __future__ import annotations

import contextlib
import struct
import zipfile
from pathlib import Path
from time import process_time

import pytest

from packager.base.errors import InputError
from packager.reading import read_book
from packager.reading.formats import xml_tree
from packager.reading.formats.epub_package import hidden_classes
from packager.reading.nouns import ReadBook

SECONDS = 3  # of the processor; what they test took minutes
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TEXT = "<w:r><w:t>正文在此。</w:t></w:r>"
ITEM = f'<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>{TEXT}</w:p>'


def archive(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


def docx(folder: Path, body: str, **parts: str) -> Path:
    members = {f"word/{name}.xml": f"<w:{name} {W}>{content}</w:{name}>" for name, content in parts.items()}
    members["word/document.xml"] = f"<w:document {W}><w:body>{body}</w:body></w:document>"
    return archive(folder / "book.docx", members)


def epub(folder: Path, page: str, *, items: str = "", ncx: str = "", empty: int = 0) -> Path:
    manifest = f'<item id="a" href="a.html"/><item id="n" href="a.ncx"/>{items}'
    members = {
        "META-INF/container.xml": '<container><rootfile full-path="a.opf"/></container>',
        "a.opf": f'<package><manifest>{manifest}</manifest><spine><itemref idref="a"/></spine></package>',
        "a.html": f"<html><body>{page}</body></html>",
        "a.ncx": f"<ncx><navMap>{ncx}</navMap></ncx>",
    }
    return archive(folder / "book.epub", members | {f"{number}.png": "" for number in range(empty)})


def soon(path: Path) -> ReadBook:
    start = process_time()
    found = read_book(path)
    assert process_time() - start < SECONDS
    return found


def numbering(level: str, times: int = 1) -> str:
    lists = "".join(f'<w:num w:numId="{n}"><w:abstractNumId w:val="0"/></w:num>' for n in range(1, times + 1))
    return f'<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">{level}</w:lvl></w:abstractNum>{lists}'


@pytest.mark.parametrize(
    "level",
    [
        '<w:numFmt w:val="zerosx"/><w:lvlText w:val="%1."/>',
        f'<w:numFmt w:val="zeros{"9" * 5000}"/><w:lvlText w:val="%1."/>',
        f'<w:start w:val="{"9" * 4300}"/><w:lvlText w:val="%1."/>',
        f'<w:lvlText w:val="{"好%1" * 20_000}"/>',
    ],
)
def test_numbers_without_measure_in_a_list_stay_small(tmp_path: Path, level: str) -> None:
    found = soon(docx(tmp_path, ITEM * 500, numbering=numbering(level)))
    assert found.book.characters < 500 * 1000


def test_a_level_that_word_does_not_have_is_ignored(tmp_path: Path) -> None:
    wild = '<w:lvlOverride w:ilvl="999999999"><w:startOverride w:val="1"/></w:lvlOverride>'
    lists = numbering('<w:lvlText w:val="%1."/>').replace("</w:num>", f"{wild}</w:num>")
    assert soon(docx(tmp_path, ITEM.replace('ilvl w:val="0"', 'ilvl w:val="999999999"'), numbering=lists))


def test_thousands_of_lists_that_name_missing_styles_hold_nothing_up(tmp_path: Path) -> None:
    lists = "".join(
        f'<w:abstractNum w:abstractNumId="{n}"><w:numStyleLink w:val="s{n}"/></w:abstractNum>'
        f'<w:num w:numId="{n}"><w:abstractNumId w:val="{n}"/></w:num>'
        for n in range(5000)
    )
    assert soon(docx(tmp_path, ITEM, numbering=lists))


def test_a_chain_of_notes_is_not_followed_too_deep(tmp_path: Path) -> None:
    notes = "".join(
        f'<w:footnote w:id="{n}"><w:p>{TEXT}<w:r><w:footnoteReference w:id="{n + 1}"/></w:r></w:p></w:footnote>'
        for n in range(1000)
    )
    mark = '<w:p><w:r><w:t>甲</w:t><w:footnoteReference w:id="0"/></w:r></w:p>'
    assert soon(docx(tmp_path, mark, footnotes=notes)).left_out["footnote"] > 900
    page = "".join(
        f'<p id="n{n}" class="footnote">1 注。<a href="#n{n + 1}" role="noteref">1</a></p>' for n in range(1000)
    )
    assert soon(epub(tmp_path, '<p>甲。<a href="#n0" role="noteref">1</a></p>' + page))


def test_text_beside_the_parts_of_a_flat_package_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "book.xml"
    path.write_text(
        '<!DOCTYPE x SYSTEM "x.dtd">'
        '<p:package xmlns:p="http://schemas.microsoft.com/office/2006/xmlPackage" a="Word.Document">'
        f'&x;<p:part p:name="/word/document.xml">&x;<p:xmlData>&x;<w:document {W}><w:body><w:p>{TEXT}</w:p></w:body>'
        "</w:document></p:xmlData></p:part></p:package>",
        "utf-8",
    )
    assert read_book(path).book.characters == 5


def test_a_file_that_is_too_deep_or_too_large_for_a_parser_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = docx(tmp_path, f"<w:p>{TEXT}</w:p>")
    for error in (RecursionError, MemoryError):

        def fail(*_arguments: object, error: type[Exception] = error) -> None:
            raise error

        monkeypatch.setattr("packager.reading.formats.docx._read", fail)
        with pytest.raises(InputError, match="can't be read"):
            read_book(path)


@pytest.mark.parametrize("number", ["²", "--5", "9" * 4300, ""])
def test_what_is_no_number_does_not_count_a_list(tmp_path: Path, number: str) -> None:
    page = (
        f'<ol start="{number}"><li value="{number}">甲文</li></ol><div role="heading" aria-level="{number}">乙文</div>'
    )
    assert soon(epub(tmp_path, page)).book.characters < 20


def test_floods_of_links_to_one_place_hold_nothing_up(tmp_path: Path) -> None:
    links = '<a href="#n">1</a>' * 3000
    for note in ("好" * 300_000, "<b/>" * 50_000):
        assert soon(epub(tmp_path, f'<p>文。{links}</p><p id="n">{note}</p>'))


def test_contents_lists_of_many_thousand_lines_hold_nothing_up(tmp_path: Path) -> None:
    point = '<navPoint><navLabel><text>{title}</text></navLabel><content src="a.html#p{n}"/></navPoint>'
    page = "".join(f'<h2 id="p{n}">第{n}章 子{n}</h2><p>文。</p>' for n in range(1, 3000))
    for title in ("第{n}章 子{n}", "丑{n}"):
        ncx = "".join(point.format(n=n, title=title.format(n=n)) for n in range(1, 3000))
        assert len(soon(epub(tmp_path, page, ncx=ncx)).book.chapters) > 2500


def test_thousands_of_missing_files_hold_nothing_up(tmp_path: Path) -> None:
    items = "".join(f'<item id="x{n}" href="no{n}.html"/>' for n in range(10_000))
    assert soon(epub(tmp_path, "<p>文。</p>", items=items, empty=5000))


@pytest.mark.parametrize("page", ["<!DOCTYPE " + "a" * 300_000, "<!DOCTYPE[" * 30_000])
def test_declarations_without_end_hold_nothing_up(tmp_path: Path, page: str) -> None:
    assert soon(epub(tmp_path, f"<p>文。</p>{page}"))


def test_style_sheets_are_searched_in_one_pass() -> None:
    assert hidden_classes("/* .a{display:none} */ .b,p.c { color:red; display: none } .d{}") == {"b", "c"}
    start = process_time()
    for css in (
        "a" * 300_000,
        "/*" * 300_000,
        "a{" + "display:none " * 30_000,
        "a{display" + " " * 300_000,
        "@media{" * 90_000,
    ):
        assert hidden_classes(css) == set()
    assert process_time() - start < SECONDS


def test_an_archive_that_hides_its_number_of_files_is_refused_before_it_is_listed(tmp_path: Path) -> None:
    """The record for large archives counts, where the plain one says something else."""
    path = epub(tmp_path, "<p>文。</p>")
    content = path.read_bytes()
    end = content.rindex(b"PK\x05\x06")
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 4, 4, 60_000_000, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    path.write_bytes(content[:end] + record + locator + content[end:])
    with pytest.raises(InputError, match="too many files"):
        read_book(path)


def test_tags_are_counted_over_all_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_tree, "_MOST_TAGS", 1000)
    pages = {f"{name}.html": f"<html>{'<b/>' * 700}文。</html>" for name in "bc"}
    items = '<item id="b" href="b.html"/><item id="c" href="c.html"/>'
    path = epub(tmp_path, "<p>文。</p>", items=items)
    with zipfile.ZipFile(path, "a") as made:
        for name, content in pages.items():
            made.writestr(name, content)
    with pytest.raises(InputError, match="more than 1000 tags"):
        read_book(path)


@pytest.mark.parametrize("tags", ["<draw:text-box/>" * 60_000, "<![CDATA[<draw:text-box>]]>" * 40_000])
def test_text_boxes_without_end_hold_nothing_up(tmp_path: Path, tags: str) -> None:
    body = f"<office:body><office:text><text:p>文。</text:p><text:p>{tags}</text:p></office:text></office:body>"
    content = (
        f'<office:document-content xmlns:office="o" xmlns:text="t" xmlns:draw="d">{body}</office:document-content>'
    )
    members = {"mimetype": "application/vnd.oasis.opendocument.text", "META-INF/manifest.xml": "<a/>"}
    path = archive(tmp_path / "book.odt", members | {"content.xml": content})
    start = process_time()
    with contextlib.suppress(InputError):
        read_book(path)
    assert process_time() - start < SECONDS
