"""The page of `release withdraw` as a browser shows and prints it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pages_kit import contrast, of_width, printed, shown_texts, widest

from packager.base.html import render
from packager.base.i18n.language import choose_language
from packager.registry.events import ReleaseRecord

pytestmark = pytest.mark.browser

HEADS = ("helper", "community", "player", "holds it", "status", "last seen", "member")
RELEASE = ReleaseRecord(
    "0" * 32, "main-0002", "main", 2, "folders", "0" * 64, "第48周", "2026-11-23T08:00:00Z", tracks=1, size=1
)
COMMUNITIES = ("东湖社区", "幸福家园第二期北区居民委员会（筹）", "<b>南关</b> & 社区", "x" * 120, "")


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Any:
    rows = [
        (
            "欧阳" * 20 if n == 1 else "周文",
            COMMUNITIES[n % 5],
            f"P{n:03d}",
            "perhaps",
            "needs a file system check",
            "2026-11-23",
            "金秀兰",
        )
        for n in range(1, 61)
    ]
    choose_language("en")
    shown = render("recall.html", release=RELEASE, reason="错" * 200, heads=HEADS, rows=rows)
    (tmp_path / "list.html").write_text(shown, "utf-8")
    browser.get((tmp_path / "list.html").as_uri())
    return browser


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_window_and_all_text_has_contrast(page: Any, width: int) -> None:
    of_width(page, width)
    assert widest(page) <= width
    texts = shown_texts(page)
    assert len(texts) > 60 * 6
    assert [text for text, one, other, _size in texts if contrast(one, other) < 4.5] == []


def test_it_is_printed_with_all_players_and_heads_on_each_page(page: Any) -> None:
    pdf = printed(page)
    texts = [sheet.extract_text() for sheet in pdf.pages]
    assert 2 <= len(texts) <= 12
    assert all("last seen" in text for text in texts)
    assert all(f"P{n:03d}" in "".join(texts) for n in range(1, 61))
    width, height = (float(side) / 72 * 25.4 for side in pdf.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (210, 297)
