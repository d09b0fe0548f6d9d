"""The page of `packager proof` as a browser shows and plays it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pages_kit import contrast, of_width, shown_texts, widest
from parrot import parrot_of
from tones import BOOK, open_office

from packager.cli import run
from packager.cli.release import proof

pytestmark = pytest.mark.browser


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


@pytest.mark.parametrize("width", [320, 390, 800, 1280])
def test_nothing_is_wider_than_the_window(browser: Any, page: Path, width: int) -> None:
    of_width(browser, width)
    assert widest(browser) <= width


def test_each_doubtful_place_shows_the_expected_and_the_heard_text(browser: Any, page: Path) -> None:
    of_width(browser, 1280)
    marks = [mark.text for mark in browser.find_elements("css selector", ".places mark")]
    assert "先问是谁" in marks
    assert len(marks) == len(browser.find_elements("css selector", "button[data-track]")) == 3
    assert len(browser.find_elements("tag name", "audio")) == 3
    assert len(browser.find_elements("css selector", "p.bad")) == 1
    texts = [place.text for place in browser.find_elements("css selector", ".places li")]
    assert any("有人敲门。先问是谁。" in text or "先问是谁。" in text for text in texts)


def test_a_button_plays_its_place_only(browser: Any, page: Path) -> None:
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
    texts = shown_texts(browser)
    assert len(texts) > 40
    assert min(contrast(colour, behind) for _text, colour, behind, _size in texts) >= 4.5


def test_the_player_is_left_out_when_it_is_printed(browser: Any, page: Path) -> None:
    of_width(browser, 1280)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    shown = browser.execute_script(
        "return Array.from(document.querySelectorAll('audio'), e => getComputedStyle(e).display)"
    )
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert set(shown) == {"none"}
