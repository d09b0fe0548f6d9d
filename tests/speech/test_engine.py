from importlib import resources

import numpy as np
import pytest

from packager.base.errors import InputError
from packager.speech import Voice, offered_voices, parse_voice


def test_a_voice_is_its_engine_and_its_name() -> None:
    voice = parse_voice("kokoro:zf_xiaoyi")
    assert voice == Voice("kokoro", "zf_xiaoyi")
    assert str(voice) == "kokoro:zf_xiaoyi"


@pytest.mark.parametrize("text", ["kokoro:zf_xiaoyy", "zf_xiaoyi", "kokro:zf_xiaoyi"])
def test_a_misspelt_voice_is_answered_with_the_one_that_was_meant(text: str) -> None:
    with pytest.raises(InputError, match=r"did you mean 'kokoro:zf_xiaoyi'"):
        parse_voice(text)


@pytest.mark.parametrize("text", ["", ":", "kokoro:", "kokoro:zf_nobody"])
def test_a_voice_that_is_not_offered_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="packager voices"):
        parse_voice(text)


def test_every_voice_on_offer_has_its_vectors_in_the_package() -> None:
    with np.load(str(resources.files("packager") / "speech" / "voices" / "kokoro-zh.npz")) as styles:
        for info in offered_voices():
            vectors = styles[info.voice.name]
            assert vectors.shape == (510, 1, 256)
            assert np.isfinite(vectors).all()


def test_the_voices_are_offered_best_understood_first() -> None:
    errors = [info.pinyin_error for info in offered_voices()]
    assert errors == sorted(errors)
    assert len(errors) == 8
    assert [info.voice.name for info in offered_voices() if not info.is_recommended] == ["zf_xiaoni"]
