"""The nouns of firmware: the entries of a card, the rules of a chip family, and where each rule comes from. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


@dataclass(frozen=True)
class ListedEntry:
    """One directory entry. What a mounted card does not tell is None or empty.

    `slot` is the place of its last 32-byte directory slot in the folder, from 0.
    """

    name: str
    is_folder: bool = False
    size: int = 0  # bytes
    short_name: str = ""
    hidden: bool = False
    start_cluster: int | None = None
    slot: int | None = None


Listing = Mapping[str, tuple[ListedEntry, ...]]
"""Every folder of a card with its entries in directory order. Paths have forward slashes; the root is ''."""


class Order(str, Enum):
    """The order in which a player takes the entries of a folder."""

    DIRECTORY = "directory"  # as they stand in the directory
    NAME = "name"  # by the characters of the name, without case
    NUMBERS = "numbers"  # by name, but runs of digits by their value


class NumberKeys(str, Enum):
    """What a number keyed in plays."""

    PLACE = "place"  # the n-th track of the whole card
    FOLDER_AND_FILE = "folder-and-file"  # 2011: the file 011 in the folder 02
    MP3_FOLDER = "mp3-folder"  # 12: the file 0012 in the folder mp3
    NONE = "none"


class Memory(str, Enum):
    """By what a player finds the track again where the listener stopped."""

    CLUSTER = "cluster"  # the file's first cluster, and its size
    ENTRY_AND_CLUSTER = "entry-and-cluster"  # the same, and the sector of its directory entry
    ENTRY = "entry"  # the place of its directory entry in the folder, the folder's first cluster, and its size
    PLACE_AND_NAME = "place-and-name"  # its place on the card, and its short name
    PATH = "path"
    NOTHING = "nothing"


class SkipReason(str, Enum):
    """Why a player does not play a file, or look into a folder."""

    FORMAT = "format"  # no suffix that it knows
    HIDDEN = "hidden"
    DOT = "dot"  # the name begins with a dot
    FOLDER = "folder"  # a folder that it leaves out by name
    DEPTH = "depth"
    COUNT = "count"  # more files or folders than it counts


@dataclass(frozen=True)
class WalkRules:
    """How a player walks a card. `depth` counts folders in a path; None: no limit.

    `suffixes` None: files of every kind are taken for tracks. With `suffix_begins`, a suffix counts that begins with
    one of them. Of folders it leaves out those named in `skipped_folders`, those in the root named in
    `skipped_root_folders`, those whose name in capitals begins with one of `skipped_beginnings`, and those whose path
    contains one of `skipped_parts`; with `in_capitals`, the path in capitals. `most_entries` counts files of any kind
    and folders together.
    """

    suffixes: frozenset[str] | None
    order: Order = Order.DIRECTORY
    files_first: bool = True  # the files of a folder before the folders in it
    depth: int | None = None
    suffix_begins: bool = False
    skips_hidden: bool = False
    skips_dot_names: bool = False
    skipped_folders: frozenset[str] = frozenset()
    skipped_root_folders: frozenset[str] = frozenset()
    skipped_beginnings: tuple[str, ...] = ()
    skipped_parts: tuple[str, ...] = ()
    in_capitals: bool = False
    most_files: int | None = None
    most_folders: int | None = None
    most_entries: int | None = None


@dataclass(frozen=True)
class FirmwareDoubt:
    """Something that is not known of a family, or differs by build: `otherwise` are other values of its WalkRules."""

    reason: str  # to be translated
    otherwise: Mapping[str, Any]


@dataclass(frozen=True)
class FirmwareLimits:
    """The most that a family handles; None: no limit is known.

    `name_bytes` are bytes of a file's name in GBK; `megabytes` 10^6 bytes of a card.
    """

    tracks: int | None = None
    folders: int | None = None
    files_per_folder: int | None = None
    files_and_folders: int | None = None  # counted together, sidecars too
    name_bytes: int | None = None
    megabytes: int | None = None


class Certainty(str, Enum):
    """How well a rule is known."""

    STATED = "stated"  # its source says so
    GUESS = "guess"  # concluded from the source, or from what users report


class Aspect(str, Enum):
    """What a rule is about."""

    FILES = "files"
    FOLDERS = "folders"
    ORDER = "order"
    NUMBERS = "numbers"
    MEMORY = "memory"
    RECORDINGS = "recordings"
    LIMITS = "limits"
    SIDECARS = "sidecars"


@dataclass(frozen=True)
class FirmwareRule:
    """One rule in words, for docs/PLAYERS.md, and where it comes from."""

    aspect: Aspect
    text: str
    source: str
    certainty: Certainty = Certainty.STATED


@dataclass(frozen=True)
class Firmware:
    """A chip family as a program. `recordings` are the folders in which its recorder puts files."""

    name: str
    title: str
    walk: WalkRules
    keys: NumberKeys
    memory: Memory
    rules: tuple[FirmwareRule, ...]
    doubts: tuple[FirmwareDoubt, ...] = ()
    limits: FirmwareLimits = FirmwareLimits()
    recordings: frozenset[str] = frozenset()
    sidecars: frozenset[str] = frozenset()  # the kinds of sidecar files that builds of it can read
