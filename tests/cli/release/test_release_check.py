"""`packager release check`: the table, and exit code 5 for a track out of bounds."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass

import pytest

from packager.cli.release import check
from packager.mastering.calibration import Calibration, add_calibrations


def test_every_track_is_measured_and_a_damaged_one_ends_with_exit_code_5(cli, office) -> None:
    folder = office / "output" / "releases" / "main-0002" / "folders"
    done = cli("release", "check", "main-0002", "--json")
    values = json.loads(done.out)
    assert (values["release"], values["profile"], values["lufs"]) == ("main-0002", "folders", -18.0)
    assert values["spread"] <= 0.6
    assert {"loudness", "peak", "head", "tail", "length", "click", "changed"}.isdisjoint(
        fault for track in values["tracks"] for fault in track["faults"]
    )
    track = folder / values["tracks"][-1]["path"]
    data = track.read_bytes()
    track.unlink()  # its bytes are shared with the release before
    track.write_bytes(data[: len(data) // 2])
    told = cli("release", "check", "main-0002").require(5)
    line = next(line for line in told.out.splitlines() if line.startswith(values["tracks"][-1]["path"]))
    assert "content changed, tail, length" in line
    assert f"of {len(values['tracks'])} tracks are out" in told.out
    assert "packager build week --profile folders" in told.err
    rows = list(csv.DictReader(io.StringIO(cli("release", "check", "main-0002", "--csv").require(5).out)))
    assert [row["path"] for row in rows] == [track["path"] for track in values["tracks"]]
    assert rows[-1]["faults"].split()[0] == "changed"


def test_an_unknown_release_is_answered_with_a_hint(cli, office) -> None:
    assert "did you mean 'main-0002'" in cli("release", "check", "main-002").require(3).err
    assert "--json or --csv" in cli("release", "check", "main-0002", "--json", "--csv").require(2).err


@dataclass(frozen=True)
class Always:
    """Predicts the same rating of every recording."""

    rating: float

    def rate(self, samples) -> float:
        assert len(samples) > 0
        return self.rating


def test_tracks_below_the_band_of_their_voice_are_named_and_the_exit_code_stays(
    cli, office, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = cli("release", "check", "main-0002")
    ratings = {"distillmos": Always(2.5), "dnsmos": Always(3.4)}
    monkeypatch.setattr(check, "open_predictors", lambda: ratings)
    told = cli("release", "check", "main-0002", "--naturalness")
    assert (told.code, told.out) == (plain.code, plain.out)
    warned = [line for line in told.err.splitlines() if "less natural" in line]
    assert all("kokoro:zf_xiaobei" in line and "(DistillMOS 2.5)" in line for line in warned)
    values = json.loads(cli("release", "check", "main-0002", "--naturalness", "--json").out)
    assert len(warned) == len(values["tracks"]) == len(values["naturalness"])
    assert all(each["below"] == ["distillmos"] for each in values["naturalness"])

    ratings["distillmos"] = Always(4.5)
    told = cli("release", "check", "main-0002", "--naturalness").err
    assert "less natural" not in told
    assert f"{len(values['tracks'])} tracks sound as their voices usually do" in told
    assert "--json or the table" in cli("release", "check", "main-0002", "--naturalness", "--csv").require(2).err

    # A band that was measured here goes before the one that ships.
    band = {"distillmos": {"mean": 4.9, "spread": 0.05}}
    some = Calibration(1.0, 600, 115.0, {"sentence": 11})
    add_calibrations(
        {"kokoro:zf_xiaobei": some}, office / "calibration.json", {"kokoro:zf_xiaobei": {"naturalness": band}}
    )
    told = cli("release", "check", "main-0002", "--naturalness").err
    assert told.count("less natural") == len(values["tracks"])
