"""What runs inside the machine: one load or one audit of the mounted card, reported as JSON.

Arguments: the mount point, then `load FOLDER [CUT]` or `audit`. With CUT the load stops for good before that
operation and says so in the file SIGNAL, so that the power can be cut just there.
"""

import json
import os
import sys
import time
import uuid
from pathlib import Path

from card_kit import NOW, FailingMedium, PowerCutError, plan_of

from packager.loading import apply_load, audit_card, open_card
from packager.loading.card import Card, read_card
from packager.releasing.manifest import Manifest


def main(root: Path, verb: str, *arguments: str) -> None:
    card = open_card(root, allow_folder=False, claim=True, new_id=new_id, clock=lambda: NOW)
    if verb == "audit":
        seen = audit_card(card)
        report = {
            "good": seen.is_good,
            "verification": seen.verification.value,
            "release": seen.manifest.release if seen.manifest else None,
            "findings": [[finding.kind.value, finding.path] for finding in seen.findings],
            "foreign": seen.foreign,
        }
    else:
        report = load(card, Path(arguments[0]), int(arguments[1]) if arguments[1:] else -1)
    print(json.dumps(report))


def load(card: Card, folder: Path, cut: int) -> dict[str, object]:
    manifest = Manifest.from_bytes((folder / "manifest.json").read_bytes(), "manifest.json")
    counting = FailingMedium(card.medium, fail_at=cut, partly=True)
    counted = read_card(counting, card.name, claim=True, new_id=new_id, clock=lambda: NOW)
    try:
        result = apply_load(counted, plan_of(counted, manifest), folder, load_id=str(uuid.uuid4()))
    except PowerCutError:
        stop_here()
    return {
        "verification": result.verification.value,
        "written": result.written,
        "operations": counting.operations,
    }


def stop_here() -> None:
    """Tell the outside that the moment has come, and do nothing more."""
    with Path(os.environ["SIGNAL"]).open("w", encoding="utf-8") as stream:
        stream.write("now")
        stream.flush()
        os.fsync(stream.fileno())
    time.sleep(3600)


def new_id() -> str:
    return uuid.uuid4().hex


main(Path(sys.argv[1]), *sys.argv[2:])
