"""Published folders: whole or not at all, several weeks, and what is checked afterwards."""

from __future__ import annotations

import json
import os
import random
import signal
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tones import NEWS, PLAYLIST, Office, tree

from packager.base.errors import InputError, StorageError
from packager.base.fat_names import name_problems
from packager.base.formats import canonical_json, sha256_bytes, sha256_file
from packager.base.manifest import TrackKind
from packager.publish.folder import (
    OutputFile,
    bytes_file,
    folder_problems,
    publish_folder,
    read_record,
    restore_replaced,
)
from packager.publish.formats import channel_names, find_channels, wechat
from packager.publish.limits import ArticleLimits
from packager.publish.options import PublishOptions, Work
from packager.publish.publication import Publication, PublishedBook, PublishedChapter
from packager.publish.publish import Destination, Published, publish
from packager.publish.source import read_publication
from packager.publish.verify import verify_published
from packager.releases.read_along import xml_text
from packager.releases.store import open_release
from packager.releases.text_sync import SyncedPassage, SyncedSentence, WrittenRole

OPTIONS = PublishOptions(base_url="https://example.org/podcast")


def published(
    publication: Publication, root: Path, *channels: str, keep: int | None = None, banned: str = ""
) -> list[Published]:
    work = Work(publication, OPTIONS, lambda size: None)
    destination = Destination(root, keep, lambda record: record.release == banned)
    return list(publish(work, find_channels(channels or ["page"]), destination))


def weeks(office: Office, count: int) -> list[Publication]:
    found = []
    for number in range(count):
        office.write({"news.md": NEWS.replace("明天", f"第{number}天")})
        playlist = office.root / "playlists" / f"week{number}.yaml"
        playlist.write_text(PLAYLIST.format(name=f"week{number}"), "utf-8")
        found.append(read_publication(office.build(f"week{number}").result.release, office.workspace.spoken))
    return found


def test_all_channels_are_published_and_found_complete(publication: Publication, tmp_path: Path) -> None:
    done = published(publication, tmp_path, *channel_names())
    assert {each.channel for each in done} == set(channel_names())
    release = open_release(publication.chapters[0].file.parent.parent)
    for here in ({}, {release.manifest.content_id: release}):
        checked = verify_published(tmp_path, here)
        assert [(each.problems, each.is_compared) for each in checked] == [((), bool(here))] * len(done)
    assert not list(tmp_path.rglob("*.part"))


def test_publishing_again_makes_the_same_bytes(publication: Publication, tmp_path: Path) -> None:
    channels = [name for name in channel_names() if name != "m4b"]
    published(publication, tmp_path, *channels)
    before = tree(tmp_path)
    published(publication, tmp_path, *channels)
    assert tree(tmp_path) == before


def test_an_interruption_at_any_file_leaves_the_folder_as_it_was(publication: Publication, tmp_path: Path) -> None:
    place = tmp_path / "week"
    publish_folder(place, "page", publication, [bytes_file("a", b"1"), bytes_file("b", b"2")])
    before = tree(tmp_path)

    for error in (KeyboardInterrupt(), OSError(28, "No space left on device")):

        def stop(path: Path, error: BaseException = error) -> None:
            path.write_bytes(b"half")
            raise error

        for count in range(3):
            files = [*(bytes_file(str(number), b"3") for number in range(count)), OutputFile("last", stop)]
            with pytest.raises((KeyboardInterrupt, StorageError)):
                publish_folder(place, "page", publication, files)
            assert tree(tmp_path) == before


