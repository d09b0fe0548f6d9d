"""The page of `packager read --html` as a browser shows it."""

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from pages_kit import contrast, of_width, printed, widest
from selenium.webdriver.common.keys import Keys

from packager.cli import run
from packager.reading import read_book
from packager.textnorm import load_lexicon, normalize

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


@pytest.fixture(scope="module")
def page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    (folder / "book.txt").write_text(TEXT, "utf-8")
    assert run(["--lang", "en", "read", str(folder / "book.txt"), "--html", str(folder / "book.html")]) == 0
    browser.get((folder / "book.html").as_uri())
    return folder / "book.html"


@pytest.mark.parametrize("width", [320, 390, 800, 1300])
def test_nothing_is_wider_than_the_window(browser: Any, page: Path, width: int) -> None:
    of_width(browser, width)
    assert widest(browser) <= width
    stacked = browser.execute_script(
        "const [a, b] = document.querySelectorAll('.pairs tbody td'); "
        "return b.getBoundingClientRect().top >= a.getBoundingClientRect().bottom"
    )
    assert stacked == (width < 704)


def test_the_page_shows_each_paragraph_written_and_spoken(browser: Any, page: Path) -> None:
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
    assert min(contrast(*pair) for pair in colours) >= 4.5
    marks = [element.text for element in browser.find_elements("css selector", "td mark.doubtful")]
    assert marks == ["カナ"]
    assert "カナ" in browser.find_element("class name", "notice").text


def test_the_page_can_show_only_differences(browser: Any, page: Path) -> None:
    of_width(browser, 1300)
    rows = browser.find_elements("css selector", ".pairs tbody tr")
    browser.find_element("id", "only").click()
    assert [row.is_displayed() for row in rows[:2]] == [True, False]
    browser.find_element("id", "only").click()
    assert all(row.is_displayed() for row in rows)


def test_the_page_needs_no_other_file_and_prints_completely(browser: Any, page: Path) -> None:
    source = page.read_text("utf-8")
    assert "src=" not in source and "<link" not in source and "<script" not in source and "@import" not in source
    text = "".join(sheet.extract_text() for sheet in printed(browser).pages)
    text = "".join(unicodedata.normalize("NFKC", text).split())  # its fonts give radicals for some Hanzi
    assert text.count("共两个人") >= 300


def test_a_click_on_the_right_pinyin_writes_the_lines_for_the_lexicon(browser: Any, tmp_path: Path) -> None:
    book = tmp_path / "book.txt"
    book.write_text("第一章 识字\n\n黑板上写着：重、长、行、调、倒、弹、卷、挑。\n", "utf-8")
    assert run(["--lang", "en", "read", str(book), "--html", str(tmp_path / "book.html")]) == 0
    browser.get((tmp_path / "book.html").as_uri())
    of_width(browser, 1300)
    browser.find_element("css selector", ".readings summary").click()
    first, *others = browser.find_elements("css selector", ".readings li")
    wrong, right = first.find_elements("tag name", "button")[:2]
    wrong.click()
    right.click()
    assert [button.get_attribute("aria-pressed") for button in (wrong, right)] == ["false", "true"]
    another = others[0].find_element("tag name", "button")
    another.click()
    another.click()  # taken back
    others[-1].find_element("tag name", "button").click()

    lines = browser.find_element("id", "lines")
    lines.click()
    lines.send_keys(Keys.CONTROL, "a")
    lines.send_keys(Keys.CONTROL, "c")
    browser.execute_script(
        "const copy = document.createElement('textarea'); copy.id = 'pasted'; document.body.prepend(copy); copy.focus()"
    )
    pasted = browser.find_element("id", "pasted")
    pasted.send_keys(Keys.CONTROL, "v")
    copied = pasted.get_property("value")
    chosen = [right, others[-1].find_element("tag name", "button")]
    entries = {each.get_attribute("data-word"): each.get_attribute("data-pinyin") for each in chosen}
    assert copied == "words:\n" + "".join(f"  {word}: {pinyin}\n" for word, pinyin in entries.items())
    (tmp_path / "lexicon.yaml").write_text(copied, "utf-8")
    readings = load_lexicon(tmp_path / "lexicon.yaml").readings
    assert readings == {word: tuple(pinyin.split()) for word, pinyin in entries.items()}
    assert len(readings) == 2
