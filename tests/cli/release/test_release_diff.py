"""`packager release diff` on two releases of tones."""

from __future__ import annotations

import json
from pathlib import Path

from command_line import Cli


def test_changed_sentences_are_shown_before_and_after(office: Path, cli: Cli) -> None:
    told = cli("release", "diff", "main-0001", "main-0002").require().out
    assert "- 明天停水。\n    + 后天停水。" in told
    assert "Tracks: edited 1, unchanged 3;" in told
    assert "edited 1" not in cli("release", "diff", "main-0002", "main-0002").require().out


def test_the_json_has_every_track_with_its_changes(office: Path, cli: Cli) -> None:
    values = json.loads(cli("release", "diff", "main-0001", "main-0002", "--json").require().out)
    (edited,) = [track for track in values["tracks"] if track["changes"] == ["edited"]]
    assert edited["sentences"] == [{"before": ["明天停水。"], "after": ["后天停水。"]}]
    assert edited["new_audio"] and values["counts"] == {"edited": 1, "same": 3}


def test_an_unknown_release_is_refused_with_a_hint(office: Path, cli: Cli) -> None:
    cli("release", "diff", "main-0001", "main-0022").require_error(3, "did you mean 'main-0002'")
