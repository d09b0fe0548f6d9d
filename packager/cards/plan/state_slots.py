"""A card's identity and its two state slots, an A/B commit record: to bytes and from bytes. Pure.

Both are JSON; a slot is padded with spaces to 512 bytes and carries a checksum. Bytes that this program would
not write in exactly this form are no state: they never count and never raise.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from packager.base.formats import canonical_json, parse_utc, sha256_bytes, utc_text
from packager.cards.filesystem import SLOT_SIZE

FORMAT = 1
CARD_FOLDER = ".packager"
IDENTITY_PATH = f"{CARD_FOLDER}/card.json"
SLOT_PATHS = (f"{CARD_FOLDER}/state.a", f"{CARD_FOLDER}/state.b")
NO_PLACES_PATH = f"{CARD_FOLDER}/NOPLACES"  # an empty file: no folder has the free places that numbers promise
MAX_IDENTITY_BYTES = 4096
MAX_COUNTER = 2**53 - 1

_SLOT_BEGINS = b'{"checksum":"'
_MARK = re.compile(r"W([0-9]{7,16})")
_NO_PLACES = re.compile(r"N[0-9A-F]{7}")
_HEX_ID = re.compile(r"[0-9a-f]{32}")
_LOAD_ID = re.compile(r"[0-9a-f-]{32,36}")
_MANIFEST_NAME = re.compile(r"manifest-([0-9a-f]{32})\.json")
_SIGNATURE_NAME = re.compile(r"manifest-([0-9a-f]{32})\.minisig")
MAX_SIGNATURE_BYTES = 16 * 1024


@dataclass(frozen=True)
class CardIdentity:
    """The identity of a card: a random id. Volume serials are copied by cloning, so they don't serve."""

    id: str  # 32 hexadecimal digits
    created: datetime

    def __post_init__(self) -> None:
        if not _HEX_ID.fullmatch(self.id):
            raise ValueError("a card's id is 32 hexadecimal digits")

    def to_bytes(self) -> bytes:
        """The content of `card.json`."""
        return canonical_json({"format": FORMAT, "kind": "card", "id": self.id, "created": utc_text(self.created)})

    @classmethod
    def from_bytes(cls, data: bytes) -> CardIdentity | None:
        """The identity in `data`, or None; a torn file is none."""
        try:
            values = json.loads(data.decode("utf-8"))
            identity = cls(values["id"], parse_utc(values["created"]))
        except (ValueError, TypeError, KeyError, RecursionError):
            return None
        return identity if identity.to_bytes() == data else None


class SlotStatus(str, Enum):
    """Whether the last load ended (clean), or one is under way or was interrupted (updating)."""

    CLEAN = "clean"
    UPDATING = "updating"


class Verification(str, Enum):
    """How much of a card's content was verified."""

    NOTHING = "nothing"
    NAMES = "names"  # names and sizes only: never "good"
    WRITTEN = "written"  # hashes of the files that the load wrote
    WRITTEN_PAST_CACHE = "written-past-cache"
    HASHES = "hashes"  # hashes of every track
    HASHES_PAST_CACHE = "hashes-past-cache"


