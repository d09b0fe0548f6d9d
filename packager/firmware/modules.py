"""DFPlayer modules: chips that are asked for a track by a number or by folder and file. Pure.

Three firmwares, by the command that the player's maker connected to its keys. The chips YX5200, YX6300, KT403A, and
those of JieLi that copy them, have the same commands; copies such as GD3200B and MH2024K differ.
"""

from __future__ import annotations

from packager.base.i18n.language import N_
from packager.firmware.model import (
    Aspect,
    Certainty,
    Firmware,
    FirmwareDoubt,
    FirmwareLimits,
    FirmwareRule,
    Memory,
    NumberKeys,
    WalkRules,
)

_GUESS = Certainty.GUESS
_WIKI = "DFRobot wiki, DFPlayer Mini SKU DFR0299"
_MANUAL = "DFRobot, DFPlayer Mini manual"
_SHEET = "Flyron, FN-M16P datasheet (in github.com/DFRobot/DFRobotDFPlayerMini, doc)"
_MAKUNA = "github.com/Makuna/DFMiniMp3, src/DFMiniMp3.h"
_EXAMPLE = "github.com/DFRobot/DFRobotDFPlayerMini, examples/FullFunction"
_WALK = WalkRules(suffixes=frozenset({"mp3", "wav", "wma"}))
_COMMON = (
    FirmwareRule(Aspect.FILES, "MP3, WAV, WMA", _WIKI),
    FirmwareRule(
        Aspect.FILES, "Hidden files count: ._0001.mp3 of a Mac is taken for a track", f"{_WIKI}, For Mac User"
    ),
    FirmwareRule(
        Aspect.ORDER,
        "In the order in which files were copied, which is directory order",
        f"{_WIKI}, Copy your mp3; {_SHEET}, 1.4: physical sequence",
    ),
    FirmwareRule(Aspect.ORDER, "The files of all folders are one row", f"{_MAKUNA}: playGlobalTrack; {_SHEET}, 3.6.12"),
    FirmwareRule(Aspect.ORDER, "The files of a folder come before the folders in it", "nothing names it", _GUESS),
    FirmwareRule(Aspect.FOLDERS, "Only folders in the root are meant to be used", f"{_SHEET}, 3.7.4"),
    FirmwareRule(Aspect.MEMORY, "Nothing", "no command for it is known", _GUESS),
    FirmwareRule(Aspect.RECORDINGS, "It does not record", _MANUAL),
    FirmwareRule(Aspect.LIMITS, "Cards of 32 GB, FAT16 or FAT32", _WIKI),
    FirmwareRule(Aspect.FOLDERS, "Chinese folder names are not recognised", f"{_MANUAL}, 3.4.4 Specify File to Play"),
)
_DIGITS = FirmwareRule(
    Aspect.NUMBERS, "A name with more digits first is another number: 0012.mp3 is not 001", "nothing names it", _GUESS
)
_COPIES = FirmwareRule(
    Aspect.NUMBERS,
    "Copies (GD3200B, MH2024K) take other files than they were asked for",
    "printed-droid.com/kb/dfplayer-mini-guide; discourse.voss.earth/t/dfplayer-verschiedene-versionen/681",
    _GUESS,
)

DFPLAYER = Firmware(
    name="dfplayer",
    title="DFPlayer module, asked for a folder and a file",
    walk=_WALK,
    keys=NumberKeys.FOLDER_AND_FILE,
    memory=Memory.NOTHING,
    limits=FirmwareLimits(tracks=99 * 255, folders=99, files_per_folder=255, megabytes=32000),
    rules=(
        *_COMMON,
        FirmwareRule(
            Aspect.NUMBERS,
            "playFolder(2, 11) plays the file 011 in the folder 02: folders 01 to 99, files 001 to 255",
            f"{_SHEET}, 3.6.5; {_EXAMPLE}",
        ),
        FirmwareRule(
            Aspect.NUMBERS,
            "After its three digits the name may go on",
            f"{_SHEET}, 1.4; {_MAKUNA}: playFolderTrack; github.com/PowerBroker2/DFPlayerMini_Fast, README",
        ),
        _DIGITS,
        _COPIES,
    ),
)

DFPLAYER_MP3 = Firmware(
    name="dfplayer-mp3",
    title="DFPlayer module, asked for a file in the folder mp3",
    walk=_WALK,
    keys=NumberKeys.MP3_FOLDER,
    memory=Memory.NOTHING,
    limits=FirmwareLimits(tracks=9999, files_per_folder=9999, megabytes=32000),
    rules=(
        *_COMMON,
        FirmwareRule(
            Aspect.NUMBERS,
            "playMp3Folder(12) plays the file 0012 in the folder mp3; after the four digits the name may go on",
            f"{_WIKI}; {_SHEET}, 3.6.7; {_MAKUNA}: playMp3FolderTrack; {_EXAMPLE}",
        ),
        FirmwareRule(Aspect.LIMITS, "Four digits; above 3000 files it gets slow", f"{_SHEET}, 3.6.7"),
        FirmwareRule(
            Aspect.LIMITS,
            "Some chips know no number above 3000",
            "bascomforum.de, DFPlayer Mini; forum.g-heinrichs.de, viewtopic t=139",
            _GUESS,
        ),
        _DIGITS,
        _COPIES,
    ),
)

DFPLAYER_PLACE = Firmware(
    name="dfplayer-place",
    title="DFPlayer module, asked for the n-th file",
    walk=_WALK,
    keys=NumberKeys.PLACE,
    memory=Memory.NOTHING,
    doubts=(FirmwareDoubt(N_("if it takes folders and files as they come"), {"files_first": False}),),
    limits=FirmwareLimits(tracks=3000, megabytes=32000),
    rules=(
        *_COMMON,
        FirmwareRule(
            Aspect.NUMBERS, "play(n) plays the n-th file that was copied", f"{_WIKI}, Copy your mp3; {_SHEET}, 1.4"
        ),
        FirmwareRule(Aspect.LIMITS, "3000 files, above which it gets slow", f"{_SHEET}, 3.6.1"),
        _COPIES,
    ),
)
