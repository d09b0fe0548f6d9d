"""The page of `packager read --html` as a browser shows it."""

import base64
import os
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from packager.cli import run
from packager.reading import read_book
from packager.wording import load_lexicon, normalize

pytestmark = pytest.mark.browser

TEXT = "\n\n".join(
    [
        "第一章 通知",
        "截至2024年9月30日，增长20%-30%，仇大爷还款了。" * 6,
        "大家都很高兴。" * 12,
        "第二章 <b>标签</b> & 符号",
        "网址https://www.example.com/" + "a" * 150 + "，看カナ片。",
        "第三章 长",
        *("共2个人，走了3km。从前有一座山，山上有一座庙。" * 8 for _paragraph in range(40)),
    ]
)
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
    if not (driver and chromium):
        if os.environ.get("PACKAGER_REQUIRE_BROWSER"):
            pytest.fail("chromium and chromedriver are not installed")
        pytest.skip("chromium and chromedriver are not installed")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in FLAGS.split():
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('browser')}")
    opened = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield opened
    opened.quit()


@pytest.fixture(scope="module")
def page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    (folder / "book.txt").write_text(TEXT, "utf-8")
    assert run(["--lang", "en", "read", str(folder / "book.txt"), "--html", str(folder / "book.html")]) == 0
    browser.get((folder / "book.html").as_uri())
    return folder / "book.html"


def of_width(browser: Any, width: int) -> None:
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


@pytest.mark.parametrize("width", [320, 390, 800, 1300])
def test_nothing_reaches_over_the_edge(browser: Any, page: Path, width: int) -> None:
    of_width(browser, width)
    widest = browser.execute_script(
        "return Math.max(document.documentElement.scrollWidth, "
        "...Array.from(document.querySelectorAll('body *'), e => e.getBoundingClientRect().right))"
    )
    assert widest <= width
    stacked = browser.execute_script(
        "const [a, b] = document.querySelectorAll('.pairs tbody td'); "
        "return b.getBoundingClientRect().top >= a.getBoundingClientRect().bottom"
    )
    assert stacked == (width < 704)


def test_the_page_shows_each_paragraph_as_it_is_written_and_as_it_is_said(browser: Any, page: Path) -> None:
    of_width(browser, 1300)
    shown = browser.execute_script(
        "document.querySelectorAll('rt').forEach(e => e.remove());"
        "return Array.from(document.querySelectorAll('.pairs tbody td'), e => e.textContent)"
    )
    browser.refresh()
    book = read_book(page.with_name("book.txt")).book
    expected = [
        side
        for chapter in book.chapters
        for text in chapter.paragraphs
        for side in (text, normalize(text, load_lexicon()))
    ]
    assert shown == expected
    links = browser.execute_script(
        "return Array.from(document.querySelectorAll('nav a'), "
        "e => document.querySelector(e.getAttribute('href')).querySelector('h2').textContent)"
    )
    assert [link.split(" ", 1)[1] for link in links] == [chapter.title for chapter in book.chapters]
    assert not browser.find_elements("tag name", "b")


def test_differences_and_doubts_are_marked_with_contrast(browser: Any, page: Path) -> None:
    of_width(browser, 1300)
    colours = browser.execute_script(
        "return Array.from(document.querySelectorAll('mark, .same td, .soft, .notice li, rt'), "
        "e => { let b = e, of = x => getComputedStyle(x).backgroundColor;"
        "while (b && of(b) === 'rgba(0, 0, 0, 0)') b = b.parentElement;"
        "return [getComputedStyle(e).color, b ? of(b) : 'rgb(255, 255, 255)'] })"
    )
    assert len(colours) > 100
    assert min(_contrast(*map(_luminance, pair)) for pair in map(tuple, colours)) >= 4.5
    marks = [element.text for element in browser.find_elements("css selector", "td mark.doubtful")]
    assert marks == ["カナ"]
    assert "カナ" in browser.find_element("class name", "notice").text


def test_only_what_differs_can_be_shown(browser: Any, page: Path) -> None:
    of_width(browser, 1300)
    rows = browser.find_elements("css selector", ".pairs tbody tr")
    browser.find_element("id", "only").click()
    assert [row.is_displayed() for row in rows[:2]] == [True, False]
    browser.find_element("id", "only").click()
    assert all(row.is_displayed() for row in rows)


def test_the_page_stands_alone_and_prints_whole(browser: Any, page: Path) -> None:
    source = page.read_text("utf-8")
    assert (
        "src=" not in source and "<link" not in source and "<script" not in source and "@import" not in source
    )
    printed = browser.execute_cdp_cmd(
        "Page.printToPDF", {"preferCSSPageSize": True, "printBackground": False}
    )
    path = page.with_suffix(".pdf")
    path.write_bytes(base64.b64decode(printed["data"]))
    from pypdf import PdfReader

    text = "".join(sheet.extract_text() for sheet in PdfReader(path).pages)
    text = "".join(unicodedata.normalize("NFKC", text).split())  # its fonts give radicals for some Hanzi
    assert text.count("共两个人") >= 300


def _luminance(colour: str) -> float:
    """Relative luminance by WCAG 2, of `rgb(r, g, b)`."""
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
