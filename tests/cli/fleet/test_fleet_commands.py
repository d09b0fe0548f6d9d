"""`audit` of all players, `due`, `report` and `sheet`, in an office with named members."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from command_line import Cli, Outcome
from openpyxl import load_workbook

from packager.base.errors import EXIT_FINDINGS
from packager.base.formats import parse_utc
from packager.cli import run
from packager.cli.fleet._report_columns import percent
from packager.registry.approval_setting import read_approval_setting
from packager.registry.database import open_registry
from packager.releases.store import find_release

MEMBERS = ("王秀兰", "张德明", "李桂珍", "赵长生", "=cmd|' /C calc'!A0")
HELPERS = ("周文", "孙志远")
PERSONAL = (*MEMBERS, *HELPERS, "13800001111", "13700000000", "东湖路柒号", "耳背")
ROSTER = """编号,社区,姓名,电话,地址,备注,结对助学,助学电话
P001,东湖社区,王秀兰,13800001111,东湖路柒号,耳背,周文,13700000000
P002,东湖社区,张德明,,,,周文,
P003,西湖社区,李桂珍,,,,孙志远,
P004,西湖社区,赵长生,,,,,
P005,=2+5社区,=cmd|' /C calc'!A0,,,,孙志远,
"""

Ask = Callable[..., Outcome]


@pytest.fixture(scope="module")
def place(two_weeks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace: P001 holds the newest release, P002 the one before, P004 is lost with it."""
    root = tmp_path_factory.mktemp("fleet") / "office"
    shutil.copytree(two_weeks, root)
    (root / "roster.csv").write_text(ROSTER, "utf-8-sig")
    at = ["--lang", "en", "--workspace", str(root)]

    def do(*arguments: str) -> None:
        assert run([*at, *arguments]) == 0

    do("players", "import", str(root / "roster.csv"), "--yes")
    for player, release in (("P001", "main-0002"), ("P002", "main-0001"), ("P004", "main-0001")):
        (root / "cards" / player).mkdir(parents=True)
        card = str(root / "cards" / player)
        do("load", card, "--player", player, "--new", "--release", release, "--allow-folder")
    do("players", "handover", "P001", "P002")
    do("players", "lost", "P004")
    return root


@pytest.fixture
def ask(place: Path, capfd: pytest.CaptureFixture[str]) -> Ask:
    """Runs a command on that workspace."""

    def call(*arguments: object) -> Outcome:
        capfd.readouterr()
        code = run(["--lang", "en", "--workspace", str(place), *map(str, arguments)])
        shown = capfd.readouterr()
        return Outcome(code, shown.out, shown.err)

    return call


def players(answer: Outcome) -> list[str]:
    return [one["player"] for one in json.loads(answer.out)]


# ── audit ──


def test_the_audit_of_all_counts_players_by_status_and_community(ask: Ask) -> None:
    told = ask("audit").require(EXIT_FINDINGS).out
    lines = [line.split() for line in told.splitlines()]
    assert ["P001", "东湖社区", "main-0002", "current"] in [line[:4] for line in lines]
    assert ["P002", "东湖社区", "main-0001", "behind", "(1)"] in [line[:5] for line in lines]
    assert ["东湖社区", "2", "1", "1"] in lines
    assert lines[-1] == ["current:", "1,", "behind:", "1,", "never", "loaded:", "2,", "lost:", "1"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (["--community", "东湖社区"], ["P001", "P002"]),
        (["--community", "东湖社区", "--community", "西湖社区"], ["P001", "P002", "P003", "P004"]),
        (["--helper", "孙志远"], ["P003", "P005"]),
        (["--behind", "1"], ["P002", "P004"]),
        (["--not-seen", "3w"], ["P003", "P005"]),
        (["--not-seen", "1d", "--community", "西湖社区"], ["P003"]),
        (["--behind", "2"], []),
    ],
)
def test_filters_are_combined(ask: Ask, filters: list[str], expected: list[str]) -> None:
    assert players(ask("audit", "--json", *filters)) == expected


