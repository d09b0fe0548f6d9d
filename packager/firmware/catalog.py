"""All firmwares by name, and the folders in which players put recordings. Pure."""

from __future__ import annotations

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.yaml_documents import did_you_mean
from packager.firmware.china import ACTIONS, BLUETRUM, JIELI, MOUNTAIN_VIEW
from packager.firmware.model import Firmware
from packager.firmware.modules import DFPLAYER, DFPLAYER_MP3, DFPLAYER_PLACE
from packager.firmware.others import CAR_RADIO, ROCKBOX

FIRMWARES = (JIELI, MOUNTAIN_VIEW, BLUETRUM, ACTIONS, DFPLAYER, DFPLAYER_MP3, DFPLAYER_PLACE, ROCKBOX, CAR_RADIO)

_OTHER_RECORDINGS = frozenset({"rec", "record", "records", "recording", "recordings", "voice", "voices", "rec_file"})
"""Folders of recorders whose family is not known. A guess, from product manuals."""

RECORDING_FOLDERS = _OTHER_RECORDINGS.union(*(firmware.recordings for firmware in FIRMWARES))
"""The names of folders, without case, in which players put their own recordings."""


def firmware_names() -> tuple[str, ...]:
    """The names of all firmwares."""
    return tuple(firmware.name for firmware in FIRMWARES)


def find_firmware(name: str) -> Firmware:
    """The firmware `name`. Raises InputError when there is none."""
    found = next((firmware for firmware in FIRMWARES if firmware.name == name), None)
    if found is None:
        raise InputError(
            _("there is no firmware '{name}'{hint} (known: {known})").format(
                name=name, hint=did_you_mean(name, list(firmware_names())), known=", ".join(firmware_names())
            )
        )
    return found


def is_recording(path: str) -> bool:
    """Whether a file is in a folder in which players put their recordings."""
    return any(part.casefold() in RECORDING_FOLDERS for part in path.split("/")[:-1])
