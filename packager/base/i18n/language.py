"""The language of messages: gettext, with English in the source.

The language is chosen once, by the command line (`--lang`) or the environment, before any message is made.
"""

from __future__ import annotations

import gettext
import locale
import os
from pathlib import Path

LANGUAGES = ("en", "zh")

_LOCALE_DIR = Path(__file__).parent / "locale"


class _Chosen:
    """The one choice of the process."""

    language = "en"
    translations: gettext.NullTranslations = gettext.NullTranslations()


def choose_language(lang: str | None = None) -> str:
    """Set the language of messages from `lang`, else from the environment, and return it.

    The variables have gettext's order: LANGUAGE, LC_ALL, LC_MESSAGES, LANG. Windows sets none of them, so its user
    locale comes last. Any language but Chinese falls back to English.
    """
    wanted = (lang or _environment_language()).lower()
    # Windows calls it "Chinese (Simplified)_China".
    _Chosen.language = "zh" if wanted.startswith(("zh", "chinese")) else "en"
    _Chosen.translations = gettext.translation("packager", _LOCALE_DIR, languages=[_Chosen.language], fallback=True)
    # click translates its own messages ("Usage", "Missing argument") with the process-wide gettext domain.
    os.environ["LANGUAGE"] = _Chosen.language
    gettext.bindtextdomain("packager", str(_LOCALE_DIR))
    gettext.textdomain("packager")
    return _Chosen.language


def current_language() -> str:
    """The chosen language, to be passed to worker processes."""
    return _Chosen.language


def _environment_language() -> str:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return os.environ[name]
    try:
        return locale.getlocale()[0] or "en"
    except ValueError:  # a locale that Python does not know
        return "en"


def _(message: str) -> str:
    """`message` in the chosen language."""
    # gettext would return the catalog's header for the empty message.
    return _Chosen.translations.gettext(message) if message else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The plural form of a message for `count`, in the chosen language."""
    return _Chosen.translations.ngettext(one, many, count)


def reason_of(error: Exception) -> str:
    """The reason of an error: the system's message in the chosen language, else the error's own text."""
    return _(getattr(error, "strerror", None) or str(error))


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Marks `message` for extraction where it is defined; it is translated where it is shown."""
    return message
