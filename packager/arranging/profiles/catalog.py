"""Loads profiles from YAML files: those of the program, and the workspace's own, which take precedence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

from packager.arranging.profiles.firmware_rules import firmware_problems, with_firmware
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
from packager.arranging.profiles.variant import SIGN, base_profile, split_profile
from packager.base.errors import InputError, StorageError
from packager.base.fat_names import name_problems
from packager.base.formats import write_atomic
from packager.base.i18n.language import N_, _, reason_of
from packager.base.yaml_documents import Place, did_you_mean, load_document, parse_document

BUILT_IN = Path(__file__).parent
BUILT_IN_TITLES = (
    N_("Plain MP3 player, a folder a book"),
    N_("Card radio that plays the number keyed in"),
    N_("Player with a DFPlayer chip: folders 01 to 99, files 001 to 255"),
    N_("Player with a DFPlayer chip that plays mp3/0001 by its number"),
    N_("Plain MP3 player, a folder a week, then a folder a book"),
    N_("Card radio that plays the number keyed in, with folders"),
    N_("Player for talking books in the DAISY format"),
)
"""The titles in the files of `BUILT_IN`, for translation."""

_LOWEST_MPEG1_RATE = 32000  # hertz
_MOST_AT_LOW_RATES = 160  # kilobits a second: what MPEG-2 layer III has below `_LOWEST_MPEG1_RATE`


def profile_names(folder: Path | None) -> tuple[str, ...]:
    """The names of all profiles, with those in `folder`, in order."""
    return tuple(sorted(_profile_files(folder)))


def load_profile(name: str, folder: Path | None) -> Profile:
    """The profile `name`, from `folder` if it is there, else the program's. `folders+slow` names a variant.

    Raises InputError when there is none, DocumentError with all problems when its file is wrong.
    """
    base, variants = split_profile(name)
    profile = _profile(base, load_document(profile_file(base, folder), "profile", check=_contradictions))
    if not variants:
        return profile
    titles = [profile.title, *(_(variant.title) for variant in variants)]
    return changed(profile, name=name, title=_("; ").join(titles), variants=variants)


def profile_file(name: str, folder: Path | None) -> Path:
    """The file of the profile `name` or its base. Raises InputError when there is none."""
    name = base_profile(name)
    files = _profile_files(folder)
    if name not in files:
        hint = did_you_mean(name, sorted(files))
        raise InputError(
            _("there is no profile '{name}'{hint} (known: {known})").format(
                name=name, hint=hint, known=", ".join(sorted(files))
            )
        )
    return files[name]


def parse_profile(name: str, data: bytes, *, source: str) -> Profile:
    """The profile in `data`, the content of a profile's file. Raises as `load_profile`."""
    return _profile(name, parse_document(data, "profile", source=source, check=_contradictions))


def save_profile(name: str, data: bytes, folder: Path, *, replace: bool = False) -> Path:
    """Write `data` as the profile `name` into `folder`, the workspace's profiles; return its file.

    Raises DocumentError when `data` is not a profile, InputError for a name that can't be a file's or, without
    `replace`, exists already, StorageError when it can't be written.
    """
    problems = name_problems(name)
    if problems or "." in name or SIGN in name:
        raise InputError(_("'{name}' can't be the name of a profile; take letters, digits and '-'").format(name=name))
    path = folder / f"{name}.yaml"
    parse_profile(name, data, source=str(path))
    if path.exists() and not replace:
        raise InputError(
            _("{path} is there already; take another name, or replace it with --replace").format(path=path)
        )
    try:
        write_atomic(path, data)
    except OSError as error:
        raise StorageError(_("{path} can't be written: {reason}").format(path=path, reason=reason_of(error))) from error
    return path


def _contradictions(values: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    """Checks that the schema can't make: values that contradict each other, or the player's firmware."""
    yield from firmware_problems(values)
    values = with_firmware(values)
    values.setdefault("limits", {})
    layout, limits, audio = Layout(values["layout"]), values["limits"], values["audio"]
    is_mp3 = audio.get("container", "mp3") == "mp3"
    if is_mp3 and audio["sample_rate"] < _LOWEST_MPEG1_RATE and audio["bit_rate"] > _MOST_AT_LOW_RATES:
        yield (
            ("audio", "bit_rate"),
            _("'audio.bit_rate' is {found}; at {rate} hertz MP3 has at most {most}").format(
                found=audio["bit_rate"], rate=audio["sample_rate"], most=_MOST_AT_LOW_RATES
            ),
        )
    if layout is Layout.FLAT and values.get("numbering") == Numbering.FOLDER.value:
        yield ("numbering",), _("'numbering: folder' needs a layout with folders: folders or weeks")
    if layout is not Layout.FLAT and values.get("folder"):
        yield ("folder",), _("'folder' is only for 'layout: flat', whose files are in one folder")
    for problem in name_problems(values["folder"]) if values.get("folder") else ():
        yield ("folder",), f"'folder': {problem}"
    per_folder = layout is Layout.FLAT or values.get("numbering") == Numbering.FOLDER.value
    for key, digits, counts in (
        ("files_per_folder", "file_digits", per_folder),
        ("folders", "folder_digits", layout is not Layout.FLAT),
    ):
        most = 10 ** values.get(digits, 2) - 1
        if counts and limits.get(key, 1) > most:
            yield (
                ("limits", key),
                _("'limits.{key}' is {found}, but with '{digits}: {count}' there are only {most}").format(
                    key=key, found=limits[key], digits=digits, count=values.get(digits, 2), most=most
                ),
            )


def _profile(name: str, values: dict[str, Any]) -> Profile:
    values = with_firmware(values)
    return Profile(
        name=name,
        title=_(values["title"]),
        finds_by=FindsBy(values["finds_by"]),
        layout=Layout(values["layout"]),
        folder_digits=values.get("folder_digits", 2),
        file_digits=values["file_digits"],
        audio=AudioFormat(**values["audio"]),
        tags=TagFormat(**values.get("tags", {})),
        limits=Limits(**values["limits"]),
        numbering=Numbering(values.get("numbering", Numbering.CARD)),
        naming=Naming(values.get("naming", Naming.NUMBER)),
        folder=values.get("folder", ""),
        saying=Saying(values.get("saying", Saying.NUMBER)),
        sidecars=tuple(values.get("sidecars", [])),
        firmware=tuple(values.get("firmware", [])),
    )


def _profile_files(folder: Path | None) -> dict[str, Path]:
    folders = [BUILT_IN, *([folder] if folder is not None and folder.is_dir() else [])]
    files = (path for place in folders for path in sorted(place.glob("*.yaml")))
    return {path.stem: path for path in files if SIGN not in path.stem}
