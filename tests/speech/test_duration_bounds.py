import pytest

from packager.base.evidence import Evidence
from packager.speech import installed_engines
from packager.speech.duration_bounds import DurationBounds, fit_bounds, marks_in, syllables_in
from packager.speech.evidence import find_defect
from packager.speech.kokoro.provider import PROVIDER

TEXT = "社区食堂今天开门，欢迎大家来吃饭，菜有红烧肉和小白菜。"
VOICES = [str(info.voice) for info in PROVIDER.voices()]


def bounds_of(voice: str) -> DurationBounds:
    bounds = installed_engines().bounds_of(voice)
    assert bounds is not None
    return bounds


def test_every_offline_voice_has_measured_bounds() -> None:
    for info in PROVIDER.voices():
        bounds = bounds_of(str(info.voice))
        assert bounds.clips >= 30
        assert 0.8 < bounds.least < 1 < bounds.greatest < 1.5
    assert installed_engines().bounds_of("edge:zh-CN-XiaoxiaoNeural") is None


@pytest.mark.parametrize("voice", VOICES)
def test_a_third_of_a_sentence_more_or_less_is_out_of_bounds(voice: str) -> None:
    bounds = bounds_of(voice)
    usual = bounds.syllable * syllables_in(TEXT) + bounds.mark * marks_in(TEXT) + bounds.clip
    least, most = bounds.limits(TEXT)
    assert usual * 0.65 < least < usual < most < usual * 1.65
    for share, amiss in ((1.0, False), (0.64, True), (1.7, True)):
        evidence = Evidence(round(usual * share, 2), 24, 100, 0.5, 0.2)
        assert (find_defect(evidence, TEXT, bounds) is not None) == amiss


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize(("text", "seconds", "spoken"), [("嗯。", 1.1, 1), ("啊？", 0.3, 1), ("哦，是吗？", 1.4, 3)])
def test_a_drawn_out_single_syllable_is_no_defect(voice: str, text: str, seconds: float, spoken: int) -> None:
    assert find_defect(Evidence(seconds, spoken, 3, 0.5, 0.1), text, bounds_of(voice)) is None
    assert find_defect(Evidence(seconds + 1.5, spoken, 3, 0.5, 0.1), text, bounds_of(voice)) is not None


def test_bounds_are_wide_for_few_syllables_and_latin_words() -> None:
    bounds = bounds_of("kokoro:zf_xiaoyi")
    assert bounds.limits("好。")[0] < 0.2 < 0.6 < bounds.limits("好。")[1]
    assert bounds.limits("Windows")[0] == 0
    assert syllables_in("GDP增长") == 5
    assert marks_in("“好，”他说：来！”") == 2


def test_words_without_a_vowel_have_time_to_be_spelled() -> None:
    bounds = bounds_of("kokoro:zf_xiaoyi")
    assert syllables_in("www点gov点cn") == 14
    assert syllables_in("WTO") == 5
    shortest, longest = bounds.limits("www点gov点cn")
    assert shortest < 2.6 < longest  # as it is said
    assert not shortest < 0.8 < longest  # as if www and gov were not


def test_marks_at_the_end_make_no_pause() -> None:
    assert [marks_in(text) for text in ("好。", "好", "好，好。", "“好！”", "")] == [0, 0, 1, 0, 0]


def test_a_fit_finds_the_seconds_of_syllables_marks_and_clips_and_the_range_of_ratios() -> None:
    texts = ["好" * n + "，好" * marks + "。" for n in range(3, 13) for marks in range(3)]
    exact = [0.2 * syllables_in(text) + 0.1 * marks_in(text) + 0.3 for text in texts]
    fit = fit_bounds(texts, exact)
    assert (fit.syllable, fit.mark, fit.clip) == pytest.approx((0.2, 0.1, 0.3), abs=1e-3)
    assert (fit.least, fit.greatest, fit.clips) == (1.0, 1.0, 30)
    noisy = fit_bounds(texts, [length * (0.8 if place == 7 else 1.0) for place, length in enumerate(exact)])
    assert 0.75 < noisy.least < 0.85 < 1.0 <= noisy.greatest < 1.1


def test_limits_are_the_fit_with_its_range_and_margins_and_half_of_each_latin_syllable() -> None:
    bounds = DurationBounds(syllable=0.2, mark=0.1, clip=0.3, least=0.9, greatest=1.1, clips=30)
    assert bounds.limits("系统今天，更新。") == pytest.approx((1.6 * 0.78 - 0.25, 1.6 * 1.22 + 0.25))
    latin = 0.2 * 7 / 3
    expected = 1.6 + latin
    shortest, longest = bounds.limits("Windows系统今天，更新。")
    assert shortest == pytest.approx(expected * 0.78 - latin / 2 - 0.25)
    assert longest == pytest.approx(expected * 1.22 + latin / 2 + 0.25)
