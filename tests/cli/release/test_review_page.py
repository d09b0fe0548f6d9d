"""The page of `packager release review` in a browser, from a file."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from pages_kit import contrast, of_width, printed, shown_texts, widest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.support.ui import WebDriverWait
from tones import NEWS, open_office

from packager.cli import run

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a release with one edited track."""
    office = open_office(tmp_path_factory.mktemp("review") / "审听 & #1 100%")
    office.build()
    office.write({"news.md": NEWS.replace("明天", "后天")})
    office.build()
    assert run(["--lang", "en", "--workspace", str(office.root), "release", "review", "main-0002"]) == 0
    return office.root / "output/review/main-0002-folders/index.html"


@pytest.fixture
def opened(browser: Any, page: Path) -> Any:
    """The browser with the page, as if for the first time."""
    browser.get(page.as_uri())
    browser.execute_script("localStorage.clear()")
    shown(browser, page)
    return browser


def shown(browser: Any, page: Path) -> None:
    browser.get("about:blank")
    browser.get(page.as_uri())


def find(browser: Any, selector: str) -> Any:
    return browser.find_element("css selector", selector)


def click(browser: Any, selector: str) -> None:
    place = find(browser, selector)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", place)
    place.click()


def until(browser: Any, condition: str) -> None:
    waiting = WebDriverWait(browser, 60, poll_frequency=0.05)
    waiting.until(lambda _browser: browser.execute_script(f"return {condition}"))


def counted(browser: Any) -> str:
    return str(find(browser, ".player .counted").text)


def test_a_tick_is_counted_and_kept_and_an_edited_sentence_is_lit_when_it_is_heard(opened: Any, page: Path) -> None:
    of_width(opened, 360)
    assert counted(opened) == "0 of 4 heard"
    click(opened, "#c2 .heard")
    assert counted(opened) == "1 of 4 heard"
    click(opened, "#c2 .s.new")
    until(opened, "document.querySelector('.s.lit.new') !== null")
    assert find(opened, ".s.lit").text == "后天停水。"
    until(opened, "document.getElementById('sound').currentTime > 0")
    shown(opened, page)
    assert counted(opened) == "1 of 4 heard"
    assert find(opened, "#c2 .heard").is_selected()
    asked = opened.execute_script("return performance.getEntriesByType('resource').map(one => one.name)")
    assert [name for name in asked if not name.startswith(("file:", "data:"))] == []


def test_the_keyboard_ticks_the_track_that_plays_and_opens_its_text(opened: Any) -> None:
    def press(key: str) -> None:
        ActionChains(opened).send_keys(key).perform()

    opened.execute_script("document.activeElement.blur()")
    for key in "nnn":
        press(key)
    press(" ")
    until(opened, "!document.getElementById('sound').paused")
    assert find(opened, "#c4 details").get_attribute("open") is not None
    press("h")
    assert find(opened, "#c4 .heard").is_selected()
    press("h")
    assert not find(opened, "#c4 .heard").is_selected()


def test_only_what_changed_can_be_shown_and_a_name_goes_into_the_command(opened: Any) -> None:
    of_width(opened, 1280)
    click(opened, "#only")
    shown_tracks = [one.is_displayed() for one in opened.find_elements("css selector", ".chapter")]
    assert shown_tracks.count(True) < 4 and shown_tracks[1]
    find(opened, "#who").send_keys('王"; rm')
    assert '--by "王; rm" --code "' in find(opened, "#command").text


@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_the_window_and_has_high_contrast(opened: Any, width: int) -> None:
    of_width(opened, width)
    assert widest(opened) <= width
    for scheme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        ground = opened.execute_script("return getComputedStyle(document.body).backgroundColor")
        ratios = {
            text: contrast(colour, ground if behind == "rgb(255, 255, 255)" else behind)
            for text, colour, behind, _size in shown_texts(opened)
        }
        assert len(ratios) > 20
        assert {text: ratio for text, ratio in ratios.items() if ratio < 7} == {}
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_axe_finds_nothing(opened: Any) -> None:
    opened.execute_script((resources.files("axe_core_python") / "axe.min.js").read_text("utf-8"))
    found = opened.execute_async_script("axe.run().then(arguments[0])")
    assert [(each["id"], each["impact"]) for each in found["violations"]] == []


def test_on_paper_are_the_boxes_the_changes_and_the_code(opened: Any) -> None:
    text = "".join(page.extract_text() for page in printed(opened).pages)
    assert "before:" in text and "release approve main-0002" in text and "Heard by:" in text
    assert "Play" not in text.replace("player", "")
