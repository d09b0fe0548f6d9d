"""The page of `packager publish` as a browser shows and plays it, from a file."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from pages_kit import contrast, of_width, printed, shown_texts, widest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.support.ui import WebDriverWait
from tones import BOOK, Office, open_office

from packager.cli import run
from packager.releases.text_sync import load_text_sync

pytestmark = pytest.mark.browser

LONG = "\n\n## 第三章 很长的一章 “引号” & <b> 😀\n\n" + "\n\n".join(
    f"今年是第{n}年，增长了{n}0%。明年呢？还不知道！" for n in (1, 2, 3)
)
RECORD = """
window.lit = []; window.asked = performance.getEntriesByType("resource").map(one => one.name);
new MutationObserver(changes => changes.forEach(change => {
    if (change.target.classList.contains("lit"))
        window.lit.push([change.target.textContent, Number(change.target.dataset.b),
                         document.getElementById("sound").currentTime]);
})).observe(document.querySelector("main"), {subtree: true, attributes: true, attributeFilter: ["class"]});
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    made = open_office(tmp_path_factory.mktemp("publish") / "出版 & #1 100%")
    made.write({"book.md": BOOK + LONG})
    made.build()
    for options in ([], ["--single", "-o", str(made.root / "single")]):
        assert run(["--workspace", str(made.root), "publish", "main-0001", *options]) == 0
    return made


@pytest.fixture
def page(browser: Any, office: Office) -> Path:
    """The open page, as if for the first time."""
    path = office.root / "output/published/page/main-0001-folders/index.html"
    browser.get(path.parents[1].joinpath("index.html").as_uri())
    browser.execute_script("localStorage.clear()")
    opened(browser, path)
    return path


def opened(browser: Any, path: Path) -> None:
    browser.get("about:blank")
    browser.get(path.as_uri())


def sound(browser: Any, what: str) -> Any:
    return browser.execute_script(f"return document.getElementById('sound').{what}")


def until(browser: Any, condition: str) -> None:
    waiting = WebDriverWait(browser, 60, poll_frequency=0.05)
    waiting.until(lambda _browser: browser.execute_script(f"return {condition}"))


def requests(browser: Any, condition: str) -> int:
    """How many files that the page asked for fulfil the condition."""
    script = f"return performance.getEntriesByType('resource').filter(one => {condition}).length"
    return int(browser.execute_script(script))


def click(browser: Any, selector: str) -> None:
    browser.execute_script(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", find(browser, selector)
    )
    find(browser, selector).click()


def find(browser: Any, selector: str) -> Any:
    return browser.find_element("css selector", selector)


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_window(browser: Any, page: Path, width: int) -> None:
    of_width(browser, width)
    assert widest(browser) <= width
    assert find(browser, "#play").rect["height"] >= 60


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_high_contrast_in_light_and_dark(browser: Any, page: Path, scheme: str) -> None:
    of_width(browser, 1280)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    click(browser, ".s")
    until(browser, "document.querySelector('.s.lit') !== null")
    texts = shown_texts(browser)
    ground = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    ratios = [
        contrast(colour, ground if behind == "rgb(255, 255, 255)" else behind) for _text, colour, behind, _size in texts
    ]
    assert len(ratios) > 30
    assert min(ratios) >= 7
    assert min(size for *_rest, size in texts) >= 17


def test_each_sentence_is_lit_at_its_time_through_a_whole_chapter(browser: Any, page: Path, office: Office) -> None:
    of_width(browser, 390)
    browser.execute_script(RECORD)
    click(browser, "nav a[href='#c5']")
    until(browser, "!document.getElementById('sound').paused")
    until(browser, "document.getElementById('sound').ended")
    lit = browser.execute_script("return window.lit")
    manifest = next(office.root.glob("output/releases/main-0001/folders/manifest.json"))
    track = json.loads(manifest.read_bytes())["tracks"][-1]
    record = load_text_sync(office.workspace.spoken, track["sha256"])
    assert record is not None
    expected = [
        (sentence.text, sentence.begins)
        for passage in record.passages
        for sentence in passage.sentences
        if passage.role.value != "heading" and sentence.ends > sentence.begins
    ]
    assert "增长了20%。" in "".join(text for text, _begins in expected)
    assert [(text, begins) for text, begins, _at in lit] == expected
    assert max(abs(at - begins) for _text, begins, at in lit) <= 0.15
    assert requests(browser, "/^https?:/.test(one.name)") == 0


def test_after_a_chapter_comes_the_next(browser: Any, page: Path) -> None:
    click(browser, "#c2 .s")
    until(browser, "!document.getElementById('sound').paused")
    browser.execute_script("const s = document.getElementById('sound'); s.currentTime = s.duration - 0.5")
    until(browser, "document.querySelector('nav a[aria-current]').getAttribute('href') === '#c3'")
    until(browser, "document.getElementById('sound').currentTime > 0.1")
    assert not sound(browser, "paused")
    assert sound(browser, "error") is None


