"""Profiles as YAML files: those that come with the program, and the workspace's own, which go first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from packager.arranging.profile import AudioFormat, FindsBy, Layout, Limits, Profile, TagFormat
from packager.documents import did_you_mean, load_document
from packager.errors import DocumentError, InputError
from packager.language import N_, _

BUILT_IN = Path(__file__).parent / "profiles"
BUILT_IN_TITLES = (
    N_("Plain MP3 player, a folder a book"),
    N_("Card radio that plays the number keyed in"),
)
"""The titles in the files of `BUILT_IN`, for translation."""

_LOWEST_MPEG1_RATE = 32000  # hertz
_MOST_AT_LOW_RATES = 160  # kilobits a second: what MPEG-2 layer III has below `_LOWEST_MPEG1_RATE`


def profile_names(folder: Path | None) -> tuple[str, ...]:
    """The names of all profiles, with those in `folder`, in order."""
    return tuple(sorted(_profile_files(folder)))


def load_profile(name: str, folder: Path | None) -> Profile:
    """The profile `name`, from `folder` if it is there, else as it comes with the program.

    Raises InputError when there is none, DocumentError with all its problems when its file is wrong.
    """
    files = _profile_files(folder)
    if name not in files:
        hint = did_you_mean(name, sorted(files))
        raise InputError(
            _("there is no profile '{name}'{hint} (known: {known})").format(
                name=name, hint=hint, known=", ".join(sorted(files))
            )
        )
    path = files[name]
    values = load_document(path, "profile")
    audio = AudioFormat(**values["audio"])
    if audio.sample_rate < _LOWEST_MPEG1_RATE and audio.bit_rate > _MOST_AT_LOW_RATES:
        problem = _("'audio.bit_rate' is {found}; at {rate} hertz MP3 has at most {most}").format(
            found=audio.bit_rate, rate=audio.sample_rate, most=_MOST_AT_LOW_RATES
        )
        raise DocumentError(str(path), [problem])
    return _profile(name, values, audio)


def _profile(name: str, values: dict[str, Any], audio: AudioFormat) -> Profile:
    return Profile(
        name=name,
        title=_(values["title"]),
        finds_by=FindsBy(values["finds_by"]),
        layout=Layout(values["layout"]),
        folder_digits=values.get("folder_digits", 2),
        file_digits=values["file_digits"],
        audio=audio,
        tags=TagFormat(**values.get("tags", {})),
        limits=Limits(**{"folders": 1, **values["limits"]}),
    )


def _profile_files(folder: Path | None) -> dict[str, Path]:
    folders = [BUILT_IN, *([folder] if folder is not None and folder.is_dir() else [])]
    return {path.stem: path for place in folders for path in sorted(place.glob("*.yaml"))}
