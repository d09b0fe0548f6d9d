"""What is written in a track, beside what is said in it, and when each sentence is heard."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tones import BOOK, Built, Office, open_office

from packager.arranging.tracklist import Passage, Role
from packager.base.content_store import ContentStore
from packager.base.formats import canonical_json
from packager.mastering.sentence_pauses import sentence_pauses
from packager.mastering.speech_rate import TrackClock
from packager.releases.passages import plan_passages, synced_passages
from packager.releases.text_sync import TextSync, WrittenRole, load_text_sync, pack_text_sync, parse_text_sync
from packager.speech import Clip, EngineOptions, installed_engines
from packager.textnorm import normalize, to_chunks

TEXT = """
## 第二章 数字

今年增长了20%。明年还会增长3.5%吗？没人知道，因为2026年12月31日才有结果；到那时再说，大家先把手头的事情做好，不要着急，慢慢来。

* * *

1. 第一项工作。

2. 第二项工作。

床前明月光

疑是地上霜

举头望明月

低头思故乡
"""


def record(office: Office, built: Built, title: str) -> TextSync:
    track = next(track for track in built.result.release.manifest.tracks if track.title == title)
    found = load_text_sync(office.places.text_sync, track.sha256)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, Built]:
    office = open_office(tmp_path_factory.mktemp("written") / "office")
    office.write({"book.md": BOOK.partition("## 第二章")[0] + TEXT})
    return office, office.build()


def test_the_text_is_kept_as_written_with_its_role(written: tuple[Office, Built]) -> None:
    passages = record(*written, "第二章 数字").passages
    assert passages[0].role is WrittenRole.ANNOUNCEMENT
    assert (passages[1].role, passages[1].text) == (WrittenRole.HEADING, "第二章 数字")
    assert passages[2].text.startswith("今年增长了20%。明年还会增长3.5%吗？")
    roles = [passage.role for passage in passages[2:]]
    assert roles.count(WrittenRole.LIST) == 2
    lines = [each.text for each in passages if each.role is WrittenRole.VERSE]
    assert lines == ["床前明月光", "疑是地上霜", "举头望明月", "低头思故乡"]
    assert passages[-1].role is WrittenRole.ANNOUNCEMENT


def test_each_sentence_has_the_time_at_which_it_is_heard(written: tuple[Office, Built]) -> None:
    said = record(*written, "第二章 数字")
    sentences = [sentence for passage in said.passages for sentence in passage.sentences]
    heard = [sentence for sentence in sentences if sentence.ends > sentence.begins]
    assert heard[0].begins == said.pieces[0].begins
    assert heard[-1].ends == said.pieces[-1].ends
    assert all(before.ends <= after.begins for before, after in pairwise(heard))
    paragraph = said.passages[2].sentences
    assert [sentence.text for sentence in paragraph[:2]] == ["今年增长了20%。", "明年还会增长3.5%吗？"]
    # The tones have 0.2 seconds for each character that is heard, before the stretch.
    first, second = (sentence.ends - sentence.begins for sentence in paragraph[:2])
    assert first / second == pytest.approx(10 / 13, rel=0.1)


def test_a_passage_begins_and_ends_with_its_chunks(written: tuple[Office, Built]) -> None:
    office, built = written
    for track in built.result.release.manifest.tracks:
        said = load_text_sync(office.places.text_sync, track.sha256)
        assert said is not None
        begins = {piece.begins for piece in said.pieces}
        for passage in said.passages:
            if passage.sentences[0].ends > passage.sentences[0].begins:
                assert passage.sentences[0].begins in begins


def test_what_is_not_heard_is_kept_without_time() -> None:
    script = [Passage(Role.PARAGRAPH, "※"), Passage(Role.PARAGRAPH, "好的。")]
    chunks = to_chunks(script)
    planned = plan_passages(script, chunks, "", normalize)
    passages = synced_passages(planned, TrackClock(((0.7, 1.5),), 1.0, ((),), 0.0), {})
    assert [(each.sentences[0].begins, each.sentences[0].ends) for each in passages] == [(0.7, 0.7), (0.7, 1.5)]


def test_pauses_that_grow_in_a_slow_track_move_the_sentences_after_them() -> None:
    script = [Passage(Role.PARAGRAPH, "他来了。大家都站起来，鼓掌欢迎。会议开始了！")]
    planned = plan_passages(script, to_chunks(script), "", normalize)
    pauses = {0: ((1.0, 1.2), (3.0, 3.4))}
    clock = TrackClock(((0.7, 9.0),), 0.5, ((1.1, 2.0, 3.2),), 0.4)
    (passage,) = synced_passages(planned, clock, pauses)
    found = [time for sentence in passage.sentences for time in (sentence.begins, sentence.ends)]
    assert found == pytest.approx([0.7, 2.7, 3.5, 7.5, 8.7, 9.0])


def test_a_record_without_passages_is_filled_by_force_alone(new_office: Office) -> None:
    built = new_office.build()
    track = built.result.release.manifest.tracks[-1]
    store = ContentStore(new_office.places.text_sync, ".json")
    values = json.loads(store.get(track.sha256) or b"")
    del values["track"]["passages"]
    store.put(track.sha256, canonical_json(values))
    new_office.build()
    old = load_text_sync(new_office.places.text_sync, track.sha256)
    assert old is not None and not old.passages
    packed = pack_text_sync(new_office.places.text_sync, [track.sha256])
    assert parse_text_sync(packed, [track.sha256], "spoken.json") == {track.sha256: old}
    again = new_office.build(force=True)
    assert not again.result.is_new
    found = load_text_sync(new_office.places.text_sync, track.sha256)
    assert found is not None and found.passages


@pytest.mark.speech
def test_a_real_voice_is_silent_where_a_sentence_is_said_to_end(kokoro: EngineOptions, tmp_path: Path) -> None:
    script = [Passage(Role.PARAGRAPH, "他来了。大家都站起来，鼓掌欢迎。会议开始了！")]
    chunks = to_chunks(script)
    assert len(chunks) == 1
    planned = plan_passages(script, chunks, "", normalize)
    clip = spoken(chunks[0].text, chunks[0].spoken, kokoro)
    pauses = sentence_pauses(clip.samples, clip.sample_rate, planned.sentences()[0])
    assert len(pauses) == 2
    parts = np.array_split(clip.samples, len(clip.samples) // (clip.sample_rate // 50))
    power = np.array([np.sqrt((part**2).mean()) for part in parts])  # of each 20 ms
    edges = [0.0, *(edge for pause in pauses for edge in pause), len(clip.samples) / clip.sample_rate]
    for begins, ends in pauses:
        assert power[round(25 * (begins + ends))] < np.median(power) / 3
    # 3, 10 and 5 characters: each sentence has about its share of the clip.
    seconds = np.diff(edges)[::2]
    assert list(seconds / seconds.sum()) == pytest.approx([3 / 18, 10 / 18, 5 / 18], abs=0.08)


def spoken(text: str, characters: int, options: EngineOptions) -> Clip:
    engines = installed_engines()
    voice = engines.parse("kokoro:zf_xiaobei")
    engine = engines.provider("kokoro").open(voice, options)
    try:
        return engine.speak(engine.prepare(text), voice.name, text=text, characters=characters)
    finally:
        engine.close()
