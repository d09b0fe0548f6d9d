"""`packager voices calibrate`, and unreachable speech rates."""

from __future__ import annotations

import json


def test_an_unreachable_pace_is_refused_before_synthesis(cli, office, tones) -> None:
    told = cli("build", "week", "--pace", "120").require(3).err
    assert "kokoro:zf_xiaobei can't be brought to 120 characters a minute: it can have 127 to 248" in told
    assert "(160, 190, 220)" in told
    assert tones.spoken == []
    playlist = office / "playlists" / "week.yaml"
    text = playlist.read_text("utf-8")
    playlist.write_text(text + "    voice: kokoro:zf_xiaobei\nvoice: kokoro:zm_yunyang\npace: 260\n", "utf-8")
    told = cli("build", "week").require(3).err
    assert "kokoro:zf_xiaobei can't be brought to 260" in told
    assert "zm_yunyang" not in told
    playlist.write_text(text + "fallback: kokoro:zf_xiaobei\npace: 260\n", "utf-8")
    assert "kokoro:zf_xiaobei can't be brought to 260" in cli("build", "week", "--dry-run").require(3).err


def test_a_calibration_is_saved_shown_and_used(cli, office, tones) -> None:
    shipped = {voice["voice"]: voice["paces"] for voice in json.loads(cli("voices", "--json").require().out)}
    assert shipped["kokoro:zm_yunjian"]["slowest"] == 149
    assert shipped["edge:zh-CN-YunxiNeural"] is None
    out = json.loads(cli("voices", "calibrate", "kokoro:zm_yunjian", "--json").require().out)
    # A tone of a fifth of a second a character.
    assert out["rate"] == 300.0
    assert list(out["stretch"]) == ["160", "190", "220"]
    shown = json.loads(cli("voices", "--json").require().out)
    (paces,) = (voice["paces"] for voice in shown if voice["voice"] == "kokoro:zm_yunjian")
    assert paces == {key: value for key, value in out.items() if key != "voice"}
    assert f"{out['slowest']}-{out['fastest']}" in cli("voices").require().out
    spoken = len(tones.spoken)
    again = cli("voices", "calibrate", "kokoro:zm_yunjian").require()  # from the cache
    assert len(tones.spoken) == spoken
    assert "possible:" in again.out
    assert str(office / "calibration.json") in again.err
    path = office / "calibration.json"
    path.write_text(path.read_text("utf-8").replace("120.8", "1208"), "utf-8")
    told = cli("build", "week", "--voice", "kokoro:zm_yunjian").require(3).err
    assert "kokoro:zm_yunjian can't be brought to 190" in told
    assert "(-)" in told
    path.write_text('{"kokoro:zm_yunjian": {"speed": 1}}', "utf-8")
    for command in (("build", "week"), ("voices",), ("voices", "calibrate", "kokoro:zm_yunjian")):
        told = cli(*command).require(3).err
        assert "calibration.json" in told
        assert "'kokoro:zm_yunjian.seconds' is missing" in told or "seconds" in told


def test_an_unknown_voice_is_refused_with_a_hint(cli, office) -> None:
    assert "did you mean 'kokoro:zm_yunxi" in cli("voices", "calibrate", "kokoro:zm_yunxii").require(3).err
