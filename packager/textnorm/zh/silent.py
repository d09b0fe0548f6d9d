"""What is written and not said, by rule: markup, note marks, trademark signs, emoji beside words. Pure.

An emoji that stands where a word would, alone between marks, is said by its Chinese name in the Unicode CLDR.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from functools import lru_cache

from packager.base.i18n.language import N_
from packager.textnorm.zh.characters import HANZI

MARKUP = N_("remains of markup")
NOTE_MARK = N_("note mark")
SIGN = N_("sign that is not said")
EMOJI = N_("emoji")
SCHEME = N_("http:// before an address")
UNKNOWN = N_("character without a meaning")

_TAGS = (
    "a|b|i|u|s|p|br|hr|h[1-6]|em|strong|span|div|font|img|table|tbody|thead|tr|td|th|ul|ol|li|sup|sub|blockquote|center|small|big"
    "|pre|code|script|style|section|article|figure|ruby|rt|rp|color|size|url|quote|align|left|right"
)
_HTML = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]{{0,300}})?/?>|<!--[^<>]{{0,300}}-->", re.IGNORECASE)
_BBCODE = re.compile(rf"\[/?(?:{_TAGS})(?:=[^\[\]]{{0,100}})?\]", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#[xX][0-9a-fA-F]{1,5});")
_LINK = re.compile(r"!?\[([^\[\]]{1,200})\]\((?:https?://|/|#)[^()\s]{1,300}\)")
_EMPHASIS = re.compile(r"(\*{1,3}|_{2,3}|~~)(?=\S)([^*_~\n]{1,400}?)(?<=\S)\1(?![\w*])")
# The mark of a note behind a word: 县令[12]; but 附件[2] and the year [1998] are said.
_NOTE = re.compile(
    rf"(?<=[{HANZI}”’》）。，；！？])(?<!附件)(?<![图表式第])[\[［]"
    r"(?:注\s?)?\d{1,3}(?:\s?[,，、\-–]\s?\d{1,3}){0,5}[\]］](?!\s?[号条款])"
)
_MARKED = re.compile(r"[<\[［&*_~]")
_RIGHTS = "®™©℗℠🄫🄬🅪🅫🅬"
_RIGHTS_SIGN = re.compile(f"[{_RIGHTS}]")
_TICKS = {"✓": "对勾", "✔": "对勾", "☑": "对勾", "√": "对勾", "✗": "叉号", "✘": "叉号", "☒": "叉号", "✖": "叉号"}
_TICK = re.compile(rf"(?P<open>^|[\s，。；：、|（(])(?P<tick>[{''.join(_TICKS)}])\ufe0f?(?=$|[\s，。；：、|）)])")
_SECTION = re.compile(r"§{1,2}\s?(\d{1,4}(?:\.\d{1,4}){0,3})")
# An emoji with what modifies it, and sequences of several that make one.
_ONE_EMOJI = (
    "(?:[\U0001f1e6-\U0001f1ff]{2}|[\u203c\u2049\u231a-\u23ff\u25aa-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d"
    "\u3297\u3299\U0001f004\U0001f0cf\U0001f18e\U0001f191-\U0001f19a\U0001f201-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]{0,2})"
)
_EMOJI = re.compile(rf"{_ONE_EMOJI}(?:\u200d{_ONE_EMOJI}){{0,4}}")
_ALONE = re.compile(
    rf"(?P<open>^|[，。；：、|\s])(?P<emoji>{_ONE_EMOJI}(?:\u200d{_ONE_EMOJI}){{0,4}})(?=$|[，。；、|\s])"
)
_SCHEME = re.compile(r"(?<![A-Za-z])https?://", re.IGNORECASE)
_SEPARATED = re.compile(r"[\ue000-\uf8ff\ufffd\U000f0000-\U0010fffd]")


def without_silent(text: str) -> tuple[str, Counter[str]]:
    """`text` without what is not said, and how often each kind of it stands there.

    Signs that have a word (√ in a table, §, an emoji alone) are replaced by it.
    """
    left_out: Counter[str] = Counter()
    if text.isascii() and text.isalnum():
        return text, left_out
    if _MARKED.search(text):
        text = _without_markup(text, left_out)
    if not _has_signs(text):
        return text, left_out
    text, count = _RIGHTS_SIGN.subn("", text)
    left_out[SIGN] += count
    text = _TICK.sub(lambda found: found["open"] + _TICKS[found["tick"]], text)
    text = _SECTION.sub(r"第\1节", text)
    text = _ALONE.sub(_named, text)
    left_out[EMOJI] += sum(1 for found in _EMOJI.finditer(text) if _name(found[0]))
    left_out[SCHEME] += len(_SCHEME.findall(text))
    left_out[UNKNOWN] += len(_SEPARATED.findall(text))
    return text, +left_out


def unspoken_signs(text: str) -> Counter[str]:
    """How often each kind of what is not said by rule stands in `text`."""
    return without_silent(text)[1]


def _has_signs(text: str) -> bool:
    return bool(_SIGNS.search(text))


_SIGNS = re.compile(
    rf"[{_RIGHTS}{''.join(_TICKS)}§\u203c-\u3299\ue000-\uf8ff\ufffd\U0001f000-\U0010ffff]|https?://", re.IGNORECASE
)


def _without_markup(text: str, left_out: Counter[str]) -> str:
    for pattern, kept in ((_HTML, " "), (_BBCODE, ""), (_LINK, r"\1"), (_EMPHASIS, r"\2")):
        text, count = pattern.subn(kept, text)
        left_out[MARKUP] += count
    if "&" in text:
        text, count = _ENTITY.subn(lambda found: html.unescape(found[0]), text)
        left_out[MARKUP] += count
    text, count = _NOTE.subn("", text)
    left_out[NOTE_MARK] += count
    return text


def _named(found: re.Match[str]) -> str:
    name = _name(found["emoji"])
    return found["open"] + name if name else found[0]


@lru_cache(maxsize=1024)
def _name(sequence: str) -> str:
    """The Chinese name of an emoji; empty where it has none."""
    import emoji  # 2 MB of names: only where an emoji stands

    if sequence[0] in "🔟🆎🆗" or "🅰" <= sequence[0] <= "🉑" or not emoji.is_emoji(sequence):
        return ""  # figures, letters and Hanzi in frames are said as such
    named = emoji.demojize(sequence, language="zh")
    return re.sub(r"\W", "", named.strip(":").split("_")[0]) if named != sequence else ""
