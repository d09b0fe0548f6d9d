"""Count the tracks that keep their first cluster through a year of weekly updates, in every profile.

    python benchmarks/weeks.py [--weeks 52]         (as root: the real vfat driver, in user-mode Linux)

Players of the commonest chips remember where the listener stopped by the first cluster and the size of the file.
The releases are arranged by the program, with two kept weeks, and books that come and go; the images are read from
outside four times a year, and each load says what it writes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))

from real_weeks import run_weeks  # type: ignore[import-not-found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weeks", type=int, default=52)
    weeks = parser.parse_args().weeks
    with tempfile.TemporaryDirectory() as name:
        for found in run_weeks(Path(name), weeks=weeks, weeks_a_boot=13):
            print(
                f"{found.profile:16} {weeks} weeks, {found.unchanged} unchanged, {len(found.moved)} moved", flush=True
            )
            for line in (*found.faults, *found.moved):
                print(f"  {line}")


if __name__ == "__main__":
    main()
