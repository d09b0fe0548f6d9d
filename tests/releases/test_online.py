"""Builds with an online voice: the network fails, whole books fall back, nothing is spoken twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

import edge_tts.communicate
import pytest
from edge_server import EdgeServer, Plan
from tones import Built, Office, Tones, Watcher, open_office

from packager.base.errors import SpeechError
from packager.base.manifest import Manifest
from packager.releases.plan import PlannedTrack
from packager.speech import EvidenceSummary
from packager.speech.edge.client import TimeLimits
from packager.speech.edge.provider import EdgeProvider
from packager.speech.edge.retry import RetryPolicy

ONLINE = "edge:zh-CN-YunyangNeural"
OFFLINE = "kokoro:zm_yunjian"
PATIENT = EdgeProvider(
    limits=TimeLimits(whole=600, idle=600),  # a busy computer does not reach them
    retry=RetryPolicy(attempts=2, first_wait=0),
    refusals=4,
)
PLAYLIST = f"""\
playlist: week
title: 本周
voice: {ONLINE}
items:
  - book: texts/news.md
    shelf: week
    voice: kokoro:zf_xiaobei
  - book: texts/book.md
  - book: texts/other.md
"""
OTHER = "# 故事\n\n## 老街\n\n老街上有一棵树。树下有人下棋。\n"

Serve = Callable[..., EdgeServer]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    servers: list[EdgeServer] = []

    def start(plan: Plan = lambda text, before: "") -> EdgeServer:
        servers.append(EdgeServer(plan).__enter__())
        monkeypatch.setattr(edge_tts.communicate, "WSS_URL", servers[-1].url)
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__(None, None, None)


@pytest.fixture
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = open_office(tmp_path_factory.mktemp("online") / "office")
    office.write({"other.md": OTHER})
    playlist(office, "")
    return office


def playlist(office: Office, line: str) -> None:
    (office.root / "playlists" / "week.yaml").write_text(PLAYLIST + line, "utf-8")


def voices(built: Built) -> dict[str, set[str]]:
    manifest = built.result.release.manifest
    found: dict[str, set[str]] = {}
    for track in manifest.tracks:
        found.setdefault(track.book, set()).add(manifest.voice_of(track))
    return found


def test_each_book_has_its_voice_and_the_manifest_says_so(serve: Serve, office: Office) -> None:
    server = serve()
    built = office.build(online=PATIENT)
    assert voices(built) == {"本周": {ONLINE}, "通知": {"kokoro:zf_xiaobei"}, "读本": {ONLINE}, "故事": {ONLINE}}
    assert len(server.asked) == len(set(server.asked))
    manifest = built.result.release.manifest
    known = manifest.evidence
    assert known is not None
    own = [track.evidence for track in manifest.tracks if track.voice and track.evidence]
    assert known.covered == known.characters - sum(evidence.characters for evidence in own)
    assert (own[0].covered, own[0].phonemes > 0) == (0, True)
    assert (known.again, known.split) == (0, 0)
    assert known.clips == built.result.chunks_spoken + built.result.chunks_cached
    assert Manifest.from_bytes(manifest.to_bytes(), "test") == manifest
    again = office.build(online=PATIENT)
    assert (again.result.is_new, again.made) == (False, ())


def test_without_a_fallback_the_build_stops_and_the_next_speaks_only_the_rest(serve: Serve, office: Office) -> None:
    lost = serve(lambda text, before: "503" if len(lost.asked) >= 5 else "")
    with pytest.raises(SpeechError, match="503"):
        office.build(online=PATIENT)
    found = serve()
    built = office.build(online=PATIENT)
    assert built.result.is_new
    assert lost.asked
    assert len(lost.asked + found.asked) == len(set(lost.asked + found.asked))


def test_after_a_fallback_progress_begins_anew_and_never_passes_what_was_planned(serve: Serve, office: Office) -> None:
    class Bar(Watcher):
        totals: ClassVar[list[int]] = []

        def planned(self, tracks: Sequence[PlannedTrack]) -> None:
            self.characters = 0
            self.totals.append(sum(item.characters for item in tracks if item.kept is None))

        def heard(self, characters: int) -> None:
            super().heard(characters)
            assert self.characters <= self.totals[-1]

    serve(lambda text, before: "cut" if "上门" in text or "不开门" in text else "")
    playlist(office, f"fallback: {OFFLINE}\n")
    bar = Bar()
    office.build(online=PATIENT, watcher=bar)
    assert len(bar.totals) > len(bar.fallen_back) > 0
    assert bar.characters == bar.totals[-1]


def test_where_the_service_fails_for_good_whole_books_are_spoken_by_the_fallback(serve: Serve, office: Office) -> None:
    playlist(office, f"fallback: {OFFLINE}\n")
    serve(lambda text, before: "cut" if "上门" in text or "不开门" in text else "")
    watcher = Watcher()
    built = office.build(online=PATIENT, watcher=watcher)
    assert watcher.fallen_back[0][0] in ("本周", "读本")
    assert ("读本", OFFLINE) in watcher.fallen_back
    assert voices(built)["读本"] == {OFFLINE}
    assert voices(built)["故事"] == {ONLINE}
    assert voices(built)["通知"] == {"kokoro:zf_xiaobei"}
    assert "有人敲门。先问是谁。" in built.spoken  # also the chapter that had come whole
    manifest = built.result.release.manifest
    assert manifest.voice == ONLINE
    assert Manifest.from_bytes(manifest.to_bytes(), "test") == manifest
    again = office.build(online=PATIENT)
    assert not again.result.is_new


def test_without_a_network_all_online_books_fall_back_and_later_come_in_their_own_voice(
    serve: Serve, office: Office
) -> None:
    playlist(office, f"fallback: {OFFLINE}\n")
    server = serve(lambda text, before: "429")
    built = office.build(online=PATIENT)
    assert {voice for book in voices(built).values() for voice in book} == {OFFLINE, "kokoro:zf_xiaobei"}
    assert server.handshakes <= 4 + PATIENT.connections
    serve()
    assert voices(office.build(online=PATIENT))["故事"] == {ONLINE}


def test_a_sentence_that_no_voice_can_speak_stops_the_build(serve: Serve, office: Office) -> None:
    playlist(office, f"fallback: {OFFLINE}\n")
    serve(lambda text, before: "cut" if "不开门" in text else "")
    with pytest.raises(SpeechError, match="不开门"):
        office.build(online=PATIENT, tones=Tones(stop_at="不开门"))


def test_a_build_that_differs_in_evidence_alone_makes_no_new_release(office: Office, serve: Serve) -> None:
    from dataclasses import replace

    serve()
    built = office.build(online=PATIENT)
    manifest = built.result.release.manifest
    old = replace(manifest, tracks=tuple(replace(track, evidence=None) for track in manifest.tracks))
    assert b"evidence" not in old.to_bytes()
    (built.folder / "manifest.json").write_bytes(old.to_bytes())
    again = office.build(online=PATIENT)
    assert (again.result.is_new, again.made) == (False, ())
    assert again.result.release.manifest == old
    office.write({"other.md": OTHER.replace("一棵树", "两棵树")})
    newer = office.build(online=PATIENT).result.release.manifest
    assert newer.sequence == 2
    assert isinstance(newer.evidence, EvidenceSummary)
    assert sum(track.evidence is not None for track in newer.tracks) == 1
