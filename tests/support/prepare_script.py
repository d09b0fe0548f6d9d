"""What runs inside the machine for `test_real_preparation.py`; reports as JSON.

Arguments: the mount points, then a JSON list that has for each card a list of `look`, `test`, `clean`, `eject`.
Prints a line for each card.
"""

import json
import os
import sys
import time
from pathlib import Path

from card_kit import NOW

from packager.base.formats import random_identity
from packager.cards import find_volumes, judge, open_card, volume_of
from packager.cards.io.card import CardAccess
from packager.cards.platform.eject import eject
from packager.cards.prepare.capacity import check_capacity
from packager.cards.prepare.inspect import inspect_card
from packager.cards.prepare.os_junk import find_os_junk, remove_os_junk


def main(root: Path, verb: str) -> dict[str, object]:
    if verb == "look":
        volume = volume_of(root)
        assert volume is not None
        look = inspect_card(root, CardAccess(clock=lambda: NOW))
        refusal = judge(volume)
        return {
            "file_system": volume.file_system,
            "device": volume.device,
            "refusal": refusal.kind.value if refusal else None,
            "allocation_unit": look.allocation_unit,
            "foreign": look.foreign,
            "listed": len(find_volumes()),
        }
    card = open_card(root, CardAccess(claim=True, clock=lambda: NOW))
    if verb == "clean":
        with card.fs.exclusive():
            removed = remove_os_junk(card, find_os_junk(card.fs, card.snapshot))
        return {"files": removed.files, "folders": removed.folders, "kept": removed.kept}
    if verb == "test":
        run = random_identity()[:16]
        result = check_capacity(card.fs, card.name, run=run, size=0, clock=time.monotonic, progress=tell)
        return {**vars(result), "verdict": result.verdict.value}
    volume = volume_of(root)
    assert volume is not None
    done = eject(volume)
    return {"done": done.done, "how": done.how, "mounted": volume_of(root) is not None}


def tell(stage: str, done: int, total: int) -> None:
    """Say outside that the test is in its middle."""
    if stage == "write" and done * 2 > total and not Path(os.environ["SIGNAL"]).exists():
        Path(os.environ["SIGNAL"]).write_text("now")


*cards, jobs = sys.argv[1:]
for card, verbs in zip(cards, json.loads(jobs), strict=True):
    print(json.dumps([main(Path(card), verb) for verb in verbs]))
