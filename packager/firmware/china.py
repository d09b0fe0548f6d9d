"""The families that most cheap Chinese players are built on: JieLi, Mountain View, Bluetrum, Actions. Pure.

The makers' development kits are public, but the library that reads the directories is not, except with Actions. What
follows from its headers and its callers is stated. The rest is a guess, and a FirmwareDoubt where it can change what
plays.
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
    Order,
    WalkRules,
)

_GUESS = Certainty.GUESS
_FOLDERS_FIRST = FirmwareDoubt(N_("if it takes folders and files as they come"), {"files_first": False})
_BY_NAME = FirmwareDoubt(N_("if it goes by name"), {"order": Order.NAME})

_JL_MUSIC = "JieLi AC695x SDK, github.com/qqq5127/AC6951, apps/common/music/music_player.c"
_JL_FS = "JieLi AC695x SDK, github.com/qqq5127/AC6951, include_lib/system/fs/fs.h"
_JL_DEVICES = "JieLi AC695x SDK, github.com/qqq5127/AC6951, apps/common/dev_manager/dev_manager.c"

JIELI = Firmware(
    name="jieli",
    title="JieLi (杰理) AC69, AC79, AD16",
    walk=WalkRules(
        suffixes=frozenset({"mp1", "mp2", "mp3", "wma", "wav", "dts", "fla", "ape", "m4a", "aac", "mp4", "amr"}),
        suffix_letters=3,
        depth=9,
        skips_hidden=True,
        skips_dot_names=True,
        most_files=65535,
    ),
    keys=NumberKeys.PLACE,
    memory=Memory.CLUSTER,
    doubts=(
        FirmwareDoubt(N_("if it leaves out the recordings in JL_REC"), {"skipped_folders": frozenset({"JL_REC"})}),
        _FOLDERS_FIRST,
        _BY_NAME,
    ),
    limits=FirmwareLimits(tracks=65535),
    recordings=frozenset({"jl_rec"}),
    sidecars=frozenset({"lrc"}),
    rules=(
        FirmwareRule(
            Aspect.FILES, "MP1, MP2, MP3, and by build WMA, WAV, FLAC, APE, M4A, AAC, AMR", f"{_JL_MUSIC}, scan_parm"
        ),
        FirmwareRule(
            Aspect.FILES,
            "Hidden files, and names that begin with a dot, are left out",
            f"{_JL_DEVICES}, dev_manager_task: hidden_file(1)",
        ),
        FirmwareRule(
            Aspect.FOLDERS, "Folders are walked, at most 9 deep", f"{_JL_MUSIC}, scan_parm: -r; AD16N SDK, fs_fscan"
        ),
        FirmwareRule(Aspect.ORDER, "By file number; another option sorts by time", f"{_JL_FS}, fscan: -sn, -st"),
        FirmwareRule(Aspect.ORDER, "The file number is the place in the directory", "the library is closed", _GUESS),
        FirmwareRule(Aspect.ORDER, "The tracks of a folder are one run of numbers", f"{_JL_FS}, struct ffolder"),
        FirmwareRule(
            Aspect.ORDER, "The files of a folder come before the folders in it", "the library is closed", _GUESS
        ),
        FirmwareRule(
            Aspect.NUMBERS, "Number n plays the n-th track of the card", f"{_JL_MUSIC}, music_player_play_by_number"
        ),
        FirmwareRule(
            Aspect.MEMORY, "First cluster and size of the file", f"{_JL_MUSIC}, music_player_get_playing_breakpoint"
        ),
        FirmwareRule(
            Aspect.RECORDINGS,
            "In JL_REC; they count as tracks unless TCFG_RECORD_FOLDER_DEV_ENABLE leaves them out",
            f"{_JL_MUSIC}, scan_parm: -m; apps/soundbox/include/app_config.h, REC_FOLDER_NAME",
        ),
        FirmwareRule(Aspect.LIMITS, "65535 tracks", f"{_JL_FS}, struct vfscan: file_number"),
        FirmwareRule(
            Aspect.SIDECARS,
            "By build, lyrics in a file of the same name with the suffix lrc",
            f"{_JL_FS}, fget_file_byname_indir; {_JL_MUSIC}, music_player_lrc_analy_start",
        ),
    ),
)

_MV = "Mountain View BP10xx SDK, github.com/leadercxn/bp1048_sdk_v0.1.12"

MOUNTAIN_VIEW = Firmware(
    name="mountain-view",
    title="Mountain View (山景) BP10, AP80",
    walk=WalkRules(
        suffixes=frozenset(
            {"mp3", "mp2", "wma", "asf", "wmv", "asx", "wav", "sbc", "fla", "aac", "mp4", "m4a", "aif", "ape"}
        ),
        suffix_letters=3,
        depth=8,
        skipped_folders=frozenset({"REC", "System Volume Information"}),
        most_files=65534,
    ),
    keys=NumberKeys.PLACE,
    memory=Memory.ENTRY_AND_CLUSTER,
    doubts=(
        FirmwareDoubt(
            N_("if it plays the recordings in REC"), {"skipped_folders": frozenset({"System Volume Information"})}
        ),
        FirmwareDoubt(N_("if it leaves out hidden files"), {"skips_hidden": True, "skips_dot_names": True}),
        _FOLDERS_FIRST,
        _BY_NAME,
    ),
    limits=FirmwareLimits(tracks=65534, name_bytes=60),
    recordings=frozenset({"rec"}),
    sidecars=frozenset({"lrc"}),
    rules=(
        FirmwareRule(
            Aspect.FILES,
            "MP3, MP2, and by build WMA, WAV, FLAC, AAC, M4A, AIF, APE; the first three letters of the suffix count",
            f"{_MV}, get_audio_type",
        ),
        FirmwareRule(Aspect.FILES, "Hidden files count", "no filter is to be seen in media_play_api.c", _GUESS),
        FirmwareRule(Aspect.FOLDERS, "The root and 8 levels in it", f"{_MV}, ffpresearch.h: MAX_DIR_STACK_DEPTH"),
        FirmwareRule(
            Aspect.FOLDERS,
            "REC and System Volume Information are left out",
            f"{_MV}, media_play_api.c: FolderExclude_callback",
        ),
        FirmwareRule(Aspect.ORDER, "As the directory stands", "the library is closed", _GUESS),
        FirmwareRule(Aspect.ORDER, "The tracks of a folder are one run of numbers", f"{_MV}, ffpresearch.h: ff_dir"),
        FirmwareRule(
            Aspect.ORDER, "The files of a folder come before the folders in it", "the library is closed", _GUESS
        ),
        FirmwareRule(
            Aspect.NUMBERS, "Number n plays the n-th track of the card", f"{_MV}, ffpresearch.h: f_open_by_num"
        ),
        FirmwareRule(
            Aspect.MEMORY,
            "Sector of the directory entry, first cluster and size of the file",
            f"{_MV}, breakpoint.c: DiskSongSearchBP",
        ),
        FirmwareRule(
            Aspect.RECORDINGS,
            "In REC; MEDIAPLAYER_SUPPORT_REC_FILE makes them tracks",
            f"{_MV}, app_config.h: CFG_PARA_RECORDS_FOLDER",
        ),
        FirmwareRule(
            Aspect.LIMITS, "16 bits for numbers of files; 65535 means unknown", f"{_MV}, ffpresearch.h: ff_dir"
        ),
        FirmwareRule(Aspect.LIMITS, "Names are kept up to 60 bytes", f"{_MV}, ffpresearch.h: FF_LFN_BUF_TREE_BROWSER"),
        FirmwareRule(
            Aspect.SIDECARS,
            "By build, lyrics in a file of the same name with the suffix lrc, in GBK",
            f"{_MV}, media_play_api.c: SearchAndOpenLrcFile, PlayerParseLrc",
        ),
    ),
)

_BLUETRUM = "Bluetrum AB5605B SDK, github.com/mokeYQL/Bluetrum-ab5605b"

BLUETRUM = Firmware(
    name="bluetrum",
    title="Bluetrum (中科蓝讯) AB53, AB56",
    walk=WalkRules(suffixes=frozenset({"mp3", "wav", "wma", "ape", "fla", "sbc"}), suffix_letters=3, most_files=65535),
    keys=NumberKeys.PLACE,
    memory=Memory.PLACE_AND_NAME,
    doubts=(
        FirmwareDoubt(N_("if it leaves out its recordings"), {"skipped_parts": ("RECORD", "AB_REC")}),
        FirmwareDoubt(N_("if it leaves out hidden files"), {"skips_hidden": True, "skips_dot_names": True}),
        _FOLDERS_FIRST,
        _BY_NAME,
    ),
    limits=FirmwareLimits(tracks=65535),
    recordings=frozenset({"record", "recordm", "recordf", "recorda", "recordb", "ab_rec"}),
    sidecars=frozenset({"lrc"}),
    rules=(
        FirmwareRule(
            Aspect.FILES,
            "MP3, and by build WAV, WMA, APE, FLAC, SBC; three letters of the suffix count",
            f"{_BLUETRUM}, platform/bsp/bsp_fs.c: file_is_music",
        ),
        FirmwareRule(Aspect.FILES, "Hidden files count", "no filter is to be seen in bsp_fs.c", _GUESS),
        FirmwareRule(
            Aspect.FOLDERS,
            "All folders are walked",
            f"{_BLUETRUM}, func_music.c: func_music_filter_set, SCAN_SUB_FOLDER",
        ),
        FirmwareRule(Aspect.ORDER, "As the directory stands", "the library is closed", _GUESS),
        FirmwareRule(
            Aspect.ORDER,
            "The tracks of a folder are one run of numbers",
            f"{_BLUETRUM}, api_fs.h: fs_get_dir_fstart, fs_getdir_files",
        ),
        FirmwareRule(
            Aspect.ORDER, "The files of a folder come before the folders in it", "the library is closed", _GUESS
        ),
        FirmwareRule(
            Aspect.ORDER,
            "MUSIC_FILE_SORT_CHAR_EN, off by default, sorts at most 20 files of the folders 01 and 02 by name",
            f"{_BLUETRUM}, bsp_music.c: file_sort_char_deal; config.h",
        ),
        FirmwareRule(
            Aspect.NUMBERS, "Number n plays the n-th track of the card", f"{_BLUETRUM}, api_fs.h: fs_open_num"
        ),
        FirmwareRule(
            Aspect.MEMORY,
            "The number of the track, and a checksum of 8 letters of its short name",
            f"{_BLUETRUM}, bsp_music.c: bsp_music_breakpoint_init",
        ),
        FirmwareRule(
            Aspect.RECORDINGS,
            "In RECORD, RECORDM and others, or AB_REC; they count as tracks unless MUSIC_REC_FILE_FILTER is on",
            f"{_BLUETRUM}, bsp_record.c: is_record_dir; config.h",
        ),
        FirmwareRule(Aspect.LIMITS, "65535 tracks", f"{_BLUETRUM}, api_fs.h: fs_get_total_files"),
        FirmwareRule(Aspect.SIDECARS, "By build, lyrics in lrc files, shown in GBK", f"{_BLUETRUM}, func_music.c"),
    ),
)

_ACTIONS_WALK = "Actions Semiconductor SDK (2019), iterator/file_iterator.c: file_iterator_scan_disk"
_ACTIONS_APP = "Actions Semiconductor SDK (2019), lcmusic application, file selector"

ACTIONS = Firmware(
    name="actions",
    title="Actions (炬芯) ATS28, ZS28",
    walk=WalkRules(
        suffixes=frozenset({"mp3", "wma", "wav", "flac", "ape", "aac", "m4a", "ogg", "sbc", "amr"}),
        depth=8,
        skips_dot_names=True,
        skipped_parts=("RECORD", "ALARM", "LOOP", "SYSTEM"),
        most_files=10000,
        most_folders=254,
    ),
    keys=NumberKeys.PLACE,
    memory=Memory.ENTRY,
    doubts=(FirmwareDoubt(N_("if it reads short names, which have no dot"), {"skips_dot_names": False}),),
    limits=FirmwareLimits(tracks=10000, folders=254),
    recordings=frozenset({"record"}),
    rules=(
        FirmwareRule(
            Aspect.FILES, "Files of the formats that the build decodes", f"{_ACTIONS_APP}, _iterator_match_fn"
        ),
        FirmwareRule(Aspect.FILES, "Names that begin with a dot are left out; hidden files count", _ACTIONS_WALK),
        FirmwareRule(Aspect.FOLDERS, "8 folders deep", f"{_ACTIONS_WALK}, MAX_DIR_LEVEL 9"),
        FirmwareRule(
            Aspect.FOLDERS,
            "Folders with RECORD, ALARM, LOOP or SYSTEM anywhere in their path are left out, in capitals",
            f"{_ACTIONS_APP}, _iterator_filter_dir",
        ),
        FirmwareRule(
            Aspect.ORDER,
            "Directory order: the files of a folder, then its folders, each with all that is in it",
            _ACTIONS_WALK,
        ),
        FirmwareRule(
            Aspect.NUMBERS, "Number n plays the n-th track of the card", f"{_ACTIONS_APP}, lcmusic_play_set_track_no"
        ),
        FirmwareRule(
            Aspect.MEMORY,
            "First cluster of the folder, place of the entry in it, size of the file",
            f"{_ACTIONS_APP}, lcmusic_get_cluster_by_url",
        ),
        FirmwareRule(Aspect.RECORDINGS, "In RECORD; they are no tracks", f"{_ACTIONS_APP}, RECORD_DIR"),
        FirmwareRule(Aspect.LIMITS, "10000 tracks; the scan ends there", f"{_ACTIONS_WALK}, MAX_SUPPORT_FILE_CNT"),
        FirmwareRule(
            Aspect.LIMITS,
            "Folders are counted in a byte; a build can have a lower limit",
            f"{_ACTIONS_WALK}, sum_folder_count, CONFIG_PLIST_SUPPORT_FOLDER_CNT",
        ),
    ),
)
