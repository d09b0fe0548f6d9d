"""Rosters of offices: parsed row by row, imported in one transaction, exported."""

from __future__ import annotations

import os
import re
import time
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from packager.base.errors import DocumentError, InputError
from packager.fleet.point_in_time import fleet_at
from packager.fleet.progress import progress
from packager.fleet.spreadsheet import MAX_COLUMNS, csv_bytes, write_table
from packager.fleet.weeks import week_named
from packager.registry.approval_setting import always
from packager.registry.database import Registry, open_registry
from packager.registry.events import PlayerState
from packager.registry.number_blocks import reserve
from packager.registry.people import PersonKind, read_people
from packager.registry.player_events import player_of, read_events
from packager.registry.players import add_player, find_player, list_players
from packager.roster.export import roster_table
from packager.roster.handover import hand_over, lose, take_back
from packager.roster.import_file import read_roster
from packager.roster.import_roster import ImportPlan, apply_import, plan_import
from packager.roster.record_linkage import Details

ROSTER = """东湖街道播放器登记表,,,,,,
编号,社 区,姓名,联系电话,结对助学,备注,发放日期
P001,东湖社区,王 秀兰,１３８ 0000-1111,周文,住三楼,2026-11-01
２,东湖社区,𠮷田䶮,13800002222,周文,,
,,,,,,
P003号,西湖社区,,,,蓝色外壳,否
合计：3,,,,,,
"""


