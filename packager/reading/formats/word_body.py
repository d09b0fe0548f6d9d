"""The body of a Word document: paragraphs as Word shows them, with their automatic numbers, and tables.

Fields give their results, tracked changes their newest text, text boxes come once, after their paragraph. Hidden and
deleted text and Word's own contents list are left out and counted. ECMA-376, part 1, 17.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from packager.base.i18n.language import N_
from packager.reading.chapters import CONTENTS_LINE
from packager.reading.cleaning import has_words, one_space
from packager.reading.formats.word_fields import Fields, enclosed_text
from packager.reading.formats.word_numbering import ListLabel, W, WordNumbering, is_on, value_of
from packager.reading.formats.word_styles import Style, Styles
from packager.reading.formats.word_tree import SILENT, boxes, chosen, outside_boxes, parts, whole_hex, written
from packager.reading.formats.xml_tree import local_name, whole_number
from packager.reading.heading_patterns import is_contents_word
from packager.reading.nouns import ReadOptions
from packager.reading.outline import Block
from packager.reading.rows import join_rows
from packager.reading.structure import (
    FOOTNOTE,
    FOOTNOTE_MARK,
    FORMULA,
    HIDDEN,
    IMAGE,
    NOTE,
    RUBY,
    TABLE,
    UNKNOWN,
    Page,
    count_hanzi,
    leading_number,
)

DELETED = N_("deleted text")
COMMENT = N_("comment")
PLACEHOLDER = N_("prompt of an empty form field")
SYMBOL = N_("symbol of a picture font")

_BREAK = "\x00"
_LONGEST_HEADING = 120  # characters: whole paragraphs are styled as headings too
_LONG_CELL = 200  # characters in a cell with several paragraphs: the table only lays the page out
_MANY_PARAGRAPHS = 3
_MOST_NOTES_IN_NOTES = 3  # a note may have a note; a chain of thousands would be followed too deep
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MATH_STRUCTURES = frozenset(
    f"{_MATH}{name}" for name in ("f", "rad", "sSup", "sSub", "sSubSup", "nary", "m", "eqArr", "limLow", "limUpp")
)
_MARKS_OF_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}


@dataclass
class _Paragraph:
    """What the paragraph that is being read has so far."""

    pieces: list[str] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)  # of Word's contents list
    boxes: list[Any] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class BodyReader:
    """Reads elements of a document's body, in order, into `page`. `notes`: footnotes and endnotes by kind and id."""

    page: Page
    options: ReadOptions
    styles: Styles
    numbering: WordNumbering
    notes: dict[tuple[str, str], Any]
    fields: Fields
    titles: list[int] = field(default_factory=list)  # places of paragraphs of the style Title
    author: str = ""
    used_notes: set[tuple[str, str]] = field(default_factory=set)
    _paragraph: _Paragraph = field(default_factory=_Paragraph)
    _depth_of_notes: int = 0
    _carried: str = ""  # of a paragraph whose end is deleted: it goes on in the next one
    _handlers: dict[str, Callable[[Any], None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._handlers = {
            **dict.fromkeys(("t", "cr", "br", "tab", "ptab", "noBreakHyphen", "sym"), self._characters),
            **dict.fromkeys(("del", "moveFrom"), self._deleted),
            **dict.fromkeys(("drawing", "pict", "object"), self._drawing),
            **dict.fromkeys(("oMath", "oMathPara"), self._formula),
            **dict.fromkeys(_MARKS_OF_NOTES, self._note),
            "r": self._run,
            "AlternateContent": self._alternative,
            "ruby": self._ruby,
            "fldChar": lambda element: self.fields.mark(element.get(f"{W}fldCharType", "")),
            "fldSimple": self._simple_field,
            "instrText": self._instruction,
            "sdt": self._control,
            "commentReference": lambda _element: self.page.leave_out(COMMENT),
            **dict.fromkeys(("altChunk", "subDoc"), lambda _element: self.page.leave_out(UNKNOWN)),
            **dict.fromkeys(("p", "tbl"), self._nested_paragraph),
        }

    def read(self, element: Any) -> None:
        """Reads a child of the body: a paragraph, a table, or an element around some."""
        name = local_name(element)
        if name == "p":
            self._read_paragraph(element)
        elif name == "tbl":
            self._read_table(element)
        elif name == "sdt":
            if self._shows_prompt(element):
                return
            for child in element.iterchildren(f"{W}sdtContent"):
                self.read(child)
        elif name == "AlternateContent":
            for child in chosen(element):
                self.read(child)
        elif name == "r":
            self._read_paragraph(element)
        elif name not in SILENT:
            for child in element:
                self.read(child)

    def finish(self) -> None:
        """Ends the document: nothing follows any more."""
        if self._carried:
            self._add([self._carried], None)
            self._carried = ""

    # --- paragraphs

    def _read_paragraph(self, element: Any) -> None:
        outer, self._paragraph = self._paragraph, _Paragraph()
        properties = element.find(f"{W}pPr")
        style = self.styles.style(value_of(properties, "pStyle"))
        self._inline(element, hidden=style.hidden)
        read, self._paragraph = self._paragraph, outer
        mark = properties.find(f"{W}rPr") if properties is not None else None
        goes_on = mark is not None and (mark.find(f"{W}del") is not None or mark.find(f"{W}moveFrom") is not None)
        text = self._carried + "".join(read.pieces)
        self._carried = ""
        if style.name.startswith("toc "):
            read.contents.append(text)
            text = ""
        if has_words("".join(read.contents)):
            self._leave_out_contents("".join(read.contents))
        if goes_on:
            self._carried = text
        else:
            self._say_paragraph(text, properties, style, is_hidden=mark is not None and is_on(mark.find(f"{W}vanish")))
        for box in read.boxes:
            for child in box:
                self.read(child)
        self.page.blocks.extend(Block(note) for note in read.notes)

    def _say_paragraph(self, text: str, properties: Any, style: Style, *, is_hidden: bool) -> None:
        paragraphs = [one_space(row) for row in text.split(_BREAK)]
        paragraphs = [row for row in paragraphs if row]
        if not paragraphs and (is_hidden or (properties is not None and properties.find(f"{W}sectPr") is not None)):
            return  # Word gives no number to a paragraph that only ends a section
        label = self._label(properties, style)
        if not paragraphs:
            if label and count_hanzi(label.text) > 1:  # 第一章, with its title in the next paragraph
                paragraphs = [label.text]
            label = None
        if label and paragraphs:
            paragraphs[0] = label.before(paragraphs[0])
            self.page.hanzi_left_out -= count_hanzi(label.text)  # spoken, but not written as text
        if not paragraphs:
            return
        written = value_of(properties, "outlineLvl")
        outline = whole_number(written, 9) if written else style.outline
        rank = outline + 1 if outline is not None and 0 <= outline < 9 else None
        if style.name == "title":
            self.titles.append(len(self.page.blocks))
        if style.name == "author" and not self.author:
            self.author = paragraphs[0]
        self._add(paragraphs, rank)

    def _add(self, paragraphs: list[str], rank: int | None) -> None:
        heading = join_rows(paragraphs) if rank is not None else ""
        if heading and len(heading) <= _LONGEST_HEADING:
            spaced = " ".join(paragraphs)
            self.page.blocks.append(Block(spaced, rank, leading_number(spaced)))
        else:
            self.page.blocks.extend(Block(text) for text in paragraphs)

    def _label(self, properties: Any, style: Style) -> ListLabel | None:
        numbered = properties.find(f"{W}numPr") if properties is not None else None
        num = value_of(numbered, "numId") or style.num
        if not num or num == "0":
            return self._written_label(properties)
        written = value_of(numbered, "ilvl")
        levels = (
            whole_number(written, 0) if written else None,
            self.numbering.level_of_style(num, value_of(properties, "pStyle")),
            self.numbering.level_of_style(num, style.num_style),
            style.level,
        )
        return self.numbering.label(num, next((level for level in levels if level is not None), 0))

    @staticmethod
    def _written_label(properties: Any) -> ListLabel | None:
        """The label that a Word 2003 XML document has written out beside its list."""
        listed = properties.find(f"{W}listPr") if properties is not None else None
        for child in listed if listed is not None else ():
            if local_name(child) == "t":
                text = next((value for key, value in child.attrib.items() if key.endswith("}val")), "").strip()
                return ListLabel(text, spaced=True) if has_words(text) else None
        return None

    def _leave_out_contents(self, text: str) -> None:
        blocks = self.page.blocks
        if blocks and is_contents_word(blocks[-1].text):
            self.page.leave_out(CONTENTS_LINE, blocks.pop().text)
        self.page.leave_out(CONTENTS_LINE, text)

    # --- inside a paragraph

    def _inline(self, element: Any, *, hidden: bool = False) -> None:
        for child in element:
            name = local_name(child)
            handler = self._handlers.get(name)
            if name == "r":
                self._run(child, hidden=hidden)
            elif handler is not None:
                handler(child)
            elif name not in SILENT:
                self._inline(child, hidden=hidden)

    def _run(self, element: Any, *, hidden: bool = False) -> None:
        properties = element.find(f"{W}rPr")
        if properties is not None:
            vanish = properties.find(f"{W}vanish")
            if vanish is not None:
                hidden = is_on(vanish)
            elif value_of(properties, "rStyle"):
                hidden = hidden or self.styles.is_hidden(value_of(properties, "rStyle"))
        if not hidden:
            self._inline(element)
            return
        text = written(element)
        if text:
            self.page.leave_out(HIDDEN, text)
        for mark in element.iterchildren(f"{W}fldChar"):  # of an index entry
            self.fields.mark(mark.get(f"{W}fldCharType", ""))

    def _emit(self, text: str) -> None:
        if self.fields.in_code:
            self.page.hanzi_left_out += count_hanzi(text)  # a field inside the code of another
        elif self.fields.in_contents:
            self._paragraph.contents.append(text)
        else:
            self._paragraph.pieces.append(text)

    def _characters(self, element: Any) -> None:
        name = local_name(element)
        if name == "t":
            if element.text:
                self._emit(element.text)
        elif name == "br" and element.get(f"{W}type") in ("page", "column"):
            self._emit(" ")
        elif name in ("br", "cr"):
            self._emit(_BREAK)
        elif name == "noBreakHyphen":
            self._emit("-")
        elif name == "sym":
            code = whole_hex(element.get(f"{W}char"))
            if 0xE000 <= code <= 0xF8FF or code < 0x100:
                self.page.leave_out(SYMBOL)
            else:
                self._emit(chr(code))
        else:
            self._emit(" ")

    def _deleted(self, element: Any) -> None:
        self.page.leave_out(DELETED, written(element))

    def _alternative(self, element: Any) -> None:
        for child in chosen(element):
            self._inline(child)

    def _drawing(self, element: Any) -> None:
        self._paragraph.boxes.extend(boxes(element))
        if any(local_name(each) in ("blip", "imagedata", "chart", "relIds") for each in outside_boxes(element)):
            self.page.leave_out(IMAGE)

    def _formula(self, element: Any) -> None:
        text = "".join(each.text or "" for each in element.iter(f"{_MATH}t", f"{W}t"))
        if any(True for _ in element.iter(*_MATH_STRUCTURES)):
            self.page.leave_out(FORMULA, "".join(each.text or "" for each in element.iter(f"{W}t")))
        else:
            self._emit(text)

    def _ruby(self, element: Any) -> None:
        self.page.leave_out(RUBY, "".join(each.text or "" for each in element.iterfind(f"{W}rt//{W}t")))
        for base in element.iterchildren(f"{W}rubyBase"):
            self._inline(base)

    def _simple_field(self, element: Any) -> None:
        self.fields.mark("begin")
        self.fields.code(element.get(f"{W}instr", ""))
        self.fields.mark("separate")
        self._inline(element)
        self.fields.mark("end")

    def _instruction(self, element: Any) -> None:
        text = element.text or ""
        if self.fields.code(text):
            self._paragraph.pieces.append(enclosed_text(self.fields.take_code()))

    def _control(self, element: Any) -> None:
        if not self._shows_prompt(element):
            for child in element.iterchildren(f"{W}sdtContent"):
                self._inline(child)

    def _shows_prompt(self, element: Any) -> bool:
        properties = element.find(f"{W}sdtPr")
        if properties is None or not is_on(properties.find(f"{W}showingPlcHdr")):
            return False
        self.page.leave_out(PLACEHOLDER, written(element))
        return True

    def _nested_paragraph(self, element: Any) -> None:
        """A paragraph inside another: no writer makes one, but its text is kept."""
        self._paragraph.boxes.append([element])

    def _note(self, element: Any) -> None:
        key = (_MARKS_OF_NOTES[local_name(element)], element.get(f"{W}id", ""))
        note = self.notes.get(key)
        if note is None or key in self.used_notes or self._depth_of_notes == _MOST_NOTES_IN_NOTES:
            return
        self.used_notes.add(key)
        self._depth_of_notes += 1
        text = "".join(block.text for block in self._aside(note))
        self._depth_of_notes -= 1
        if self.options.notes:
            self.page.leave_out(FOOTNOTE_MARK)
            if text:
                self._paragraph.notes.append(NOTE + text)
                self.page.hanzi_left_out -= count_hanzi(NOTE)  # spoken, but not written
        else:
            self.page.leave_out(FOOTNOTE, text)

    def _aside(self, element: Any) -> list[Block]:
        """The blocks of an element that stands apart, as a note or a cell."""
        blocks, self.page.blocks = self.page.blocks, []
        titles, carried, fields = list(self.titles), self._carried, self.fields
        self._carried, self.fields = "", Fields(fields.are_paired)
        for child in element:
            self.read(child)
        self.finish()
        self.titles, self._carried, self.fields = titles, carried, fields
        blocks, self.page.blocks = self.page.blocks, blocks
        return blocks

    # --- tables

    def _read_table(self, element: Any) -> None:
        rows: list[list[list[Block]]] = []
        for row in parts(element, "tr"):
            properties = row.find(f"{W}trPr")
            if properties is not None and properties.find(f"{W}del") is not None:
                self.page.leave_out(DELETED, written(row))
            else:
                rows.append([self._cell(cell) for cell in parts(row, "tc")])
        blocks = [block for row in rows for cell in row for block in cell]
        if max(map(len, rows), default=0) <= 1 or any(_is_layout(cell) for row in rows for cell in row):
            self.page.blocks.extend(blocks)
            return
        spoken = ["，".join(" ".join(block.text for block in cell) for cell in row if cell) for row in rows]
        if self.options.tables:
            self.page.blocks.extend(Block(text) for text in spoken if text)
        else:
            self.page.leave_out(TABLE, "".join(spoken))

    def _cell(self, element: Any) -> list[Block]:
        properties = element.find(f"{W}tcPr")
        merged = properties.find(f"{W}vMerge") if properties is not None else None
        hidden = merged is not None and merged.get(f"{W}val", "continue") == "continue"
        deleted = properties is not None and properties.find(f"{W}cellDel") is not None
        if hidden or deleted:  # a cell that goes on from the row above shows nothing of its own
            text = written(element)
            if text:
                self.page.leave_out(DELETED if deleted else HIDDEN, text)
            return []
        return self._aside(element)


def _is_layout(cell: list[Block]) -> bool:
    """Whether the cell holds a part of the text, not a fact: the table is a frame around it."""
    return any(block.rank is not None for block in cell) or (
        len(cell) >= _MANY_PARAGRAPHS and sum(len(block.text) for block in cell) >= _LONG_CELL
    )
