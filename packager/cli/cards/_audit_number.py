"""What a number plays, for `packager audit CARD --number`: as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from packager.base.display import shown
from packager.base.i18n.language import _
from packager.base.manifest import Manifest, ManifestTrack
from packager.cards.audit import CardAudit
from packager.firmware.catalog import find_firmware, firmware_names
from packager.firmware.keys import PlayedNumber, answer, certainty_of
from packager.firmware.model import Certainty, Firmware, NumberKeys


def firmwares_for(manifest: Manifest | None, wanted: Sequence[str]) -> tuple[Firmware, ...]:
    """The firmwares named by the volunteer, else those of the release, else all with number keys.

    Raises InputError for a name that no firmware has.
    """
    if wanted:
        return tuple(map(find_firmware, wanted))
    known = firmware_names()
    names = [name for name in (manifest.firmware if manifest else ()) if name in known]
    chosen = tuple(map(find_firmware, names or known))
    return chosen if names else tuple(each for each in chosen if each.keys is not NumberKeys.NONE)


def number_values(seen: CardAudit, number: int, firmwares: Iterable[Firmware]) -> dict[str, Any]:
    """What `number` is in the release and plays on players, as JSON values."""
    track = _track(seen.manifest, number)
    return {
        "number": number,
        "path": track.path if track else None,
        "order_read": seen.order_read,
        "plays": [_values(firmware, answer(firmware, seen.listing, number)) for firmware in firmwares],
    }


def number_lines(seen: CardAudit, number: int, firmwares: Iterable[Firmware]) -> Iterator[str]:
    """The same as lines of text; firmwares that play the same are one line."""
    track = _track(seen.manifest, number)
    if track is None:
        yield _("Number {number} is not in the release").format(number=number)
    else:
        line = _("Number {number} in the release: {path} ({book}: {title})")
        yield line.format(number=number, path=track.path, book=shown(track.book), title=shown(track.title))
    if not seen.order_read:
        yield "  " + _(
            "The order of the files can't be read here: this is no FAT card. Only the card itself, in a card reader, "
            "tells what a number plays on a player that counts."
        )
    groups: dict[tuple[PlayedNumber | None, Certainty], list[Firmware]] = {}
    for firmware in firmwares:
        if seen.order_read or firmware.keys is not NumberKeys.PLACE:
            has_keys = firmware.keys is not NumberKeys.NONE
            played = answer(firmware, seen.listing, number) if has_keys else None
            groups.setdefault((played, certainty_of(firmware)), []).append(firmware)
    for (played, certainty), group in groups.items():
        yield from _group_lines(played, certainty, group)


def _group_lines(played: PlayedNumber | None, certainty: Certainty, group: Sequence[Firmware]) -> Iterator[str]:
    names = ", ".join(firmware.name for firmware in group)
    if played is None:
        yield "  " + _("{firmware}: no number keys").format(firmware=names)
        return
    is_guess = certainty is Certainty.GUESS
    line = _("{firmware}: plays {path} (in part a guess)") if is_guess else _("{firmware}: plays {path}")
    yield "  " + line.format(firmware=names, path=_path(played.path))
    for other in played.others:
        yield "    " + _("{reason}: {text}").format(reason=_(other.reason), text=_path(other.path))


def _path(path: str | None) -> str:
    return shown(path) if path is not None else _("nothing")


def _track(manifest: Manifest | None, number: int) -> ManifestTrack | None:
    return next((track for track in manifest.tracks if track.number == number), None) if manifest else None


def _values(firmware: Firmware, played: PlayedNumber) -> dict[str, Any]:
    return {
        "firmware": firmware.name,
        "keys": firmware.keys.value,
        "path": played.path,
        "certainty": certainty_of(firmware).value,
        "doubts": [{"reason": other.reason, "path": other.path} for other in played.others],
    }
