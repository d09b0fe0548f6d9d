from __future__ import annotations

import pytest

from packager.arranging.lineup import Role
from packager.mastering.pace import PAUSE_SECONDS, Piece, time_track
from packager.wording.chunk import Break, Chunk

LEAD_IN = Piece(seconds=3.0, pause=2.0, spoken=10, is_body=False)
TAIL = Piece(seconds=1.0, pause=0.6, spoken=3, is_body=False)


def body(*lengths: tuple[float, float, int]) -> list[Piece]:
    return [Piece(seconds, pause, spoken, is_body=True) for seconds, pause, spoken in lengths]


def test_a_body_gets_its_pace_with_its_inner_pauses_unstretched() -> None:
    timing = time_track([LEAD_IN, *body((10.0, 0.6, 50), (8.0, 1.2, 40), (4.0, 1.2, 20)), TAIL], 190)
    body_seconds = 22.0 / timing.tempo + 0.6 + 1.2
    assert body_seconds == pytest.approx(110 / 190 * 60, rel=1e-3)
    assert timing.pace == pytest.approx(190, rel=1e-3)
    assert timing.spoken == 110


def test_lead_in_and_tail_do_not_count_for_the_pace() -> None:
    pieces = body((10.0, 0.6, 50), (8.0, 1.2, 40))
    assert time_track([LEAD_IN, *pieces, TAIL], 190) == time_track(pieces, 190)


def test_speech_too_fast_for_the_pace_is_stretched_to_the_limit_and_the_miss_is_told() -> None:
    timing = time_track(body((10.0, 0.6, 70), (8.0, 1.2, 60)), 160)
    assert timing.tempo == 0.6
    assert timing.pace > 160 * 1.1


def test_speech_slower_than_the_pace_is_not_hurried() -> None:
    timing = time_track(body((20.0, 0.6, 40), (20.0, 1.2, 40)), 220)
    assert timing.tempo == 1.0
    assert timing.pace < 220


def test_pauses_longer_than_the_whole_time_leave_the_speech_as_it_is() -> None:
    assert time_track(body((0.5, 2.0, 2), (0.5, 2.0, 2)), 220).tempo == 1.0


def test_a_track_without_a_body_is_stretched_like_one_and_has_no_pace() -> None:
    timing = time_track([Piece(2.0, 2.0, 9, is_body=False)], 190)
    assert timing.tempo == pytest.approx(2.0 / (9 / 190 * 60), rel=1e-3)
    assert (timing.spoken, timing.pace) == (0, 0.0)


def test_each_break_has_its_pause_and_only_headings_and_paragraphs_are_body() -> None:
    pieces = {(role, end): Piece.of(Chunk("字", role, end, 1), 0.3) for role in Role for end in Break}
    assert {piece.pause for (_, end), piece in pieces.items() if end is Break.CLAUSE} == {0.3}
    assert {end: PAUSE_SECONDS[end] for end in Break} == {
        Break.CLAUSE: 0.3,
        Break.SENTENCE: 0.6,
        Break.PARAGRAPH: 1.2,
        Break.HEADING: 2.0,
    }
    assert {role for (role, _), piece in pieces.items() if piece.is_body} == {Role.HEADING, Role.PARAGRAPH}