def test_it_remembers_the_place(browser: Any, page: Path) -> None:
    click(browser, "#c4 .s:nth-of-type(1)")
    until(browser, "document.getElementById('sound').currentTime > 0")
    find(browser, "#rate").find_element("css selector", "option[value='0.75']").click()
    find(browser, "#play").click()
    until(browser, "document.getElementById('sound').paused")
    at = sound(browser, "currentTime")
    opened(browser, page)
    until(browser, "document.getElementById('sound').readyState > 0")
    until(browser, "!document.getElementById('sound').seeking")
    assert find(browser, "nav a[aria-current]").get_attribute("href").endswith("#c4")
    assert abs(sound(browser, "currentTime") - at) < 0.5
    assert sound(browser, "playbackRate") == 0.75
    assert sound(browser, "paused")
    find(browser, "#play").click()
    until(browser, f"document.getElementById('sound').currentTime > {at}")


def test_the_keyboard_plays_pauses_and_moves(browser: Any, page: Path) -> None:
    def press(key: str) -> None:
        ActionChains(browser).send_keys(key).perform()

    browser.execute_script("document.activeElement.blur()")
    press(" ")
    until(browser, "!document.getElementById('sound').paused")
    press(" ")
    until(browser, "document.getElementById('sound').paused")
    press("n")
    press("n")
    until(browser, "document.querySelector('nav a[aria-current]').getAttribute('href') === '#c3'")
    until(browser, "document.getElementById('sound').readyState > 0")
    press("j")
    until(browser, "document.querySelector('.s.lit') !== null && document.getElementById('sound').currentTime > 0.5")
    press("p")
    until(browser, "document.querySelector('nav a[aria-current]').getAttribute('href') === '#c2'")


def test_everything_that_can_be_pressed_has_a_name(browser: Any, page: Path) -> None:
    nodes = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = {"button", "link", "slider", "combobox", "audio", "Audio"}
    pressed = [node for node in nodes if node.get("role", {}).get("value") in roles and not node["ignored"]]
    assert len(pressed) >= 10
    assert [node for node in pressed if not node.get("name", {}).get("value")] == []


def test_axe_finds_nothing_on_any_page(browser: Any, page: Path, office: Office) -> None:
    axe = (resources.files("axe_core_python") / "axe.min.js").read_text("utf-8")
    options = ["--as", "wechat,archive", "-o", str(office.root / "axe")]
    assert run(["--workspace", str(office.root), "publish", "main-0001", *options]) == 0
    for path in (page, page.parents[1] / "index.html", *(office.root / "axe").rglob("*.html")):
        opened(browser, path)
        browser.execute_script(axe)
        found = browser.execute_async_script("axe.run().then(arguments[0])")
        assert [(each["id"], each["impact"]) for each in found["violations"]] == [], path


def test_without_script_each_chapter_has_its_player(browser: Any, page: Path) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        opened(browser, page)
        players = browser.find_elements("css selector", ".chapter audio")
        assert len(players) == 5
        assert all(player.is_displayed() for player in players)
        assert not find(browser, ".player").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_single_file_plays_by_itself(browser: Any, office: Office, tmp_path: Path) -> None:
    (made,) = office.root.glob("single/page/main-0001-folders/*.html")
    alone = tmp_path / "一个文件.html"
    alone.write_bytes(made.read_bytes())
    opened(browser, alone)
    click(browser, "#c5 .s")
    until(browser, "document.getElementById('sound').currentTime > 0.1")
    assert sound(browser, "error") is None
    assert requests(browser, "!one.name.startsWith('data:')") == 0


def test_the_landing_page_leads_to_the_week(browser: Any, office: Office) -> None:
    opened(browser, office.root / "output/published/page/index.html")
    find(browser, "li a").click()
    until(browser, "document.getElementById('play') !== null")


def test_the_letter_of_an_archive_is_one_page(browser: Any, office: Office) -> None:
    folder = office.root / "sent"
    options = ["--as", "archive", "--part-mb", "1", "-o", str(folder)]
    assert run(["--workspace", str(office.root), "publish", "main-0001", *options]) == 0
    (letter,) = folder.rglob("函.html")
    browser.get(letter.as_uri())
    assert len(printed(browser).pages) == 1


def test_a_text_is_copied_from_the_list_for_an_account(browser: Any, office: Office) -> None:
    folder = office.root / "wechat"
    options = ["--as", "wechat", "-o", str(folder)]
    assert run(["--workspace", str(office.root), "publish", "main-0001", *options]) == 0
    (page,) = folder.rglob("上传清单.html")
    opened(browser, page)
    of_width(browser, 390)
    assert widest(browser) <= 390
    click(browser, "button[data-of='x3-1']")
    until(browser, "document.querySelector(\"button[data-of='x3-1']\").textContent === '已复制'")
