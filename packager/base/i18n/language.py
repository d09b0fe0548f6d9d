"""The language of messages: gettext with English in the source.

`_` is used in every room, so this module stands before all of them. The language is chosen once, by the
command line (`--lang`) or the environment, before any message is made.
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
    """Set the language of messages from `lang`, else from the environment; return the one chosen.

    The environment counts in gettext's own order: LANGUAGE, LC_ALL, LC_MESSAGES, LANG. Windows sets none of
    them, so its user locale is asked last. Anything but Chinese is answered in English.
    """
    wanted = (lang or _environment_language()).lower()
    # Windows calls it "Chinese (Simplified)_China".
    _Chosen.language = "zh" if wanted.startswith(("zh", "chinese")) else "en"
    _Chosen.translations = gettext.translation("packager", _LOCALE_DIR, languages=[_Chosen.language], fallback=True)
    # click translates its own words ("Usage", "Missing argument") with the process-wide gettext domain.
    os.environ["LANGUAGE"] = _Chosen.language
    gettext.bindtextdomain("packager", str(_LOCALE_DIR))
    gettext.textdomain("packager")
    return _Chosen.language


def current_language() -> str:
    """The language chosen, to be handed to a worker process."""
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
    """`message` in the language chosen."""
    # To gettext the empty message is the catalog's header.
    return _Chosen.translations.gettext(message) if message else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The form of a message that fits `count`, in the language chosen."""
    return _Chosen.translations.ngettext(one, many, count)


def reason_of(error: Exception) -> str:
    """Why something could not be done: the system's words in the language chosen, else the error's own."""
    return _(getattr(error, "strerror", None) or str(error))


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Mark `message` for translation where it is defined; it is translated where it is shown."""
    return message
