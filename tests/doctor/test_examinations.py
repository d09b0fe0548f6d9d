"""Each subject of an examination: good on a sound computer, doubtful or bad with its remedy on another."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

import pytest

from packager.backup.backup import back_up
from packager.base.errors import CardError
from packager.base.workspace import Workspace, open_workspace
from packager.doctor import computer, office
from packager.doctor.examination import Condition, Examination, Subject
from packager.registry.database import open_registry
from packager.registry.number_blocks import hand_over_registry
from packager.registry.players import add_player

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=timezone.utc)


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    root = tmp_path / "office"
    (root / "texts").mkdir(parents=True)
    (root / "packager.yaml").write_text("series: main\n", "utf-8")
    return open_workspace(root)


def of(place: Workspace, subject: Subject, now: datetime = NOW) -> Examination:
    found = [one for one in office.registry(place, now) if one.subject is subject]
    assert len(found) == 1, found
    return found[0]


def test_a_sound_computer_is_good() -> None:
    sound = [computer.program(), computer.libraries(), computer.console("utf-8"), computer.ffmpeg()]
    assert [one.condition for one in sound] == [Condition.GOOD] * 4


@pytest.mark.parametrize(
    ("encoding", "condition"),
    [("utf-8", "good"), ("gbk", "good"), ("cp437", "doubtful"), (None, "doubtful"), ("nonsense", "doubtful")],
)
def test_a_console_must_show_chinese(encoding: str | None, condition: str) -> None:
    assert computer.console(encoding).condition.value == condition


def test_a_clock_that_went_back_is_found() -> None:
    assert computer.clock(NOW, None).condition is Condition.GOOD
    assert computer.clock(NOW, NOW - timedelta(minutes=1)).condition is Condition.GOOD
    assert computer.clock(NOW, NOW + timedelta(days=1)).condition is Condition.DOUBTFUL
    assert computer.clock(datetime(2009, 1, 1, tzinfo=timezone.utc), None).condition is Condition.BAD


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(("free", "condition"), [(10**8, "bad"), (10**9, "doubtful"), (10**10, "good")])
def test_a_full_disk_is_found_before_a_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, condition: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda place: Usage(10**12, 10**12 - free, free))
    assert computer.disk(tmp_path).condition.value == condition


def test_a_system_that_lists_no_volumes_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise CardError("no /proc")

    monkeypatch.setattr(computer, "look_around", fails)
    assert [(one.condition, "no /proc" in one.found) for one in computer.cards()] == [(Condition.BAD, True)]


def test_an_examination_makes_no_registry(place: Workspace) -> None:
    assert of(place, Subject.REGISTRY).condition is Condition.GOOD
    assert office.newest_event(place) is None
    assert not Path(place.registry).exists()


def test_a_backup_that_is_old_or_missing_is_doubtful(place: Workspace, tmp_path: Path) -> None:
    with open_registry(place.registry, clock=lambda: NOW) as registry:
        add_player(registry, "P001")
        assert of(place, Subject.BACKUP).condition is Condition.DOUBTFUL
        back_up(place, registry, tmp_path / "office.backup")
    assert office.newest_event(place) == NOW
    assert of(place, Subject.BACKUP, NOW + timedelta(days=13)).condition is Condition.GOOD
    assert of(place, Subject.BACKUP, NOW + timedelta(days=15)).condition is Condition.DOUBTFUL


def test_a_registry_that_was_handed_over_or_is_damaged_is_said(place: Workspace) -> None:
    with open_registry(place.registry) as registry:
        assert of(place, Subject.REGISTRY).condition is Condition.GOOD
        hand_over_registry(registry)
    assert "take-back" in of(place, Subject.REGISTRY).remedy
    Path(place.registry).write_bytes(b"no database" * 1000)
    assert of(place, Subject.REGISTRY).condition is Condition.BAD


def test_a_voice_that_can_not_be_used_is_bad(place: Workspace) -> None:
    (place.root / "packager.yaml").write_text("voice: kokoro:zf_nobody\n", "utf-8")
    assert office.voice(open_workspace(place.root)).condition is Condition.BAD
    (place.root / "packager.yaml").write_text("voice: edge:zh-CN-XiaoxiaoNeural\n", "utf-8")
    assert office.voice(open_workspace(place.root)).condition is Condition.DOUBTFUL
    assert office.workspace(place).condition is Condition.GOOD
