"""Publications of small releases that are made of tones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from shared import made_once
from tones import BOOK, Built, Office, open_office

from packager.publish.folder import OutputFile
from packager.publish.formats import find_channels
from packager.publish.options import PublishOptions, Work
from packager.publish.publication import Publication
from packager.publish.source import read_publication

CHAPTERS = """
## 第三章 “引号”/斜杠 & <b>粗</b> 😀

今年增长了20%。明年呢？还不知道！大家都在等，等到年底才有结果。

1. 第一项工作。

2. 第二项工作。

## 第四章 四五十个字的标题四五十个字的标题四五十个字的标题四五十个字的标题四五十个字的标题长

床前明月光

疑是地上霜

举头望明月

低头思故乡
"""


@pytest.fixture(scope="session")
def shared_book(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, Built]:
    """An office with a release of two books, not to be changed."""

    def make(folder: Path) -> tuple[Office, Built]:
        office = open_office(folder / "office")
        office.write({"book.md": BOOK + CHAPTERS})
        return office, office.build()

    return made_once(tmp_path_factory, "published book", make)


@pytest.fixture
def publication(shared_book: tuple[Office, Built]) -> Publication:
    return publication_of(*shared_book)


def publication_of(office: Office, built: Built, *, with_week_notices: bool = True) -> Publication:
    return read_publication(built.result.release, office.workspace.spoken, with_week_notices=with_week_notices)


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes what a channel produces of a publication to a new folder."""
    folders = iter(range(100))

    def written(channel: str, publication: Publication, options: PublishOptions | None = None) -> Path:
        work = Work(publication, options or PublishOptions(), lambda size: None)
        folder = tmp_path / f"{channel} {next(folders)}"
        folder.mkdir()
        (produce,) = find_channels([channel]).values()
        place_files(folder, produce(work))
        return folder

    return written


def place_files(folder: Path, files: Iterable[OutputFile]) -> None:
    for file in files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        file.write(path)
