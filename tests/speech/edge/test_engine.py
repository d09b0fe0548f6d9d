"""The online engine against a server that speaks the service's protocol, well and badly."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import edge_tts.communicate
import edge_tts.drm
import numpy as np
import pytest
from edge_server import FAULTS, EdgeServer, Plan, seconds_of

from packager.arranging.tracklist import Role
from packager.base.errors import SpeechError
from packager.base.pronunciation import Pronunciation
from packager.speech import ClipCache, EngineRegistry, SpeechPool, Voice
from packager.speech.edge.client import TimeLimits
from packager.speech.edge.engine import MAX_REQUEST, EdgeEngine, split_requests
from packager.speech.edge.provider import EdgeProvider
from packager.speech.edge.retry import RetryPolicy
from packager.speech.text_split import split_in_half
from packager.textnorm import Break, Chunk

NAME = "zh-CN-XiaoxiaoNeural"
VOICE = Voice("edge", NAME)
TEXT = "社区食堂今天开门，欢迎大家来吃饭。菜有红烧肉和小白菜！"
# Limits that a busy computer does not reach.
PATIENT = EdgeProvider(limits=TimeLimits(whole=600, idle=600), retry=RetryPolicy(attempts=3, first_wait=0))
ENGINES = EngineRegistry.of([PATIENT])
# For stalls: so many attempts that one at least is answered in time.
QUICK = EdgeProvider(limits=TimeLimits(whole=2.0, idle=0.4, character=0), retry=RetryPolicy(attempts=30, first_wait=0))

Serve = Callable[..., EdgeServer]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Starts servers that the library takes for the service, with no proxy and no corrected clock."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(edge_tts.drm.DRM, "clock_skew_seconds", 0.0)
    servers: list[EdgeServer] = []

    def start(plan: Plan = lambda text, before: "", **options: object) -> EdgeServer:
        server = EdgeServer(plan, **options).__enter__()  # type: ignore[arg-type]
        servers.append(server)
        monkeypatch.setattr(edge_tts.communicate, "WSS_URL", server.url)
        return server

    yield start
    for server in servers:
        server.__exit__(None, None, None)


@pytest.fixture
def engine() -> Iterator[EdgeEngine]:
    engine = EdgeEngine(PATIENT.limits, PATIENT.retry, random=Random(1))
    yield engine
    engine.close()


@pytest.fixture
def quick() -> Iterator[EdgeEngine]:
    engine = EdgeEngine(QUICK.limits, QUICK.retry, random=Random(1))
    yield engine
    engine.close()


def heard(text: str) -> int:
    return sum(map(str.isalnum, text))


def speak(engine: EdgeEngine, text: str = TEXT):  # type: ignore[no-untyped-def]
    return engine.speak(engine.prepare(text), NAME, text=text, characters=heard(text))


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait, for as long as a very busy computer can take."""
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def chunk(text: str, *readings: Pronunciation) -> Chunk:
    return Chunk(text, Role.PARAGRAPH, Break.SENTENCE, heard(text), readings)


def test_a_complete_answer_becomes_a_clip_with_evidence(serve: Serve, engine: EdgeEngine) -> None:
    server = serve()
    clip = speak(engine)
    assert (clip.sample_rate, clip.samples.dtype, clip.samples.ndim) == (24_000, np.float32, 1)
    assert clip.evidence.seconds == pytest.approx(seconds_of(TEXT), abs=0.1)
    assert (clip.evidence.covered, clip.evidence.spoken) == (24, 24)
    assert (clip.evidence.again, clip.evidence.pieces, clip.evidence.clipped) == (0, 1, 0)
    assert server.asked == [TEXT]
    assert NAME.split("-")[2] in server.voices[0]


@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_that_fails_once_is_requested_again_until_it_is_complete(
    serve: Serve, engine: EdgeEngine, fault: str
) -> None:
    server = serve(lambda text, before: fault if before == 0 else "")
    clip = speak(engine)
    assert clip.evidence.seconds == pytest.approx(seconds_of(TEXT), abs=0.1)
    assert clip.evidence.again >= 1 or fault == "403"
    assert set(server.asked) == {TEXT}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_sentence_that_always_fails_is_an_error_that_shows_it(serve: Serve, engine: EdgeEngine, fault: str) -> None:
    serve(lambda text, before: fault)
    with pytest.raises(SpeechError) as raised:
        speak(engine)
    assert TEXT in str(raised.value)
    assert "kept" in str(raised.value)


