"""What a profile's firmwares say about its values: which follow from them, and which contradict them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from packager.arranging.profiles.profile import FindsBy, Layout, Numbering, Saying
from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.yaml_documents import Place
from packager.firmware.catalog import FIRMWARES, find_firmware
from packager.firmware.model import Firmware, NumberKeys
from packager.firmware.walk import is_played

_LIMITS = ("tracks", "folders", "files_per_folder", "files_and_folders", "name_bytes", "megabytes")
_REQUIRED = ("tracks", "files_per_folder", "minutes_per_track")
_MOST_MINUTES = 60  # the longest that cheap decoders count; in no maker's documents

_FIXED: Mapping[NumberKeys, Mapping[str, Any]] = {
    NumberKeys.FOLDER_AND_FILE: {
        "finds_by": FindsBy.NAME.value,
        "numbering": Numbering.FOLDER.value,
        "folder_digits": 2,
        "file_digits": 3,
    },
    NumberKeys.MP3_FOLDER: {
        "finds_by": FindsBy.NAME.value,
        "layout": Layout.FLAT.value,
        "folder": "mp3",
        "file_digits": 4,
    },
}
"""The values of a profile whose numbers are read from names."""


def with_firmware(values: Mapping[str, Any]) -> dict[str, Any]:
    """A profile's values with those that follow from its firmwares. Unknown firmwares are left out."""
    firmwares = _known(values)
    if not firmwares:
        return dict(values)
    derived: dict[str, Any] = {}
    for firmware in firmwares:
        derived |= _FIXED.get(firmware.keys, {})
    is_keyed = any(firmware.keys is NumberKeys.PLACE for firmware in firmwares) and _says_digits(values)
    derived.setdefault("finds_by", (FindsBy.PLACE if is_keyed else FindsBy.NAME).value)
    derived.pop("layout", None)
    limits = {**_limits(firmwares), "minutes_per_track": _MOST_MINUTES, **values.get("limits", {})}
    return {**derived, **values, "limits": limits}


def firmware_problems(values: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Why `values`, of a profile's file, are incomplete without a firmware, or contradict their firmwares."""
    for name in values.get("firmware", ()):
        try:
            find_firmware(name)
        except InputError as error:
            yield ("firmware",), f"'firmware': {error}"
    whole = with_firmware(values)
    if "finds_by" not in whole:
        yield ("title",), _("'finds_by' is missing, and there is no 'firmware' from which it follows")
    names = ", ".join(firmware.name for firmware in _known(values))
    for key in _REQUIRED:
        if key not in whole.get("limits", {}):
            none = _("'limits.{key}' is missing, and there is no 'firmware' from which it follows")
            without = _("'limits.{key}' is missing, and for {firmware} no limit is known; say how many you want")
            yield ("firmware",) if names else ("title",), (without if names else none).format(key=key, firmware=names)
    for firmware in _known(values):
        yield from _of_the_numbers(firmware, whole)
        yield from _of_the_limits(firmware, values)
    yield from _of_the_container(values)
    yield from _of_the_sidecars(values)


def _of_the_numbers(firmware: Firmware, values: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    wanted = dict(_FIXED.get(firmware.keys, {}))
    if firmware.keys is NumberKeys.FOLDER_AND_FILE and values["layout"] == Layout.FLAT.value:
        wanted["layout"] = Layout.FOLDERS.value
    if firmware.keys is NumberKeys.PLACE and _says_digits(values):
        wanted = {"finds_by": FindsBy.PLACE.value, "numbering": Numbering.CARD.value}
    if firmware.keys is NumberKeys.NONE and _says_digits(values):
        wanted = {"saying": Saying.NUMBER.value}
    defaults = {"numbering": Numbering.CARD.value, "folder_digits": 2, "folder": ""}
    for key, value in wanted.items():
        found = values.get(key, defaults.get(key))
        if found != value:
            yield (
                (key if key in values else "firmware",),
                _("'{key}' is {found}, but {firmware} needs {value}: {title}").format(
                    key=key, found=found, firmware=firmware.name, value=value, title=firmware.title
                ),
            )


def _of_the_limits(firmware: Firmware, values: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    limits = values.get("limits", {})
    for key in _LIMITS:
        most = getattr(firmware.limits, key)
        if most is not None and limits.get(key, 0) > most:
            yield (
                ("limits", key),
                _("'limits.{key}' is {found}, but {firmware} takes at most {most}").format(
                    key=key, found=limits[key], firmware=firmware.name, most=most
                ),
            )


def _of_the_container(values: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    firmwares = _known(values)
    suffix = values["audio"].get("container", "mp3")
    # As with sidecars, containers of an office's own are not judged.
    judged = any(is_played(f"1.{suffix}", firmware.walk) for firmware in FIRMWARES)
    if firmwares and judged and not any(is_played(f"1.{suffix}", firmware.walk) for firmware in firmwares):
        place = ("audio", "container") if "container" in values["audio"] else ("audio",)
        yield (
            place,
            _("'audio.container' is {found}, which {firmware} does not play").format(
                found=suffix, firmware=", ".join(firmware.name for firmware in firmwares)
            ),
        )


def _of_the_sidecars(values: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    firmwares = _known(values)
    # Nothing is known of kinds that no firmware has, which producers of an office's own make.
    judged = {kind for firmware in FIRMWARES for kind in firmware.sidecars}
    for kind in values.get("sidecars", ()) if firmwares else ():
        if kind in judged and not any(kind in firmware.sidecars for firmware in firmwares):
            yield (
                ("sidecars",),
                _("'sidecars' has {kind}, which none of {firmwares} reads").format(
                    kind=kind, firmwares=", ".join(firmware.name for firmware in firmwares)
                ),
            )


def _limits(firmwares: Sequence[Firmware]) -> dict[str, int]:
    found: dict[str, int] = {}
    for key in _LIMITS:
        known = [most for firmware in firmwares if (most := getattr(firmware.limits, key)) is not None]
        if known:
            found[key] = min(known)
    return found


def _says_digits(values: Mapping[str, Any]) -> bool:
    """Whether the listener keys numbers in."""
    return values.get("saying") == Saying.DIGITS.value


def _known(values: Mapping[str, Any]) -> list[Firmware]:
    found = []
    for name in values.get("firmware", ()):
        try:
            found.append(find_firmware(name))
        except InputError:
            continue
    return found
