"""Load cards in a process of its own, with random delays: `new` cards get the next number, others one fixed player.

Arguments: registry, folder of releases, folder of cards, seed, then `new` or a player's number.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from packager.base.errors import CardRefusedError
from packager.registry.database import open_registry
from packager.releases.store import list_releases
from packager.station.serve_card import Orders, identify_card, next_number, serve
from packager.visits.visit import VisitOptions


def main(address: str, releases: str, cards: str, seed: str, wanted: str) -> None:
    chance = random.Random(seed)
    stored = list_releases(Path(releases))
    orders = Orders(
        stored, stored[-1].manifest.series, stored[-1].manifest.profile, options=VisitOptions(allow_folder=True)
    )

    def delay(*_progress: object) -> None:
        time.sleep(chance.random() * 0.01)

    with open_registry(address) as registry:
        for card in sorted(Path(cards).iterdir()):
            delay()
            seen = identify_card(registry, orders, card)
            player = next_number(registry, orders, start=1, taken=()) if wanted == "new" else wanted
            delay()
            try:
                served = serve(registry, orders, card, seen, player, claim=True, progress=delay)
                print("done", served.player, served.card, flush=True)
            except CardRefusedError as error:
                print("refused", player, str(error).splitlines()[0], flush=True)
            finally:
                if wanted == "new":
                    registry.player_locks.release(player)


if __name__ == "__main__":
    main(*sys.argv[1:])
