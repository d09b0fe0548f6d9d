"""Recorded hearings of the sample, as they were and with what can go wrong in a voice and in a recognizer."""

from __future__ import annotations

import re

import pytest
from recording import RecordedTrack, piece_of

from packager.proofing import DOUBTFUL_SOUNDS, hear_pieces
from packager.proofing.recognizer import LONGEST_HEARING


def with_text(recorded: list[RecordedTrack], text: str) -> tuple[RecordedTrack, float, float]:
    """The track in which `text` is said, and when the piece that it stands in is heard."""
    for track in recorded:
        for piece in track.pieces:
            if text in piece.text:
                return track, piece.begins, piece.ends
    raise LookupError(text)


def test_the_sample_was_heard_whole_but_for_single_sounds(recorded: list[RecordedTrack]) -> None:
    results = [track.listen() for track in recorded]
    sounds, errors = (sum(getattr(each, name) for each in results) for name in ("sounds", "errors"))
    assert sounds == sum(piece.evidence.spoken for track in recorded for piece in track.pieces) == 434
    assert errors / sounds < 0.03
    assert not any(each.is_doubtful for result in results for each in result.differences)


def test_a_sentence_that_the_recognizer_skipped_is_heard_when_it_listens_again(recorded: list[RecordedTrack]) -> None:
    track = next(track for track in recorded if track.path == "01/002.mp3")
    first = min(track.heard)
    assert "二十五" not in track.heard[first], "this recording has no skipped sentence any more"
    assert "25" not in track.heard[first], "this recording has no skipped sentence any more"
    heard = track.listen()
    assert heard.first_errors > 40
    assert heard.errors < 5


@pytest.mark.parametrize("lost", ["三号楼停水", "说孩子出了事", "不点链接", "最好在三十分钟以内", "第十一号到第十三号"])
def test_words_that_the_voice_lost_are_found_where_they_should_be_heard(
    recorded: list[RecordedTrack], lost: str
) -> None:
    track, begins, ends = with_text(recorded, lost)
    written = lost.replace("不点链接", ".点链接")  # as it was heard
    for number, figures in (("三十", "30"), ("十一", "11"), ("十三", "13")):
        written = written.replace(number, f"(?:{number}|{figures})")

    def without(text: str) -> str:
        return re.sub(written, "", text.replace(lost, ""))

    (doubt,) = [each for each in track.listen(without).differences if each.is_doubtful]
    assert set(doubt.expected) <= set(lost + "，。")
    assert doubt.lost + doubt.other >= len(lost) - 2
    assert begins - 0.5 <= doubt.begins < doubt.ends <= ends + 0.5
    piece = next(piece for piece in track.pieces if piece.begins == begins)
    share = piece.text.index(lost) / len(piece.text)
    assert doubt.begins == pytest.approx(begins + share * (ends - begins), abs=1.5)


def test_words_that_the_voice_said_twice_are_found(recorded: list[RecordedTrack]) -> None:
    track, begins, ends = with_text(recorded, "说孩子出了事")
    twice = track.listen(lambda text: text.replace("说孩子出了事", "说孩子出了事说孩子出了事"))
    (doubt,) = [each for each in twice.differences if each.is_doubtful]
    assert doubt.added == 6
    assert begins <= doubt.begins <= ends
    assert set(doubt.heard) <= set("说孩子出了事")


def test_other_words_than_those_to_be_said_are_found(recorded: list[RecordedTrack]) -> None:
    track, _begins, _ends = with_text(recorded, "接到电话怎么办")
    wrong = track.listen(lambda text: text.replace("接到电话怎么办", "今天天气非常好"))
    (doubt,) = [each for each in wrong.differences if each.is_doubtful]
    assert doubt.expected.startswith("接到电话")
    assert "天气" in doubt.heard
    assert doubt.other >= DOUBTFUL_SOUNDS


def test_a_loop_in_one_stretch_is_told_once_and_does_not_reach_the_next() -> None:
    pieces, begins = [], 0.7
    for number in range(12):
        pieces.append(piece_of(f"第{'零一二三四五六七八九十百'[number]}句说的是社区里的一件小事情。", begins))
        begins = pieces[-1].ends + 0.6

    def looping(start: float, end: float) -> str:
        texts = "".join(piece.text for piece in pieces if start <= piece.begins and piece.ends <= end)
        return "谢谢观看" * 60 if "第五句" in texts else texts

    heard = hear_pieces(pieces, range(len(pieces)), looping)
    doubts = [each for each in heard.differences if each.is_doubtful]
    assert [(each.first_piece, each.last_piece) for each in doubts] == [(5, 5)]
    assert heard.errors == doubts[0].length
    assert heard.first_errors > 240 - 15
    assert heard.sounds == 12 * 15


def test_stretches_are_cut_in_pauses_and_no_longer_than_a_recognizer_hears(recorded: list[RecordedTrack]) -> None:
    for track in recorded:
        asked: list[tuple[float, float]] = []

        def hear(begins: float, ends: float, asked: list[tuple[float, float]] = asked) -> str:
            asked.append((begins, ends))
            return track.at(begins, ends)  # noqa: B023 - used within the loop

        hear_pieces(track.pieces, range(len(track.pieces)), hear)
        assert max(ends - begins for begins, ends in asked) <= LONGEST_HEARING
        cuts = {time for times in asked for time in times}
        assert not any(piece.begins < cut < piece.ends for piece in track.pieces for cut in cuts)


def test_only_what_was_chosen_is_listened_to(recorded: list[RecordedTrack]) -> None:
    track = recorded[0]
    asked: list[tuple[float, float]] = []

    def hear(begins: float, ends: float) -> str:
        asked.append((begins, ends))
        return "".join(piece.text for piece in track.pieces if begins <= piece.begins and piece.ends <= ends)

    heard = hear_pieces(track.pieces, [1, 4], hear)
    assert heard.errors == 0
    assert heard.seconds == pytest.approx(
        sum(track.pieces[place].ends - track.pieces[place].begins for place in (1, 4))
    )
    for (begins, ends), place in zip(asked, (1, 4), strict=True):
        assert track.pieces[place - 1].ends < begins < track.pieces[place].begins
        assert track.pieces[place].ends < ends


def test_a_piece_much_longer_than_a_stretch_is_heard_in_one_go() -> None:
    long = piece_of("这是一句没有停顿的很长很长的话" * 12, 0.7)
    heard = hear_pieces([long], [0], lambda *_times: long.text)
    assert (heard.sounds, heard.errors) == (180, 0)


def test_nothing_to_listen_to_is_nothing_heard() -> None:
    assert hear_pieces([], [], lambda *_times: "").sounds == 0


def test_silence_loses_everything() -> None:
    pieces = [piece_of("这一句谁也没有听见。", 0.7)]
    (doubt,) = hear_pieces(pieces, [0], lambda *_times: "").differences
    assert (doubt.expected, doubt.heard, doubt.lost) == ("这一句谁也没有听见", "", 9)
