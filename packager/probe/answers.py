"""Derives a profile from the answers about a probe card, with a reason for each value. Pure but for `load_answers`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packager.arranging.profiles.firmware_rules import firmware_problems, with_firmware
from packager.arranging.profiles.profile import Numbering
from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.yaml_documents import load_document
from packager.probe.families import fitting_families
from packager.probe.tracks import COUNTING_FILES, COUNTING_FOLDERS

_ROOT = (11, 12, 13, 14)
_FOLDERS = (21, 22, 23, 24, 25)
_RATES = {41: 44100, 46: 48000, 44: 24000, 43: 22050}  # in the order of preference
_SAFE_FILES = 255


@dataclass(frozen=True)
class Answers:
    """The numbers that test tracks said; 0 or nothing for silence.

    `key_N` is the number heard when N is keyed in, `folder_3_file_1` when a folder and a file are.
    """

    name: str
    heard: tuple[int, ...]
    title: str = ""
    key_1: int = 0
    key_2: int = 0
    key_4: int = 0
    key_5: int = 0
    key_7: int = 0
    digits: int = 0
    folder_3_file_1: int = 0
    folder_6_file_3: int = 0
    last_in_folder: int = 0
    last_folder: int = 0
    shown: tuple[int, ...] = ()


@dataclass
class Proposal:
    """A profile's values, the reason for each by its place as `limits.tracks`, and warnings."""

    values: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def set(self, place: str, value: Any, reason: str) -> None:
        """Set a value and its reason."""
        *parents, key = place.split(".")
        into = self.values
        for parent in parents:
            into = into.setdefault(parent, {})
        into[key] = value
        self.reasons[place] = reason


def load_answers(path: Path) -> Answers:
    """The answers in the YAML file `path`. Raises InputError or DocumentError with all problems."""
    return answers_of(load_document(path, "answers"))


def answers_of(values: Mapping[str, Any]) -> Answers:
    """The answers in `values`, which fit the schema `answers`."""
    lists = {key: tuple(values[key]) for key in ("heard", "shown") if key in values}
    return Answers(**{**values, **lists})


def propose(answers: Answers) -> Proposal:
    """The profile that fits `answers`.

    Raises InputError when the player plays nothing that the program makes, or the answers contradict the card.
    """
    heard = set(answers.heard)
    if not heard & {*_ROOT, *_FOLDERS}:
        raise InputError(
            _(
                "none of the tracks 11 to 25 was heard: this player plays nothing that packager makes, or "
                "the card was not read. Try the card in another player"
            )
        )
    found = Proposal()
    found.set("title", answers.title or answers.name, _("as you named it"))
    _note_order(answers, found)
    _find(answers, heard, found)
    _audio(heard, found)
    _tags(answers, heard, found)
    _names(answers, heard, found)
    _limits(answers, found)
    _family(answers, found)
    return found


def _note_order(answers: Answers, found: Proposal) -> None:
    """Warns about orders that a load can't provide for: by tags, and at random."""
    place = {number: turn for turn, number in reversed(list(enumerate(answers.heard)))}
    if 52 in place and 53 in place and place[53] < place[52]:
        found.warnings.append(
            _(
                "It plays by the track numbers in the tags (53 before 52): books play in order, several "
                "readings in one week may not"
            )
        )
    root = [number for number in answers.heard if number in _ROOT]
    orders = ([11, 12, 13, 14], [12, 13, 11, 14])
    if root and not any(root == [n for n in order if n in root] for order in orders):
        found.warnings.append(
            _("11 to 14 came in no known order: see that shuffle is off, and ask again from the first track")
        )


def _find(answers: Answers, heard: set[int], found: Proposal) -> None:
    """How a track is found: by number keys if they work, else by pressing next."""
    keys = _by_keys(answers)
    if keys is not None:
        values, reason = keys
    else:
        if any((answers.key_1, answers.key_2, answers.folder_3_file_1)):
            found.warnings.append(
                _(
                    "The number keys work in a way that packager does not know (as players do that count the "
                    "folder .packager): the listener has to use next and previous"
                )
            )
        layout = "folders" if heard & set(_FOLDERS) else "flat"
        reason = (
            _("without number keys; folders were heard")
            if layout == "folders"
            else _("without number keys; no folder was heard")
        )
        values = {"finds_by": "name", "layout": layout}
        if layout == "folders" and 35 not in heard:
            values["numbering"] = "folder"
            reason += _("; ") + _("a file with the number 900 (35) was not")
    for key, value in values.items():
        found.set(key, value, reason)
    if keys is not None:
        found.set("saying", "digits", _("numbers are said as they are keyed in"))


def _by_keys(answers: Answers) -> tuple[dict[str, str], str] | None:
    flat = {"layout": "flat"}
    if answers.key_7 == 71:
        return {"finds_by": "name", **flat, "folder": "mp3"}, _("7 plays the file 0007 in the folder mp3")
    if answers.key_5 == 14 and answers.key_1 == 12:
        return {"finds_by": "name", **flat}, _("5 plays the file 005, though it is the fourth")
    if answers.key_4 == 14 and answers.key_1 in (11, 12):
        order = _("directory order") if answers.key_1 == 11 else _("the order of names")
        return {"finds_by": "place", **flat}, _("4 plays the fourth file in {order}").format(order=order)
    by_folder = {"layout": "folders", "numbering": "folder"}
    if answers.folder_3_file_1 == 22 and answers.folder_6_file_3 == 34:
        return {"finds_by": "name", **by_folder}, _("folder 3, file 1 plays 03/001; 6 and 3 plays 06/003")
    if answers.folder_3_file_1 in (21, 22, 25):
        return {"finds_by": "place", **by_folder}, _("folder and file are counted, not read from the name")
    return None


