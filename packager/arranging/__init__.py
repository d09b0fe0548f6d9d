"""Arranging: a Playlist, a Profile and Books become a Tracklist with numbers, paths that FAT takes, and scripts."""

from packager.arranging.announcements import Announcements
from packager.arranging.arrange import CONTENTS_NUMBER, arrange
from packager.arranging.estimate import estimate_seconds, heard_characters
from packager.arranging.number_ledger import NumberLedger, NumberRange, ledger_bytes, load_ledger
from packager.arranging.playlist import (
    NumberRangeKind,
    Playlist,
    PlaylistDefaults,
    PlaylistItem,
    load_playlist,
)
from packager.arranging.prepare import Prepared, prepare_tracklist
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
from packager.arranging.tracklist import Passage, Role, Tracklist, TracklistEntry
from packager.base.fat_names import name_problems, path_problems

__all__ = [
    "CONTENTS_NUMBER",
    "VARIANTS",
    "Announcements",
    "AudioFormat",
    "FindsBy",
    "Layout",
    "Limits",
    "Naming",
    "NumberLedger",
    "NumberRange",
    "NumberRangeKind",
    "Numbering",
    "Passage",
    "Playlist",
    "PlaylistDefaults",
    "PlaylistItem",
    "Prepared",
    "Profile",
    "Role",
    "Saying",
    "TagFormat",
    "Tracklist",
    "TracklistEntry",
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
    "prepare_tracklist",
    "profile_file",
    "profile_names",
    "save_profile",
    "split_profile",
    "variant_lufs",
    "variants_of",
    "with_variants",
]
