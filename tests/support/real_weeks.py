"""Weekly updates on FAT32 images under the real driver, one card a profile, with the first clusters compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fat_edit import RawFat
from fat_image import FatImage
from fat_machine import Machine, Mount
from fat_weeks import AUDIT, load, reports
from year_of_weeks import PROFILES, Week, year_of


@dataclass(frozen=True)
class Found:
    """What became of the tracks of one card. `moved` are those that were unchanged and begin elsewhere now."""

    profile: str
    unchanged: int  # pairs of a week and a track that the week before had too
    moved: list[str]
    faults: list[str]


def run_weeks(folder: Path, *, weeks: int, weeks_a_boot: int = 1) -> list[Found]:
    """Load the releases of so many weeks on a card for each profile. The images are read from outside after each boot
    of the machine; in between, the loads themselves say what they wrote."""
    years = {profile: year_of(profile, folder / "releases", weeks) for profile in PROFILES}
    images = {profile: FatImage(folder / f"{profile}.img") for profile in PROFILES}
    for image in images.values():
        image.format(megabytes=36)
    found = {profile: Found(profile, 0, [], []) for profile in PROFILES}
    starts: dict[str, dict[str, int]] = {profile: {} for profile in PROFILES}
    for first in range(0, weeks, weeks_a_boot):
        batches = {profile: years[profile][first : first + weeks_a_boot] for profile in PROFILES}
        jobs = [[*(load(week.folder) for week in batches[profile]), AUDIT] for profile in PROFILES]
        machine = Machine(folder / f"machine-{first}")
        told = reports(machine, [Mount(images[profile]) for profile in PROFILES], jobs)
        for profile, (*loads, seen) in zip(PROFILES, told, strict=True):
            now = RawFat.read(images[profile].path).starts()
            before = years[profile][first - 1 : first] if first else []
            kept = _kept([*before, *batches[profile]]) if before else []
            moved = [f"{path} begins elsewhere" for path in kept if starts[profile][path] != now[path]]
            pairs = list(zip([*before, *batches[profile]], batches[profile][0 if before else 1 :], strict=False))
            written = [set(report["written"]) for report in loads[0 if before else 1 :]]
            for (old, new), touched in zip(pairs, written, strict=True):
                moved += [f"{new.manifest.release} wrote {path} again" for path in _kept([old, new]) if path in touched]
            faults = [] if seen.get("good") else [str(seen)]
            faults += [*images[profile].check(), *_wrong(images[profile], batches[profile][-1])]
            old_found, count = found[profile], sum(len(_kept(pair)) for pair in pairs)
            found[profile] = Found(
                profile, old_found.unchanged + count, old_found.moved + moved, old_found.faults + faults
            )
            starts[profile] = now
    return list(found.values())


def _kept(weeks: Sequence[Week]) -> list[str]:
    """The tracks that all these releases have, with the same bytes."""
    return [path for path, data in weeks[-1].files.items() if all(week.files.get(path) == data for week in weeks)]


def _wrong(image: FatImage, week: Week) -> list[str]:
    held = image.files()
    return [path for path in {*held, *week.files} if held.get(path) != week.files.get(path)]
