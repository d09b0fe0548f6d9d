"""Audiobook files, as mutagen and ffmpeg read them."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from mutagen.mp4 import MP4
from publish_fixtures import Write

from packager.mastering.ffmpeg import file_argument, run_ffmpeg
from packager.publish.options import PublishOptions
from packager.publish.publication import Publication


def samples(path: Path, *more: str) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    raw = path.with_suffix(".pcm")
    run_ffmpeg(["-i", file_argument(path), *more, "-f", "s16le", "-ar", "24000", "-ac", "1", file_argument(raw)])
    return np.fromfile(raw, "<i2")


def test_a_book_has_its_chapters_at_their_times_with_their_titles(publication: Publication, write: Write) -> None:
    folder = write("m4b", publication)
    assert len(list(folder.iterdir())) == len(publication.books) == 3
    book = publication.books[-1]
    file = MP4(folder / f"{book.name(3)}.m4b")
    starts = [0.0, *accumulate(chapter.seconds for chapter in book.chapters)]
    assert [chapter.title for chapter in file.chapters] == [chapter.title for chapter in book.chapters]
    assert [chapter.start for chapter in file.chapters] == pytest.approx(starts[:-1], abs=0.02)
    assert file.info.length == pytest.approx(starts[-1], abs=0.1)
    assert (file["\xa9alb"], file["stik"], len(file["covr"])) == ([book.title], [2], 1)
    assert (file.info.codec, file.info.channels) == ("mp4a.40.2", 1)


def test_the_sound_of_each_chapter_begins_at_its_mark(publication: Publication, write: Write, tmp_path: Path) -> None:
    book = publication.books[-1]
    whole = samples(write("m4b", publication) / f"{book.name(3)}.m4b")
    start = 0.0
    for number, chapter in enumerate(book.chapters):
        mp3 = tmp_path / f"{number}.mp3"
        mp3.write_bytes(chapter.file.read_bytes())
        alone = samples(mp3)[: 24_000 * 3].astype(float)
        part = whole[round(start * 24_000) :][: len(alone)].astype(float)
        # Where the correlation is greatest is how far the two are apart.
        size = 2 * len(alone)
        both = np.fft.irfft(np.fft.rfft(part, size) * np.conj(np.fft.rfft(alone, size)))
        shift = int(np.argmax(both))
        assert min(shift, size - shift) < 0.02 * 24_000
        start += chapter.seconds


def test_the_index_comes_before_the_sound(publication: Publication, write: Write) -> None:
    for path in write("m4b", publication).iterdir():
        data = path.read_bytes()
        assert data.index(b"moov") < data.index(b"mdat")


def test_a_book_over_the_part_size_is_cut_at_chapter_ends(publication: Publication, write: Write) -> None:
    book = publication.books[-1]
    folder = write("m4b", publication, PublishOptions(part_mb=0.3))
    parts = sorted(folder.glob("03*.m4b"))
    assert len(parts) > 1
    assert all(part.stat().st_size < 0.35e6 or len(MP4(part).chapters or []) == 1 for part in parts)
    titles = [chapter.title for part in parts for chapter in MP4(part).chapters]
    assert titles == [chapter.title for chapter in book.chapters]


def test_the_same_release_makes_the_same_bytes(publication: Publication, write: Write) -> None:
    one, other = (write("m4b", publication) for _ in range(2))
    for path in one.iterdir():
        assert path.read_bytes() == (other / path.name).read_bytes()
