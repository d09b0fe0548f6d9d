"""Pages of an e-book: their paragraphs and headings in reading order, and at which paragraph each anchor stands.

A note is read after the paragraph that has its mark, and not again in its own place. What e-readers do not show (hidden
text, page breaks, readings above characters) is left out and counted.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from packager.base.i18n.language import N_
from packager.reading.chapters import CONTENTS_LINE
from packager.reading.cleaning import has_words, one_space
from packager.reading.formats.xhtml_tree import BLOCKS, SILENT, all_text, block_of, contains, kinds_of, nearest
from packager.reading.formats.xml_tree import local_name, whole_number
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
    Page,
    count_hanzi,
    leading_number,
)

PAGE_BREAK = N_("page break with a number")

_BREAK = "\x00"
_HEADINGS = {f"h{rank}": rank for rank in range(1, 7)}
_MARK = re.compile(
    r"[\[(（〔【［{]?\s*(?:译?注释?|註)?\s*(?:\d{1,4}|[①-⑳⑴-⒇㊀-㊉]|[*＊†‡§※]{1,4}|[一二三四五六七八九十]{1,3})?\s*[\])）〕】］}]?"
)
_LEADING_MARK = re.compile(
    r"[\[(（〔【［{]\s*(?:译?注释?|註)?\s*(?:\d{1,4}|[一二三四五六七八九十]{1,3})?\s*[\])）〕】］}]\s*|[①-⑳⑴-⒇㊀-㊉*＊†‡※↩^]+\s*"
    r"|\d{1,4}[.、．:：]?\s+|(?:译?注|註)\s*\d{1,4}\s*[.、．:：]?\s*"
)
_NOTE_TYPES = frozenset(("footnote", "endnote", "rearnote", "note", "doc-footnote", "doc-endnote"))
_NO_DISPLAY = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BACK_TYPES = frozenset(("doc-backlink", "backlink", "footnote-back"))
_LONGEST_NOTE = 3_000  # characters: a longer one is a part of the text that is linked to
_JUDGED = 200  # characters of what a link leads to
_MOST_NOTES_IN_NOTES = 3  # a note may have a note; a chain of thousands would be followed too deep
_FEWEST_LINKS = 4
_MOSTLY = 0.7
_LONGEST_CONTENTS_LINE = 60
_STARTS_WITH_NUMBER = re.compile(r"[(（\[【]?(?:\d{1,4}|[一二三四五六七八九十百]{1,4})[)）\]】、.．]")


@dataclass
class BookText:
    """The text of a book as far as it was read: its blocks, and at which block each page and each anchor begins."""

    page: Page = field(default_factory=Page)
    starts: dict[str, int] = field(default_factory=dict)
    anchors: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Target:
    """An element that links lead to: its length, its first words, and the anchors that its own links lead to."""

    length: int
    begin: str
    anchors: frozenset[str]


@dataclass
class PageReader:
    """Reads pages into `text`, one after another.

    `trees`: the body of each page by name, also of `asides`, the pages outside the reading order, where notes may be.
    """

    text: BookText
    options: ReadOptions
    trees: dict[str, Any]
    asides: Collection[str] = ()
    hidden_classes: Collection[str] = ()
    used_asides: set[str] = field(default_factory=set)
    _ids: dict[tuple[str, str], Any] = field(default_factory=dict)
    _taken: dict[Any, None] = field(default_factory=dict)  # notes that were read at their marks
    _targets: dict[Any, _Target] = field(default_factory=dict)  # of links, of which there may be very many
    _depth_of_notes: int = 0
    _name: str = ""
    _pieces: list[str] = field(default_factory=list)
    _alts: list[str] = field(default_factory=list)
    _notes: list[str] = field(default_factory=list)
    _prefix: str = ""
    _rank: int | None = None
    _in_pre: bool = False

    def __post_init__(self) -> None:
        linked = {
            unquote(link.get("href") or "").partition("#")[2]
            for tree in self.trees.values()
            for link in tree.iter()
            if local_name(link) == "a"
        }
        for name, tree in self.trees.items():
            for element in tree.iter():
                for key in ("id", "name"):
                    if element.get(key) in linked and element.get(key):
                        self._ids.setdefault((name, element.get(key)), element)

    @property
    def page(self) -> Page:
        """The blocks and counts so far."""
        return self.text.page

    def read(self, name: str) -> None:
        """Reads the page `name`. A page of links to the others is left out: it is the contents list."""
        self._name = name
        self.text.starts[name] = len(self.page.blocks)
        body = self.trees[name]
        if self._is_contents(body):
            self.leave_out_contents(body)
            return
        self._walk(body)
        self._flush()

    def leave_out_contents(self, body: Any) -> None:
        """Counts the lines of a contents list."""
        for link in body.iter():
            if local_name(link) == "a":
                self.page.left_out[CONTENTS_LINE] += 1
        self.page.hanzi_left_out += count_hanzi(all_text(body))

    def _is_contents(self, body: Any) -> bool:
        links = [one_space(all_text(link)) for link in body.iter() if local_name(link) == "a" and self._leads_out(link)]
        links = [text for text in links if text and len(text) <= _LONGEST_CONTENTS_LINE]
        linked = sum(len("".join(text.split())) for text in links)
        return len(links) >= _FEWEST_LINKS and linked >= _MOSTLY * len("".join(all_text(body).split()))

    def _leads_out(self, link: Any) -> bool:
        target = self._target(link)
        return target is not None and target[0] != self._name and target[0] in self.trees

    # --- the tree

    def _walk(self, element: Any) -> None:
        name = local_name(element)
        for key in ("id", "name"):
            if element.get(key):
                self.text.anchors.setdefault((self._name, element.get(key)), len(self.page.blocks))
        if element in self._taken or name in SILENT:
            return
        if self._is_hidden(element):
            self._leave_out_hidden(element)
        elif name in BLOCKS:
            self._block(element, name)
        else:
            self._inline(element, name)

    def _children(self, element: Any) -> None:
        self._say(element.text)
        for child in element:
            self._walk(child)
            self._say(child.tail)

    def _say(self, text: str | None) -> None:
        if text:
            self._pieces.append(text.replace("\n", _BREAK) if self._in_pre else text)

    def _block(self, element: Any, name: str) -> None:
        self._flush()
        if name == "table":
            self._table(element)
            return
        if name in ("ol", "ul"):
            self._list(element, name)
            return
        rank = _HEADINGS.get(name)
        if rank is None and element.get("role") == "heading":
            rank = max(whole_number(element.get("aria-level"), 2), 1)
        outer = self._rank, self._in_pre
        self._rank = rank if rank is not None else self._rank
        self._in_pre = self._in_pre or name == "pre"
        self._children(element)
        self._flush()
        self._rank, self._in_pre = outer

    def _inline(self, element: Any, name: str) -> None:
        if name == "br":
            self._pieces.append(_BREAK)
        elif name in ("img", "image"):
            self._image(element)
        elif name in ("rt", "rp"):
            self.page.left_out[RUBY] += name == "rt"  # the independent count leaves readings out too
        elif name == "math":
            text = element.get("alttext") or all_text(element)
            if "\\" in text or any(local_name(each) in ("mfrac", "msup", "msub", "msqrt") for each in element.iter()):
                self.page.leave_out(FORMULA, all_text(element))
            else:
                self._pieces.append(text)
        elif name == "a" and element.get("href") and self._note_mark(element):
            return
        else:
            self._children(element)

    def _image(self, element: Any) -> None:
        note = element.get("zy-footnote") or (element.get("alt") if "footnote" in element.get("class", "") else "")
        if note and has_words(note):
            self._add_note(one_space(note), in_file=False)
            return
        self.page.leave_out(IMAGE)
        self._alts.append(one_space(element.get("alt") or element.get("title") or ""))

    def _flush(self) -> None:
        """Ends the paragraph."""
        parts = "".join(self._pieces).split(_BREAK)
        rows = [[one_space(row) for row in part.split("\n") if row.strip()] for part in parts]
        texts = [join_rows(part) for part in rows if part]
        alts, self._alts, self._pieces = self._alts, [], []
        rank = self._rank
        if rank is not None and not texts:  # a heading that is a picture
            texts = [alt for alt in alts if has_words(alt)]
            self.page.left_out[IMAGE] -= len(texts)
            self.page.hanzi_left_out -= sum(map(count_hanzi, texts))
        if texts and self._prefix:
            if not _STARTS_WITH_NUMBER.match(texts[0]):
                texts[0] = self._prefix + texts[0]
            self._prefix = ""
        if rank is not None and texts:
            text = " ".join(texts)
            self.page.blocks.append(Block(text, rank, leading_number(text)))
        else:
            self.page.blocks.extend(Block(text) for text in texts)
        notes, self._notes = self._notes, []
        self.page.blocks.extend(Block(note) for note in notes)

    # --- lists and tables

    def _list(self, element: Any, name: str) -> None:
        step = -1 if element.get("reversed") is not None else 1
        items = [child for child in element if local_name(child) == "li"]
        number = whole_number(element.get("start"), 1 if step > 0 else len(items))
        self._say(element.text)
        for child in element:
            if local_name(child) != "li":
                self._walk(child)
            else:
                number = whole_number(child.get("value"), number)
                self._prefix = f"{number}、" if name == "ol" else ""
                self._walk(child)
                self._flush()
                self._prefix = ""
                number += step
            self._say(child.tail)
        self._flush()

    def _table(self, element: Any) -> None:
        rows = [row for row in element.iter() if local_name(row) == "tr" and nearest(row, "table") is element]
        cells = [[cell for cell in row if local_name(cell) in ("td", "th")] for row in rows]
        for caption in element:
            if local_name(caption) == "caption":
                self._walk(caption)
        if max(map(len, cells), default=0) <= 1:  # a frame around paragraphs
            for row in cells:
                for cell in row:
                    self._walk(cell)
            return
        spoken = ["，".join(filter(None, (" ".join(self._aside(cell)) for cell in row))) for row in cells]
        if self.options.tables:
            self.page.blocks.extend(Block(text) for text in spoken if text)
        else:
            self.page.leave_out(TABLE, "".join(spoken))

    def _aside(self, element: Any) -> list[str]:
        """The texts of an element that stands apart, as a cell or a note."""
        outer = self._pieces, self._alts, self._notes, self._prefix, self._rank
        self._pieces, self._alts, self._notes, self._prefix, self._rank = [], [], [], "", None
        blocks, self.page.blocks = self.page.blocks, []
        self._children(element)
        self._flush()
        texts = [block.text for block in self.page.blocks]
        self.page.blocks = blocks
        self._pieces, self._alts, self._notes, self._prefix, self._rank = outer
        return texts

    # --- notes

    def _target(self, link: Any) -> tuple[str, str] | None:
        """The page and anchor that `link` leads to, None for other links."""
        href = unquote(link.get("href") or "")
        if not href or "://" in href:
            return None
        page, _, anchor = href.partition("#")
        name = posixpath.normpath(posixpath.join(posixpath.dirname(self._name), page)) if page else self._name
        return name, anchor

    def _note_mark(self, link: Any) -> bool:  # noqa: PLR0911 - a kind of link a return
        """Whether `link` is the mark of a note, or leads back from one; then it is dealt with."""
        text = one_space(all_text(link))
        words = kinds_of(link)
        if words & _BACK_TYPES:
            self.page.hanzi_left_out += count_hanzi(text)
            return True
        typed = any("noteref" in word or "footnote" in word for word in words)
        if not typed and (not text or not _MARK.fullmatch(text)):
            return False
        key = self._target(link)
        target = self._ids.get(key) if key else None
        if key is None or target is None:
            if typed and _MARK.fullmatch(text):
                self.page.leave_out(FOOTNOTE_MARK, text)
            return typed and bool(_MARK.fullmatch(text))
        if key in self.text.anchors and target not in self._taken:
            is_back = self._leads_to_mark(target)
            self.page.hanzi_left_out += count_hanzi(text) if is_back else 0
            return is_back
        note = block_of(target)
        if note in self._taken:
            self.page.leave_out(FOOTNOTE_MARK, text)
            return True
        about = self._about(note)
        if about.length > _LONGEST_NOTE or contains(note, link) or self._depth_of_notes == _MOST_NOTES_IN_NOTES:
            return False
        if not (typed or kinds_of(note) & _NOTE_TYPES or self._answers(note, link, text)):
            return False
        self._taken[note] = None
        if key[0] in self.asides:
            self.used_asides.add(key[0])
            self.page.hanzi_left_out -= count_hanzi(all_text(note))  # the pages in order have no such text
        name, self._name = self._name, key[0]
        self._depth_of_notes += 1
        spoken = "".join(self._aside(note))
        self._depth_of_notes -= 1
        self._name = name
        self.page.hanzi_left_out += count_hanzi(text)
        self._add_note(_LEADING_MARK.sub("", spoken, count=1).strip() if _LEADING_MARK.match(spoken) else spoken)
        return True

    def _leads_to_mark(self, target: Any) -> bool:
        """Whether `target`, which stands before, is a note's mark: the link leads back to it."""
        around = target if local_name(target) in ("a", "sup", "span") else None
        return around is not None and bool(_MARK.fullmatch(self._about(around).begin))

    def _answers(self, note: Any, link: Any, mark: str) -> bool:
        """Whether `note` begins with the same mark as `link`, or links back to it."""
        bare = mark.strip("[](){}（）〔〕【】［］ ")
        about = self._about(note)
        begin = about.begin.lstrip("[({（〔【［ ")
        if bare and begin.startswith(bare):
            return True
        own = {each.get("id") for each in (link, link.getparent()) if each is not None and each.get("id")}
        return not own.isdisjoint(about.anchors)

    def _about(self, element: Any) -> _Target:
        if element not in self._targets:
            text = all_text(element)
            links = (each.get("href") or "" for each in element.iter() if local_name(each) == "a")
            anchors = frozenset(link.partition("#")[2] for link in links) if len(text) <= _LONGEST_NOTE else frozenset()
            self._targets[element] = _Target(len(text), one_space(text[:_LONGEST_NOTE])[:_JUDGED], anchors)
        return self._targets[element]

    def _add_note(self, text: str, *, in_file: bool = True) -> None:
        if not in_file:  # an attribute: the independent count of the text does not have it
            self.page.hanzi_left_out -= count_hanzi(text)
        if self.options.notes:
            self.page.leave_out(FOOTNOTE_MARK)
            if text:
                self._notes.append(NOTE + text)
                self.page.hanzi_left_out -= count_hanzi(NOTE)  # spoken, but not written
        else:
            self.page.leave_out(FOOTNOTE, text)

    # --- what is not shown

    def _is_hidden(self, element: Any) -> bool:
        if element.get("hidden") is not None or _NO_DISPLAY.search(element.get("style") or ""):
            return True
        if any(name in self.hidden_classes for name in (element.get("class") or "").split()):
            return True
        return bool(kinds_of(element) & {"pagebreak", "doc-pagebreak", "landmarks", "page-list"})

    def _leave_out_hidden(self, element: Any) -> None:
        text = all_text(element)
        if has_words(text):
            self.page.leave_out(PAGE_BREAK if kinds_of(element) & {"pagebreak", "doc-pagebreak"} else HIDDEN, text)
