"""`page`: one folder that plays in a browser, from a file or a web host, with the text lit as it is read."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from urllib.parse import quote

from packager.base.html import render
from packager.publish.audio_page import Address, page_in_folder, page_in_one_file
from packager.publish.cover import cover_png
from packager.publish.folder import OutputFile, bytes_file
from packager.publish.options import Work
from packager.publish.publication import LANGUAGE, Publication

COVER = "cover.png"

# What the player says to listeners, in the language of the text.
_WORDS = {
    "region": "播放器",
    "seek": "播放位置",
    "of": "{at}，共 {length}",
    "play": "播放",
    "pause": "暂停",
    "go_on": "继续听",
    "previous": "上一条",
    "next": "下一条",
    "back": "退后 10 秒",
    "ahead": "前进 10 秒",
    "seconds": "秒",
    "rate": "快慢",
    "slowest": "很慢",
    "slow": "慢",
    "normal": "正常",
    "fast": "快",
    "fastest": "很快",
}


def produce(work: Work) -> Iterator[OutputFile]:
    """`index.html`, `cover.png` and the audio with titles in its names; with `single` one HTML file."""
    publication, office = work.publication, work.options.office
    picture = work.options.cover or cover_png(publication.title)
    if work.options.single:
        kind = "jpeg" if picture.startswith(b"\xff\xd8") else "png"
        cover = f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"
        yield page_in_one_file(work, lambda address: _rendered(publication, address, office, cover))
        return
    index, *audio = page_in_folder(work, lambda address: _rendered(publication, address, office, COVER))
    yield index
    yield bytes_file(COVER, picture)
    yield from audio


def page_html(publication: Publication, paths: dict[int, str], office: str, *, cover: str = COVER) -> str:
    """The page of a publication whose audio files, by number, have these paths beside it."""
    return _rendered(publication, lambda chapter: quote(paths[chapter.number]), office, cover)


def _rendered(publication: Publication, address: Address, office: str, cover: str) -> str:
    return render(
        "publish/page.html",
        language=LANGUAGE.partition("-")[0],
        words=_WORDS,
        title=publication.title,
        key=f"{publication.series}/{publication.profile}/{publication.playlist}",
        office=office,
        cover=cover,
        books=publication.books,
        chapters=publication.chapters,
        seconds=publication.seconds,
        places={chapter.number: place for place, chapter in enumerate(publication.chapters, start=1)},
        address=address,
        clock=_clock,
    )


def _clock(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} 小时 {minutes} 分钟" if hours else f"{max(minutes, 1)} 分钟"