def test_a_publication_that_was_being_replaced_when_the_power_failed_comes_back(
    publication: Publication, tmp_path: Path
) -> None:
    published(publication, tmp_path)
    place = tmp_path / "page" / publication.folder_name
    before = tree(tmp_path)
    place.rename(place.with_name(f".{place.name}.replaced.part"))

    def stop(path: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish_folder(place, "page", publication, [OutputFile("last", stop)])
    assert tree(tmp_path) == before


def test_a_program_that_is_killed_at_any_moment_leaves_the_old_publication_or_the_new_one(
    publication: Publication, tmp_path: Path
) -> None:
    new = replace(publication, title="新标题")
    (old_page,) = (tree(each.folder) for each in published(publication, tmp_path / "old"))
    (new_page,) = (tree(each.folder) for each in published(new, tmp_path / "new"))
    place = tmp_path / "page" / publication.folder_name
    published(publication, tmp_path)
    moments = random.Random(18)
    for turn in range(10):
        wanted = (publication, new)[turn % 2]
        child = os.fork()
        if child == 0:
            published(wanted, tmp_path)
            os._exit(0)
        time.sleep(moments.uniform(0, 0.1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        restore_replaced(place.parent)
        assert tree(place) in (old_page, new_page)
    published(publication, tmp_path)
    assert tree(place) == old_page
    assert not list(tmp_path.rglob("*.part"))


def test_damaged_audio_is_not_published(office: Office, tmp_path: Path) -> None:
    publication = read_publication(office.build().result.release, office.workspace.spoken)
    file = publication.chapters[-1].file
    data = bytearray(file.read_bytes())
    data[1000] ^= 1
    file.unlink()  # releases share files
    file.write_bytes(data)
    for channel in channel_names():
        with pytest.raises(InputError, match="damaged"):
            published(publication, tmp_path / "out", channel)
    assert tree(tmp_path / "out") == {}


def test_a_folder_with_other_files_is_left_alone(publication: Publication, tmp_path: Path) -> None:
    place = tmp_path / "photos"
    place.mkdir()
    (place / "me.jpg").write_bytes(b"x")
    with pytest.raises(InputError, match="not published by this program"):
        publish_folder(place, "page", publication, [bytes_file("a", b"1")])
    assert tree(tmp_path) == {"photos/me.jpg": b"x"}


def test_weeks_gather_on_the_landing_page_and_old_ones_go(office: Office, tmp_path: Path) -> None:
    first, second, third = weeks(office, 3)
    published(first, tmp_path)
    published(second, tmp_path)
    landing = (tmp_path / "page/index.html").read_text("utf-8")
    assert landing.index("main-0003-folders/index.html") < landing.index("main-0002-folders/index.html")
    (done,) = published(third, tmp_path, keep=1)
    assert done.removed == (first.release,)
    assert "main-0002" not in (tmp_path / "page/index.html").read_text("utf-8")


def test_weeks_of_one_title_can_be_told_apart(office: Office, tmp_path: Path) -> None:
    first, second = (replace(each, title="本周") for each in weeks(office, 2))
    published(first, tmp_path)
    assert ">本周<" in (tmp_path / "page/index.html").read_text("utf-8")
    published(second, tmp_path)
    landing = (tmp_path / "page/index.html").read_text("utf-8")
    assert "本周（main-0002 folders）" in landing and "本周（main-0003 folders）" in landing


def test_an_archive_of_changes_stands_beside_the_whole_one(publication: Publication, tmp_path: Path) -> None:
    published(publication, tmp_path, "archive")
    options = replace(OPTIONS, since="main-0000", known_audio=frozenset([publication.chapters[0].sha256]))
    work = Work(publication, options, lambda size: None)
    publish(work, find_channels(["archive"]), Destination(tmp_path, None, lambda record: False))
    assert sorted(path.name for path in tmp_path.rglob("*.zip")) == ["week.zip", "week（更新）.zip"]
    assert [each.problems for each in verify_published(tmp_path, {})] == [(), ()]


def test_a_withdrawn_week_is_removed(office: Office, tmp_path: Path) -> None:
    first, second = weeks(office, 2)
    published(first, tmp_path)
    (done,) = published(second, tmp_path, banned=first.release)
    assert done.removed == (first.release,)
    assert not (tmp_path / "page" / first.folder_name).exists()
    assert first.release not in (tmp_path / "page/index.html").read_text("utf-8")


def test_a_corrected_week_replaces_the_wrong_one(office: Office, tmp_path: Path) -> None:
    (first,) = weeks(office, 1)
    published(first, tmp_path)
    (second,) = weeks(office, 1)
    corrected = replace(second, release="main-0099", sequence=99, content_id="c" * 64)
    (done,) = published(corrected, tmp_path)
    assert done.removed == (first.release,)
    assert (tmp_path / "page/index.html").read_text("utf-8").count("<li>") == 1


def test_a_feed_is_not_replaced_by_another_series(publication: Publication, tmp_path: Path) -> None:
    published(publication, tmp_path, "feed")
    with pytest.raises(InputError, match="the feed of series main"):
        published(replace(publication, series="other"), tmp_path, "feed")


def test_changed_missing_and_added_files_are_found(publication: Publication, tmp_path: Path) -> None:
    (done,) = published(publication, tmp_path)
    audio = sorted((done.folder / "audio").iterdir())
    audio[0].write_bytes(b"x")
    audio[1].unlink()
    (done.folder / "more.txt").write_text("x")
    problems = list(folder_problems(done.folder, read_record(done.folder)))
    assert len(problems) == 3
    assert any("more.txt was added" in problem for problem in problems)
    (done.folder / "publication.json").write_bytes(b"{}")
    (checked,) = verify_published(tmp_path, {})
    assert checked.record is None and checked.problems


def recorded_again(folder: Path) -> None:
    """Write sizes and hashes of the files as they are into the record, as somebody who swapped audio would."""
    place = folder / "publication.json"
    values = json.loads(place.read_bytes())
    for file in values["files"]:
        path = folder / file["path"]
        file["size"], file["sha256"] = path.stat().st_size, sha256_file(path)
    place.write_bytes(canonical_json(values))


@pytest.mark.parametrize("channel", ["page", "feed", "daisy", "archive", "epub"])
def test_swapped_audio_is_found_although_the_record_was_edited(
    channel: str, publication: Publication, tmp_path: Path
) -> None:
    (done,) = published(publication, tmp_path, channel)
    found = sorted(path for path in done.folder.rglob("*") if path.suffix in (".mp3", ".zip", ".epub"))
    if channel in ("archive", "epub"):
        with zipfile.ZipFile(found[0], "a") as archive:
            archive.writestr("EPUB/9999.mp3", b"false audio")
    else:
        found[0].write_bytes(b"false audio")
    recorded_again(done.folder)
    (checked,) = verify_published(tmp_path, {})
    assert len(checked.problems) == 1 and "has audio that is not in the release" in checked.problems[0]
    values = json.loads((done.folder / "publication.json").read_bytes())
    values["audio"].append(sha256_bytes(b"false audio"))
    (done.folder / "publication.json").write_bytes(canonical_json(values))
    release = open_release(publication.chapters[0].file.parent.parent)
    (checked,) = verify_published(tmp_path, {release.manifest.content_id: release})
    assert len(checked.problems) == 2


@pytest.mark.parametrize("channel", ["m4b", "wechat"])
def test_swapped_audio_is_found_where_it_was_transcoded_or_cut(
    channel: str, publication: Publication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = ArticleLimits(audio_minutes=0.2, audio_mb=30, title=64, digest=120, article=20_000)
    monkeypatch.setattr(wechat, "load_limits", lambda channel: small)
    release = open_release(publication.chapters[0].file.parent.parent)
    here = {release.manifest.content_id: release}
    (done,) = published(publication, tmp_path / "right", channel)
    assert verify_published(tmp_path / "right", here)[0].problems == ()
    # The chapters of the last book in another order: the same length, and the same number of chapters.
    book = publication.books[-1]
    false = replace(book, chapters=(*book.chapters[1:2], *book.chapters[:1], *book.chapters[2:]))
    audio = sorted(path for path in done.folder.iterdir() if path.suffix in (".m4b", ".mp3"))
    if channel == "m4b":
        (other,) = published(replace(publication, books=(false,)), tmp_path / "false", channel)
        (wrong,) = other.folder.glob("*.m4b")
        audio[-1].write_bytes(wrong.read_bytes())
    else:
        assert len(audio) > len(publication.chapters)
        data = audio[-1].read_bytes()
        audio[-1].write_bytes(data[:2000] + data[4000:])
    recorded_again(done.folder)
    (checked,) = verify_published(tmp_path / "right", here)
    assert checked.problems == (f"{audio[-1].name} has audio that is not in the release 'main-0001'",)


def test_swapped_audio_inside_of_a_page_is_found(publication: Publication, tmp_path: Path) -> None:
    work = Work(publication, replace(OPTIONS, single=True), lambda size: None)
    (done,) = publish(work, find_channels(["page"]), Destination(tmp_path, None, lambda record: False))
    assert verify_published(tmp_path, {})[0].problems == ()
    (page,) = done.folder.glob("*.html")
    html = page.read_bytes()
    begins = html.index(b";base64,", html.index(b"data:audio/")) + 1000
    page.write_bytes(html[:begins] + b"AAAAAAAA" + html[begins + 8 :])
    recorded_again(done.folder)
    assert "has audio that is not in the release" in "".join(verify_published(tmp_path, {})[0].problems)


HOSTILE_VALUES: list[dict[str, object]] = [
    {"sequence": "2"},
    {"sequence": True},
    {"sequence": 10**400},
    {"title": ["x"]},
    {"title": "\ud800"},
    {"audio": "abc"},
    {"audio": [{}]},
    {"audio": None},
    {"expires": 5},
    {"content_id": []},
    {"files": {"path": "a"}},
    {"files": [[]]},
    {"files": [{"path": 5, "size": 1, "sha256": "0" * 64}]},
    {"files": [{"path": "a\0b", "size": 1, "sha256": "0" * 64}]},
    {"files": [{"path": "a" * 5000, "size": 1, "sha256": "0" * 64}]},
    {"files": [{"path": "../a", "size": 1, "sha256": "0" * 64}]},
    {"files": [{"path": "a", "size": [], "sha256": "0" * 64}]},
    {"more": 1},
]
HOSTILE_TEXTS = ["[" * 200_000, '{"format":' * 100_000, "5", "null", "[]", '{"format": 1}', "9" * 5000, "\x00"]


def test_a_hostile_record_is_damaged_and_stops_nothing(publication: Publication, tmp_path: Path) -> None:
    (done,) = published(publication, tmp_path)
    values = json.loads((done.folder / "publication.json").read_bytes())
    texts = [json.dumps({**values, **changes}) for changes in HOSTILE_VALUES] + HOSTILE_TEXTS
    for number, text in enumerate(texts):
        hostile = tmp_path / f"page/{number}"
        hostile.mkdir()
        (hostile / "publication.json").write_text(text, "ascii")
        with pytest.raises(InputError, match="is damaged"):
            read_record(hostile)
    published(publication, tmp_path)
    checked = {each.folder: each for each in verify_published(tmp_path, {})}
    assert checked.pop(done.folder).problems == ()
    assert len(checked) == len(texts)
    assert all(each.record is None and "is damaged" in each.problems[0] for each in checked.values())


TITLES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60) | st.sampled_from(
    [
        "“引号”‘’\"'",
        "a/b\\c:d*e?f<g>h|i",
        "😀👨‍👩‍👧‍👦🇨🇳",
        "题" * 60,
        "CON",
        "...",
        " ",
        "第一章　总则",
        "&amp;<b>]]>",
        "100% {{ x }} <!-- --> %s",
        ".隐藏的 ..",
        "NUL.txt",
        "com1 第一章",
        "\u202e",
        "\u200fמימין\u202e lpt9",
    ]
)


@settings(max_examples=40)
@given(st.lists(TITLES, min_size=1, max_size=4))
def test_every_title_gives_legal_names_on_every_channel(titles: list[str]) -> None:
    publication = with_titles(titles)
    for channel, produce in find_channels(channel_names()).items():
        work = Work(publication, OPTIONS, lambda size: None)
        paths = [file.path for file in produce(work)]
        assert len({path.casefold() for path in paths}) == len(paths), channel
        assert [name_problems(part) for path in paths for part in path.split("/")] == [()] * sum(
            path.count("/") + 1 for path in paths
        ), channel
    assert name_problems(publication.folder_name) == ()


@settings(max_examples=20)
@given(st.lists(TITLES.filter(xml_text), min_size=1, max_size=2))
def test_every_title_can_be_read_in_every_file(tmp_path_factory: pytest.TempPathFactory, titles: list[str]) -> None:
    publication = with_titles(titles)
    place = tmp_path_factory.mktemp("titles") / "file"
    for produce in find_channels(["feed", "daisy"]).values():
        for file in produce(Work(publication, OPTIONS, lambda size: None)):
            if file.path.endswith((".xml", ".html", ".smil")):
                file.write(place)
                root = etree.fromstring(place.read_bytes(), etree.XMLParser(load_dtd=False, no_network=True))
                shown = [*root.itertext(), *(value for each in root.iter() for value in each.attrib.values())]
                assert {xml_text(title) for title in titles} & set(shown)
                place.unlink()


def with_titles(titles: list[str]) -> Publication:
    """A publication of books and chapters with these titles, whose files nobody reads."""
    shown = [xml_text(title) for title in titles]
    chapters = [
        PublishedChapter(
            number=number,
            title=title,
            kind=TrackKind.CHAPTER,
            file=Path("nothing.mp3"),
            size=10**6,
            sha256=f"{number:064x}",
            seconds=60.0,
            passages=(SyncedPassage(WrittenRole.HEADING, (SyncedSentence(title, 0.5, 2.0),)),),
            is_written=True,
        )
        for number, title in enumerate(shown, start=1)
    ]
    books = tuple(PublishedBook(each.title, "", (each,)) for each in chapters)
    return Publication(
        "main-0001", "folders", "main", 1, "week", shown[0], "2026-11-23T08:00:00Z", "ab" * 32, "cd" * 16, "", books
    )
