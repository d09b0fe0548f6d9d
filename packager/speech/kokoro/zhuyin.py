"""Syllables of Mandarin in the phonemes of Kokoro-82M v1.1-zh: zhuyin, and Hanzi for compound finals. Pure.

The symbols are those that the model was trained with, as misaki 0.9.4 (`zh_frontend`) lists them. A tone is its
figure, 1 to 5, behind the final; erhua is R before the tone.
"""

from __future__ import annotations


def _pairs(table: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in table.split())


_INITIALS = _pairs(
    """b=ㄅ p=ㄆ m=ㄇ f=ㄈ d=ㄉ t=ㄊ n=ㄋ l=ㄌ g=ㄍ k=ㄎ h=ㄏ
    j=ㄐ q=ㄑ x=ㄒ zh=ㄓ ch=ㄔ sh=ㄕ r=ㄖ z=ㄗ c=ㄘ s=ㄙ"""
)
_FINALS = _pairs(
    """a=ㄚ o=ㄛ e=ㄜ ie=ㄝ ai=ㄞ ei=ㄟ ao=ㄠ ou=ㄡ an=ㄢ en=ㄣ ang=ㄤ eng=ㄥ er=ㄦ i=ㄧ u=ㄨ v=ㄩ ii=ㄭ iii=十
    ve=月 ia=压 ian=言 iang=阳 iao=要 in=阴 ing=应 iong=用 iou=又 ong=中
    ua=穵 uai=外 uan=万 uang=王 uei=为 uen=文 ueng=瓮 uo=我 van=元 vn=云"""
)
# Finals that the model has no symbol of its own for.
_COMPOSED = {"io": "ㄧㄛ", "iai": "ㄧㄞ", "ê": "ㄝ"}
# Syllables without a vowel, as 嗯 and 哼.
_WITHOUT_VOWEL = {"n": "ㄋ", "ng": "ㄋ", "m": "ㄇ", "hm": "ㄏㄇ", "hng": "ㄏㄥ"}
# How pinyin writes finals without an initial, and what it shortens behind one.
_ALONE = _pairs(
    "yi=i ya=ia yan=ian yang=iang yao=iao ye=ie yin=in ying=ing yo=io yai=iai yong=iong you=iou yu=v yuan=van yue=ve "
    "yun=vn wu=u wa=ua wai=uai wan=uan wang=uang wei=uei wen=uen weng=ueng wo=uo"
)
_SHORTENED = {"iu": "iou", "ui": "uei", "un": "uen"}
_ROUNDED = {"u": "v", "ue": "ve", "uan": "van", "un": "vn"}  # behind j, q and x


def syllable_zhuyin(pinyin: str) -> str:
    """The phonemes of a syllable with its tone, as `zhong1` or with erhua `wanr2`. Raises KeyError."""
    letters, tone = pinyin[:-1], pinyin[-1]
    if tone not in "12345":
        raise KeyError(pinyin)
    if letters in _WITHOUT_VOWEL:
        return _WITHOUT_VOWEL[letters] + tone
    if letters.endswith("r") and letters != "er":
        initial, final = _parts(letters[:-1])
        # 歌儿 is ㄍㄦ: the model has heard no ㄜ before R.
        return initial + (_FINALS["er"] if final == _FINALS["e"] else f"{final}R") + tone
    return "".join(_parts(letters)) + tone


def _parts(letters: str) -> tuple[str, str]:
    """Initial (or nothing) and final."""
    if letters in _ALONE:
        return "", _final(_ALONE[letters])
    initial = letters[:2] if letters[:2] in _INITIALS else letters[:1] if letters[:1] in _INITIALS else ""
    final = letters[len(initial) :]
    if initial in ("j", "q", "x"):
        final = _ROUNDED.get(final, final)
    elif initial in ("z", "c", "s") and final == "i":
        final = "ii"
    elif initial in ("zh", "ch", "sh", "r") and final == "i":
        final = "iii"
    return _INITIALS.get(initial, ""), _final(_SHORTENED.get(final, final))


def _final(final: str) -> str:
    return _COMPOSED.get(final) or _FINALS[final]
