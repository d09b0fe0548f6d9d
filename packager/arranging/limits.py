"""What a player can't take is an error when the release is made, never a surprise on the player."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from packager.arranging.estimate import estimate_seconds
from packager.arranging.fat import path_problems
from packager.arranging.lineup import LineupTrack
from packager.arranging.profile import Profile
from packager.errors import InputError
from packager.language import _

_MOST_SHOWN = 10


def refuse_what_the_player_cannot_take(tracks: Sequence[LineupTrack], profile: Profile, pace: int) -> None:
    """Raise InputError that names each of `tracks`, in the order of play, beyond the profile's limits."""
    problems = [
        *_number_problems(tracks, profile),
        *_count_problems(tracks, profile),
        *_length_problems(tracks, profile, pace),
        *path_problems(track.path for track in tracks),
    ]
    if not problems:
        return
    shown = problems[:_MOST_SHOWN]
    if len(problems) > len(shown):
        shown.append(_("… and {n} more").format(n=len(problems) - len(shown)))
    headline = _("more than a player of profile '{profile}' takes:").format(profile=profile.name)
    raise InputError("\n".join([headline, *(f"  - {problem}" for problem in shown)]))


def _number_problems(tracks: Sequence[LineupTrack], profile: Profile) -> Iterator[str]:
    for track in tracks:
        *folders, name = track.path.split("/")
        if len(name.split(".", maxsplit=1)[0]) > profile.file_digits:
            yield _("{track}: the number has more than {digits} digits").format(
                track=_name(track), digits=profile.file_digits
            )
        if folders and len(folders[0]) > profile.folder_digits:
            yield _("{track}: the folder {folder} has more than {digits} digits").format(
                track=_name(track), folder=folders[0], digits=profile.folder_digits
            )


def _count_problems(tracks: Sequence[LineupTrack], profile: Profile) -> Iterator[str]:
    limits = profile.limits
    if len(tracks) > limits.tracks:
        yield _("{track} is track {n} on the card, {most} fit").format(
            track=_name(tracks[limits.tracks]), n=limits.tracks + 1, most=limits.tracks
        )
    folders: dict[str, int] = {}
    for track in tracks:
        folder = track.path.rpartition("/")[0]
        folders[folder] = folders.get(folder, 0) + 1
        if folders[folder] == limits.files_per_folder + 1:
            yield _("{track} is file {n} in its folder, {most} fit").format(
                track=_name(track), n=folders[folder], most=limits.files_per_folder
            )
        if folders[folder] == 1 and len(folders) == limits.folders + 1 and folder:
            yield _("{track} needs folder {n} on the card, {most} fit").format(
                track=_name(track), n=len(folders), most=limits.folders
            )


def _length_problems(tracks: Sequence[LineupTrack], profile: Profile, pace: int) -> Iterator[str]:
    most = profile.limits.minutes_per_track
    for track in tracks:
        minutes = estimate_seconds(track, pace) / 60
        if minutes > most:
            yield _(
                "{track} would last about {minutes:.0f} minutes, {most:g} fit; divide the chapter in the "
                "text, or give the playlist a new 'series:'"
            ).format(track=_name(track), minutes=minutes, most=most)


def _name(track: LineupTrack) -> str:
    return f"{track.path} ({track.book}: {track.title})"
