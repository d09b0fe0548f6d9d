"""What `packager publish` costs: processor seconds and memory of each channel, and the size of an archive of changes.

    python benchmarks/publish.py                 # a release of 10 hours, of 100 tracks
    python benchmarks/publish.py --minutes 30    # a shorter one

The audio is noise at the loudness of speech, since the cost does not depend on what is said. The texts have 190
characters a minute. Each channel runs in a process of its own, whose peak of resident memory is measured.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from packager.base.formats import sha256_bytes, sha256_file, write_atomic
from packager.base.manifest import Manifest, ManifestTrack, TrackKind
from packager.mastering.ffmpeg import file_argument, run_ffmpeg
from packager.publish.formats import channel_names, find_channels
from packager.publish.options import PublishOptions, Work
from packager.publish.publish import Destination, publish
from packager.publish.source import read_publication
from packager.releases.store import MANIFEST_FILE, open_release
from packager.releases.text_sync import SyncedPassage, SyncedSentence, TextSync, WrittenRole, save_text_sync

_SENTENCE = "今年的工作已经做完了百分之九十。"
_PACE = 190  # characters a minute
_SENTENCES = 5  # of a paragraph
_CHANGED = 3


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--minutes", type=float, default=600)
    arguments.add_argument("--tracks", type=int, default=100)
    arguments.add_argument("--channels", nargs="+", default=channel_names())
    arguments.add_argument("--measure", nargs=2, metavar=("FOLDER", "CHANNEL"), help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.measure:
        _measure(Path(given.measure[0]), given.measure[1])
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _make_release(folder, given.minutes * 60 / given.tracks, given.tracks)
        print(f"{given.minutes:.0f} minutes in {given.tracks} tracks")
        print(f"{'channel':10}{'CPU s':>10}{'CPU s / s of audio':>22}{'peak MB':>10}{'MB':>10}")
        for channel in given.channels:
            command = [sys.executable, __file__, "--measure", name, channel]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            cost = found["cpu"] / (given.minutes * 60)
            print(f"{channel:10}{found['cpu']:10.1f}{cost:22.5f}{found['memory']:10.0f}{found['size'] / 1e6:10.1f}")
        whole, part = (_archive_size(folder, since=since) for since in (False, True))
        print(f"archive of {_CHANGED} of {given.tracks} changed tracks: {100 * part / whole:.1f} % of the whole")


def _measure(folder: Path, channel: str) -> None:
    work = _work(folder)
    begin = time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    (done,) = publish(work, find_channels([channel]), Destination(folder / "out", None, lambda record: False))
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = resource.getrusage(resource.RUSAGE_SELF)
    cpu = time.process_time() + children.ru_utime + children.ru_stime - begin
    memory = max(own.ru_maxrss, children.ru_maxrss) / 1024
    print(json.dumps({"cpu": cpu, "memory": memory, "size": sum(file.size for file in done.record.files)}))


def _work(folder: Path, *, since: bool = False) -> Work:
    release = open_release(folder / "release")
    publication = read_publication(release, folder / "spoken")
    known = frozenset(track.sha256 for track in release.manifest.tracks[_CHANGED:]) if since else frozenset()
    options = PublishOptions(base_url="https://example.org/", since="main-0001" if since else "", known_audio=known)
    return Work(publication, options, lambda size: None)


def _archive_size(folder: Path, *, since: bool) -> int:
    destination = Destination(folder / "archives", None, lambda record: False)
    (done,) = publish(_work(folder, since=since), find_channels(["archive"]), destination)
    return sum(file.size for file in done.record.files)


def _make_release(folder: Path, seconds: float, count: int) -> None:
    """A release with `count` tracks: one is encoded, the others differ from it by a tag."""
    audio = folder / "release" / "01"
    audio.mkdir(parents=True)
    first = folder / "one.mp3"
    noise = f"anoisesrc=d={seconds}:c=pink:r=44100:a=0.3:seed=1"
    run_ffmpeg(["-f", "lavfi", "-i", noise, "-c:a", "libmp3lame", "-b:a", "64k", "-ac", "1", file_argument(first)])
    data = first.read_bytes()
    tracks = []
    for number in range(1, count + 1):
        path = audio / f"{number:03d}.mp3"
        path.write_bytes(data + b"TAG" + f"{number:<125}".encode())
        sha256 = sha256_file(path)
        tracks.append(_track(number, path, sha256, seconds))
        save_text_sync(folder / "spoken", sha256, _text(seconds))
    manifest = Manifest(
        release="main-0001",
        series="main",
        sequence=1,
        playlist="week",
        title="2026年第49周",
        profile="folders",
        finds_by="name",
        voice="kokoro:zf_xiaobei",
        pace=_PACE,
        created="2026-11-30T08:00:00Z",
        program="benchmark",
        tracks=tuple(tracks),
    )
    write_atomic(folder / "release" / MANIFEST_FILE, replace(manifest).to_bytes())


def _track(number: int, path: Path, sha256: str, seconds: float) -> ManifestTrack:
    return ManifestTrack(
        number=number,
        path=f"01/{path.name}",
        kind=TrackKind.CHAPTER,
        title=f"第{number}章",
        book="一部长书",
        place=number,
        seconds=round(seconds, 3),
        spoken=round(seconds * _PACE / 60),
        pace=float(_PACE),
        lufs=-18.0,
        true_peak=-3.0,
        size=path.stat().st_size,
        sha256=sha256,
        build_key=sha256_bytes(path.name.encode()),
    )


def _text(seconds: float) -> TextSync:
    length = len(_SENTENCE) * 60 / _PACE
    sentences = [
        SyncedSentence(_SENTENCE, round(place * length, 3), round((place + 1) * length, 3))
        for place in range(int(seconds / length))
    ]
    groups = [tuple(sentences[place : place + _SENTENCES]) for place in range(0, len(sentences), _SENTENCES)]
    return TextSync("kokoro:zf_xiaobei", (), tuple(SyncedPassage(WrittenRole.PARAGRAPH, each) for each in groups))


if __name__ == "__main__":
    main()