@pytest.mark.parametrize("fault", ["stall", "stall in the middle"])
def test_a_stalled_answer_is_never_accepted(serve: Serve, fault: str) -> None:
    serve(lambda text, before: fault)
    engine = EdgeEngine(QUICK.limits, RetryPolicy(attempts=2, first_wait=0))
    with pytest.raises(SpeechError, match="stopped answering") as raised:
        speak(engine, "大家好。")
    assert "大家好。" in str(raised.value)
    engine.close()


@pytest.mark.parametrize("text", ["好。", "大家读书。"])
def test_a_word_spoken_twice_is_not_accepted(serve: Serve, engine: EdgeEngine, text: str) -> None:
    serve(lambda text, before: "doubled sound")
    with pytest.raises(SpeechError):
        speak(engine, text)


def test_a_sentence_that_fails_in_one_piece_is_spoken_in_two(serve: Serve, engine: EdgeEngine) -> None:
    server = serve(lambda text, before: "cut" if text == TEXT else "")
    clip = speak(engine)
    halves = split_in_half(TEXT)
    assert server.asked == [TEXT] * 3 + halves
    assert (clip.evidence.pieces, clip.evidence.again, clip.evidence.covered) == (2, 3, 24)
    assert clip.evidence.seconds == pytest.approx(sum(map(seconds_of, halves)) + 0.15, abs=0.15)


def test_halves_are_requested_half_as_often_and_quarters_twice_and_nothing_shorter(serve: Serve) -> None:
    server = serve(lambda text, before: "cut")
    engine = EdgeEngine(PATIENT.limits, RetryPolicy(attempts=6, first_wait=0))
    text = "大家好吗，" * 8
    with pytest.raises(SpeechError):
        speak(engine, text)
    assert server.asked == [text] * 6 + ["大家好吗，" * 4] * 3 + ["大家好吗，" * 2] * 2
    engine.close()


def test_broken_connections_do_not_open_the_breaker(serve: Serve) -> None:
    serve(lambda text, before: "drop" if text and before < 5 else "")
    engine = EdgeEngine(PATIENT.limits, RetryPolicy(attempts=10, first_wait=0), refusals=3)
    assert speak(engine).evidence.again == 5
    engine.close()


def test_an_answer_without_a_closing_frame_is_complete(serve: Serve, quick: EdgeEngine) -> None:
    serve(lambda text, before: "no farewell")
    assert speak(quick).evidence.covered == 24


def test_word_boundaries_are_accepted_like_sentence_boundaries(serve: Serve, engine: EdgeEngine) -> None:
    server = serve(lambda text, before: "no boundaries" if before == 0 else "")
    assert speak(engine).evidence.covered == 24
    assert len(server.asked) == 2


def test_a_stall_ends_at_the_idle_limit_and_the_text_is_requested_again(serve: Serve, quick: EdgeEngine) -> None:
    server = serve(lambda text, before: "stall" if before == 0 else "")
    assert speak(quick).evidence.again >= 1
    assert set(server.asked) == {TEXT}


def test_refusals_open_the_breaker_and_no_more_requests_are_made(serve: Serve) -> None:
    server = serve(lambda text, before: "429")
    engine = EdgeEngine(retry=RetryPolicy(attempts=100, first_wait=0), refusals=7)
    with pytest.raises(SpeechError, match=r"429.*too much to do"):
        speak(engine)
    assert server.handshakes == 7
    with pytest.raises(SpeechError, match="429"):
        speak(engine, "再说一句，也不再问。")
    assert server.handshakes == 7
    engine.close()


def test_a_wrong_clock_is_corrected_by_the_services_time(serve: Serve, engine: EdgeEngine) -> None:
    server = serve(lambda text, before: "403" if before == 0 else "", skew=3600)
    speak(engine)
    assert server.handshakes == 2
    assert edge_tts.drm.DRM.clock_skew_seconds == pytest.approx(3600, abs=5)