def saved(path: Path, text: str = ROSTER, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def workbook(path: Path, rows: list[list[Any]], merged: tuple[str, ...] = ()) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for block in merged:
        sheet.merge_cells(block)
    book.save(path)
    return path


def taken_over(registry: Registry, path: Path) -> ImportPlan:
    roster = read_roster(path)
    plan = plan_import(registry, roster, path)
    apply_import(registry, roster, path, plan)
    return plan


def handed_over(registry: Registry) -> dict[str, str]:
    """By player that somebody has: the day since when."""
    days = {row[0]: row[-1] for row in roster_table(registry)}
    return {player: day for player, day in days.items() if day and player != "编号"}


@pytest.mark.parametrize(
    ("heads", "cells", "day"),
    [
        ("已交付", "2026-09-03", "2026-09-03"),
        ("发放日期", "2026年9月3日", "2026-09-03"),
        ("领取日期", "2026/9/3 上午", "2026-09-03"),
        ("交付日期", "２０２６．９．３", "2026-09-03"),
        ("交付日期", "2026年9月", "2026-09-01"),
        ("是否发放,发放日期", "是,2026-09-03", "2026-09-03"),
        ("是否发放,发放日期", ",2026-09-03", "2026-09-03"),
        ("是否发放,发放日期", "是,", "2026-11-23"),
        ("是否发放,发放日期", "否,2026-09-03", None),
        ("是否发放,发放日期", ",", None),
    ],
)
def test_a_player_was_handed_over_on_the_day_that_the_roster_says(
    tmp_path: Path, registry: Registry, heads: str, cells: str, day: str | None
) -> None:
    path = saved(tmp_path / "r.csv", f"编号,姓名,{heads}\nP001,王秀兰,{cells}\n")
    taken_over(registry, path)
    assert handed_over(registry) == ({} if day is None else {"P001": day})
    assert not plan_import(registry, read_roster(path), path).changes


def test_an_export_contains_the_day_of_the_handover(tmp_path: Path, registry: Registry) -> None:
    taken_over(registry, saved(tmp_path / "r.csv", "编号,姓名,发放日期\nP001,王秀兰,2026-09-03\n"))
    write_table(tmp_path / "out.xlsx", roster_table(registry, with_names=True))
    with open_registry(tmp_path / "other.db") as other:
        taken_over(other, tmp_path / "out.xlsx")
        assert handed_over(other) == {"P001": "2026-09-03"}


@pytest.mark.parametrize(
    ("day", "words"), [("2026-13-01", "write 是 or 否"), ("2026-02-30", "write 是"), ("2026-11-25", "is in the future")]
)
def test_an_invalid_or_future_day_of_handover_is_refused(
    tmp_path: Path, registry: Registry, day: str, words: str
) -> None:
    path = saved(tmp_path / "r.csv", f"编号,姓名,发放日期\nP001,王秀兰,{day}\n")
    with pytest.raises(DocumentError, match=words):
        taken_over(registry, path)


def test_a_handover_before_the_import_adds_no_player_to_earlier_weeks(tmp_path: Path, registry: Registry) -> None:
    taken_over(registry, saved(tmp_path / "r.csv", "编号,姓名,发放日期\nP001,王秀兰,2026-09-03\n"))
    lose(registry, "P001")
    week = week_named("2026-W40")
    assert fleet_at(registry, week.end) == ()
    assert progress(registry, [week], always(False))[0].in_use == 0


def known(registry: Registry) -> dict[str, tuple[str, str, str]]:
    """Community, member and helper of each player."""
    with registry.read() as connection:
        people = read_people(connection)
    name = {identity: person.name for identity, person in people.items()}
    return {
        player.id: (player.community, name.get(player.member or "", ""), name.get(player.helper or "", ""))
        for player in list_players(registry)
    }


EXPECTED = {
    "P001": ("东湖社区", "王秀兰", "周文"),
    "P002": ("东湖社区", "𠮷田䶮", "周文"),
    "P003": ("西湖社区", "", ""),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_dirty_roster_is_parsed_in_every_encoding_of_excel(
    registry: Registry, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    taken_over(registry, saved(tmp_path / "r.csv", ROSTER.replace(",", delimiter), encoding))
    assert known(registry) == EXPECTED
    assert find_player(registry, "P001").holder is not None
    assert find_player(registry, "P002").holder is None
    assert find_player(registry, "P003").note == "蓝色外壳"


def test_a_workbook_with_merged_cells_dates_and_numbers_is_parsed(registry: Registry, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "r.xlsx",
        [
            ["东湖街道播放器登记表"],
            ["设备号", "所属社区", "姓名", "电话", "结对助学", "领取日期"],
            [1, "东湖社区", "王秀兰", 13800001111, "周文", datetime(2026, 11, 1)],
            [2.0, None, "𠮷田䶮", 1.38e10, None, None],
            ["P003", "西湖社区", None, None, None, None],
            ["总计", 3, None, None, None, None],
        ],
        merged=("A1:F1", "B3:B4", "E3:E4"),
    )
    taken_over(registry, path)
    assert known(registry) == EXPECTED
    with registry.read() as connection:
        phones = sorted(one.phone for one in read_people(connection, kind=PersonKind.MEMBER).values())
    assert phones == ["13800000000", "13800001111"]


@pytest.mark.parametrize("name", ["\ue863祥", "王\U00031350", "𠮷田䶮", "阿卜杜拉·买买提", "O'Hara Li"])
def test_a_name_with_rare_characters_is_kept_as_it_is(registry: Registry, tmp_path: Path, name: str) -> None:
    taken_over(registry, saved(tmp_path / "r.csv", f"编号,姓名\nP001\u200b,{name}\u200b\n", "gb18030"))
    assert known(registry)["P001"][1] == name


@pytest.mark.parametrize("head", ["播放机编号", "播放机", "听书机号", "机器号（必填）", "编 号"])
def test_synonyms_of_the_number_column_are_accepted(registry: Registry, tmp_path: Path, head: str) -> None:
    taken_over(registry, saved(tmp_path / "r.csv", f"{head},老人姓名,居委会\nP001,王秀兰,东湖社区\n"))
    assert known(registry)["P001"] == ("东湖社区", "王秀兰", "")


def test_importing_twice_changes_nothing_the_second_time(registry: Registry, tmp_path: Path) -> None:
    path = saved(tmp_path / "r.csv")
    assert taken_over(registry, path).changes
    again = plan_import(registry, read_roster(path), path)
    assert not again.changes and not again.new_people


def test_importing_an_export_with_names_changes_nothing(registry: Registry, tmp_path: Path) -> None:
    taken_over(registry, saved(tmp_path / "r.csv"))
    for name in ("o.csv", "o.xlsx"):
        write_table(tmp_path / name, roster_table(registry, with_names=True))
        roster = read_roster(tmp_path / name)
        assert not plan_import(registry, roster, tmp_path / name).changes
        with open_registry(tmp_path / f"{name}.db") as other:
            taken_over(other, tmp_path / name)
            assert known(other) == EXPECTED


def test_an_export_without_names_has_none(registry: Registry, tmp_path: Path) -> None:
    taken_over(registry, saved(tmp_path / "r.csv"))
    text = csv_bytes(roster_table(registry)).decode("utf-8-sig")
    assert "P001" in text and "东湖社区" in text
    assert not any(secret in text for secret in ("王秀兰", "周文", "13800001111", "住三楼"))


def test_all_problems_of_a_roster_are_reported_by_row_without_names(registry: Registry, tmp_path: Path) -> None:
    text = (
        "编号,社区,姓名,电话,助学电话,已交付,状态\n"
        "P001,东湖,王秀兰,1.38E+10,,,\n"
        "X9,东湖,李桂香,,,,\n"
        ",东湖,吴德明,,,,\n"
        "P004,东湖,赵六,13800001111/13900002222,,,\n"
        "P005,东湖,钱七,,13711112222,,\n"
        "P006,东湖,孙八,,,也许,\n"
        "P007,东湖,周九,,,,飞了\n"
        "P008,东湖,,,,是,\n"
        "P009,东湖,郑十,,,,\n"
        "P009,西湖,郑十,,,,\n"
    )
    said = problems_of(registry, saved(tmp_path / "r.csv", text))
    assert [row for row, _text in said] == [2, 3, 4, 5, 6, 7, 8, 9, 11]
    told = " ".join(text for _row, text in said)
    assert not any(name in told for name in ("王秀兰", "李桂香", "吴德明", "郑十"))


def problems_of(registry: Registry, path: Path) -> list[tuple[int, str]]:
    """The rows and texts of the problems for which a roster is not imported, as they are told."""
    with pytest.raises(DocumentError) as error:
        plan_import(registry, read_roster(path), path, unknown_profile)
    *told, last = error.value.problems
    assert "nothing was imported" in last
    return [(int(re.split("[:, ]", text)[1]), text) for text in told]


def unknown_profile(name: str) -> None:
    if name == "tape":
        raise InputError("there is no profile 'tape'")


def test_problems_of_file_profiles_and_registry_are_told_at_once_in_the_order_of_rows(
    registry: Registry, tmp_path: Path
) -> None:
    reserve(registry, 1, 9)
    text = (
        "编号,姓名,播放器类型,助学电话,状态\n"
        "P099,王秀兰,,,\n"  # the registry refuses the number
        "P002,李桂香,tape,,\n"
        "P003,吴德明,,,飞了\n"
        "P098,赵六,,,\n"
        "P005,钱七,tape,13711112222,\n"  # two problems
        "P003,郑十,,,\n"  # row 4 has this player, and a problem of its own
    )
    said = problems_of(registry, saved(tmp_path / "r.csv", text))
    assert [row for row, _text in said] == [2, 3, 4, 5, 6, 7]
    assert list_players(registry) == ()


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("138O0001111", "'138O0001111' has the letter O in it; write the digit 0"),
        ("l38 0000 1111", "'l38 0000 1111' has the letter l in it; write the digit 1"),
        ("l38OOOO1111", "the letter l, O in it; write the digit 1, 0"),
        ("１３８Ｏ0001111", "has the letter O"),
        ("13800001111/13900002222", "'13800001111/13900002222' is not one phone number"),
        ("1.38E+10", "cut digits off '1.38E+10'"),
    ],
)
def test_a_telephone_number_that_cannot_be_read_is_quoted(
    registry: Registry, tmp_path: Path, written: str, told: str
) -> None:
    ((row, text),) = problems_of(registry, saved(tmp_path / "r.csv", f"编号,姓名,电话\nP1,王秀兰,{written}\n"))
    assert row == 2 and told in text


def test_refusals_of_the_registry_are_reported_by_row_and_nothing_changes(registry: Registry, tmp_path: Path) -> None:
    add_player(registry, "P001")
    hand_over(registry, "P001", Details("王秀兰", "13800001111"))
    reserve(registry, 1, 2)
    rows = ("P001,李桂香,,", "P002,王秀兰,13800001111,", "P003,吴德明,,", "P2,王秀兰,13800001111,")
    text = "\n".join(("编号,姓名,电话,已交付", *rows))
    path = saved(tmp_path / "r.csv", text)
    with pytest.raises(DocumentError) as error:
        plan_import(registry, read_roster(path), path)
    assert [problem.split()[1].strip(":") for problem in error.value.problems[:-1]] == ["2", "3", "4"]
    assert "王秀兰" not in str(error.value)
    assert [player.id for player in list_players(registry)] == ["P001"]


def test_an_outdated_plan_is_refused(registry: Registry, tmp_path: Path) -> None:
    path = saved(tmp_path / "r.csv")
    roster = read_roster(path)
    plan = plan_import(registry, roster, path)
    add_player(registry, "P003")
    with pytest.raises(InputError, match="has changed in the meantime"):
        apply_import(registry, roster, path, plan)
    assert [player.id for player in list_players(registry)] == ["P003"]


def test_states_of_a_roster_become_events(registry: Registry, tmp_path: Path) -> None:
    for state, expected in (("丢失", PlayerState.LOST), ("在用", PlayerState.ACTIVE), ("报废", PlayerState.RETIRED)):
        taken_over(registry, saved(tmp_path / "r.csv", f"编号,姓名,已交付,状态\nP001,王秀兰,是,{state}\n"))
        assert find_player(registry, "P001").state is expected
        if expected is PlayerState.RETIRED:
            break
    path = saved(tmp_path / "r.csv", "编号,姓名\nP001,李桂香\n")
    with pytest.raises(DocumentError, match="lost or retired"):
        plan_import(registry, read_roster(path), path)


def test_imported_rows_equal_the_replay_of_their_events(registry: Registry, tmp_path: Path) -> None:
    taken_over(registry, saved(tmp_path / "r.csv"))
    take_back(registry, "P001")
    taken_over(registry, saved(tmp_path / "r.csv", ROSTER.replace("东湖社区", "南湖社区")))
    with registry.read() as connection:
        for player in list_players(registry):
            assert player_of(read_events(connection, [player.id])) == player


def test_a_table_without_a_column_of_numbers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column of players' numbers"):
        read_roster(saved(tmp_path / "r.csv", "姓名,电话\n王秀兰,13800001111\n"))


def test_two_columns_with_the_same_meaning_are_refused(registry: Registry, tmp_path: Path) -> None:
    ((row, text),) = problems_of(registry, saved(tmp_path / "r.csv", "编号,姓名,电话,手机\nP1,王,1380000,1390000\n"))
    assert row == 1 and "two columns are called 电话" in text


def bomb(path: Path, part: bytes, name: str = "xl/worksheets/sheet1.xml") -> Path:
    """A workbook with its sheet replaced by `part`."""
    workbook(path, [["编号"], ["P001"]])
    with zipfile.ZipFile(path) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    members[name] = part
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, content in members.items():
            archive.writestr(one, content)
    return path


_HEAD = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
_HOSTILE = {
    "a bomb": _HEAD + b"<sheetData>" + b" " * (60 * 1024 * 1024) + b"</sheetData></worksheet>",
    "entities": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>' + _HEAD[21:] + b"<sheetData/></worksheet>",
    "no XML": b"\x00\x01\x02",
    "half": _HEAD + b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>x',
    "far row": _HEAD + b'<sheetData><row r="99999999"><c r="A99999999"><v>1</v></c></row></sheetData></worksheet>',
    "far row in other marks": _HEAD + b"<sheetData><row\nr = '99999999'><c><v>1</v></c></row></sheetData></worksheet>",
    "row of many digits": _HEAD
    + b'<sheetData><row r="%s"><c><v>1</v></c></row></sheetData></worksheet>' % (b"9" * 5000),
}


@pytest.mark.parametrize("kind", _HOSTILE)
def test_a_hostile_workbook_is_refused_in_bounded_processor_time(tmp_path: Path, kind: str) -> None:
    path = bomb(tmp_path / "r.xlsx", _HOSTILE[kind])
    begun = time.process_time()
    with pytest.raises(InputError):
        read_roster(path)
    assert time.process_time() - begun < 10


def test_an_empty_coloured_row_far_below_is_ignored(tmp_path: Path) -> None:
    sheet = b"".join(
        (
            _HEAD,
            b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>player</t></is></c></row>',
            b'<row r="2"><c r="A2"><v>1</v></c></row><row r="1048576" s="1"/></sheetData></worksheet>',
        )
    )
    begun = time.process_time()
    assert [row.player for row in read_roster(bomb(tmp_path / "r.xlsx", sheet)).rows] == ["P001"]
    assert time.process_time() - begun < 20


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Excel"),
        (b"PK\x03\x04 and no more", "damaged"),
        (b"\xff\x81\x00\x20\xfe\xfe", "neither UTF-8 nor GB18030"),
        (b"", "empty"),
        ("编号,社区\nP001,\x00\n".encode(), "zero bytes"),
        ("编号,社区\n".encode() + b"\n" * 2_000_000, "more than 200000 rows"),
        ("编号,社区\nP001".encode() + b"," * 600_000, "row 2: more than 64 columns"),
        (("编号" + ",x" * (MAX_COLUMNS + 5) + "\n").encode(), "columns"),
        (('编号,社区\nP001,"' + "长" * 5_000).encode(), "characters"),
        (('编号,社区\nP001,"' + "x\n" * 200_000).encode(), "not a table|characters"),
    ],
)
def test_a_file_that_is_no_roster_is_refused_with_a_reason(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_roster(path)


def test_a_pipe_is_no_roster(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "r.csv")
    with pytest.raises(InputError, match="not a regular file"):
        read_roster(tmp_path / "r.csv")


def test_a_big_roster_is_imported_in_bounded_processor_time(tmp_path: Path) -> None:
    """5,000 players, so that CI stays quick: 100,000 take some 40 s on a slow core."""
    rows = "".join(f"P{n},社区{n % 50},成员{n},138{n:08d},助学{n % 500},137{n % 500:08d},是\n" for n in range(1, 5_001))
    path = saved(tmp_path / "r.csv", "编号,社区,姓名,电话,结对助学,助学电话,已交付\n" + rows)
    begun = time.process_time()
    with open_registry(tmp_path / "registry.db") as registry:
        plan = taken_over(registry, path)
        assert len(list_players(registry)) == 5_000
    assert dict(plan.new_people) == {"member": 5_000, "helper": 500}
    assert time.process_time() - begun < 20


@pytest.mark.parametrize(
    "head",
    ["帮扶人电话", "帮扶人联系电话", "志愿者手机号码", "联系人电话", "帮扶电话", "结对人 电话", "网格员联系方式"],
)
def test_the_telephone_of_a_helper_is_known_by_any_of_its_names(registry: Registry, tmp_path: Path, head: str) -> None:
    taken_over(registry, saved(tmp_path / "r.csv", f"编号,姓名,电话,帮扶人,{head}\nP001,王秀兰,,周文,13800001111\n"))
    with registry.read() as connection:
        people = read_people(connection)
    assert [one.phone for one in people.values() if one.kind is PersonKind.HELPER] == ["13800001111"]


def test_a_community_that_is_nearly_named_as_another_is_asked_about(registry: Registry, tmp_path: Path) -> None:
    taken_over(registry, saved(tmp_path / "old.csv", "编号,社区\nP001,西湖社区\nP002,西湖社区\nP003,东湖\n"))
    text = "编号,社区\nP004,西湖\nP005,东湖\nP006,南湖社区\nP007,南湖居委会\nP008,城北村\n"
    plan = plan_import(registry, read_roster(saved(tmp_path / "new.csv", text)), tmp_path / "new.csv")
    assert plan.alike == (("南湖居委会", "南湖社区"), ("西湖", "西湖社区"))
