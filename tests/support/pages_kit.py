"""Pages in a browser: how wide they are, whether their text can be read, what they are printed as."""

from __future__ import annotations

import base64
import io
from typing import Any

from pypdf import PdfReader

_WIDEST = """
return Math.max(document.documentElement.scrollWidth,
    ...Array.from(document.querySelectorAll('body *'), e => e.getBoundingClientRect().right))
"""
_TEXTS = """
const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const ground = e => { for (; e; e = e.parentElement) {
    const colour = getComputedStyle(e).backgroundColor; if (colour !== 'rgba(0, 0, 0, 0)') return colour; }
    return 'rgb(255, 255, 255)'; };
while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || e.closest('svg, style') || !e.getClientRects().length) continue;
    const style = getComputedStyle(e);
    found.push([walker.currentNode.data.trim(), style.color, ground(e), parseFloat(style.fontSize)]);
}
return found;
"""


def of_width(browser: Any, width: int) -> None:
    """Make the window `width` pixels wide; a narrow one is a phone's."""
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def widest(browser: Any) -> float:
    """How far to the right anything reaches, in pixels."""
    return float(browser.execute_script(_WIDEST))


def shown_texts(browser: Any) -> list[tuple[str, str, str, float]]:
    """Each piece of text that is shown: its words, colour, the colour behind it, the size in pixels."""
    return [tuple(one) for one in browser.execute_script(_TEXTS)]


def printed(browser: Any, *, background: bool = False) -> PdfReader:
    """The page as it is printed, on the paper that it asks for."""
    wishes = {"preferCSSPageSize": True, "printBackground": background}
    return PdfReader(io.BytesIO(base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", wishes)["data"])))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance by WCAG 2, of `rgb(r, g, b)`."""
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