@dataclass(frozen=True)
class SlotState:
    """One state slot.

    Clean: the card holds `target`, and `owned` is `target` alone. Updating: the files on the card belong to the
    manifests of `owned` and `target` together. `parent` is the load of the slot before this one.
    """

    counter: int
    load: str
    parent: str  # empty on a card's first load
    status: SlotStatus
    owned: tuple[str, ...]
    target: str
    verified: Verification

    def __post_init__(self) -> None:
        if not 0 < self.counter <= MAX_COUNTER or isinstance(self.counter, bool):
            raise ValueError("a slot's counter is a positive number")
        if not _LOAD_ID.fullmatch(self.load) or (self.parent and not _LOAD_ID.fullmatch(self.parent)):
            raise ValueError("a load's id is a UUID")
        if not all(_HEX_ID.fullmatch(name) for name in (*self.owned, self.target)):
            raise ValueError("a manifest's id is 32 hexadecimal digits")
        if self.status is SlotStatus.CLEAN and self.owned != (self.target,):
            raise ValueError("a clean card owns what it was aimed at")

    @property
    def manifests(self) -> tuple[str, ...]:
        """The ids of all manifests that a file on the card may belong to, each once."""
        return tuple(dict.fromkeys((*self.owned, self.target)))

    @property
    def is_last(self) -> bool:
        """Whether the counter has no room for another load. The next load then makes new slots and counts from
        1. No card gets there by itself."""
        return self.counter > MAX_COUNTER - 2

    def fits(self) -> bool:
        """Whether this state fits a slot, which limits the number of owned manifests."""
        return len(canonical_json(self._checked())) <= SLOT_SIZE

    def to_bytes(self) -> bytes:
        """Exactly SLOT_SIZE bytes: JSON, and spaces before its final newline."""
        text = canonical_json(self._checked())
        if len(text) > SLOT_SIZE:
            raise ValueError("the state does not fit a slot")
        return text[:-1].ljust(SLOT_SIZE - 1) + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes) -> SlotState | None:
        """The state in a slot, or None if it is damaged, empty or of another format."""
        if len(data) != SLOT_SIZE:
            return None
        try:
            values = json.loads(data.decode("ascii"))
            state = cls(
                counter=int(values["counter"]),
                load=values["load"],
                parent=values["parent"],
                status=SlotStatus(values["status"]),
                owned=tuple(values["owned"]),
                target=values["target"],
                verified=Verification(values["verified"]),
            )
            # One state has one byte form, so comparing the bytes checks every field and the checksum.
            return state if state.to_bytes() == data else None
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return None

    def _checked(self) -> dict[str, Any]:
        values = {
            "format": FORMAT,
            "kind": "state",
            "counter": self.counter,
            "load": self.load,
            "parent": self.parent,
            "status": self.status.value,
            "owned": list(self.owned),
            "target": self.target,
            "verified": self.verified.value,
        }
        return {**values, "checksum": sha256_bytes(canonical_json(values))[:32]}


def may_be_torn_slot(data: bytes) -> bool:
    """Whether SLOT_SIZE bytes that are no state can be what an interrupted write leaves of a slot.

    Each half is that of a state, or still zero.
    """
    half = SLOT_SIZE // 2
    first, last = data[:half], data[half:]
    begins = first == bytes(half) or (first.startswith(_SLOT_BEGINS) and first.isascii())
    ends = last == bytes(half) or (last.endswith((b" \n", b"}\n")) and last.isascii())
    return begins and ends


@dataclass(frozen=True)
class Slots:
    """Both slots as read; None for one that is missing or not valid."""

    a: SlotState | None
    b: SlotState | None

    @property
    def newest(self) -> SlotState | None:
        """The valid state that counts. With None the card is unknown, and never good."""
        return newest_valid(self.a, self.b)

    @property
    def older_path(self) -> str:
        """The slot to write next, never the one that counts."""
        return SLOT_PATHS[1] if self.newest is not None and self.newest is self.a else SLOT_PATHS[0]


def newest_valid(slot_a: SlotState | None, slot_b: SlotState | None) -> SlotState | None:
    """The state with the higher counter. Of equal counters, which this program never writes, the unfinished."""
    valid = [slot for slot in (slot_a, slot_b) if slot is not None]
    return max(valid, key=lambda slot: (slot.counter, slot.status is SlotStatus.UPDATING), default=None)


def manifest_path(manifest: str) -> str:
    """Where a card keeps the manifest of that id."""
    return f"{CARD_FOLDER}/manifest-{manifest}.json"


def signature_path(manifest: str) -> str:
    """Where a card keeps the signature of the manifest of that id."""
    return f"{CARD_FOLDER}/manifest-{manifest}.minisig"


def signature_id_of(name: str) -> str | None:
    """The manifest's id in the name of a signature on a card, or None for another file."""
    match = _SIGNATURE_NAME.fullmatch(name)
    return match.group(1) if match else None


def no_places_path(folder: str) -> str:
    """The path of an empty file that says the same of one folder: the name has 28 bits of the CRC-32 of its path."""
    return f"{CARD_FOLDER}/N{zlib.crc32(folder.encode('utf-8', 'surrogatepass')) & 0xFFFFFFF:07X}"


def is_no_places_path(path: str) -> bool:
    """Whether `path` is that of such a file."""
    return path == NO_PLACES_PATH or _NO_PLACES.fullmatch(path.removeprefix(f"{CARD_FOLDER}/")) is not None


def marker_path(number: int) -> str:
    """The path of a marker: an empty file that exists while that track of an already loaded release is written
    again. Nothing else tells which of these tracks was written last."""
    return f"{CARD_FOLDER}/W{number:07}"


def marker_number(name: str) -> int | None:
    """The track number in the name of a marker, or None for another file."""
    match = _MARK.fullmatch(name)
    return int(match.group(1)) if match else None


def manifest_id_of(name: str) -> str | None:
    """The id in the name of a manifest file on a card, or None for another file."""
    match = _MANIFEST_NAME.fullmatch(name)
    return match.group(1) if match else None
