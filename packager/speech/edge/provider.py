"""Edge provider: registers the online engine and its voices for standard Mandarin. Dialects are not offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from packager.base.i18n.language import N_, _
from packager.speech.edge.client import TimeLimits
from packager.speech.edge.engine import EDGE_VERSION, EdgeEngine
from packager.speech.edge.retry import RetryPolicy
from packager.speech.engine import DEFAULT_OPTIONS, Engine, EngineOptions
from packager.speech.voice_catalog import Voice, VoiceInfo
from packager.textnorm.zh.homophones import RESPELLING_VERSION

# Names and descriptions are the service's own. Whether a voice works here is known when it is used.
_VOICES = tuple(
    VoiceInfo(Voice("edge", f"zh-CN-{name}Neural"), hanzi, sex, manner)
    for name, hanzi, sex, manner in (
        ("Xiaoxiao", "晓晓", "female", N_("warm")),
        ("Xiaoyi", "晓伊", "female", N_("lively")),
        ("Yunyang", "云扬", "male", N_("newsreader")),
        ("Yunjian", "云健", "male", N_("forceful")),
        ("Yunxi", "云希", "male", N_("bright")),
        ("Yunxia", "云夏", "male", N_("a boy's")),
    )
)


@dataclass(frozen=True)
class EdgeProvider:
    """The Edge browser's read-aloud service; see `EngineProvider`."""

    limits: TimeLimits = field(default_factory=TimeLimits)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    refusals: int = 12  # in a row, until the circuit breaker opens
    connections: int = 3  # the service refuses some tens

    prefix = "edge"

    @property
    def recipient(self) -> str:
        """See `EngineProvider`."""
        return _("Microsoft's read-aloud service")

    def voices(self, options: EngineOptions = DEFAULT_OPTIONS) -> Sequence[VoiceInfo]:
        """The voices that read standard Mandarin."""
        return _VOICES

    def find_voice(self, name: str) -> Voice | None:
        """See `EngineProvider`."""
        return next((info.voice for info in _VOICES if info.voice.name == name), None)

    def fingerprint(self, voice: Voice, options: EngineOptions) -> str:
        """The versions of the requests and of respelling: the service does not tell the version of its model."""
        return f"edge read-aloud {EDGE_VERSION} respelling {RESPELLING_VERSION}"

    def open(self, voice: Voice, options: EngineOptions) -> Engine:
        """See `EngineProvider`."""
        return EdgeEngine(self.limits, self.retry, refusals=self.refusals)


PROVIDER = EdgeProvider()
