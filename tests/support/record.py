"""Record what was said and heard in a release, for the tests beside it.

    packager demo                                      (or any workspace with the sample)
    packager proof main-0002 --all
    python tests/proofing/record.py WORKSPACE main-0002

Writes recorded.json: of each track what is said in it and when, and what the recognizer wrote down.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from packager.base.formats import write_atomic
from packager.base.workspace import open_workspace
from packager.releases.store import find_release
from packager.releases.text_sync import load_text_sync


def main() -> None:
    root, name = sys.argv[1:]
    workspace = open_workspace(Path(root))
    tracks = []
    for track in find_release(workspace.releases, name).manifest.tracks:
        spoken = load_text_sync(workspace.spoken, track.sha256)
        (heard,) = workspace.transcripts.glob(f"*/{track.sha256}.*.json")
        assert spoken is not None
        _digest, _newline, transcript = heard.read_bytes().partition(b"\n")
        tracks.append({"path": track.path, "spoken": asdict(spoken), "heard": json.loads(transcript)})
    recorded = json.dumps(tracks, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    write_atomic(Path(__file__).with_name("recorded.json"), recorded.encode())


if __name__ == "__main__":
    main()
