"""The families that most cheap Chinese players are built on: JieLi, Mountain View, Bluetrum, Actions. Pure.

The makers' development kits are public. The code that reads the directories is published by Actions, by Mountain View
for an earlier version, and by JieLi for AD16 as LLVM bitcode; Bluetrum's is closed. What the published code says is
stated, and what is concluded from it is a guess, and a FirmwareDoubt where it can change what plays.
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
_JL_LIBRARY = "JieLi AD16N SDK, github.com/Jieli-Tech/fw-AD16N, fs_lib.a"

JIELI = Firmware(
    name="jieli",
    title="JieLi (杰理) AC69, AC79, AD16",
    walk=WalkRules(
        suffixes=frozenset({"mp1", "mp2", "mp3", "wma", "wav", "dts", "fla", "ape", "m4a", "aac", "mp4", "amr"}),
        suffix_begins=True,
        depth=8,
        skips_hidden=True,
        skips_dot_names=True,
        most_files=65535,
    ),
    keys=NumberKeys.PLACE,
    memory=Memory.CLUSTER,
    doubts=(
        FirmwareDoubt(N_("if it leaves out the recordings in JL_REC"), {"skipped_root_folders": frozenset({"JL_REC"})}),
    ),
    limits=FirmwareLimits(tracks=65535),
    recordings=frozenset({"jl_rec"}),
    sidecars=frozenset({"lrc"}),
    rules=(
        FirmwareRule(
            Aspect.FILES,
            "MP1, MP2, MP3, and by build WMA, WAV, FLAC, APE, M4A, AAC, AMR; the three letters of the short name count",
            f"{_JL_MUSIC}, scan_parm; {_JL_LIBRARY}: ftype_compare",
        ),
        FirmwareRule(
            Aspect.FILES,
            "Hidden files, and names that begin with a dot, are left out; so are such folders",
            f"{_JL_DEVICES}, dev_manager_task: hidden_file(1); {_JL_LIBRARY}: f_readnextdir",
        ),
        FirmwareRule(
            Aspect.FOLDERS,
            "Folders are walked: 9 levels with the root",
            f"{_JL_MUSIC}, scan_parm: -r; {_JL_LIBRARY}: fat_fscan, ff_scan_dir",
        ),
        FirmwareRule(Aspect.ORDER, "By file number; another option sorts by time", f"{_JL_FS}, fscan: -sn, -st"),
        FirmwareRule(
            Aspect.ORDER,
            "Directory order: the files of a folder, then its folders, each with all that is in it",
            f"{_JL_LIBRARY}: ff_scan_dir",
        ),
        FirmwareRule(
            Aspect.ORDER,
            "AC69 and AC79 walk a card as AD16 does",
            f"their library is closed; its interface is the same, as {_JL_FS}, struct ffolder",
            _GUESS,
        ),
        FirmwareRule(
            Aspect.NUMBERS, "Number n plays the n-th track of the card", f"{_JL_MUSIC}, music_player_play_by_number"
        ),
        FirmwareRule(
            Aspect.MEMORY,
            "First cluster and size of the file",
            f"{_JL_MUSIC}, music_player_get_playing_breakpoint; {_JL_LIBRARY}: fat_set_bp_info, ff_fast_scan_files",
        ),
        FirmwareRule(
            Aspect.RECORDINGS,
            "In JL_REC; they count as tracks unless TCFG_RECORD_FOLDER_DEV_ENABLE leaves that folder of the root out",
            f"{_JL_MUSIC}, scan_parm: -m; apps/soundbox/include/app_config.h, REC_FOLDER_NAME; {_JL_LIBRARY}: "
            "fpath_compare",
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
_MV_SCAN = "Mountain View, ffpresearch.c V0.1.0 (2017), f_scan_vol"

MOUNTAIN_VIEW = Firmware(
    name="mountain-view",
    title="Mountain View (山景) BP10, AP80",
    walk=WalkRules(
        suffixes=frozenset(
            {"mp3", "mp2", "wma", "asf", "wmv", "asx", "wav", "sbc", "flac", "aac", "mp4", "m4a", "aif", "ape"}
        ),
        suffix_begins=True,
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
    ),
    limits=FirmwareLimits(tracks=65534, name_bytes=60),
    recordings=frozenset({"rec"}),
    sidecars=frozenset({"lrc"}),
    rules=(
        FirmwareRule(
            Aspect.FILES,
            "MP3, MP2, and by build WMA, WAV, FLAC, AAC, M4A, AIF, APE; of the suffix its beginning counts",
            f"{_MV}, MVsB1_Base_SDK/middleware/fatfs/src/ffpresearch.c: get_audio_type",
        ),
        FirmwareRule(
            Aspect.FILES,
            "Hidden files, and names that begin with a dot, count; files without the attribute “archive” do not",
            _MV_SCAN,
        ),
        FirmwareRule(
            Aspect.FOLDERS, "The root and 8 levels in it", f"{_MV}, ffpresearch.h: MAX_DIR_STACK_DEPTH; {_MV_SCAN}"
        ),
        FirmwareRule(
            Aspect.FOLDERS,
            "REC and System Volume Information are left out, spelled so, at any level",
            f"{_MV}, media_play_api.c: FolderExclude_callback",
        ),
        FirmwareRule(
            Aspect.ORDER,
            "Directory order: the files of a folder, then its folders, each with all that is in it",
            _MV_SCAN,
        ),
        FirmwareRule(
            Aspect.ORDER,
            "Later versions walk a card as version 0.1.0 does",
            f"their library is closed; {_MV}, ffpresearch.h: ff_acc_node, ff_dir",
            _GUESS,
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
    walk=WalkRules(
        suffixes=frozenset({"mp3", "wav", "wma", "ape", "fla", "sbc"}), suffix_begins=True, most_files=65535
    ),
    keys=NumberKeys.PLACE,
    memory=Memory.PLACE_AND_NAME,
    doubts=(
        FirmwareDoubt(N_("if it leaves out its recordings"), {"skipped_beginnings": ("RECORD", "AB_REC")}),
        FirmwareDoubt(N_("if it leaves out hidden files"), {"skips_hidden": True, "skips_dot_names": True}),
        _FOLDERS_FIRST,
        _BY_NAME,
    ),
    limits=FirmwareLimits(tracks=65535),
    recordings=frozenset(
        {"record", "recordm", "recordl", "recordf", "recordb", "ab_rec", "mic录音", "aux录音", "fm录音", "bt录音"}
    ),
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
            "MUSIC_FILE_SORT_CHAR_EN, off by default, sorts at most 10 or 20 files of the folders 01 and 02 by name",
            "another Bluetrum SDK: bsp_fs.c, file_sort_char_deal; config.h, MUSIC_FILE_SORT_NUM",
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
            "In folders whose short name begins with RECORD or AB_REC; they count as tracks unless "
            "MUSIC_REC_FILE_FILTER is on",
            f"{_BLUETRUM}, bsp_record.c: is_record_dir; sfunc_record.c: root_dir_path, dir_path_mic; bsp_fs.c: "
            "music_rm_record_dir_filter",
        ),
        FirmwareRule(Aspect.LIMITS, "65535 tracks", f"{_BLUETRUM}, api_fs.h: fs_get_total_files"),
        FirmwareRule(Aspect.SIDECARS, "By build, lyrics in lrc files, shown in GBK", f"{_BLUETRUM}, func_music.c"),
    ),
)

_ACTIONS_WALK = "Actions Semiconductor SDK (2019), iterator/file_iterator.c: file_iterator_scan_disk"
_ACTIONS_SEEK = "Actions Semiconductor SDK (2019), iterator/file_iterator.c: file_dirname_get"
_ACTIONS_APP = "Actions Semiconductor SDK (2019), lcmusic application, file selector"
_ACTIONS_PLAYER = "Actions Semiconductor SDK (2019), local player: get_music_file_type"

ACTIONS = Firmware(
    name="actions",
    title="Actions (炬芯) ATS28, ZS28",
    walk=WalkRules(
        suffixes=frozenset({"mp3", "mp2", "mp1", "wma", "wav", "flac", "fla", "ape", "aac"}),
        depth=8,
        skips_dot_names=True,
        skipped_parts=("RECORD", "ALARM", "LOOP", "SYSTEM"),
        most_files=10000,
        most_folders=254,
    ),
    keys=NumberKeys.PLACE,
    memory=Memory.ENTRY,
    doubts=(
        FirmwareDoubt(
            N_("if it reads short names, which are in capitals and have no dot first"),
            {"skips_dot_names": False, "in_capitals": True, "suffix_begins": True},
        ),
        FirmwareDoubt(N_("if it counts files of every kind"), {"suffixes": None}),
    ),
    limits=FirmwareLimits(tracks=10000, folders=254),
    recordings=frozenset({"record"}),
    rules=(
        FirmwareRule(
            Aspect.FILES,
            "MP3, MP2, MP1, and by build WMA, WAV, FLAC, APE, AAC; files of every kind without CONFIG_FORMAT_CHECK",
            f"{_ACTIONS_PLAYER}; {_ACTIONS_APP}, _iterator_match_fn",
        ),
        FirmwareRule(Aspect.FILES, "Names that begin with a dot are left out; hidden files count", _ACTIONS_WALK),
        FirmwareRule(
            Aspect.FILES,
            "But such a file of a folder is counted when a track of that folder is sought by its number",
            _ACTIONS_SEEK,
        ),
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
