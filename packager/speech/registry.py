"""Engine registry: the engines that are installed, by the prefix of their voices.

Built-in engines and those of other packages are registered in the same way: as entry points of the group
`packager.engines`. The name is the prefix, the value names an `EngineProvider`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.yaml_documents import did_you_mean
from packager.speech.duration_bounds import DurationBounds
from packager.speech.engine import DEFAULT_OPTIONS, EngineOptions, EngineProvider
from packager.speech.voice_catalog import Voice, VoiceInfo

GROUP = "packager.engines"

_BUILT_IN = (
    EntryPoint("kokoro", "packager.speech.kokoro.provider:PROVIDER", GROUP),
    EntryPoint("edge", "packager.speech.edge.provider:PROVIDER", GROUP),
    EntryPoint("sherpa", "packager.speech.sherpa.provider:PROVIDER", GROUP),
)


class EngineRegistry:
    """Engine providers by prefix, each loaded when it is first needed."""

    def __init__(self, loaders: Mapping[str, Callable[[], EngineProvider]]) -> None:
        self._loaders = dict(loaders)
        self._loaded: dict[str, EngineProvider] = {}

    @classmethod
    def of(cls, providers: Iterable[EngineProvider]) -> EngineRegistry:
        """A registry of these providers."""
        return cls({provider.prefix: _constant(provider) for provider in providers})

    def provider(self, prefix: str) -> EngineProvider:
        """The provider of that prefix. Raises InputError if it is missing or can't be loaded."""
        if prefix not in self._loaders:
            known = ", ".join(sorted(self._loaders))
            raise InputError(_("no speech engine '{engine}'; there are: {known}").format(engine=prefix, known=known))
        if prefix not in self._loaded:
            try:
                self._loaded[prefix] = self._loaders[prefix]()
            except Exception as error:  # another package's code
                raise InputError(
                    _("the speech engine '{engine}' can't be loaded: {reason}").format(engine=prefix, reason=error)
                ) from error
        return self._loaded[prefix]

    def providers(self) -> list[EngineProvider]:
        """All providers that can be loaded."""
        found = []
        for prefix in self._loaders:
            try:
                found.append(self.provider(prefix))
            except InputError:  # raised again when one of its voices is asked for
                continue
        return found

    def voices(self, options: EngineOptions = DEFAULT_OPTIONS) -> list[VoiceInfo]:
        """All voices that can be listed: first offline ones, of these the clearest first. Raises InputError."""
        infos = [(provider.connections > 0, info) for provider in self.providers() for info in provider.voices(options)]
        return [info for _key, info in sorted(infos, key=lambda item: (item[0], item[1].pinyin_error or 1.0))]

    def parse(self, text: str) -> Voice:
        """The voice that `text` names, as `kokoro:zf_xiaoyi`. Raises InputError if there is none."""
        prefix, _colon, name = text.partition(":")
        if prefix in self._loaders and (voice := self.provider(prefix).find_voice(name)):
            return voice
        known = [str(info.voice) for info in self.voices()]
        raise InputError(
            _("no voice '{voice}'{hint}; `packager voices` lists them").format(
                voice=text, hint=did_you_mean(text, known)
            )
        )

    def check(self, voice: Voice, options: EngineOptions) -> None:
        """Raise InputError or SpeechError if the engine of `voice` can't be used here."""
        self.provider(voice.engine).fingerprint(voice, options)

    def is_online(self, voice: Voice) -> bool:
        """Whether `voice` needs a network."""
        return self.provider(voice.engine).connections > 0

    def bounds_of(self, voice: str, options: EngineOptions = DEFAULT_OPTIONS) -> DurationBounds | None:
        """The duration bounds that came with the voice, as `kokoro:zf_xiaoyi`; None if it has none."""
        return next((info.bounds for info in self.voices(options) if str(info.voice) == voice), None)


def _constant(provider: EngineProvider) -> Callable[[], EngineProvider]:
    return lambda: provider


@lru_cache(maxsize=1)
def installed_engines() -> EngineRegistry:
    """The built-in engines, and those of other installed packages. A built-in prefix can't be replaced."""
    return EngineRegistry({point.name: point.load for point in (*entry_points(group=GROUP), *_BUILT_IN)})


def parse_voice(text: str) -> Voice:
    """The installed voice that `text` names, as `kokoro:zf_xiaoyi`. Raises InputError if there is none."""
    return installed_engines().parse(text)
