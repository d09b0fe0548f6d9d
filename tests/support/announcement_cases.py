"""Everything that is announced, case by case, written and as it is spoken.

    python tests/wording/announcement_cases.py > tests/wording/golden-announcements.tsv

prints the golden file again: case, role, what the script says, what is spoken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from packager.arranging.announcements import Announcements, HeldBook
from packager.arranging.profiles.profile import Saying
from packager.arranging.script import Heading, chapter_script, contents_script, placeholder_script
from packager.arranging.tracklist import Passage
from packager.reading import Chapter
from packager.textnorm import normalize

NUMBER, DIGITS = Saying.NUMBER, Saying.DIGITS
TEXT = Chapter("", ("正文。",))
HANDBOOK = HeldBook("楼组长手册", tuple((number, f"第{number - 10}章") for number in range(11, 17)))
GAPS = HeldBook("老街", ((21, "一盏灯"), (22, "下雨"), (25, "槐树")))
NOTICES = HeldBook("社区通知", ((2, "停水"), (3, "义诊\u3000时间和地点")))
OLD_NOTICES = HeldBook("社区通知", ((31, "包饺子"), (32, "量血压")))
SINGLE = HeldBook("致居民的一封信", ((2, "致居民的一封信"),))


def lines() -> Iterator[str]:
    """The lines of the golden file."""
    for case, script in cases():
        for passage in script:
            yield "\t".join((case, passage.role.value, passage.text, normalize(passage.text)))


def cases() -> Iterator[tuple[str, Sequence[Passage]]]:
    """Each case's name and script."""
    for number in (1, 2, 7, 10, 11, 12, 37, 103, 110, 217, 2011, 4045):
        for saying in (NUMBER, DIGITS):
            yield f"hole {saying.value}", placeholder_script(number, saying)
    for saying in (NUMBER, DIGITS):
        yield f"chapter {saying.value}", _chapter(Heading(12, "楼组长手册", "", "第一章 敲门"), saying=saying)
        yield f"part {saying.value}", _chapter(Heading(13, "老街", "", "一盏灯", 2, 3), saying=saying)
    yield "heading in a heading", _chapter(Heading(13, "手册", "", "第二章 上门\u3000第一节 看"))
    yield "book with marks", _chapter(Heading(14, "《1984年纪事》", "", "第3回 下雨"))
    yield "no chapter title", _chapter(Heading(11, "楼组长手册", "", ""))
    yield "chapter named as the book", _chapter(Heading(2, "致居民的一封信", "", "致居民的一封信"))
    yield "part of no title", _chapter(Heading(2, "老街", "", "", 1, 12))
    yield "many parts", _chapter(Heading(42, "老街", "", "长夜", 12, 35))
    yield "title that asks", _chapter(Heading(15, "手册", "", "谁在敲门？"))
    yield "Latin and figures", _chapter(Heading(16, "手册", "", "3.15：怎样用 Wi-Fi"))
    own: dict[str, bool | str] = {
        "number": "请按{number}",
        "book": "书名：{book}。作者：{author}。",
        "chapter": "下面请听：{chapter}",
        "part": "共{parts}部分，这是第{part}部分",
        "tail": "《{chapter}》讲完了，谢谢收听",
    }
    for saying in (NUMBER, DIGITS):
        heading = Heading(103, "楼组长手册", "晨光社区", "第一章 敲门", 1, 2)
        yield f"own words {saying.value}", _chapter(heading, own, saying)
    yield "own words, no author", _chapter(Heading(103, "手册", "", "敲门"), own)
    yield "no lead-in", _chapter(Heading(12, "手册", "", "第一章 敲门"), {"lead_in": False})
    nothing = dict.fromkeys(("number", "book", "chapter", "part", "tail"), False)
    yield "nothing announced", _chapter(Heading(12, "手册", "", "第一章 敲门", 1, 2), nothing)
    everything = {"week": [NOTICES], "kept": [OLD_NOTICES], "books": [HANDBOOK, GAPS]}
    for saying in (NUMBER, DIGITS):
        yield f"contents {saying.value}", _contents(everything, saying=saying)
    yield "contents, single book", _contents({"books": [HANDBOOK]})
    yield "contents, single track", _contents({"week": [SINGLE]}, saying=DIGITS)
    yield "contents, no standing book", _contents({"week": [NOTICES], "kept": [OLD_NOTICES]})
    yield "contents, no week", _contents({"books": [GAPS]}, week="")
    yield "contents without opening", _contents({"week": [NOTICES]}, {"opening": False})
    yield "opening without contents", _contents({"week": [NOTICES]}, {"contents": False})
    yield "turn of the year", _contents({"week": [NOTICES]}, week="2026-W53")
    greeting = "{title}。老邻居们好！今天是{date}，{weekday}，{week}。祝大家周末愉快"
    yield "own opening", _contents({"week": [NOTICES]}, {"opening": greeting, "contents": "里面有什么"})


def _chapter(
    heading: Heading, announce: Mapping[str, bool | str] | None = None, saying: Saying = NUMBER
) -> Sequence[Passage]:
    return chapter_script(heading, TEXT, Announcements().changed(announce or {}), saying)


def _contents(
    holdings: Mapping[str, Sequence[HeldBook]],
    announce: Mapping[str, bool | str] | None = None,
    *,
    saying: Saying = NUMBER,
    week: str = "2026-W48",
) -> Sequence[Passage]:
    return contents_script(
        1,
        "2026年第48周",
        week=holdings.get("week", ()),
        kept=holdings.get("kept", ()),
        books=holdings.get("books", ()),
        announce=Announcements().changed(announce or {}),
        saying=saying,
        iso_week=week,
    )


if __name__ == "__main__":
    print("\n".join(lines()))