def test_where_approval_is_required_later_holders_of_drafts_are_not_current(
    ask: Ask, place: Path, tmp_path: Path, cli: Cli
) -> None:
    root = tmp_path / "office"
    shutil.copytree(place, root)
    settings = root / "packager.yaml"
    settings.write_text(settings.read_text("utf-8") + "\napproval: required\n", "utf-8")
    cli("--workspace", root, "release", "withdraw", "main-0002", "--reason", "错字", "--by", "办公室")
    held = json.loads(cli("--workspace", root, "audit", "--json", "--behind", "1").out)
    assert [(one["player"], one["status"]) for one in held] == [("P002", "unapproved"), ("P004", "lost")]
    due = {one["player"]: one["reasons"] for one in json.loads(cli("--workspace", root, "due", "--json").out)}
    assert (due["P001"], due["P002"]) == (["withdrawn"], ["unapproved"])
    with open_registry(root / "registry.db") as registry:
        assert [required for _at, required in read_approval_setting(registry, required=True).changes] == [False, True]


def test_filters_without_a_match_are_reported(ask: Ask) -> None:
    assert ask("audit", "--behind", 9).require().out == "No player matches these filters.\n"


def test_the_exit_code_depends_on_the_selected_players(ask: Ask) -> None:
    ask("audit", "--helper", "周文", "--behind", 1).require(EXIT_FINDINGS)
    assert ask("audit", "--community", "东湖社区", "--json", "--not-seen", "1w").code == 0
    ask("audit", "--community", "东湖社区", "--json").require(EXIT_FINDINGS)


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        (["--community", "东湖社"], "did you mean '东湖社区'"),
        (["--helper", "王秀兰"], "no helper has that name"),
        (["--not-seen", "soon"], "10d"),
    ],
)
def test_an_unknown_filter_value_is_refused(ask: Ask, filters: list[str], words: str) -> None:
    refused = ask("audit", *filters)
    assert refused.code == 3 and words in refused.err
    assert not any(name in refused.err for name in PERSONAL)


def test_filters_are_refused_for_a_card(ask: Ask, place: Path) -> None:
    refused = ask("audit", place / "cards" / "P001", "--allow-folder", "--csv")
    assert refused.code == 2 and "--as-csv" not in refused.err and "--csv" in refused.err


def test_the_csv_opens_in_excel_and_has_no_formulas(ask: Ask, place: Path, tmp_path: Path) -> None:
    ask("audit", "--csv", "-o", tmp_path / "all.csv", "--with-names").require(EXIT_FINDINGS)
    data = (tmp_path / "all.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and b"\r\n" in data
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [row["player"] for row in rows] == ["P001", "P002", "P003", "P004", "P005"]
    assert [row["action needed"] for row in rows] == ["no", "yes", "yes", "no", "yes"]
    assert rows[0]["member"] == "王秀兰" and rows[1]["behind"] == "1" and rows[0]["last outcome"] == "done"
    cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row]
    assert "'=2+5社区" in cells and "'" + MEMBERS[4] in cells
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_a_list_in_an_xlsx_file_is_a_workbook(ask: Ask, tmp_path: Path) -> None:
    ask("audit", "--csv", "-o", tmp_path / "all.xlsx").require(EXIT_FINDINGS)
    sheet = load_workbook(tmp_path / "all.xlsx").active
    assert sheet is not None and [row[0] for row in sheet.values][:2] == ["player", "P001"]
    assert ask("due", "--csv", "-o", tmp_path / "due.xlsx").code == 0
    assert load_workbook(tmp_path / "due.xlsx").active is not None


def test_an_output_file_needs_csv(ask: Ask, tmp_path: Path) -> None:
    assert "--csv" in ask("audit", "-o", tmp_path / "x.csv").require(2).err
    assert ask("audit", "--json", "--csv").code == 2 and not list(tmp_path.iterdir())


def test_a_practice_folder_has_no_known_order(ask: Ask, place: Path) -> None:
    told = ask("audit", place / "cards" / "P001", "--allow-folder").require().out
    assert "good: the release is complete\n" in told and "in order" not in told
    assert "Playing order: not known: a practice folder" in told


