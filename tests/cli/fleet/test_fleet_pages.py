"""The pages of `report`, `due` and `sheet` as a browser shows and prints them."""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from manifests import manifest_with, track_of
from pages_kit import contrast, of_width, printed, shown_texts, widest
from PIL import Image

from packager.base.i18n.language import choose_language
from packager.base.manifest import Manifest, ManifestTrack, TrackKind
from packager.cli import run
from packager.registry.database import open_registry
from packager.registry.event_store import record_begun, record_ended
from packager.registry.events import LoadOutcome
from packager.registry.players import add_next_players
from packager.registry.releases import record_release
from packager.roster.handover import Details, assign_helper, assign_member, hand_over, lose

pytestmark = pytest.mark.browser

NOW = datetime.now(timezone.utc)
COMMUNITIES = ("东湖社区", "西湖社区", "幸福家园第二期北区居民委员会（筹）", "<b>南关</b> & 社区", "x" * 120, "")
HELPERS = ("周文", "孙志远", "欧阳" * 20)
PLAYERS, WEEKS = 30, 3
POINT = 96 / 72  # pixels, as CSS has it
MILLIMETRE = 96 / 25.4  # pixels


def track(number: int, title: str, book: str, kind: TrackKind = TrackKind.CHAPTER) -> ManifestTrack:
    return track_of(
        number, f"01/{number:03d}.mp3", f"{number}{title}{book}".encode(), kind=kind, title=title, book=book
    )


