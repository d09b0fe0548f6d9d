"""A hint for the number of a week that was typed without its year. Pure."""

from __future__ import annotations

import re

from packager.base.i18n.language import _

_NUMBER_OF_WEEK = re.compile(r"[Ww第]?([1-9]|[0-4][0-9]|5[0-3])周?")


def week_hint(text: str, year: int) -> str:
    """` - did you mean 2026-W48?` for the number of a week without its year, as W48 or 第48周; or nothing."""
    match = _NUMBER_OF_WEEK.fullmatch(text.strip())
    return _(" - did you mean '{word}'?").format(word=f"{year}-W{int(match[1]):02d}") if match else ""