def test_a_player_number_in_place_of_a_card_is_explained(ask: Ask) -> None:
    assert "packager players show P001" in ask("audit", "p1").require(2).err
    assert ask("audit", "nowhere").code == 4


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system has no time zone of a process")
def test_times_are_printed_in_local_time(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        seen = next(one for one in json.loads(ask("audit", "--json").out) if one["player"] == "P001")
        here = (parse_utc(seen["last_seen"]) + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M")
        assert f"{here} " in ask("audit").out
        assert f"last seen: {here}\n" in ask("players", "show", "P001").out
        assert ask("players", "history", "P001").out.splitlines()[-1].startswith(f"{here} ")
    finally:
        monkeypatch.undo()
        time.tzset()


# ── Nobody is named who was not asked for ──


def outputs(ask: Ask, folder: Path, *names: str) -> Iterator[tuple[str, str]]:
    """Yield a name and the text of everything that the commands print and write."""
    for number, arguments in enumerate(
        (
            ("audit",),
            ("audit", "--json"),
            ("audit", "--csv"),
            ("due",),
            ("due", "--json"),
            ("due", "--csv"),
            ("due", "--html", "-o", folder / "due.html"),
            ("report", "--xlsx", "-o", folder / "report.html"),
            ("report", "--json"),
            ("sheet", "P001", "P002", "-o", folder / "sheet.html"),
            ("sheet", "--labels", "-o", folder / "labels.html"),
        )
    ):
        told = ask(*arguments, *names)
        assert told.code in (0, EXIT_FINDINGS), told.err
        yield f"{number} {arguments}", told.out + told.err
    for path in sorted(folder.iterdir()):
        if path.suffix == ".xlsx":
            unpacked = folder / "xlsx"
            shutil.unpack_archive(path, unpacked, "zip")
            # A writer of XML may write a character as a number.
            yield path.name, html.unescape("".join(one.read_text("utf-8") for one in unpacked.rglob("*.xml")))
        else:
            yield path.name, path.read_text("utf-8")


def test_no_output_has_personal_data_without_with_names(ask: Ask, tmp_path: Path) -> None:
    texts = dict(outputs(ask, tmp_path))
    assert len(texts) == 16
    for what, text in texts.items():
        assert not [word for word in PERSONAL if word in text], what


def test_with_names_prints_them(ask: Ask, tmp_path: Path) -> None:
    texts = dict(outputs(ask, tmp_path, "--with-names"))
    assert [name for name in ("due.html", "report.html", "report.xlsx") if "周文" not in texts[name]] == []
    assert "张德明" in texts["due.html"] and "王秀兰" in texts["sheet.html"] and "李桂珍" in texts["report.html"]
    assert "13700000000" not in texts["sheet.html"]


# ── due ──


def test_due_lists_players_by_helper_with_reasons(ask: Ask) -> None:
    told = json.loads(ask("due", "--json", "--with-names").require().out)
    assert {one["player"]: one["reasons"] for one in told} == {
        "P002": ["behind"],
        "P003": ["never-loaded"],
        "P005": ["never-loaded"],
    }
    assert [one["helper_name"] for one in told] == ["周文", "孙志远", "孙志远"]
    assert ask("due").require().err == "3 of 5 players to visit\n"
    assert "P002" not in ask("due", "--helper", "孙志远").require().out


def test_a_plan_for_a_later_week_includes_players_unseen_by_then(ask: Ask) -> None:
    from datetime import datetime, timedelta, timezone

    from packager.fleet.weeks import week_of

    now = datetime.now(timezone.utc)
    later = week_of(now + timedelta(weeks=4)).name
    told = {one["player"]: one["reasons"] for one in json.loads(ask("due", "--week", later, "--json").require().out)}
    assert told["P001"] == ["not-seen"] and told["P002"] == ["behind", "not-seen"]
    over = ask("due", "--week", week_of(now - timedelta(weeks=1)).name)
    assert over.code == 3 and "report --week" in over.err
    assert ask("due", "--week", "2026-W60").code == 3


def test_only_one_output_format_is_accepted(ask: Ask, tmp_path: Path) -> None:
    assert ask("due", "--json", "--csv").code == 2
    assert ask("due", "-o", tmp_path / "x").code == 2
    assert ask("report", "--json", "--xlsx").code == 2


# ── report ──


def test_a_report_is_written_to_the_output_folder_and_replaced_by_the_next(ask: Ask, place: Path) -> None:
    written = ask("report", "--xlsx").require().err.split("written: ")[1:]
    page, book = (Path(one.strip()) for one in written)
    assert page.parent == place / "output" / "reports" and book == page.with_suffix(".xlsx")
    assert re.fullmatch(r"\d{4}-W\d\d\.html", page.name)
    ask("report").require()
    workbook = load_workbook(book)
    assert workbook.sheetnames == ["Summary", "Communities", "Weeks", "Helpers", "Releases", "Faults", "To visit"]
    rows = [[cell.value for cell in row] for row in workbook["Communities"].iter_rows()]
    assert rows[0][:4] == ["community", "share", "in use", "current"]
    assert rows[1][:4] == ["东湖社区", 0.5, 2, 1]
    assert ["=2+5社区", 0, 1, 0] in [row[:4] for row in rows]


def test_a_page_of_another_origin_is_not_replaced(ask: Ask, tmp_path: Path) -> None:
    theirs = tmp_path / "page.html"
    theirs.write_text("<p>mine</p>")
    for command in (("report",), ("due", "--html"), ("sheet", "P001"), ("sheet", "--labels")):
        refused = ask(*command, "-o", theirs)
        assert refused.code == 3 and "--overwrite" in refused.err
        assert theirs.read_text() == "<p>mine</p>"
    ask("report", "-o", theirs, "--overwrite").require()
    assert "packager report" in theirs.read_text("utf-8")


def test_a_list_does_not_replace_an_existing_file(ask: Ask, tmp_path: Path) -> None:
    for command in (("audit", "--csv", "-o"), ("due", "--csv", "-o"), ("players", "export")):
        theirs = tmp_path / "roster.csv"
        theirs.write_text("mine")
        assert "add --overwrite" in ask(*command, theirs).require(3).err
        assert theirs.read_text() == "mine"
        assert ask(*command, theirs, "--overwrite").code in (0, EXIT_FINDINGS)
        assert theirs.read_text("utf-8") != "mine"


def test_a_new_report_does_not_replace_an_existing_workbook(ask: Ask, tmp_path: Path) -> None:
    theirs, page = tmp_path / "week.xlsx", tmp_path / "week.html"
    theirs.write_text("mine")
    assert "add --overwrite" in ask("report", "--xlsx", "-o", page).require(3).err
    assert theirs.read_text() == "mine" and not page.exists()
    ask("report", "--xlsx", "-o", page, "--overwrite").require()
    ask("report", "--xlsx", "-o", page).require()
    assert load_workbook(theirs).active is not None


def test_a_report_of_a_future_week_is_refused(ask: Ask) -> None:
    assert "has not begun" in ask("report", "--week", "2190-W01").err
    assert "there is no week" in (said := ask("report", "--week", "W48").err)
    assert re.search(r"did you mean '[0-9]{4}-W48'", said)


def test_the_numbers_of_the_report_add_up(ask: Ask) -> None:
    told = json.loads(ask("report", "--json").require().out)
    assert (told["in_use"], told["current"], told["loaded"]) == (4, 1, 2)
    assert sum(one["loaded"] for one in told["helpers"]) == told["loaded"]
    assert sum(one["in_use"] for one in told["communities"]) == told["in_use"]
    assert sum(sum(one["by_status"].values()) for one in told["communities"]) == told["in_use"]
    assert sum(one["players"] for one in told["helpers"]) == told["in_use"]
    assert told["lost"] == ["P004"] and told["progress"][-1] == {
        "week": told["week"],
        "in_use": 4,
        "reached": 1,
        "is_over": False,
        "share": 0.25,
    }


@pytest.mark.parametrize(
    ("share", "shown"), [(0, "0%"), (0.001, "1%"), (0.5, "50%"), (0.854, "85%"), (0.9999, "99%"), (1, "100%")]
)
def test_0_and_100_percent_are_shown_only_for_none_and_all(share: float, shown: str) -> None:
    assert percent(share) == shown


# ── sheet ──


def sheet_rows(page: str) -> list[tuple[int, str]]:
    rows = re.findall(r'<td class="number">(\d+)</td><td>(.*?)(?:<span class="new">新</span>)?</td>', page)
    return [(int(number), title) for number, title in rows]


def test_the_sheet_of_a_player_shows_the_release_on_its_card(ask: Ask, place: Path, tmp_path: Path) -> None:
    ask("sheet", "P002", "-o", tmp_path / "s.html").require()
    page = (tmp_path / "s.html").read_text("utf-8")
    manifest = find_release(place / "output" / "releases", "main-0001").manifest
    chapters = [track for track in manifest.tracks if track.kind == "chapter"]
    assert [number for number, _title in sheet_rows(page)] == [track.number for track in chapters]
    for track, (_number, title) in zip(chapters, sheet_rows(page), strict=True):
        assert title.replace("，", "").replace("。", "") == re.sub(r"\s", "", track.title)
    assert '<html lang="zh-CN">' in page and "P002" in page
    assert page.count('class="new"') == sum(track.number <= 10 for track in chapters)


def test_the_helpers_number_is_on_the_sheet_only_when_asked_for(ask: Ask, tmp_path: Path) -> None:
    told = ask("sheet", "P001-P002", "--phone", "-o", tmp_path / "s.html").require()
    assert (tmp_path / "s.html").read_text("utf-8").count("<b>13700000000</b>") == 2
    assert "Warning" not in told.err
    told = ask("sheet", "P003", "--release", "main-0002", "--phone", "-o", tmp_path / "t.html").require()
    assert "no phone number for the helper of P003" in told.err
    assert "有事请打电话" not in (tmp_path / "t.html").read_text("utf-8")


def test_a_player_without_a_verified_release_is_left_out_of_the_sheets_and_named(ask: Ask, tmp_path: Path) -> None:
    told = ask("sheet", "P001-P005", "-o", tmp_path / "s.html").require()
    assert "left out: player P003" in told.err and "player P005" in told.err and "--release" in told.err
    page = (tmp_path / "s.html").read_text("utf-8")
    assert "P001" in page and "P003" not in page
    refused = ask("sheet", "P003", "P005", "-o", tmp_path / "t.html")
    assert refused.code == 3 and "P003" in refused.err and "P005" in refused.err
    assert not (tmp_path / "t.html").exists()


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (["P777"], "has no player P777"),
        (["P700-P800"], "P700-P800"),
        (["main-0099"], "called 'main-0099'"),
        (["王秀兰"], "no release"),
        (["main-0001", "--profile", "keypad"], "folders"),
    ],
)
def test_an_unknown_player_or_release_is_refused(ask: Ask, targets: list[str], words: str) -> None:
    refused = ask("sheet", *targets)
    assert refused.code == 3 and words in refused.err


