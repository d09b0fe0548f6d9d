"""A workspace in one file: all of it comes back, nothing is replaced unasked, no number given out twice."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from packager.backup.backup import back_up
from packager.backup.restore import RestoreOptions, restore
from packager.base.errors import InputError
from packager.base.formats import canonical_json, sha256_bytes
from packager.base.manifest import Manifest
from packager.base.workspace import Workspace, open_workspace
from packager.fleet.status import fleet
from packager.registry.daily_backup import delete_partial_copies, forget_in_copies, keep_daily_copy
from packager.registry.database import Registry, open_registry
from packager.registry.number_blocks import registry_identity, reserve
from packager.registry.players import add_next_players, add_player, list_players
from packager.registry.releases import record_release
from packager.roster.handover import hand_over
from packager.roster.record_linkage import Details
from packager.sync.exchange import write_export

Make = Callable[..., Manifest]

FILES = {
    "packager.yaml": b"series: chenguang\n",
    "lexicon.yaml": "words:\n  GDP: 国内生产总值\n".encode(),
    "texts/通知 一.md": "# 通知\n\n请各位注意。\n".encode(),
    "texts/sub/book.txt": b"text",
    "playlists/2026-w48.yaml": b"playlist: 2026-w48\n",
    "playlists/chenguang.numbers.yaml": b"series: chenguang\n",
    "profiles/radio.yaml": b"title: radio\n",
    "calibration.json": b"{}",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = tmp_path / "office"
    for name, data in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    (root / "output" / "releases" / "main-0001").mkdir(parents=True)
    (root / "output" / "releases" / "main-0001" / "001.mp3").write_bytes(b"sound")
    (root / "output" / "spoken").mkdir()
    (root / "output" / "spoken" / "ab.json").write_bytes(b"{}")
    (root / "texts" / ".part").write_bytes(b"unfinished")
    return open_workspace(root)


@pytest.fixture
def office(workspace: Workspace, manifest_of: Make) -> Iterator[Registry]:
    with open_registry(workspace.registry) as registry:
        reserve(registry, 1, 100)
        add_player(registry, "P001", community="东湖社区")
        record_release(registry, manifest_of(1))
        hand_over(registry, "P001", Details("王秀英", phone="13800000001"))
        yield registry


def body(registry: Registry) -> bytes:
    stream = io.BytesIO()
    write_export(registry, stream, with_names=True)
    return b"\n".join(stream.getvalue().split(b"\n")[1:-2])


def identity(registry: Registry) -> str:
    with registry.read() as connection:
        return registry_identity(connection)


def files_below(root: Path) -> dict[str, bytes]:
    found = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    return {name: data for name, data in found.items() if not name.startswith("registry.db")}


def test_all_of_a_workspace_comes_back(workspace: Workspace, office: Registry, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    made = back_up(workspace, office, file)
    assert (made.files, made.left_out) == (len(FILES) + 1, ())
    assert file.stat().st_mode & 0o077 == 0
    done = restore(file, tmp_path / "home", RestoreOptions(original_is_gone=True))
    assert done.takes_over
    assert files_below(tmp_path / "home") == FILES
    with open_registry(tmp_path / "home" / "registry.db") as restored:
        assert fleet(restored) == fleet(office)
        assert body(restored) == body(office)
        assert identity(restored) == identity(office)


def test_releases_come_along_only_where_that_is_wished(workspace: Workspace, office: Registry, tmp_path: Path) -> None:
    back_up(workspace, office, tmp_path / "with.zip", releases=True)
    restore(tmp_path / "with.zip", tmp_path / "home")
    assert (tmp_path / "home/output/releases/main-0001/001.mp3").read_bytes() == b"sound"
    assert (tmp_path / "home/output/spoken/ab.json").is_file()


def test_a_copy_is_another_registry_with_numbers_of_its_own(
    workspace: Workspace, office: Registry, tmp_path: Path
) -> None:
    back_up(workspace, office, tmp_path / "backup.zip")
    done = restore(tmp_path / "backup.zip", tmp_path / "copy")
    assert not done.takes_over
    assert done.block is not None
    with open_registry(tmp_path / "copy" / "registry.db") as copy:
        assert identity(copy) != identity(office)
        theirs = {player.id for player in add_next_players(copy, 30)}
        ours = {player.id for player in add_next_players(office, 30)}
        assert not theirs & ours
        with pytest.raises(InputError, match="another registry"):
            add_player(copy, "P050")


def test_what_is_handed_over_takes_its_numbers_along(workspace: Workspace, office: Registry, tmp_path: Path) -> None:
    before = identity(office)
    back_up(workspace, office, tmp_path / "backup.zip", handover=True)
    assert identity(office) != before
    for give_out in (lambda: add_player(office, "P002"), lambda: add_next_players(office, 1)):
        with pytest.raises(InputError, match="was handed over on"):
            give_out()
    assert restore(tmp_path / "backup.zip", tmp_path / "home").takes_over
    with open_registry(tmp_path / "home" / "registry.db") as successor:
        assert identity(successor) == before
        assert add_next_players(successor, 1)[0].id == "P002"


def test_restoring_the_handover_where_it_came_from_takes_the_registry_back(
    workspace: Workspace, office: Registry, tmp_path: Path
) -> None:
    before = identity(office)
    back_up(workspace, office, tmp_path / "backup.zip", handover=True)
    assert restore(tmp_path / "backup.zip", workspace.root).takes_over
    assert identity(office) == before
    assert add_next_players(office, 1)[0].id == "P002"


def test_restoring_over_a_workspace_needs_consent_and_merges_the_registries(
    workspace: Workspace, office: Registry, tmp_path: Path
) -> None:
    back_up(workspace, office, tmp_path / "backup.zip")
    add_player(office, "P002")
    known = identity(office)
    (workspace.texts / "sub" / "book.txt").write_bytes(b"changed since")
    before = files_below(workspace.root)
    with pytest.raises(InputError, match=r"1 files in .* differ from .*: texts/sub/book\.txt"):
        restore(tmp_path / "backup.zip", workspace.root)
    assert files_below(workspace.root) == before
    restore(tmp_path / "backup.zip", workspace.root, RestoreOptions(overwrite=True))
    assert (workspace.texts / "sub" / "book.txt").read_bytes() == b"text"
    assert [player.id for player in list_players(office)] == ["P001", "P002"]
    assert identity(office) == known


def test_restoring_again_after_an_interruption_goes_on(
    workspace: Workspace, office: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(workspace, office, tmp_path / "backup.zip")
    real = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        if self.name == "2026-w48.yaml":
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        restore(tmp_path / "backup.zip", tmp_path / "home")
    monkeypatch.undo()
    restore(tmp_path / "backup.zip", tmp_path / "home")
    assert files_below(tmp_path / "home") == FILES


def test_links_are_left_out_and_said(workspace: Workspace, office: Registry, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (workspace.texts / "link.txt").symlink_to(secret)
    made = back_up(workspace, office, tmp_path / "backup.zip")
    assert made.left_out == ("texts/link.txt",)


def test_a_registry_outside_the_folder_is_left_alone(workspace: Workspace, office: Registry, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.db"
    (workspace.root / "packager.yaml").write_text(f"registry: {elsewhere}\n", "utf-8")
    back_up(workspace, office, tmp_path / "backup.zip")
    assert restore(tmp_path / "backup.zip", tmp_path / "home").merged is None
    assert not elsewhere.exists()


# --- files that are damaged or forged ---


@pytest.mark.parametrize("place", ["texts/book.md", "texts", "packager.yaml"])
def test_a_registry_that_a_file_of_the_backup_would_replace_is_refused(
    workspace: Workspace, office: Registry, tmp_path: Path, place: str
) -> None:
    (workspace.texts / "book.md").write_text("# 书\n", "utf-8")
    (workspace.root / "packager.yaml").write_text(f"registry: '{place}'\n", "utf-8")
    back_up(workspace, office, tmp_path / "backup.zip")
    with pytest.raises(InputError, match="can't be the registry"):
        restore(tmp_path / "backup.zip", tmp_path / "there")
    assert list((tmp_path / "there").iterdir()) == []


def forged(source: Path, target: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> Path:
    """The backup `source` with other members, and a list of contents that a forger would make."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if name != "contents.json"}
        contents = json.loads(archive.read("contents.json"))
    change(members, contents)
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        archive.writestr("contents.json", canonical_json(contents))
    return target