def release(sequence: int, *, chapters: int = 8, profile: str = "folders") -> Manifest:
    """A release of a week's news and a book with so many chapters."""
    week = [track(1, "目录", "周", TrackKind.CONTENTS), track(2, f"第{sequence}周通知", "本周社区通知")]
    book = [track(10 + place, f"第{place}章\u3000当心陌生电话", "防诈骗") for place in range(1, chapters + 1)]
    return manifest_with(
        *week,
        *book,
        sequence=sequence,
        playlist=f"week-{sequence}",
        title=f"2026年第{sequence}周",
        profile=profile,
        finds_by="place" if profile == "keypad" else "name",
        created=(NOW - timedelta(weeks=WEEKS - sequence)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def _fill(root: Path) -> None:
    """A roster with odd names, and three weeks of loads with failures."""
    moment = [NOW - timedelta(weeks=WEEKS)]
    with open_registry(root / "registry.db", clock=lambda: moment[0]) as registry:
        players = [
            player.id
            for number, community in enumerate(COMMUNITIES)
            for player in add_next_players(registry, PLAYERS // len(COMMUNITIES), community=community)
        ]
        for number, player in enumerate(players[::2]):
            details = Details(name=f"成员{number}", phone=f"1380000{number:04d}", address=f"长路{number}号" * 8)
            assign_member(registry, player, details)
            assign_helper(registry, player, Details(name=HELPERS[number % 3], phone="13700000000"))
        counters = dict.fromkeys(players, 0)
        for week in range(1, WEEKS + 1):
            moment[0] = NOW - timedelta(weeks=WEEKS - week) + timedelta(seconds=1)
            manifest = release(week)
            record_release(registry, manifest)
            for number, player in enumerate(players[: 22 - 3 * week]):
                outcome = LoadOutcome.FAILED if number % 7 == week else LoadOutcome.DONE
                load, card = registry.new_id(), hashlib.md5(player.encode()).hexdigest()
                record_begun(
                    registry,
                    load=load,
                    parent=None,
                    card=card,
                    counter=counters[player],
                    player=player,
                    manifest=manifest,
                )
                done = outcome is LoadOutcome.DONE
                counters[player] += 2 if done else 1
                record_ended(registry, load, outcome, counter=counters[player] if done else 0, verified=done)
                if week == 1 and not number % 2:
                    hand_over(registry, player)
        lose(registry, players[-1])


def _store(root: Path, *manifests: Manifest) -> None:
    for manifest in manifests:
        folder = root / "output" / "releases" / manifest.release / manifest.profile
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_bytes(manifest.to_bytes())


@pytest.fixture(scope="module")
def pages(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every page, in English; `report-zh.html` is in Chinese."""
    root = tmp_path_factory.mktemp("pages")
    (root / "packager.yaml").touch()
    _fill(root)
    _store(root, release(2), release(3), replace(release(7, chapters=70)), release(8, profile="keypad"))
    for name, arguments in {
        "report": "report",
        "named": "report --with-names",
        "due": "due --html --with-names",
        "sheet": "sheet P001 P003 --phone --with-names",
        "a5": "sheet main-0003 --paper a5",
        "long": "sheet main-0007",
        "keypad": "sheet main-0008",
        "labels": "sheet --labels P001-P100",
        "small": "sheet --labels P001-P100 --format 48.5x25.4 --outlines",
    }.items():
        at = ["--lang", "en", "--workspace", str(root), *arguments.split()]
        assert run([*at, "-o", str(root / f"{name}.html")]) == 0
    assert run(["--lang", "zh", "--workspace", str(root), "report", "-o", str(root / "report-zh.html")]) == 0
    choose_language("en")
    return root


@pytest.fixture
def show(browser: Any, pages: Path) -> Callable[..., Any]:
    """Opens a page by its name in a window of a given width."""

    def opened(name: str, width: int = 1280) -> Any:
        browser.get((pages / f"{name}.html").as_uri())
        of_width(browser, width)
        return browser

    return opened


Show = Callable[..., Any]


def plain(text: str) -> str:
    """Normalized text of a PDF, whose fonts map some Hanzi to radicals."""
    return "".join(unicodedata.normalize("NFKC", text).split())


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("name", ["report", "report-zh", "named", "due", "sheet", "a5", "long"])
def test_nothing_is_wider_than_the_window(show: Show, name: str, width: int) -> None:
    assert widest(show(name, width)) <= width


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["report", "report-zh", "named", "due", "sheet", "labels"])
def test_all_text_has_enough_contrast(show: Show, name: str, width: int) -> None:
    texts = shown_texts(show(name, width))
    assert len(texts) > 15
    assert [(text, one, other) for text, one, other, _size in texts if contrast(one, other) < 4.5] == []


@pytest.mark.parametrize("name", ["report", "report-zh"])
def test_each_chart_has_a_title_and_its_numbers_beside_it(show: Show, name: str) -> None:
    browser = show(name)
    told = browser.execute_script(
        "return Array.from(document.querySelectorAll('svg[role=img]'), "
        "e => [e.querySelector('title').textContent, e.querySelector('desc').textContent])"
    )
    assert len(told) == len(COMMUNITIES) + 2
    assert all(title.strip() and re.search(r"\d", numbers) for title, numbers in told)
    unnamed = "return document.querySelectorAll('svg:not([role=img]):not([aria-hidden])').length"
    assert browser.execute_script(unnamed) == 0
    rows = browser.execute_script(
        "return Array.from(document.querySelectorAll('.coverage tbody tr'), "
        "r => Array.from(r.querySelectorAll('.count'), c => parseInt(c.textContent)))"
    )
    assert len(rows) == len(COMMUNITIES) + 1
    for in_use, *parts in rows:
        assert sum(parts) == in_use
    assert rows[-1] == [sum(column) for column in zip(*rows[:-1], strict=True)]


def test_the_bars_are_as_long_as_their_numbers(show: Show) -> None:
    for in_use, whole, parts in show("report").execute_script(
        "const wide = e => e.getBoundingClientRect().width, number = e => parseInt(e.textContent);"
        "return Array.from(document.querySelectorAll('.coverage tr:has(.bar)'), r => ["
        "number(r.querySelector('.count')), wide(r.querySelector('.bar')),"
        "Array.from(r.querySelectorAll('.bar rect:not(.ground)'), b => "
        "[wide(b), number(r.querySelector('.is-' + b.className.baseVal))])])"
    ):
        for width, count in parts:
            assert width == pytest.approx(whole * count / in_use, abs=1.5)


def test_the_line_of_the_chart_shows_the_share_of_each_week(show: Show) -> None:
    browser = show("report")
    plot = browser.execute_script(
        "const p = document.querySelector('.plot svg').getBoundingClientRect();"
        "return Array.from(document.querySelectorAll('.dot'), d => { const r = d.getBoundingClientRect();"
        "return 100 - 100 * ((r.top + r.bottom) / 2 - p.top) / p.height })"
    )
    shares = browser.execute_script(
        "return Array.from(document.querySelectorAll('.plot ~ *, figure + table td:last-child'), "
        "e => parseInt(e.textContent))"
    )
    assert len(plot) == len(shares) >= WEEKS
    assert plot == pytest.approx(shares, abs=1.2)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_chart_of_few_weeks_does_not_overlap_the_next_section(show: Show, width: int) -> None:
    # With a row a week the table is taller than the chart; in the first weeks it is not.
    weeks, table, note = show("report", width).execute_script(
        "const chart = document.querySelector('figure').parentElement;"
        "chart.querySelectorAll('tbody tr').forEach((row, n) => { if (n) row.remove() });"
        "const box = one => one.getBoundingClientRect();"
        "return [Math.max(...[...chart.querySelectorAll('.plot .x')].map(one => box(one).bottom)),"
        "box(chart.querySelector('table')).bottom, box(chart.nextElementSibling).top]"
    )
    assert max(weeks, table) <= note


def test_the_report_prints_on_a4_with_all_communities(show: Show) -> None:
    sheets = printed(show("report")).pages
    assert len(sheets) <= 4
    for sheet in sheets:
        assert [round(float(side)) for side in sheet.mediabox[2:]] == [595, 842]
    text = plain("".join(sheet.extract_text() for sheet in sheets))
    for part in ("东湖社区", "幸福家园", "南关", "x" * 10):  # a long name goes on in another line of its cell
        assert part in text


def test_the_visits_of_each_helper_begin_on_a_new_page(show: Show) -> None:
    browser = show("due")
    heads = browser.execute_script("return Array.from(document.querySelectorAll('h1'), h => h.firstChild.textContent)")
    texts = [plain(sheet.extract_text()) for sheet in printed(browser).pages]
    begins = [page for page in texts if page.startswith("Visitsdue")]
    assert len(begins) == len(heads) == len(HELPERS) + (0 if "no helper yet" not in str(heads) else 1)
    boxes = browser.execute_script(
        "return Array.from(document.querySelectorAll('.box i'), b => b.getBoundingClientRect().width)"
    )
    visits = browser.execute_script("return document.querySelectorAll('tbody tr').length")
    assert len(boxes) == visits > 5 and min(boxes) >= 14


@pytest.mark.parametrize("name", ["sheet", "a5", "long", "keypad"])
def test_every_word_on_the_listeners_sheet_is_at_least_24_points(show: Show, name: str) -> None:
    texts = shown_texts(show(name))
    assert min(size for _text, _one, _other, size in texts) >= 24 * POINT - 0.01
    numbers = [size for text, _one, _other, size in texts if re.fullmatch(r"\d{1,4}", text)]
    assert len(numbers) > 8 and min(numbers) >= 30 * POINT - 0.01


def test_each_player_has_a_sheet_of_one_page(show: Show) -> None:
    sheets = printed(show("sheet")).pages
    assert len(sheets) == 2
    for sheet, player in zip(sheets, ("P001", "P003"), strict=True):
        text = plain(sheet.extract_text())
        assert player in text and "13700000000" in text and "当心陌生电话" in text
        assert [round(float(side)) for side in sheet.mediabox[2:]] == [595, 842]


def test_a_sheet_on_a5_is_of_that_size(show: Show) -> None:
    for sheet in printed(show("a5")).pages:
        assert [round(float(side)) for side in sheet.mediabox[2:]] == [420, 595]


def test_a_long_sheet_repeats_its_heading_and_cuts_no_line(show: Show) -> None:
    sheets = [plain(sheet.extract_text()) for sheet in printed(show("long")).pages]
    assert 3 <= len(sheets) <= 8
    assert all(sheet.startswith("2026年第7周") for sheet in sheets)
    text = "".join(sheet.removeprefix("2026年第7周") for sheet in sheets)
    for place in range(1, 71):
        assert text.count(f"{10 + place}第{place}章。当心陌生电话") == 1


def test_the_sheet_explains_players_with_and_without_keys(show: Show) -> None:
    assert "按哪个编号" in " ".join(text for text, *_rest in shown_texts(show("keypad")))
    assert "按“下一首”" in " ".join(text for text, *_rest in shown_texts(show("long")))


def _boxes(browser: Any, selector: str) -> list[list[float]]:
    """Left, top, right and bottom of the selected elements, in millimetres from the corner of their sheet."""
    found = browser.execute_script(
        "return Array.from(document.querySelectorAll(arguments[0]), e => {"
        "const r = e.getBoundingClientRect(), p = e.closest('.paper').getBoundingClientRect();"
        "return [r.left - p.left, r.top - p.top, r.right - p.left, r.bottom - p.top] })",
        selector,
    )
    return [[side / MILLIMETRE for side in box] for box in found]


@pytest.mark.parametrize(("name", "width", "height"), [("labels", 70, 37), ("small", 48.5, 25.4)])
def test_labels_have_their_size_and_contain_their_text(show: Show, name: str, width: float, height: float) -> None:
    browser = show(name)
    labels, codes, numbers = (_boxes(browser, f".paper {part}") for part in (".label", ".label svg", ".label b"))
    assert len(labels) == len(codes) == len(numbers) == PLAYERS
    for label, code in zip(labels, codes, strict=True):
        assert label[2] - label[0] == pytest.approx(width, abs=0.05)
        assert label[3] - label[1] == pytest.approx(height, abs=0.05)
        assert label[0] < code[0] and label[1] < code[1] and code[2] < label[2] and code[3] < label[3]
        assert code[2] - code[0] >= 12
    texts = browser.execute_script(
        "return Array.from(document.querySelectorAll('.label b'), b => { const r = document.createRange(); "
        "r.selectNodeContents(b); const p = b.closest('.label').getBoundingClientRect(); "
        "return [p.right - r.getBoundingClientRect().right, parseFloat(getComputedStyle(b).fontSize)] })"
    )
    assert min(room for room, _size in texts) > 0
    assert {size for _room, size in texts} == {30 * POINT}


def test_labels_print_to_the_millimetre_and_their_codes_can_be_read(show: Show) -> None:
    browser = show("labels", 1000)
    sheets = printed(browser).pages
    assert len(sheets) == 2
    assert [round(float(side)) for side in sheets[0].mediabox[2:]] == [595, 842]
    letters: list[tuple[float, float]] = []  # where the first letter of each number stands, in points

    def note(text: str, now: list[float], matrix: list[float], *_font: object) -> None:
        if text == "P":
            letters.append((now[0] * matrix[4] + now[4], now[3] * matrix[5] + now[5]))

    sheets[0].extract_text(visitor_text=note)
    assert len(letters) == 24
    for place, (x, y) in enumerate(letters):
        row, column = divmod(place, 3)
        assert x - letters[0][0] == pytest.approx(column * 70 / 25.4 * 72, abs=0.8)
        assert letters[0][1] - y == pytest.approx(row * 37 / 25.4 * 72, abs=0.8)
    shot = Image.open(io.BytesIO(browser.get_screenshot_as_png())).convert("L")
    read = {one.text for one in zxingcpp.read_barcodes(shot)}
    assert {"P001", "P002", "P003", "P004"} <= read
