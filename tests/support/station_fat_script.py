"""What runs inside the machine: the station on a terminal, while cards are mounted and unmounted as a
volunteer would plug them in and out.

Arguments: the mount points of the cards, the office, and which afternoon it is. Prints what the terminal
showed, then a line of JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pexpect
from station_kit import Practice, answer, finish


class Room:
    """Three readers, and cards that lie beside them."""

    def __init__(self, cards: list[Path], office: Path) -> None:
        mounted = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
        devices = {place: device for device, place, *_rest in mounted}
        self.devices = [devices[str(card)] for card in cards]
        for card in cards:
            subprocess.run(["umount", card], check=True)
        Path("/dev/pts").mkdir(exist_ok=True)  # terminals; this kernel's /dev is its own
        subprocess.run(["mount", "-t", "devpts", "devpts", "/dev/pts"], check=True)
        self.practice = Practice(office)
        for reader in "ABC":
            (self.practice.readers / reader).mkdir(parents=True, exist_ok=True)

    def put(self, card: int, reader: str) -> None:
        place = self.practice.readers / reader
        command = ["mount", "-t", "vfat", "-o", "utf8=1,flush", self.devices[card], place]
        subprocess.run(command, check=True)

    def pull(self, reader: str) -> None:
        """Take a card out without asking: what has it open keeps a file system that is nowhere."""
        subprocess.run(["umount", "-l", self.practice.readers / reader], check=True)

    def is_out(self, reader: str) -> bool:
        return not os.path.ismount(self.practice.readers / reader)


def afternoon(room: Room) -> dict[str, object]:
    """Two cards that do well, one that fails in the middle, one that is pulled early, one without room."""
    terminal = sit_down(room)
    terminal.expect("5 to go")
    for card, reader in enumerate("ABC"):
        room.put(card, reader)
    for _card in range(3):
        terminal.expect(["remove P00[1-3] and write", r"P00[1-3]: \S+readers/C failed"])
    good = [reader for reader in "ABC" if room.is_out(reader)]
    room.pull("C")
    time.sleep(1.5)  # until it is seen to be gone
    room.put(3, "C")
    terminal.expect(r"C +P004 +writing")
    room.pull("C")
    terminal.expect("P004: it was removed too early")
    room.put(3, "C")
    terminal.expect("remove P004")
    room.put(0, "A")
    terminal.expect("remove P00[12], which was already done")
    room.put(4, "B")
    terminal.expect("B: a new card with 1 other file, which stays. Use it as the card of P005")
    answer(terminal, "y")
    terminal.expect("P005: ")
    room.pull("B")
    terminal.send("q")
    code, end = finish(terminal)
    return {"code": code, "end": end, "good": good}


def begun(room: Room) -> dict[str, object]:
    """Three cards are being written when the power goes."""
    terminal = sit_down(room)
    terminal.expect("3 to go")
    for card, reader in enumerate("ABC"):
        room.put(card, reader)
    for reader in "ABC":
        terminal.expect(rf"{reader} +P00\d +writing")
    Path(os.environ["SIGNAL"]).write_text("now")
    time.sleep(3600)
    return {}


def finished(room: Room) -> dict[str, object]:
    """The same three cards, the next day, in other readers."""
    terminal = sit_down(room, "--until-done")
    terminal.expect("3 to go")
    for card, reader in enumerate("CAB"):
        room.put(card, reader)
    code, end = finish(terminal)
    return {"code": code, "end": end}


def sit_down(room: Room, *more: str) -> pexpect.spawn:
    terminal = room.practice.sit_down("--new-from", "P001", *more, on_folders=False, seconds=0.15)
    terminal.timeout = 120
    terminal.logfile_read = sys.stdout
    return terminal


def main() -> None:
    *cards, office, which = sys.argv[1:]
    result = globals()[which](Room([Path(card) for card in cards], Path(office)))
    print()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
