"""A Playlist and a Profile become a Lineup: shelves, numbers, paths legal on FAT, what is announced."""

from packager.arranging.announcements import Announcements
from packager.arranging.arrange import CONTENTS_NUMBER, arrange
from packager.arranging.estimate import estimate_seconds, heard_characters
from packager.arranging.number_ledger import Ledger, Shelf, ledger_bytes, load_ledger
from packager.arranging.playlist import Playlist, PlaylistDefaults, PlaylistItem, ShelfKind, load_playlist
from packager.arranging.prepare import Prepared, prepare_lineup
from packager.arranging.profiles.catalog import load_profile, profile_file, profile_names, save_profile
from packager.arranging.profiles.profile import (
    AudioFormat,
    FindsBy,
    Layout,
    Limits,
    Naming,
    Numbering,
    Profile,
    Saying,
    TagFormat,
)
from packager.arranging.profiles.variant import (
    VARIANTS,
    Variant,
    base_profile,
    split_profile,
    variant_lufs,
    variants_of,
    with_variants,
)
from packager.arranging.tracklist import Lineup, LineupTrack, Passage, Role, TrackKind
from packager.base.fat_names import name_problems, path_problems

__all__ = [
    "CONTENTS_NUMBER",
    "VARIANTS",
    "Announcements",
    "AudioFormat",
    "FindsBy",
    "Layout",
    "Ledger",
    "Limits",
    "Lineup",
    "LineupTrack",
    "Naming",
    "Numbering",
    "Passage",
    "Playlist",
    "PlaylistDefaults",
    "PlaylistItem",
    "Prepared",
    "Profile",
    "Role",
    "Saying",
    "Shelf",
    "ShelfKind",
    "TagFormat",
    "TrackKind",
    "Variant",
    "arrange",
    "base_profile",
    "estimate_seconds",
    "heard_characters",
    "ledger_bytes",
    "load_ledger",
    "load_playlist",
    "load_profile",
    "name_problems",
    "path_problems",
    "prepare_lineup",
    "profile_file",
    "profile_names",
    "save_profile",
    "split_profile",
    "variant_lufs",
    "variants_of",
    "with_variants",
]
