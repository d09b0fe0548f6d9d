"""Missing permissions, full disks and closed pipes: one message, and no partial results."""

from __future__ import annotations

import ctypes
import os
import resource
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import environment, on_small_disk, program, run_apart, run_here, tone_command
from tones import NEWS, tree

from packager.releases.store import damaged_files, list_releases

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permissions and limits of POSIX")

_PR_CAPBSET_DROP = 24  # <linux/prctl.h>
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2  # <linux/capability.h>


def without_privilege() -> None:
    """In a child process: drop the capabilities of root, so that file permissions apply after the next exec."""
    if os.geteuid() == 0:
        library = ctypes.CDLL(None, use_errno=True)
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            if library.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                raise OSError(ctypes.get_errno(), "root can't give up its privilege here")


def small_files(size: int) -> Callable[[], None]:
    """In a child process: limit files to `size` bytes, as a full disk does."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.fixture
def closed(office: Path) -> Iterator[Callable[[str], Path]]:
    """Removes write permission from a path of the office until the test ends."""
    if os.geteuid() == 0 and not sys.platform.startswith("linux"):
        pytest.skip("root is above permissions, and can give that up on Linux only")
    changed: list[Path] = []

    def close(name: str) -> Path:
        path = office / name
        changed.append(path)
        path.chmod(0o555 if path.is_dir() else 0o444)
        return path

    yield close
    for path in changed:
        path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.mark.parametrize(
    ("place", "arguments", "code", "said"),
    [
        (".", "init new", 1, "new"),
        (".", "say 你好 -o hello.mp3", 1, "check its permissions"),
        ("output", "build week", 1, "output"),
        ("output/releases", "build week", 1, "releases"),
        ("output/cache/clips", "build week", 1, "clips"),
        ("playlists", "build week", 1, "playlists"),
        ("registry.db", "players add P007", 3, "registry.db"),
        ("card", "load card --player P001 --new --allow-folder", 4, "card"),
    ],
)
def test_a_folder_without_permission_is_named(
    office: Path, closed: Callable[[str], Path], place: str, arguments: str, code: int, said: str
) -> None:
    (office / "card").mkdir()
    (office / "texts" / "news.md").write_text(NEWS.replace("明天", "今天"), "utf-8")
    before = tree(office)
    closed(place)
    if place == "output/cache/clips":
        for folder in (office / place).iterdir():
            closed(str(folder.relative_to(office)))
    run_apart(tone_command(*arguments.split()), office, preexec_fn=without_privilege).require_error(code, said)
    after = tree(office)
    assert {path: after[path] for path in before if "registry" not in path} == {
        path: before[path] for path in before if "registry" not in path
    }
    assert not [path for path in after if path.startswith("output/releases/main-0003")]


def test_an_unreadable_text_is_named(office: Path) -> None:
    (office / "texts" / "news.md").chmod(0)
    for command in ("read texts/news.md", "build week"):
        answer = run_apart(tone_command(*command.split()), office, preexec_fn=without_privilege)
        answer.require_error(3, "news.md can't be read")


def test_a_card_is_audited_even_if_the_registry_is_read_only(office: Path, closed: Callable[[str], Path]) -> None:
    (office / "card").mkdir()
    run_here(office, "load", "card", "--player", "P001", "--new", "--allow-folder")
    for name in ("registry.db", "."):
        closed(name)
    answer = run_apart(tone_command("audit", "card", "--allow-folder"), office, preexec_fn=without_privilege)
    answer.require_error(3, "registry.db")
    assert "Release main-0002" in answer.out
    assert "good: the release is complete" in answer.out


@pytest.mark.parametrize(("size", "code", "said"), [(20_000, 3, "registry.db"), (150_000, 1, "")])
def test_a_full_disk_stops_a_build_and_the_next_one_continues(office: Path, size: int, code: int, said: str) -> None:
    """The smaller size stops at the registry, before synthesis; the larger one at the clips."""
    (office / "texts" / "news.md").write_text("# 通知\n\n## 停水\n\n" + "今天停水。" * 30 + "\n", "utf-8")
    releases = office / "output" / "releases"
    before = tree(releases)
    answer = run_apart(tone_command("build", "week", "--jobs", 1), office, preexec_fn=small_files(size))
    answer.require_error(code, said)
    assert {path for path in tree(releases) if path[0] != "."} == {path for path in before if path[0] != "."}
    run_here(office, "build", "week")
    assert list(damaged_files(list_releases(releases)[-1])) == []


def test_a_full_disk_is_reported_and_leaves_no_partial_release(two_weeks: Path, small_disk: Path) -> None:
    copy = "cp -r {0}/texts {0}/playlists {0}/packager.yaml .".format(shlex.quote(str(two_weeks)))
    build = program("build", "week", "--jobs", 1)
    script = f"{copy}; {build}; echo code $?; find output"
    answer = run_apart(on_small_disk(script, small_disk, "400k"), small_disk)
    replace(answer, code=1).require_error(1)
    # Whichever of the two came first to the full disk: a clip, or the encoder.
    assert "No space left" in answer.err or "no room left" in answer.err
    assert "code 1\n" in answer.out
    left = [line for line in answer.out.splitlines() if line.startswith("output/releases/")]
    assert all(line.startswith("output/releases/.") for line in left)


def test_init_again_completes_a_workspace_after_a_full_disk(small_disk: Path) -> None:
    init = program("init", ".")
    script = f"head -c 8000000 /dev/zero > filler; {init}; echo code $?; rm filler; {init}; cat texts/*"
    answer = run_apart(on_small_disk(script, small_disk, "60k"), small_disk)
    assert "code 1\n" in answer.out
    assert "No space left" in answer.err
    assert "防诈骗三件事" in answer.out
    assert "停水提醒" in answer.out


def test_on_a_full_disk_register_and_page_name_it_and_the_cache_can_be_pruned(
    two_weeks: Path, small_disk: Path
) -> None:
    copy = "cp -r {0}/texts {0}/output/releases {0}/packager.yaml {0}/registry.db .".format(shlex.quote(str(two_weeks)))
    fill = "rm -f filler; head -c 8000000 /dev/zero > filler 2>/dev/null"
    sheet = program("sheet", "main-0002", "-o", "sheet.html")
    script = (
        f"{copy}; mkdir output; mv releases output; {program('players', 'list')}; {fill}; "
        f"{program('players', 'list')}; rm filler; {sheet}; cp sheet.html old.html; {fill}; "
        f"{sheet}; cmp sheet.html old.html && ls -A && mkdir -p output/cache/clips/aa && "
        f": > output/cache/clips/aa/aa.clip && {program('cache', 'prune', '--max-gb', 0, '--unused-days', 0)}"
    )
    answer = run_apart(on_small_disk(script, small_disk, "3m"), small_disk).require()
    assert "make room on the disk, then run this again" in answer.err
    assert "Error: sheet.html: No space left on device" in answer.err
    assert ".part" not in answer.out
    assert "No space left" not in answer.err.replace("sheet.html: No space left", "")


def test_the_reader_of_a_pipe_can_close_it(office: Path) -> None:
    for command in ("players list --json", "--help"):
        process = subprocess.Popen(
            tone_command(*command.split()),
            cwd=office,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaints = process.stderr.read()
        assert (process.wait(), b"Traceback" in complaints, b"Error" in complaints) == (0, False, False)


def test_output_to_a_full_disk_is_an_error(office: Path) -> None:
    if not Path("/dev/full").is_char_device():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            tone_command("players", "list", "--json"),
            cwd=office,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr


def test_the_program_works_without_standard_streams(office: Path) -> None:
    (office / "card").mkdir()
    load = program("load", "card", "--player", "P001", "--new", "--allow-folder")
    assert run_apart(["sh", "-c", f"{load} >&- 2>&-"], office).code == 0
    assert (office / "card" / "01" / "001.mp3").is_file()
