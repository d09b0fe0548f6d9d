"""The voice decides the language of text normalization."""

from __future__ import annotations

import pytest

from packager.arranging.tracklist import Passage, Role
from packager.base.errors import InputError
from packager.textnorm import languages, to_chunks
from packager.textnorm.languages import TextFrontEnd

SCRIPT = [Passage(Role.PARAGRAPH, "共3条。")]


def test_chunks_are_made_by_the_front_end_of_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    english = TextFrontEnd(
        lambda text, lexicon=None: "three。",
        lambda texts, entries=None: [() for _text in texts],
        lambda written, spoken, lexicon=None: (),
    )
    monkeypatch.setitem(languages._LANGUAGES, "en", english)
    (spoken,) = to_chunks(SCRIPT, language="en")
    assert (spoken.text, spoken.readings) == ("three。", ())
    assert [chunk.text for chunk in to_chunks(SCRIPT, language="zh")] == ["共三条。"]


def test_a_language_without_text_normalization_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"in the language 'yue' .*\(known: zh\); choose another voice"):
        to_chunks(SCRIPT, language="yue")
