"""`m4b`: an audiobook file for each book, AAC-LC in MPEG-4 with chapters, for audiobook apps.

The tracks are decoded one after the other into one encoder, so chapters begin at exact samples. ffmpeg writes the
chapters, mutagen the tags of audiobooks and the cover.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from packager.mastering.ffmpeg import file_argument, run_ffmpeg
from packager.publish.cover import cover_png
from packager.publish.folder import OutputFile, audio_pieces
from packager.publish.options import Work
from packager.publish.publication import PublishedBook, PublishedChapter, start_times

BIT_RATE = 48_000
SAMPLE_RATE = 24_000  # hertz, as the voices have

_SAMPLE_BYTES = 2
_BLOCK = 1024 * 1024
_OVERHEAD = 1.03  # of the container
_AUDIOBOOK = 2  # the kind of media in Apple's `stik`
_FORMAT = ["-f", "s16le", "-ar", str(SAMPLE_RATE), "-ac", "1"]
_EXACT = ["-fflags", "+bitexact", "-flags:a", "+bitexact", "-threads", "1"]


def produce(work: Work) -> Iterator[OutputFile]:
    """A file for each book; several for a book that exceeds the part size, cut at chapter ends."""
    most = work.options.part_bytes * 8 / (BIT_RATE * _OVERHEAD)  # seconds
    for place, book in enumerate(work.publication.books, start=1):
        parts = _parts(book.chapters, most)
        for number, chapters in enumerate(parts, start=1):
            suffix = f" {number}" if len(parts) > 1 else ""
            yield _file(f"{book.name(place)}{suffix}.m4b", f"{book.title}{suffix}", book, chapters, work)


def _parts(chapters: Sequence[PublishedChapter], most: float) -> list[list[PublishedChapter]]:
    parts: list[list[PublishedChapter]] = []
    for chapter in chapters:
        if parts and sum(each.seconds for each in parts[-1]) + chapter.seconds <= most:
            parts[-1].append(chapter)
        else:
            parts.append([chapter])
    return parts


def _file(name: str, title: str, book: PublishedBook, chapters: Sequence[PublishedChapter], work: Work) -> OutputFile:
    def write(place: Path) -> None:
        with TemporaryDirectory(prefix="packager-", dir=place.parent) as folder:
            described = Path(folder) / "chapters.txt"
            described.write_bytes(_metadata(chapters).encode())
            sources = [*_FORMAT, "-i", "pipe:0", "-i", file_argument(described), "-map", "0:a", "-map_chapters", "1"]
            encoder = [*_EXACT, "-c:a", "aac", "-b:a", str(BIT_RATE), "-movflags", "+faststart", "-f", "ipod"]
            feed = _decoded(chapters, Path(folder) / "chapter.pcm", work)
            run_ffmpeg([*sources, *encoder, file_argument(place)], feed=feed)
        _write_tags(place, title, book, work.options.cover or cover_png(work.publication.title))

    return OutputFile(name, write)


def _decoded(chapters: Sequence[PublishedChapter], raw: Path, work: Work) -> Iterator[bytes]:
    """The samples of the chapters, each as long as the manifest says.

    Decoders leave out what the encoder added to an MP3, some hundredths of a second; silence takes its place.
    """
    ends = [round(end * SAMPLE_RATE) * _SAMPLE_BYTES for end in start_times(each.seconds for each in chapters)]
    for chapter, start, end in zip(chapters, ends, ends[1:], strict=False):
        for _piece in audio_pieces(chapter, work.advance):
            pass  # its bytes are compared with the manifest
        run_ffmpeg(["-i", file_argument(chapter.file), "-threads", "1", *_FORMAT, file_argument(raw)])
        left = end - start
        with raw.open("rb") as stream:
            while block := stream.read(min(_BLOCK, left)):
                left -= len(block)
                yield block
        yield bytes(left)


def _metadata(chapters: Sequence[PublishedChapter]) -> str:
    """Chapters in ffmpeg's FFMETADATA1, in milliseconds."""
    starts = [round(1000 * start) for start in start_times(each.seconds for each in chapters)]
    lines = [";FFMETADATA1"]
    for chapter, start, end in zip(chapters, starts, starts[1:], strict=False):
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={start}", f"END={end}", f"title={_escaped(chapter.title)}"]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in "=;#\\\n" else character for character in text)


def _write_tags(place: Path, title: str, book: PublishedBook, picture: bytes) -> None:
    from mutagen.mp4 import MP4, MP4Cover

    file = MP4(place)
    file["\xa9nam"], file["\xa9alb"], file["\xa9gen"] = [title], [book.title], ["Audiobook"]
    if book.author:
        file["\xa9ART"] = file["aART"] = [book.author]
    file["stik"] = [_AUDIOBOOK]
    kind = MP4Cover.FORMAT_JPEG if picture.startswith(b"\xff\xd8") else MP4Cover.FORMAT_PNG
    file["covr"] = [MP4Cover(picture, imageformat=kind)]
    file.save(padding=lambda info: 0)
