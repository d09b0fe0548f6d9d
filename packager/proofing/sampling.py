"""Which pieces of a track are worth listening to, by what is known of them without: pure."""

from __future__ import annotations

import re

from packager.base.i18n.language import _
from packager.releases.text_sync import SyncedText
from packager.speech import installed_engines

_LONG_SILENCE = 0.8  # seconds inside a sentence: a voice that draws breath takes half of it
_NEAR = 0.05  # of the shortest and the longest that a whole clip can be

_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")


def suspicion(piece: SyncedText, voice: str) -> str | None:
    """Why the piece should be listened to; None when nothing speaks against it.

    All of it passed when it was spoken: what is doubted here came near to being refused, or is said in a way
    that no measurement tells.
    """
    known = piece.evidence
    if known.again:
        return _("had to be spoken again")
    if known.longest_silence >= _LONG_SILENCE:
        return _("a silence of {seconds:.1f} s in it").format(seconds=known.longest_silence)
    if _LATIN.search(piece.text):
        return _("Latin letters")
    bounds = installed_engines().bounds_of(voice)
    shortest, longest = bounds.limits(piece.text) if bounds else (0.0, float("inf"))
    if shortest * (1 + _NEAR) <= known.seconds <= longest * (1 - _NEAR):
        return None
    return _("very short or very long for its text")
