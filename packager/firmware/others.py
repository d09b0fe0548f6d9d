"""Rockbox, and car radios that limit files and folders together. Pure."""

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
    Order,
    WalkRules,
)

_RB = "Rockbox, github.com/Rockbox/rockbox"

_RB_SUFFIXES = """
    mp3 mp2 mpa mp1 ogg oga wma wmv asf wav flac ac3 a52 mpc wv m4a m4b mp4 mod mpga shn aif aiff spx opus sid adx nsf
    nsfe spc ape mac sap rm ra rmvb cmc cm3 cmr cms dmc dlt mpt mpd rmt tmc tm8 tm2 oma aa3 at3 mmf au snd vox w64 tta
    ay vtx gbs hes sgc vgm vgz kss aac
"""

ROCKBOX = Firmware(
    name="rockbox",
    title="Rockbox",
    walk=WalkRules(
        suffixes=frozenset(_RB_SUFFIXES.split()), order=Order.NUMBERS, skips_hidden=True, skips_dot_names=True
    ),
    keys=NumberKeys.NONE,
    memory=Memory.PATH,
    doubts=(
        FirmwareDoubt(N_("if it is set to sort by digits"), {"order": Order.NAME}),
        FirmwareDoubt(
            N_("if it went on from the folder before by itself"), {"skips_hidden": False, "skips_dot_names": False}
        ),
    ),
    limits=FirmwareLimits(tracks=10000, files_per_folder=1000, name_bytes=255),
    sidecars=frozenset({"lrc", "m3u8"}),
    rules=(
        FirmwareRule(
            Aspect.FILES, "A long list of audio suffixes", f"{_RB}, apps/filetypes.c: inbuilt_audio_filetypes"
        ),
        FirmwareRule(
            Aspect.FILES,
            "Hidden files, and names that begin with a dot, are left out",
            f"{_RB}, apps/filetree.c: ft_load",
        ),
        FirmwareRule(
            Aspect.FOLDERS,
            "Playing goes through one folder, and on to the next where that is set, which is off at first",
            f"{_RB}, apps/playlist.c: get_next_dir; settings_list.c: next_folder",
        ),
        FirmwareRule(
            Aspect.FOLDERS,
            "When it goes on by itself, hidden files and names that begin with a dot are played too",
            f"{_RB}, apps/playlist.c: get_next_dir, create_and_play_dir: SHOW_ALL",
        ),
        FirmwareRule(
            Aspect.ORDER,
            "The files of a folder, then its folders, each with all that is in it",
            f"{_RB}, apps/playlist.c: get_next_dir, check_subdir_for_music",
        ),
        FirmwareRule(
            Aspect.ORDER,
            "By name without case, digits by their value: 2 before 10",
            f"{_RB}, apps/filetree.c: compare; firmware/common/strnatcmp.c; settings_list.c: interpret_numbers",
        ),
        FirmwareRule(Aspect.NUMBERS, "No number keys", f"{_RB}, manual"),
        FirmwareRule(Aspect.MEMORY, "The path, in its control file", f"{_RB}, apps/playlist.c: playlist_resume"),
        FirmwareRule(
            Aspect.LIMITS,
            "1000 to 5000 entries a folder by device, 10000 tracks in a row, paths of 260 bytes",
            f"{_RB}, apps/settings_list.c: max_files_in_dir, max_files_in_playlist; fs_defines.h: MAX_PATH",
        ),
        FirmwareRule(
            Aspect.SIDECARS,
            "Playlists in m3u and m3u8; lyrics in lrc by a plugin",
            f"{_RB}, apps/filetypes.c; apps/plugins/lrcplayer.c",
        ),
        FirmwareRule(
            Aspect.SIDECARS,
            "An m3u8 is in UTF-8, with or without a byte order mark; its paths are relative to its folder, with either "
            "slash",
            f"{_RB}, apps/playlist.c: is_m3u8_name, pl_open_playlist, format_track_path",
        ),
    ),
)

CAR_RADIO = Firmware(
    name="car-radio",
    title="Car radio of the 2000s (Clarion, Eclipse)",
    walk=WalkRules(suffixes=frozenset({"mp3", "wma"}), depth=8, most_entries=255),
    keys=NumberKeys.NONE,
    memory=Memory.NOTHING,
    doubts=(FirmwareDoubt(N_("if it counts tracks alone"), {"most_entries": None, "most_files": 255}),),
    limits=FirmwareLimits(tracks=255, folders=99, files_per_folder=255, files_and_folders=255, name_bytes=30),
    rules=(
        FirmwareRule(Aspect.FILES, "MP3 and WMA", "Eclipse AVN726E manual, page 164"),
        FirmwareRule(Aspect.FOLDERS, "8 levels", "Clarion VS755 and FB275BTB manuals"),
        FirmwareRule(Aspect.ORDER, "In the order in which files were recorded", "Clarion VS755 manual, page 24"),
        FirmwareRule(
            Aspect.ORDER,
            "The files of the root before its folders",
            "Chevrolet Colorado 2007 owner's manual, page 235: another make",
            Certainty.GUESS,
        ),
        FirmwareRule(Aspect.NUMBERS, "No number keys", "the same manuals", Certainty.GUESS),
        FirmwareRule(Aspect.MEMORY, "Nothing", "the manuals name nothing", Certainty.GUESS),
        FirmwareRule(
            Aspect.LIMITS,
            "255 files and folders together (others 512 or 999); files that are no tracks count",
            "Clarion VS755 manual, page 24; manualsdump.com/manuals/215068, page 35; Eclipse AVN726E manual, page 164",
        ),
        FirmwareRule(Aspect.LIMITS, "Names of 30 letters", "Clarion FB275BTB manual, page 13"),
    ),
)