@pytest.mark.parametrize(("skew", "words"), [(-5400, "90 minutes ahead"), (3 * 86_400, "3 days behind")])
def test_the_error_for_a_wrong_clock_gives_its_offset(
    serve: Serve, engine: EdgeEngine, skew: float, words: str
) -> None:
    serve(lambda text, before: "403", skew=skew)
    with pytest.raises(SpeechError, match=words):
        speak(engine)


@pytest.mark.parametrize("fault", ["403", "403 without a date"])
def test_the_error_for_a_refusal_with_a_right_clock_recommends_an_upgrade(
    serve: Serve, engine: EdgeEngine, fault: str
) -> None:
    serve(lambda text, before: fault)
    with pytest.raises(SpeechError, match="pip install --upgrade edge-tts"):
        speak(engine)


def test_without_a_network_the_message_names_an_offline_voice(
    serve: Serve, engine: EdgeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve()
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setattr(edge_tts.communicate, "WSS_URL", f"ws://127.0.0.1:{port}/edge/v1?x=1")
    with pytest.raises(SpeechError, match=r"network.*kokoro:zf_xiaobei"):
        speak(engine)


def test_the_proxy_of_the_environment_is_used(
    serve: Serve, engine: EdgeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        lines: list[bytes] = []
        threading.Thread(target=forward, args=(listener, server.port, lines), daemon=True).start()
        # A name that nobody but the proxy could look up.
        monkeypatch.setattr(edge_tts.communicate, "WSS_URL", server.url.replace("127.0.0.1", "speech.invalid"))
        for name in ("HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://somebody:secret@127.0.0.1:{listener.getsockname()[1]}")
            assert speak(engine).evidence.covered == 24
            monkeypatch.delenv(name)
    assert [line.split(b":")[1].split(b"/")[2] for line in lines] == [b"speech.invalid"] * 2


def forward(listener: socket.socket, port: int, lines: list[bytes]) -> None:
    """A proxy of two requests, one after the other; remembers their first lines."""
    for _turn in range(2):
        client, _address = listener.accept()
        head = client.recv(65_536)
        lines.append(head.split(b"\r\n")[0])
        upstream = socket.create_connection(("127.0.0.1", port))
        upstream.sendall(re.sub(rb"^GET http://[^/]*", b"GET ", head))
        threading.Thread(target=pump, args=(client, upstream), daemon=True).start()
        threading.Thread(target=pump, args=(upstream, client), daemon=True).start()


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@pytest.mark.parametrize(
    ("proxy", "words"),
    [("socks5://somebody:secret@127.0.0.1:9", "HTTPS_PROXY"), ("http://somebody:secret@127.0.0.1:9", "proxy")],
)
def test_a_proxy_that_can_not_be_used_is_named_without_its_password(
    serve: Serve, engine: EdgeEngine, monkeypatch: pytest.MonkeyPatch, proxy: str, words: str
) -> None:
    serve()
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(SpeechError, match=words) as raised:
        speak(engine)
    assert "secret" not in str(raised.value)
    assert "127.0.0.1:9" in str(raised.value)


def test_readings_become_homophones(engine: EdgeEngine) -> None:
    prepared = engine.prepare("他去重庆", [Pronunciation(2, ("zhong4", "qing4"))])
    assert len(prepared) == 4
    assert prepared != "他去重庆"
    with pytest.raises(SpeechError):
        engine.prepare("……，。")


def test_a_long_text_is_requested_in_pieces_cut_after_sentences(serve: Serve, engine: EdgeEngine) -> None:
    server = serve()
    text = "社区食堂今天开门，欢迎大家来吃饭。" * 30
    clip = speak(engine, text)
    assert "".join(server.asked) == text
    assert all(len(piece) <= MAX_REQUEST and piece.endswith("。") for piece in server.asked)
    assert clip.evidence.covered == heard(text)
    assert "".join(split_requests("好" * 700)) == "好" * 700


@pytest.mark.parametrize(
    ("text", "halves"),
    [
        ("今天停水。请接水。", ["今天停水。", "请接水。"]),
        ("今天停水，请接水", ["今天停水，", "请接水"]),
        ("他说：“停水。”请大家接水。", ["他说：“停水。”", "请大家接水。"]),
        ("今天停水。", ["今天停水。"]),
        ("好，好", ["好，好"]),
    ],
)
def test_a_text_is_split_after_a_mark_and_both_halves_are_audible(text: str, halves: list[str]) -> None:
    assert split_in_half(text) == halves


def test_three_connections_work_at_once_and_request_each_text_once(serve: Serve, tmp_path: Path) -> None:
    server = serve(together=3)
    texts = [f"第{n}句，大家来社区食堂吃饭。" for n in "一二三四五六七八九十"]
    with SpeechPool(ClipCache(tmp_path / "clips"), engines=ENGINES) as pool:
        futures = [pool.submit(chunk(text), VOICE) for text in [*texts, *texts]]
        assert [future.result().is_new for future in futures] == [True] * 10 + [False] * 10
    assert sorted(server.asked) == sorted(texts)
    assert server.most_at_once == 3


def test_after_a_network_failure_no_finished_clip_is_requested_again(serve: Serve, tmp_path: Path) -> None:
    texts = [f"第{n}句，大家来社区食堂吃饭。" for n in "一二三四五六七八九十"]
    lost = serve(lambda text, before: "503" if len(lost.asked) >= 4 else "")
    cache = ClipCache(tmp_path / "clips")
    with pytest.raises(SpeechError), SpeechPool(cache, engines=ENGINES) as pool:
        for future in [pool.submit(chunk(text), VOICE) for text in texts]:
            future.result()
    again = serve()
    with SpeechPool(cache, engines=ENGINES) as pool:
        for future in [pool.submit(chunk(text), VOICE) for text in texts]:
            future.result()
    assert sorted(lost.asked + again.asked) == sorted(texts)
    assert lost.asked


PROGRAM = """
import sys
from pathlib import Path
import edge_tts.communicate
from packager.arranging.tracklist import Role
from packager.speech import ClipCache, SpeechPool, Voice
from packager.textnorm import Break, Chunk

if __name__ == "__main__":
    edge_tts.communicate.WSS_URL = sys.argv[1]
    texts = [f"第{n}句，大家来社区食堂吃饭。" for n in "一二三四五六七八九十"]
    chunks = [Chunk(text, Role.PARAGRAPH, Break.SENTENCE, 12) for text in texts]
    with SpeechPool(ClipCache(Path(sys.argv[2]))) as pool:
        for future in [pool.submit(chunk, Voice("edge", "zh-CN-XiaoxiaoNeural")) for chunk in chunks]:
            future.result()
"""


@pytest.mark.parametrize("how", ["kill", "interrupt"])
def test_after_a_kill_no_finished_clip_is_requested_again(serve: Serve, tmp_path: Path, how: str) -> None:
    first = "一二三四五"
    server = serve(lambda text, before: "stall" if text and text[1] not in first else "")
    (tmp_path / "program.py").write_text(PROGRAM, "utf-8")
    command = [sys.executable, str(tmp_path / "program.py"), server.url, str(tmp_path / "clips")]
    program = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    wait_until(lambda: len(list((tmp_path / "clips").rglob("*.clip"))) == len(first))
    if how == "kill":
        program.kill()
    else:
        program.send_signal(2)
    program.wait(60)
    before = len(server.asked)
    server.plan = lambda text, before: ""
    subprocess.run(command, check=True, timeout=120)
    assert sorted(text[1] for text in server.asked[before:]) == sorted("六七八九十")


def test_closing_the_engine_ends_all_waiting(serve: Serve) -> None:
    server = serve(lambda text, before: "stall")
    engine = EdgeEngine(PATIENT.limits)
    with ThreadPoolExecutor(1) as threads:
        future = threads.submit(speak, engine)
        wait_until(lambda: len(server.asked) == 1)
        engine.close()
        with pytest.raises(SpeechError):
            future.result(60)
    with pytest.raises(SpeechError):
        speak(engine)
