from __future__ import annotations

import pytest

from packager.arranging.tracklist import Role
from packager.mastering.speech_rate import (
    HEAD_SECONDS,
    LONGEST_PAUSES,
    PACES,
    PAUSE_SECONDS,
    SHORTEST_PAUSES,
    Piece,
    SpeechTiming,
    planned_silences,
    time_slower_track,
    time_track,
    times_of,
)
from packager.textnorm.chunk import Break, Chunk

LEAD_IN = Piece(seconds=3.0, ends=Break.HEADING, spoken=10, is_body=False)
TAIL = Piece(seconds=1.0, ends=Break.SENTENCE, spoken=3, is_body=False)


def body(*parts: tuple[float, Break, int]) -> list[Piece]:
    return [Piece(seconds, ends, spoken, is_body=True) for seconds, ends, spoken in parts]


ORDINARY = body((10.0, Break.SENTENCE, 50), (8.0, Break.PARAGRAPH, 40), (4.0, Break.PARAGRAPH, 20))
DENSE = body(*[(6.0, Break.SENTENCE, 30)] * 8)  # 300 characters a minute, a sentence's pause after 30
TOO_DENSE = body((10.0, Break.SENTENCE, 90), (8.0, Break.PARAGRAPH, 80))
LINES = body(*[(1.6, Break.PARAGRAPH, 8)] * 12)  # short lines, each a paragraph
SLOW = body((20.0, Break.SENTENCE, 40), (20.0, Break.PARAGRAPH, 40))


def test_a_body_gets_its_pace_with_its_inner_pauses_unstretched() -> None:
    timing = time_track([LEAD_IN, *ORDINARY, TAIL], 190)
    body_seconds = 22.0 / timing.tempo + 0.6 + 1.2
    assert body_seconds == pytest.approx(110 / 190 * 60, rel=1e-3)
    assert timing.pace == pytest.approx(190, rel=1e-3)
    assert (timing.spoken, timing.pause_scale) == (110, 0.0)


def test_lead_in_and_tail_do_not_count_for_the_pace() -> None:
    assert time_track([LEAD_IN, *ORDINARY, TAIL], 190) == time_track(ORDINARY, 190)


def test_where_the_slowest_stretch_is_not_slow_enough_pauses_grow_until_the_pace_is_met() -> None:
    timing = time_track(DENSE, 160)
    assert timing.tempo == 0.6
    assert 0 < timing.pause_scale < 1
    assert timing.pace == pytest.approx(160, rel=1e-3)


def test_where_speech_is_not_to_be_hurried_pauses_shrink_until_the_pace_is_met() -> None:
    timing = time_track(LINES, 190)
    assert timing.tempo == 1.0
    assert -1 < timing.pause_scale < 0
    assert timing.pace == pytest.approx(190, rel=1e-3)


def test_speech_too_fast_for_stretch_and_pauses_is_told() -> None:
    timing = time_track(TOO_DENSE, 160)
    assert (timing.tempo, timing.pause_scale) == (0.6, 1.0)
    assert timing.pace > 160 * 1.1


def test_speech_slower_than_the_pace_is_not_hurried_and_told() -> None:
    timing = time_track(SLOW, 220)
    assert (timing.tempo, timing.pause_scale) == (1.0, -1.0)
    assert timing.pace < 220


def test_pauses_longer_than_the_whole_time_leave_the_speech_as_it_is() -> None:
    assert time_track(body((0.5, Break.HEADING, 2), (0.5, Break.HEADING, 2)), 220).tempo == 1.0


def test_a_track_without_a_body_is_stretched_like_one_and_has_no_pace() -> None:
    timing = time_track([Piece(2.0, Break.HEADING, 9, is_body=False)], 190)
    assert timing.tempo == pytest.approx(2.0 / (9 / 190 * 60), rel=1e-3)
    assert (timing.pause_scale, timing.spoken, timing.pace) == (0.0, 0, 0.0)


def test_nothing_to_time_has_no_pace() -> None:
    assert (time_track([], 190).spoken, time_track([], 190).pace) == (0, 0.0)


@pytest.mark.parametrize("pieces", [ORDINARY, DENSE, LINES, SLOW, TOO_DENSE])
@pytest.mark.parametrize("pace", [160, 190, 220])
def test_the_pace_told_is_that_of_speech_and_silences(pieces: list[Piece], pace: int) -> None:
    timing = time_track([LEAD_IN, *pieces, TAIL], pace)
    silences = planned_silences([LEAD_IN, *pieces, TAIL], timing.pause_scale)
    inside = silences[2:-2]
    seconds = sum(piece.seconds for piece in pieces) / timing.tempo + sum(inside)
    assert timing.pace == pytest.approx(60 * timing.spoken / seconds)


def test_only_pauses_inside_the_body_give_way() -> None:
    silences = planned_silences([LEAD_IN, *DENSE[:2], TAIL], 1.0)
    assert silences == pytest.approx([0.7, 2.0, LONGEST_PAUSES[Break.SENTENCE], 0.6, 1.5])


