"""Count the loads that do what their dry run says, in random histories of cards.

    python benchmarks/histories.py [--histories 10000] [--first 0]

A history has up to seven weeks of a profile on a model of a card: the allocators of three systems, roots of fixed size,
kept weeks, sidecars, a listener's files, little room, interrupted loads (`tests/support/random_histories.py`). Compared
are all operations on files and folders, and the bytes. Prints each difference with its seed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))

from random_histories import run_many  # type: ignore[import-not-found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    options = parser.parse_args()
    wrong: list[str] = []

    def tell(line: str) -> None:
        wrong.append(line)
        print(line, flush=True)

    with tempfile.TemporaryDirectory() as name:
        counts = run_many(range(options.first, options.first + options.histories), Path(name), tell)
    print(f"{options.histories} histories from seed {options.first}, {counts.loads} loads, {len(wrong)} differences")
    print(f"  with little room {counts.little}, with unchanged files written again {counts.rewritten}")
    print(f"  after an interruption {counts.interrupted}, refused {sum(counts.refused.values())}")
    print(f"  a split root of fixed size written again {counts.new_roots}")
    for word, number in counts.refused.most_common():
        print(f"    {word}: {number}")
    for place, name in enumerate(("system and root", "layout")):
        kinds: Counter[str] = Counter()
        for kind, number in counts.kinds.items():
            kinds[_part(kind, place)] += number
        print(f"  by {name}: " + ", ".join(f"{kind} {number}" for kind, number in kinds.most_common()))


def _part(kind: str, place: int) -> str:
    system, _comma, rest = kind.partition(", ")
    fixed = rest.startswith("fixed root, ")
    return (f"{system}{' with a fixed root' if fixed else ''}", rest.removeprefix("fixed root, "))[place]


if __name__ == "__main__":
    main()
