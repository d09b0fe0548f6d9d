"""Weekly updates on FAT32 images under the real driver, one card a profile, with the first clusters compared."""

from __future__ import annotations

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


def run_weeks(folder: Path, *, weeks: int) -> list[Found]:
    """Load the releases of so many weeks on a card for each profile, one boot of the machine a week."""
    years = {profile: year_of(profile, folder / "releases", weeks) for profile in PROFILES}
    images = {profile: FatImage(folder / f"{profile}.img") for profile in PROFILES}
    for image in images.values():
        image.format(megabytes=36)
    starts: dict[str, dict[str, int]] = {profile: {} for profile in PROFILES}
    found = {profile: Found(profile, 0, [], []) for profile in PROFILES}
    before: dict[str, Week] = {}
    for number in range(weeks):
        releases = {profile: years[profile][number] for profile in PROFILES}
        jobs = [[load(releases[profile].folder), AUDIT] for profile in PROFILES]
        machine = Machine(folder / f"machine-{number}")
        told = reports(machine, [Mount(images[profile]) for profile in PROFILES], jobs)
        for profile, (done, seen) in zip(PROFILES, told, strict=True):
            now = RawFat.read(images[profile].path).starts()
            same = _unchanged(before.get(profile), releases[profile])
            moved = [f"{releases[profile].manifest.release} {p}" for p in same if starts[profile][p] != now[p]]
            faults = [] if seen.get("good") else [f"{done} {seen}"]
            faults += [*images[profile].check(), *_wrong(images[profile], releases[profile])]
            old = found[profile]
            found[profile] = Found(profile, old.unchanged + len(same), old.moved + moved, old.faults + faults)
            starts[profile] = now
        before = releases
    return list(found.values())


def _unchanged(before: Week | None, now: Week) -> list[str]:
    return [] if before is None else [path for path, data in now.files.items() if before.files.get(path) == data]


def _wrong(image: FatImage, week: Week) -> list[str]:
    held = image.files()
    return [path for path in {*held, *week.files} if held.get(path) != week.files.get(path)]