def added(path: str, data: bytes = b"evil") -> Callable[[dict[str, bytes], dict[str, Any]], None]:
    def change(members: dict[str, bytes], contents: dict[str, Any]) -> None:
        members[path] = data
        contents["files"].append({"path": path, "size": len(data), "sha256": sha256_bytes(data)})

    return change


def unlisted(members: dict[str, bytes], _contents: dict[str, Any]) -> None:
    members["texts/more.txt"] = b"more"


def missing(members: dict[str, bytes], _contents: dict[str, Any]) -> None:
    del members["lexicon.yaml"]


def too_large(members: dict[str, bytes], _contents: dict[str, Any]) -> None:
    members["lexicon.yaml"] = b"\0" * 10_000_000


def altered(members: dict[str, bytes], _contents: dict[str, Any]) -> None:
    members["lexicon.yaml"] = members["lexicon.yaml"].replace(b"GDP", b"GNP")


def no_registry(members: dict[str, bytes], contents: dict[str, Any]) -> None:
    del members["registry.jsonl"]
    contents["files"] = [one for one in contents["files"] if one["path"] != "registry.jsonl"]


def of_impossible_size(_members: dict[str, bytes], contents: dict[str, Any]) -> None:
    contents["files"][0]["size"] = 10**400


@pytest.mark.parametrize(
    "change",
    [
        of_impossible_size,
        added("../evil.txt"),
        added("/etc/evil"),
        added("texts/../../evil.txt"),
        added("texts\\evil.txt"),
        added("C:/evil.txt"),
        added("registry.db"),
        added("texts/.hidden"),
        added("evil.py"),
        added("TEXTS/Sub/book.txt"),
        added("texts/SUB/book.txt"),
        unlisted,
        missing,
        too_large,
        altered,
        no_registry,
    ],
)
def test_a_forged_backup_is_refused_and_writes_nothing(
    workspace: Workspace, office: Registry, tmp_path: Path, change: Any
) -> None:
    back_up(workspace, office, tmp_path / "backup.zip")
    bad = forged(tmp_path / "backup.zip", tmp_path / "bad.zip", change)
    with pytest.raises(InputError, match=r"no backup|damaged"):
        restore(bad, tmp_path / "home")
    assert not any((tmp_path / "home").rglob("*")) if (tmp_path / "home").exists() else True
    assert not (tmp_path / "evil.txt").exists()