def test_a_release_that_is_not_on_this_computer_is_reported(
    place: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path / "office"
    shutil.copytree(place, elsewhere)
    shutil.rmtree(elsewhere / "output" / "releases" / "main-0002")
    assert run(["--lang", "en", "--workspace", str(elsewhere), "sheet", "P001"]) == 3
    assert "which is not on this computer" in capfd.readouterr().err


def test_labels_are_made_for_all_players_in_use_or_for_those_named(ask: Ask, tmp_path: Path) -> None:
    def labelled(*arguments: object) -> list[str]:
        ask("sheet", "--labels", *arguments, "-o", tmp_path / "l.html").require()
        return re.findall(r"<b>(P\d+)</b>", (tmp_path / "l.html").read_text("utf-8"))

    assert labelled() == ["P001", "P002", "P003", "P005"]
    assert labelled("P004", "P002-P003", "p2") == ["P004", "P002", "P003"]
    assert labelled("P001-P999") == ["P001", "P002", "P003", "P004", "P005"]
    assert ask("sheet").code == 2


def test_the_pages_load_nothing_from_outside(ask: Ask, tmp_path: Path) -> None:
    for text in (text for what, text in outputs(ask, tmp_path) if what.endswith(".html")):
        assert not re.search(r"<(script|link|img|iframe)\b|@import|url\(|src=|https?://", text)
        assert "{{" not in text and "{count}" not in text


def test_the_help_of_these_commands_needs_no_speech_and_no_database() -> None:
    listing = (
        "import sys; from packager.cli import run; "
        "[run([name, '--help']) for name in ('report', 'due', 'sheet', 'audit')]; print(sorted(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", listing], capture_output=True, check=True, text=True).stdout
    assert shown.count("--with-names") >= 4
    for library in ("onnxruntime", "kokoro_onnx", "wetext", "sqlalchemy", "openpyxl", "jinja2", "segno"):
        assert f"'{library}'" not in shown, library
