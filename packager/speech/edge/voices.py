"""The online voices that read standard Mandarin, by the service's own names; dialects are not offered."""

from __future__ import annotations

from dataclasses import dataclass

from packager.base.i18n.language import N_
from packager.speech.voice import Voice

EDGE = "edge"


@dataclass(frozen=True)
class OnlineVoice:
    """A voice of the service. Whether it can be heard here is known when it is asked."""

    voice: Voice
    name: str  # as the service writes it in Hanzi
    sex: str  # "female" or "male"
    manner: str  # in the service's own description


ONLINE_VOICES = tuple(
    OnlineVoice(Voice(EDGE, f"zh-CN-{name}Neural"), hanzi, sex, manner)
    for name, hanzi, sex, manner in (
        ("Xiaoxiao", "晓晓", "female", N_("warm")),
        ("Xiaoyi", "晓伊", "female", N_("lively")),
        ("Yunyang", "云扬", "male", N_("newsreader")),
        ("Yunjian", "云健", "male", N_("forceful")),
        ("Yunxi", "云希", "male", N_("bright")),
        ("Yunxia", "云夏", "male", N_("a boy's")),
    )
)


def is_online(voice: Voice | str) -> bool:
    """Whether the text leaves this computer to be spoken by `voice`."""
    return str(voice).startswith(f"{EDGE}:")