def test_a_backup_cut_off_or_altered_anywhere_is_refused_or_whole(
    workspace: Workspace, office: Registry, tmp_path: Path
) -> None:
    back_up(workspace, office, tmp_path / "backup.zip")
    data = (tmp_path / "backup.zip").read_bytes()
    bad, home = tmp_path / "bad.zip", tmp_path / "home"
    order = random.Random(2)
    refused = 0
    for place in [order.randrange(len(data)) for _number in range(60)]:
        for damaged in (data[:place], data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]):
            bad.write_bytes(damaged)
            try:
                restore(bad, home)
            except InputError:
                refused += 1
            else:  # a byte that says nothing, as a date in the zip's headers
                assert files_below(home) == FILES
                shutil.rmtree(home)
            assert not home.exists() or not any(home.rglob("*"))
    assert refused > 80


@pytest.mark.skipif(os.name == "nt", reason="modes are Unix's")
def test_nothing_restored_is_readable_for_others_before_it_is_in_its_place(
    workspace: Workspace, office: Registry, tmp_path: Path
) -> None:
    back_up(workspace, office, tmp_path / "backup.zip")
    home = tmp_path / "home"
    seen: list[int] = []
    restore(
        tmp_path / "backup.zip",
        home,
        progress=lambda _bytes: seen.extend(path.stat().st_mode & 0o077 for path in home.glob(".restore-*")),
    )
    assert seen
    assert set(seen) == {0}
    assert not list(home.glob(".restore-*"))


def test_what_a_killed_restore_left_is_cleared_and_what_another_is_doing_is_not(
    workspace: Workspace, office: Registry, tmp_path: Path
) -> None:
    back_up(workspace, office, tmp_path / "file")
    left, busy, other = (tmp_path / "new" / f".restore-{name}.part" for name in ("0" * 8, "1" * 8, "mine"))
    for folder in (left, busy, other):
        (folder / "texts").mkdir(parents=True)
        (folder / "registry.jsonl").write_text("names")
    with FileLock(busy / ".lock"):
        restore(tmp_path / "file", tmp_path / "new")
        assert sorted((tmp_path / "new").glob(".restore-*")) == [busy, other]
    restore(tmp_path / "file", tmp_path / "new")
    assert list((tmp_path / "new").glob(".restore-*")) == [other]


def test_who_is_forgotten_is_in_no_copy_that_a_killed_process_left(office: Registry, tmp_path: Path) -> None:
    path = tmp_path / "office" / "registry.db"
    left = [path.with_name(f"{path.name}.2026-11-22.backup.0123abcd.part{more}") for more in ("", "-journal")]
    for copy in left:
        copy.write_bytes(b"names")
    delete_partial_copies(path, before=0)
    assert all(copy.exists() for copy in left)
    forget_in_copies(path, [])
    assert not any(copy.exists() for copy in left)
    assert path.exists()


def test_the_next_daily_copy_clears_what_a_killed_one_left(office: Registry, tmp_path: Path) -> None:
    path = tmp_path / "office" / "registry.db"
    left = path.with_name(f"{path.name}.2026-11-22.backup.0123abcd.part")
    left.write_bytes(b"names")
    day = datetime.now(timezone.utc)
    keep_daily_copy(path, day)
    assert left.exists()  # it might be being written
    keep_daily_copy(path, day + timedelta(days=1))
    assert not left.exists()
