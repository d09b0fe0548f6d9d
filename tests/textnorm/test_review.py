"""Readings to be settled by a person, and lexicon entries that never matched."""

from packager.textnorm import Lexicon, review_readings

SURE = "今天天气很好。"
UNSURE = "请按时还书，别忘了还。"


def test_sure_readings_are_not_shown() -> None:
    assert review_readings([SURE], Lexicon()).doubts == ()


def test_doubts_come_with_their_place_and_a_line_for_each_choice_the_most_doubtful_first() -> None:
    doubts = review_readings([SURE, "他在乡下长在那里，路长在山上。" * 2], Lexicon()).doubts
    assert [doubt.confidence for doubt in doubts] == sorted(doubt.confidence for doubt in doubts)
    doubt = doubts[0]
    assert (
        doubt.character in doubt.word
        and f"{doubt.before}{doubt.character}{doubt.after}" in "他在乡下长在那里，路长在山上。" * 2
    )
    assert doubt.lines == tuple(f"  {doubt.word}: {choice}" for choice in doubt.choices)
    assert len(set(doubt.choices)) == len(doubt.choices) > 1
    assert all(len(choice.split()) == len(doubt.word) for choice in doubt.choices)


def test_a_word_that_stands_in_many_places_is_shown_once() -> None:
    text = "路长在山上。"
    once, often = (review_readings([text] * times, Lexicon()).doubts for times in (1, 3))
    assert [doubt.word for doubt in once] == [doubt.word for doubt in often]
    assert all(many.places == 3 * one.places for one, many in zip(once, often, strict=True))


def test_an_entry_settles_its_doubt() -> None:
    text = "路长在山上。"
    (doubt, *_more) = review_readings([text], Lexicon()).doubts
    settled = Lexicon(readings={doubt.word: tuple(doubt.choices[-1].split())})
    assert doubt.word not in [each.word for each in review_readings([text], settled).doubts]


def test_an_entry_that_stands_in_the_text_and_never_wins_is_reported() -> None:
    lexicon = Lexicon(readings={"重庆": ("chong2", "qing4"), "支行": ("zhi1", "hang2")})
    assert review_readings(["举行双重庆典。"], lexicon).unmatched == ("重庆",)
    assert review_readings(["他从重庆来。"], lexicon).unmatched == ()
    assert review_readings(["今天很好。"], lexicon, own=["支行"]).unmatched == ("支行",)


def test_a_word_read_in_two_ways_is_shown_for_each() -> None:
    one, other = "路长在山上。", "他在乡下长在那里，路长在山上。"
    chosen = [review_readings([text], Lexicon()).doubts[-1].choices[0] for text in (one, other)]
    assert len(set(chosen)) == 2  # or other sentences are needed here
    together = review_readings([one, other], Lexicon()).doubts
    assert {doubt.choices[0] for doubt in together if doubt.word == "长在"} == set(chosen)
