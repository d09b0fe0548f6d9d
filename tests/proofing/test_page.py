"""The page of `packager proof` as a browser shows and plays it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from parrot import parrot_of
from tones import BOOK, open_office

from packager.cli import proof, run

pytestmark = pytest.mark.browser

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run --mute-audio"
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
    """The open page of a release with two doubtful tracks and one that is missing."""
    office = open_office(tmp_path_factory.mktemp("page") / "校听 & #1 100%")
    chapter = "第三章 " + "a" * 120
    office.write({"book.md": BOOK + f"\n## {chapter}\n\n楼下的花开了，大家都去看看。\n"})
    release = office.build().result.release
    parrot = parrot_of(release, office.workspace.spoken)
    changes = {"先问是谁": "", "花开了": "花开了花开了谢谢大家观看" + "哈" * 150, "请先接水": "天气真好"}

    def change(text: str) -> str:
        for said, heard in changes.items():
            text = text.replace(said, heard)
        return text

    parrot.change = change
    (release.folder / release.manifest.tracks[0].path).unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proof, "open_whisper", lambda folder, threads: parrot)
        command = ["--lang", "zh", "--workspace", str(office.root), "proof", "main-0001", "--all"]
        assert run(command) == 5
    written = office.workspace.proofs / "main-0001.folders.html"
    browser.get(written.as_uri())
    return written


def of_width(browser: Any, width: int) -> None:
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


@pytest.mark.parametrize("width", [320, 390, 800, 1280])
def test_nothing_reaches_over_the_edge(browser: Any, page: Path, width: int) -> None:
    of_width(browser, width)
    widest = browser.execute_script(
        "return Math.max(document.documentElement.scrollWidth, "
        "...Array.from(document.querySelectorAll('body *'), e => e.getBoundingClientRect().right))"
    )
    assert widest <= width


def test_each_place_is_shown_with_what_was_to_be_said_and_what_was_heard(browser: Any, page: Path) -> None:
    of_width(browser, 1280)
    marks = [mark.text for mark in browser.find_elements("css selector", ".places mark")]
    assert "先问是谁" in marks
    assert len(marks) == len(browser.find_elements("css selector", "button[data-track]")) == 3
    assert len(browser.find_elements("tag name", "audio")) == 3
    assert len(browser.find_elements("css selector", "p.bad")) == 1


def test_a_button_plays_its_place_and_stops_behind_it(browser: Any, page: Path) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    of_width(browser, 1280)
    (button,) = (
        button
        for button in browser.find_elements("css selector", "button[data-track]")
        if "先问是谁" in button.find_element("xpath", "..").text
    )
    begins, ends = (float(button.get_attribute(f"data-{name}")) for name in ("from", "to"))
    button.click()
    player = f"document.getElementById('{button.get_attribute('data-track')}')"
    waiting = WebDriverWait(browser, 60, poll_frequency=0.1)
    waiting.until(lambda _browser: browser.execute_script(f"return {player}.currentTime") > begins)
    assert browser.execute_script(f"return {player}.error") is None
    assert browser.execute_script(f"return {player}.currentTime") < ends + 1
    assert button.get_attribute("aria-pressed") == "true"
    waiting.until(lambda _browser: browser.execute_script(f"return {player}.paused"))
    assert begins < browser.execute_script(f"return {player}.currentTime") < ends + 2


def test_all_text_has_contrast(browser: Any, page: Path) -> None:
    of_width(browser, 1280)
    colours = browser.execute_script(
        "return Array.from(document.querySelectorAll('body *:not(script):not(audio)'), e => {"
        "let b = e, of = x => getComputedStyle(x).backgroundColor;"
        "while (b && of(b) === 'rgba(0, 0, 0, 0)') b = b.parentElement;"
        "return [getComputedStyle(e).color, b ? of(b) : 'rgb(255, 255, 255)'] })"
    )
    assert len(colours) > 40
    assert min(_contrast(*pair) for pair in colours) >= 4.5


def test_the_player_is_left_out_when_it_is_printed(browser: Any, page: Path) -> None:
    of_width(browser, 1280)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    shown = browser.execute_script(
        "return Array.from(document.querySelectorAll('audio'), e => getComputedStyle(e).display)"
    )
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert set(shown) == {"none"}


def _contrast(one: str, other: str) -> float:
    """The contrast of two CSS colours, as WCAG 2 reckons it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