def _audio(heard: set[int], found: Proposal) -> None:
    for number, rate in _RATES.items():
        if number in heard:
            found.set("audio.sample_rate", rate, _("{number} was heard").format(number=number))
            found.set("audio.bit_rate", 64, _("enough for speech, and known to every player"))
            return
    raise InputError(
        _(
            "none of 41, 43, 44 and 46 was heard: this player does not play mono, and packager makes nothing "
            "else. If it did play one of them, add it to 'heard'"
        )
    )


def _tags(answers: Answers, heard: set[int], found: Proposal) -> None:
    shown = set(answers.shown)
    if 54 in shown and 52 not in shown:
        found.set("tags.id3v1_gbk", True, _("the title of 54 is shown right, that of 52 is not"))
    if 52 not in heard and 51 in heard:
        found.warnings.append(
            _("It does not play tracks with ID3v2.3 tags (52), which packager writes: choose another player")
        )


def _names(answers: Answers, heard: set[int], found: Proposal) -> None:
    shown, layout = set(answers.shown), found.values["layout"]
    if 62 in heard and 62 in shown and found.values.get("finds_by") == "name" and not answers.key_1:
        found.set("naming", "title", _("the file's Chinese name (62) is heard and shown right"))
    if found.values.get("folder"):
        found.set("file_digits", 4, _("the files in mp3 have four"))
        return
    if layout == "flat":
        found.set("file_digits", 3, _("the files in the root had three"))
        return
    found.set("folder_digits", 2, _("the folders on the probe card had two"))
    for number, digits in ((34, 3), (32, 4), (33, 2)):
        if number in heard:
            found.set("file_digits", digits, _("{number} was heard").format(number=number))
            return
    found.set("file_digits", 3, _("usual"))


def _limits(answers: Answers, found: Proposal) -> None:
    values = found.values
    digits = values["file_digits"]
    if answers.digits and values["layout"] == "flat":
        digits = min(digits, answers.digits)
        if not values.get("folder"):  # names in mp3 have four digits, however few are keyed in
            found.set("file_digits", digits, _("as many digits as can be keyed in"))
    numbers = 10**digits - 1
    last = answers.last_in_folder
    if 0 < last < COUNTING_FILES:
        files, reason = (min(last, numbers), _("the last file that was heard of {all}").format(all=COUNTING_FILES))
    elif values["layout"] == "flat":
        files, reason = numbers, _("as many as {digits} digits can number").format(digits=digits)
    else:
        files, reason = (min(_SAFE_FILES, numbers), _("all were heard; more than this is not safe on any player"))
    found.set("limits.files_per_folder", files, reason)
    if values["layout"] == "flat":
        found.set("limits.tracks", files, reason)
    else:
        folders = answers.last_folder if 0 < answers.last_folder < COUNTING_FOLDERS else COUNTING_FOLDERS
        why = _("the last folder that was heard of {all}").format(all=COUNTING_FOLDERS)
        found.set("limits.folders", folders, why)
        by_folder = values.get("numbering") == "folder"
        tracks = files * folders if by_folder else numbers
        found.set("limits.tracks", tracks, _("folders times files") if by_folder else _("numbers that the digits have"))
    found.set("limits.minutes_per_track", 60, _("the longest time that cheap decoders count"))


def _family(answers: Answers, found: Proposal) -> None:
    """The chip families that fit, unless the profile found by ear contradicts them."""
    fits = fitting_families(answers)
    usable = [fit for fit in fits if _leaves(found.values, {**found.values, "firmware": [fit.firmware.name]})]
    if not usable:
        return
    names = list(dict.fromkeys(fit.firmware.name for fit in usable))
    doubts = list(dict.fromkeys(_(fit.reason) for fit in usable if fit.reason))
    if doubts:
        reason = _("a guess: it fits {doubts}").format(doubts=_(", or ").join(doubts))
    elif len(names) > 1:
        reason = _("a guess: each of these fits all that was heard")
    else:
        reason = _("no other family that is known fits all that was heard")
    found.set("firmware", names, reason)


def _leaves(values: Mapping[str, Any], with_family: Mapping[str, Any]) -> bool:
    """Whether a family neither contradicts what was found by ear nor changes how tracks are found."""
    deciding = ("finds_by", "layout", "numbering", "folder")
    usual = {"numbering": Numbering.CARD.value, "folder": ""}
    found, whole = {**usual, **values}, {**usual, **with_firmware(with_family)}
    return not any(firmware_problems(with_family)) and all(whole.get(key) == found.get(key) for key in deciding)


def proposal_bytes(proposal: Proposal) -> bytes:
    """The proposal as a profile's YAML file with the reason beside each value."""
    import json

    lines = ["# " + _("Found with a probe card: packager probe")]
    lines += ["# " + _("Beware: {warning}").format(warning=warning) for warning in proposal.warnings]
    for key, value in proposal.values.items():
        if isinstance(value, dict):
            lines.append(f"{key}:")
            for inner, scalar in value.items():
                reason = proposal.reasons[f"{key}.{inner}"]
                lines.append(f"  {inner}: {json.dumps(scalar, ensure_ascii=False)}  # {reason}")
        else:
            lines.append(f"{key}: {json.dumps(value, ensure_ascii=False)}  # {proposal.reasons[key]}")
    return ("\n".join(lines) + "\n").encode("utf-8")
