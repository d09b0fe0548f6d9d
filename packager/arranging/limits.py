"""Checks a tracklist against the limits of a player's profile, so that nothing fails on the player. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from packager.arranging.estimate import estimate_seconds
from packager.arranging.profiles.profile import Layout, Profile
from packager.arranging.tracklist import TracklistEntry
from packager.base.errors import InputError
from packager.base.fat_names import entry_slots, gbk_bytes, path_problems
from packager.base.i18n.language import _

_MOST_SHOWN = 10
_OWN_ROOT_ENTRIES = 3  # the volume's label, and the folder .packager with its long name
_OWN_FILES_AND_FOLDERS = 8  # the folder .packager: identity, two slots, two manifests, and marks during a load
_BESIDE_A_TRACK = {"lrc": 1, "daisy": 2}  # files of sidecars
_IN_A_FOLDER = {"daisy": 2}


def require_within_limits(tracks: Sequence[TracklistEntry], profile: Profile, pace: int) -> None:
    """Raise InputError that names each of `tracks`, in playing order, that exceeds a limit of the profile."""
    problems = [
        *_number_problems(tracks, profile),
        *_count_problems(tracks, profile),
        *_folder_problems(tracks, profile),
        *_root_problems(tracks, profile),
        *_entry_problems(tracks, profile),
        *_name_problems(tracks, profile),
        *_length_problems(tracks, profile, pace),
        *_size_problems(tracks, profile, pace),
        *path_problems(track.path for track in tracks),
    ]
    if not problems:
        return
    shown = problems[:_MOST_SHOWN]
    if len(problems) > len(shown):
        shown.append(_("… and {n} more").format(n=len(problems) - len(shown)))
    headline = _("more than a player of profile '{profile}' takes:").format(profile=profile.name)
    raise InputError("\n".join([headline, *(f"  - {problem}" for problem in shown)]))


def _number_problems(tracks: Sequence[TracklistEntry], profile: Profile) -> Iterator[str]:
    for track in tracks:
        folder, _slash, name = track.path.rpartition("/")
        digits = re.match("[0-9]*", name)
        if digits is not None and len(digits[0]) > profile.file_digits:
            yield _(
                "{track}: the number has more than {digits} digits; take a book out of the playlist and give "
                "it a new 'series:'"
            ).format(track=_name(track), digits=profile.file_digits)
        if profile.layout is not Layout.FLAT and len(folder) > profile.folder_digits:
            yield _(
                "{track}: the folder {folder} has more than {digits} digits; take a book out of the playlist "
                "and give it a new 'series:'"
            ).format(track=_name(track), folder=folder, digits=profile.folder_digits)


def _count_problems(tracks: Sequence[TracklistEntry], profile: Profile) -> Iterator[str]:
    limits = profile.limits
    if len(tracks) > limits.tracks:
        yield _("{track} is track {n} on the card, {most} fit; take something out of the playlist").format(
            track=_name(tracks[limits.tracks]), n=limits.tracks + 1, most=limits.tracks
        )


def _folder_problems(tracks: Sequence[TracklistEntry], profile: Profile) -> Iterator[str]:
    limits = profile.limits
    folders: dict[str, int] = {}
    for track in tracks:
        folder = track.path.rpartition("/")[0]
        folders[folder] = folders.get(folder, 0) + 1
        if folders[folder] == limits.files_per_folder + 1:
            yield _(
                "{track} is file {n} in its folder, {most} fit; take something out of the playlist, or "
                "choose a profile with folders"
            ).format(track=_name(track), n=folders[folder], most=limits.files_per_folder)
        if profile.layout is Layout.FLAT or folders[folder] > 1:
            continue
        # By its name, since empty folders have numbers too.
        if int(folder) > limits.folders:
            yield _(
                "{track} needs folder {n} on the card, {most} fit; take a book out of the playlist, and give "
                "it a new 'series:'"
            ).format(track=_name(track), n=int(folder), most=limits.folders)


def _root_problems(tracks: Sequence[TracklistEntry], profile: Profile) -> Iterator[str]:
    most = profile.limits.root_entries
    seen: set[str] = set()
    entries = _OWN_ROOT_ENTRIES
    for track in tracks:
        top = track.path.split("/")[0]
        if most is None or top in seen:
            continue
        seen.add(top)
        entries += entry_slots(top)
        if entries > most:
            yield _(
                "{track}: the card's first folder is full, it has {most} entries and a name takes two or "
                "more; take something out of the playlist, or choose a profile with folders"
            ).format(track=_name(track), most=most)
            return


def _entry_problems(tracks: Sequence[TracklistEntry], profile: Profile) -> Iterator[str]:
    """Files and folders, where a player counts them together: the tracks, their sidecars, our own."""
    most = profile.limits.files_and_folders
    if most is None:
        return
    beside = 1 + sum(_BESIDE_A_TRACK.get(kind, 0) for kind in profile.sidecars)
    with_folder = 1 + sum(_IN_A_FOLDER.get(kind, 0) for kind in profile.sidecars)
    folders: set[str] = set()
    entries = _OWN_FILES_AND_FOLDERS + len(set(profile.sidecars) - {"lrc"})
    for track in tracks:
        folders.add(track.path.rpartition("/")[0])
        entries += beside
        if entries + with_folder * len(folders - {""}) > most:
            yield _(
                "{track}: the player counts files and folders together, and takes {most}; take something out of the "
                "playlist, or leave out 'sidecars'"
            ).format(track=_name(track), most=most)
            return


def _name_problems(tracks: Sequence[TracklistEntry], profile: Profile) -> Iterator[str]:
    most = profile.limits.name_bytes
    for track in tracks:
        size = gbk_bytes(track.path.rpartition("/")[2])
        if most is not None and size > most:
            yield _("{track}: its name has {size} bytes in GBK, {most} fit; set 'naming: number'").format(
                track=_name(track), size=size, most=most
            )


def _length_problems(tracks: Sequence[TracklistEntry], profile: Profile, pace: int) -> Iterator[str]:
    most = profile.limits.minutes_per_track
    for track in tracks:
        minutes = estimate_seconds(track, pace) / 60
        if minutes > most:
            yield _(
                "{track} would last about {minutes:.0f} minutes, {most:g} fit; divide the chapter in the "
                "text, or give the playlist a new 'series:'"
            ).format(track=_name(track), minutes=minutes, most=most)


def _size_problems(tracks: Sequence[TracklistEntry], profile: Profile, pace: int) -> Iterator[str]:
    most = profile.limits.megabytes
    size = 0
    for track in tracks:
        size += profile.audio.size_of(estimate_seconds(track, pace))
        if most is not None and size > most * 1_000_000:
            yield _(
                "{track}: with it the release has about {size:.0f} MB, {most} fit; take something out of the "
                "playlist, or set a lower audio.bit_rate in the profile"
            ).format(track=_name(track), size=size / 1e6, most=most)
            return


def _name(track: TracklistEntry) -> str:
    return f"{track.path} ({track.book}: {track.title})"
