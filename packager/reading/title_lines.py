"""Reads title and author from the first lines of a text, as download sites write them, and from a file's name. Pure."""

from __future__ import annotations

import re

_LONGEST = 40
_FEWEST_HANZI = 2
_SENTENCE_ENDS = tuple("。！？；：，、…!?;:,")
_LIST_ITEM = re.compile(r"\d+[、.．)）]")
_NAMED = re.compile(r"[【\[]?\s*书\s*(?:籍\s*)?名\s*称?\s*[】\]]?\s*[：:]?\s*(?P<title>.+)")
_BOOK_MARKS = re.compile(r"[【\[（(]?[^《》]{0,8}《(?P<title>[^《》]{1,40})》(?P<rest>[^《》]*)")
_OF_A_BOOK = re.compile(r"作者|著|全集|全本|完本|txt|下载|精校|完整|简体|译|编", re.IGNORECASE)
_AUTHOR = re.compile(r"(?:作\s*者|著\s*者)\s*[：:]?\s*(?P<author>[^\s：:，,。（(【\[\]】）)]{2,16})")
_WITH_AUTHOR = re.compile(r"(?P<title>[^/：:。，]{1,40}?)\s*(?:/|\s)\s*(?P<author>\S{2,16})\s+著")
_BRACKETS = (("[", "]"), ("【", "】"), ("<", ">"), ("［", "］"), ("「", "」"), ("｛", "｝"))
# No title: a number, a part that comes before the first chapter, a note of a site.
_NO_TITLE = re.compile(
    r"[IVXLivxl\d一二三四五六七八九十_.\-\s]+|_?分节阅读.*|(?:内容)?(?:简介|提要|摘要|介绍|概要)|内容|文案|[^《》]{0,6}(?:声明|章节|版权)[：:]?.*|第.{1,5}[章回节].*|[^《》]{0,12}(?:新?序言?|前言|感谢|致谢|目录)|正文"
    r"|[第]?[一二三四五六七八九十]+|作\s*者\s*[：:].*|时间\s*[：:].*|.*(?:http|www\.|专用|资源|小说网|下载).*"
)
_JUNK = re.compile(
    r"[（(\[【][^（）()\[\]【】]{0,20}[）)\]】]|作者.*|\s*著$|(?:txt|TXT)?(?:下载|精校版?|全本|完本)|(?:txt|TXT)$|^[\d.\s_-]+(?=\D)"
)
_HANZI = re.compile(r"[\u3400-\u9fff]")


def title_of(line: str) -> tuple[str, str]:
    """The title and the author in `line`, the first line of a text; empty where it names none."""
    line = _without_brackets(_first_cell(line))
    found = _NAMED.fullmatch(line)
    if found:
        return _without_book_marks(found["title"]), ""
    found = _BOOK_MARKS.fullmatch(line)
    if found and (not found["rest"] or _OF_A_BOOK.search(found["rest"])):
        author = _AUTHOR.search(found["rest"])
        return found["title"], author["author"] if author else ""
    found = _WITH_AUTHOR.fullmatch(line)
    if found and not found["title"].endswith(("文", "图")):
        return found["title"].strip(), found["author"]
    author = _AUTHOR.search(line)
    if author and author.start() and len(line) <= _LONGEST:
        return _without_book_marks(line[: author.start()].strip(" 　，,/|-—")), author["author"]
    return (line, "") if is_title(line) else ("", "")


def is_title(text: str) -> bool:
    """Whether `text` may be a book's title: short, no sentence, no number and no note."""
    a_sentence = text.endswith(_SENTENCE_ENDS) or "。" in text
    return len(text) <= _LONGEST and not a_sentence and not _LIST_ITEM.match(text) and not _NO_TITLE.fullmatch(text)


def title_in_name(stem: str) -> str:
    """The title in a file's name without its ending: 《边城》作者：沈从文（精校版） gives 边城."""
    marked = re.search("《([^《》]+)》", stem)
    title = marked[1] if marked else _JUNK.sub("", stem)
    return title.strip(" 　_-—《》") or stem


def is_named_otherwise(title: str, stem: str) -> bool:
    """Whether a file has a Chinese name with another title than `title`."""
    name, key = (_letters(text) for text in (title_in_name(stem), title))
    return len(_HANZI.findall(name)) >= _FEWEST_HANZI and key not in _letters(stem) and name not in key


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _first_cell(line: str) -> str:
    """The first cell of a line drawn as a row of a table: │ 史记 │ 司马迁 │."""
    cells = [cell.strip() for cell in re.split("[│┃║]", line)]
    return next(filter(None, cells), line) if len(cells) > 1 else line


def _without_brackets(line: str) -> str:
    for opening, closing in _BRACKETS:
        if line.startswith(opening) and line.endswith(closing) and closing not in line[1:-1]:
            return line[1:-1].strip()
    return line


def _without_book_marks(text: str) -> str:
    inner = text[1:-1]
    return inner if text.startswith("《") and text.endswith("》") and "《" not in inner else text