def test_each_break_has_its_pause_and_only_headings_and_paragraphs_are_body() -> None:
    pieces = {(role, end): Piece.of(Chunk("字", role, end, 1), 0.3) for role in Role for end in Break}
    for (_role, end), piece in pieces.items():
        assert piece.pause() == PAUSE_SECONDS[end]
        assert piece.pause(-1.0) == pytest.approx(SHORTEST_PAUSES[end])
        assert piece.pause(1.0) == pytest.approx(LONGEST_PAUSES[end])
    assert {end: PAUSE_SECONDS[end] for end in Break} == {
        Break.CLAUSE: 0.3,
        Break.SENTENCE: 0.6,
        Break.PARAGRAPH: 1.2,
        Break.HEADING: 2.0,
    }
    assert {role for (role, _), piece in pieces.items() if piece.is_body} == {Role.HEADING, Role.PARAGRAPH}


def test_the_presets_and_the_bounds_of_pauses_are_those_of_the_documentation() -> None:
    assert PACES == (160, 190, 220)
    assert list(SHORTEST_PAUSES.values()) == [0.15, 0.3, 0.6, 1.0]
    assert list(LONGEST_PAUSES.values()) == [0.9, 1.8, 3.0, 3.5]


def test_each_piece_begins_after_its_silence_and_lasts_as_long_as_its_stretch() -> None:
    pieces = [LEAD_IN, *body((0.4001, Break.SENTENCE, 2), (0.2, Break.SENTENCE, 1)), TAIL]
    times = times_of(pieces, SpeechTiming(0.8, 1.0, 3, 190.0))
    assert times == ((0.7, 4.45), (6.45, 6.95), (8.75, 9.0), (9.6, 10.85))


def test_times_are_given_in_milliseconds() -> None:
    assert times_of([Piece(0.12345, Break.SENTENCE, 1, is_body=True)], SpeechTiming(1.0, 0.0, 1, 190.0)) == (
        (0.7, 0.823),
    )


def test_a_body_of_less_than_a_second_is_stretched_and_has_a_pace() -> None:
    timing = time_track(body((0.4, Break.SENTENCE, 2)), 190)
    assert timing.tempo == pytest.approx(0.4 / (120 / 190), abs=1e-4)
    assert timing.pace == pytest.approx(190, rel=1e-3)


def test_a_body_without_inner_pauses_has_nothing_to_scale() -> None:
    assert time_track(body((1.0, Break.PARAGRAPH, 30)), 160).pause_scale == 0.0
    assert time_track(body((9.0, Break.PARAGRAPH, 3)), 220).pause_scale == 0.0


KINDS = {
    "ordinary": ORDINARY,
    "dense": DENSE,
    "too dense": TOO_DENSE,
    "short lines": LINES,
    "a slow voice": SLOW,
    "one sentence": body((10.0, Break.PARAGRAPH, 60)),
    "one fast sentence": body((10.0, Break.PARAGRAPH, 90)),
    "one word": body((0.4, Break.SENTENCE, 2)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("pace", "usual"), [(160, 190), (126, 150), (135, 160)])
def test_every_track_of_a_slower_variant_is_a_tenth_slower_and_hardly_more_stretched(
    kind: str, pace: int, usual: int
) -> None:
    pieces = [LEAD_IN, *KINDS[kind], TAIL]
    before, after = time_track(pieces, usual), time_slower_track(pieces, pace, usual)
    assert after.pace <= 0.9 * before.pace + 1e-6
    assert 0.85 * before.tempo <= after.tempo <= 0.96 * before.tempo
    assert after.pause_scale >= before.pause_scale
    usual_end, slow_end = (times_of(pieces, timing)[-1][1] for timing in (before, after))
    assert slow_end - HEAD_SECONDS >= (usual_end - HEAD_SECONDS) / 0.9 - 0.01
    # Nothing is slower than it was asked for, but for what a tenth takes.
    assert after.pace >= min(pace, pace / usual * before.pace) - 1 or after.pace == pytest.approx(
        0.9 * before.pace, abs=1
    )


def test_pauses_bring_a_slower_variant_to_its_pace() -> None:
    short = body(*[(5.0, Break.SENTENCE, 20)] * 6)
    timing = time_slower_track([LEAD_IN, *short, TAIL], 160, 190)
    assert timing.pace == pytest.approx(160, rel=1e-3)
    assert timing.tempo == pytest.approx(0.96 * time_track(short, 190).tempo, abs=1e-4)


def test_a_slower_track_without_a_body_is_stretched_too() -> None:
    placeholder = [Piece(2.0, Break.HEADING, 9, is_body=False)]
    usual = time_track(placeholder, 190)
    assert time_slower_track(placeholder, 160, 190) == SpeechTiming(
        pytest.approx(0.9 * usual.tempo, abs=1e-4), 0.0, 0, 0.0, around=1.2
    )
