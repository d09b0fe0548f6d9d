"""Which of the volumes that a system lists are cards, from what systems said (`recordings/`)."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from packager.base.errors import CardRefusedError
from packager.cards import find_volumes
from packager.cards.io import mount_guard
from packager.cards.io.mount_guard import open_fs
from packager.cards.platform import linux, macos, windows
from packager.cards.platform.boot_sector import (
    DeviceContent,
    content_in,
    content_of,
    partitions_of,
    root_slots_in,
    root_slots_on,
)
from packager.cards.platform.eject import by_hand, eject, eject_commands
from packager.cards.platform.repair_commands import (
    advice,
    check_command,
    format_command,
    label_command,
    new_card_command,
)
from packager.cards.platform.volumes import (
    Bus,
    CardChoice,
    RefusalKind,
    Volume,
    choose_card,
    fit_volumes,
    judge,
    refuse_firmly,
)

RECORDINGS = Path(__file__).with_name("recordings")


def recorded(name: str) -> dict:
    return json.loads((RECORDINGS / name).read_text("utf-8"))


def on_linux(name: str) -> dict[str, Volume]:
    told = recorded(name)
    facts = linux.LinuxFacts(
        tuple(linux.LinuxMount(*line) for line in told["mounts"]),
        {key: linux.BlockDevice(**{**block, "parts": tuple(block["parts"])}) for key, block in told["blocks"].items()},
        told["names"],
        told["labels"],
        told["serials"],
    )
    return {str(volume.mount_point): volume for volume in linux.volumes_of(facts)}


def on_a_mac() -> dict[str, Volume]:
    told = recorded("macos.json")
    facts = macos.MacFacts(
        tuple(macos.MacMount(*line) for line in told["mounts"]),
        {device: text.encode() for device, text in told["descriptions"].items()},
    )
    return {str(volume.mount_point): volume for volume in macos.volumes_of(facts)}


def on_windows() -> dict[str, Volume]:
    told = recorded("windows.json")
    drives = tuple(
        windows.Drive(
            **{
                **drive,
                "descriptor": bytes.fromhex(drive["descriptor"]),
                "device_number": bytes.fromhex(drive["device_number"]),
            }
        )
        for drive in told["drives"]
    )
    return {volume.device: volume for volume in windows.volumes_of(windows.WindowsFacts(drives, told["system_drive"]))}


def kinds(volumes: dict[str, Volume]) -> dict[str, str | None]:
    judged = {place: judge(volume) for place, volume in volumes.items()}
    return {place: refusal.kind.value if refusal else None for place, refusal in judged.items()}


def test_on_linux_cards_in_an_internal_slot_that_reports_a_fixed_disk_are_found() -> None:
    volumes = on_linux("linux-laptop.json")
    assert kinds(volumes) == {
        "/sys": "no-disk",
        "/": "system-disk",
        "/boot/efi": "system-disk",
        "/data/recovery": "fixed-disk",
        "/snap/core/1": "no-disk",
        "/mnt/office": "network",
        "/media/li/P001": None,
        "/media/li/NO NAME": None,
        "/media/li/3033-3234": "locked",
        "/media/li/Backup": "too-large",
        "/media/li/STICK": "exfat",
        "/media/li/emmc": "fixed-disk",
        "/media/li/pci-usb-scsi": None,
        "/run/user/1000/gvfs": "no-disk",
    }
    card = volumes["/media/li/P001"]
    assert (card.bus, card.removable, card.label, card.serial) == (Bus.CARD, False, "P001", "1A2B-3C4D")


def test_a_virtual_machine_has_no_card_but_a_named_image_in_uml_is_one() -> None:
    assert set(kinds(on_linux("linux-virtual-machine.json")).values()) == {"no-disk", "system-disk"}
    uml = on_linux("linux-uml.json")["/mnt/card"]
    refusal = judge(uml)
    assert refusal is not None and refusal.kind is RefusalKind.FIXED_DISK and not refusal.firm
    refuse_firmly(uml)


def test_a_mac_shows_its_cards_also_in_its_own_slot() -> None:
    assert kinds(on_a_mac()) == {
        "/": "system-disk",
        "/dev": "no-disk",
        "/System/Volumes/Data": "system-disk",
        "/Volumes/BOOTCAMP": "system-disk",
        "/Volumes/P001": None,
        "/Volumes/NO NAME": None,
        "/Volumes/STICK": "exfat",
        "/Volumes/Image": "virtual",
        "/Volumes/LOCKED": "locked",
        "/Volumes/share": "network",
    }


@pytest.mark.parametrize("answer", [b"", b"garbage", b"<?xml version='1.0'?><plist><array/></plist>"])
def test_a_volume_that_diskutil_knows_little_about_can_still_be_named(answer) -> None:
    mount = macos.MacMount("/dev/disk4s1", "/Volumes/P001", "msdos", "rw,local")
    (volume,) = macos.volumes_of(macos.MacFacts((mount,), {"/dev/disk4s1": answer}))
    refuse_firmly(volume)
    assert judge(volume) is not None


def test_on_windows_cards_in_readers_that_report_a_fixed_disk_are_found() -> None:
    volumes = on_windows()
    assert kinds(volumes) == {
        "C:": "system-disk",
        "D:": "system-disk",
        "E:": None,
        "F:": "empty",
        "G:": None,
        "H:": None,
        "I:": "locked",
        "J:": "exfat",
        "K:": "disc",
        "L:": "network",
        "M:": "fixed-disk",
        "N:": None,
    }
    assert (volumes["E:"].serial, volumes["G:"].bus, volumes["H:"].bus) == ("1A2B-3C4D", Bus.CARD, Bus.USB)


@pytest.mark.parametrize("length", [0, 1, 12, 31])
def test_a_truncated_answer_of_a_driver_is_ignored(length) -> None:
    whole = bytes.fromhex(recorded("windows.json")["drives"][2]["descriptor"])
    assert windows.described(whole) == (Bus.USB, True)
    assert windows.described(whole[:length]) == (Bus.UNKNOWN, None)
    assert windows.disk_of(b"1234") == ""


def test_the_volumes_of_this_computer_can_be_judged() -> None:
    volumes = find_volumes()
    assert volumes
    for volume in volumes:
        judge(volume)
    assert not any(volume.mount_point == Path("/") for volume in fit_volumes(volumes))


@pytest.mark.skipif(sys.platform != "linux", reason="reads sysfs as Linux lays it out")
def test_sysfs_is_read_as_the_kernel_lays_it_out(tmp_path) -> None:
    slot = tmp_path / "sys/devices/pci0000:00/rtsx_pci_sdmmc.0/mmc_host/mmc0/mmc0:aaaa"
    disk = slot / "block/mmcblk0"
    part = disk / "mmcblk0p1"
    part.mkdir(parents=True)
    (disk / "device").symlink_to(slot)
    for place, text in (
        (slot / "type", "SD\n"),
        (disk / "removable", "0\n"),
        (disk / "ro", "1\n"),
        (part / "partition", "1\n"),
        (part / "ro", "0\n"),
        (part / "size", "15523840\n"),
    ):
        place.write_text(text)
    (tmp_path / "sys/class/block").mkdir(parents=True)
    (tmp_path / "sys/class/block/mmcblk0p1").symlink_to(part)
    block = linux._read_block(tmp_path, "mmcblk0p1")
    assert block is not None
    assert (block.disk, block.size, block.read_only, block.card_type) == ("mmcblk0", 15523840 * 512, True, "SD")
    assert linux.bus_of(block) is Bus.CARD
    assert linux._read_block(tmp_path, "gone") is None


def test_names_are_read_from_the_links_of_udev() -> None:
    assert linux.plain_name(r"NO\x20NAME") == "NO NAME"
    assert linux.plain_name(r"\xe6\x99\xa8\xe5\x85\x89") == "晨光"
    assert linux.plain_name(r"\xff") == "\udcff"


def card(name: str, **facts) -> Volume:
    return Volume(Path("/media") / name, "vfat", False, device=f"/dev/{name}", bus=Bus.USB, **facts)


def test_a_single_fitting_card_is_chosen_and_several_are_listed() -> None:
    one, two, new = card("one", label="P001"), card("two"), card("new")
    ours = {"one", "two"}

    def is_ours(volume: Volume) -> bool:
        return volume.mount_point.name in ours

    assert choose_card([one, new], is_ours, CardChoice.OURS) == one
    assert choose_card([one, new], is_ours, CardChoice.NEW) == new
    assert choose_card([one], is_ours, CardChoice.NEW) == one
    assert choose_card([one, one], is_ours, CardChoice.ANY) == one  # mounted twice
    with pytest.raises(CardRefusedError, match=r"(?s)Several.*one \(P001.*two"):
        choose_card([one, two, new], is_ours, CardChoice.OURS)
    with pytest.raises(CardRefusedError, match=r"(?s)one of ours.*new"):
        choose_card([new], is_ours, CardChoice.OURS)
    locked = Volume(Path("/media/locked"), "vfat", True, bus=Bus.USB, locked=True)
    with pytest.raises(CardRefusedError, match=r"(?s)No card.*lock switch"):
        choose_card([locked], is_ours, CardChoice.ANY)


def test_a_hundred_thousand_volumes_are_judged_and_named_in_a_moment() -> None:
    many = [card(f"{n}\u202e\udcff") for n in range(100_000)]
    assert len(fit_volumes(many)) == 100_000
    with pytest.raises(CardRefusedError) as refusal:
        choose_card(many[:50], lambda volume: True, CardChoice.OURS)
    str(refusal.value).encode("utf-8")


@pytest.mark.parametrize(
    ("platform", "device", "first"),
    [
        ("linux", "/dev/sdb1", "udisksctl unmount --no-user-interaction -b /dev/sdb1"),
        ("darwin", "/dev/disk4s1", "/usr/sbin/diskutil eject /dev/disk4s1"),
    ],
)
def test_each_system_has_its_command_to_eject(platform, device, first) -> None:
    volume = Volume(Path("/media/a b"), "vfat", False, device=device)
    assert " ".join(next(iter(eject_commands(volume, platform)))) == first
    assert "a b" in by_hand(volume, platform)


def first_sectors_of(folder: Path, *command: str) -> bytes:
    """What a real formatter writes at the beginning."""
    image = folder / "card.img"
    with image.open("wb") as stream:
        stream.truncate(64 << 20)
    found = shutil.which(command[0], path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        assert not os.environ.get("PACKAGER_REQUIRE_FAT")
        pytest.skip(f"{command[0]} is not installed")
    subprocess.run([found, *command[1:], image], check=True, capture_output=True)
    return image.read_bytes()[:2048]


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (("mkfs.exfat",), "exfat"),
        (("mkfs.vfat", "-F", "32"), "vfat"),
        (("mkfs.vfat", "-F", "16"), "vfat"),
        (("mkfs.ext4", "-q"), "ext4"),
        (("mkfs.ntfs", "-F", "-Q"), "ntfs"),
    ],
)
def test_the_first_sectors_name_the_file_system(tmp_path: Path, command: tuple[str, ...], kind: str) -> None:
    first = first_sectors_of(tmp_path, *command)
    assert content_in(first) == DeviceContent(kind)
    assert content_in(first[:510] + bytes(2)) == DeviceContent()
    (tmp_path / "device").write_bytes(first)
    assert content_of(tmp_path / "device", udev=tmp_path) == DeviceContent(kind)


def partition_table(folder: Path, script: str) -> bytes:
    """The first sectors of an image with the partitions of a script for sfdisk."""
    tool = shutil.which("sfdisk", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if tool is None:
        assert not os.environ.get("PACKAGER_REQUIRE_FAT")
        pytest.skip("sfdisk is not installed")
    image = folder / "disk.img"
    with image.open("wb") as stream:
        stream.truncate(64 << 20)
    subprocess.run([tool, image], input=script.encode(), check=True, capture_output=True)
    return image.read_bytes()[:2048]


@pytest.mark.parametrize(
    ("script", "table"), [("label: dos\nstart=2048,type=7\n", "dos"), ("label: gpt\nstart=2048\n", "gpt")]
)
def test_a_disk_with_partitions_is_told_from_one_that_is_not_formatted(tmp_path: Path, script: str, table: str) -> None:
    assert content_in(partition_table(tmp_path, script)) == DeviceContent(table=table)
    assert content_in(bytes(2048)) == DeviceContent()
    assert content_of(tmp_path / "missing", udev=tmp_path) == DeviceContent(is_known=False)


def test_udev_tells_what_is_on_a_device_that_this_user_may_not_read(tmp_path: Path) -> None:
    number = Path("/dev/null").stat().st_rdev
    told = tmp_path / f"b{os.major(number)}:{os.minor(number)}"
    told.write_text("S:disk\nE:ID_FS_TYPE=exfat\nE:ID_PART_ENTRY_SCHEME=gpt\nE:ID_PART_TABLE_TYPE=dos\n")
    assert content_of(Path("/dev/null"), udev=tmp_path) == DeviceContent("exfat", "gpt")


def test_the_partitions_of_a_disk_are_those_of_sysfs(tmp_path: Path) -> None:
    for name in ("sdb/sdb1", "sdb/sdb2", "sdb/queue", "mmcblk0/mmcblk0p1"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("sdb/sdb2", "sdb/sdb1", "mmcblk0/mmcblk0p1"):
        (tmp_path / name / "partition").write_text("1")
    assert partitions_of(Path("/dev/sdb"), tmp_path) == (Path("/dev/sdb1"), Path("/dev/sdb2"))
    assert partitions_of(Path("/dev/mmcblk0"), tmp_path) == (Path("/dev/mmcblk0p1"),)
    assert partitions_of(Path("/dev/sdb1"), tmp_path) == ()


FORMAT = r"sudo mkfs\.vfat -F 32 -n PLAYER"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("mkfs.exfat", rf"formatted as exFAT.*Save what is on it.*{FORMAT} .*sdx"),
        ("mkfs.ntfs -F -Q", rf"formatted as ntfs, which players can't read.*{FORMAT} .*sdx"),
        ("mkfs.ext4 -q", rf"formatted as ext4, which players can't read.*{FORMAT} .*sdx"),
        ("mkfs.vfat -F 32", "is a device that is not mounted; mount it"),
        ("true", rf"has no file system that can be read here: it is not formatted, or damaged.*{FORMAT} .*sdx"),
    ],
)
def test_a_device_that_is_not_mounted_is_told_with_the_command_that_formats_it(
    command: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = tmp_path / "sdx"
    device.write_bytes(first_sectors_of(tmp_path, *command.split()))
    monkeypatch.setattr(Path, "is_block_device", lambda self: self == device)
    with pytest.raises(CardRefusedError, match=said):
        open_fs(device, allow_folder=False, volumes=lambda: ())


def test_of_a_disk_with_partitions_the_partitions_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk, first, second = (tmp_path / name for name in ("sdx", "sdx1", "sdx2"))
    disk.write_bytes(partition_table(tmp_path, "label: dos\nstart=2048,type=7\n"))
    first.write_bytes(first_sectors_of(tmp_path, "mkfs.exfat"))
    monkeypatch.setattr(Path, "is_block_device", lambda self: self == disk)
    monkeypatch.setattr(mount_guard, "partitions_of", lambda place: (first, second))
    said = rf"whole disk with the partitions {first} \(exfat\), {second} \(\?\), none .*packager prepare {first}"
    with pytest.raises(CardRefusedError, match=said):
        open_fs(disk, allow_folder=False, volumes=lambda: ())
    mounted = Volume(Path("/media/card"), "vfat", False, device=str(second))
    with pytest.raises(CardRefusedError, match=r"give the place where it is mounted: /media/card"):
        open_fs(disk, allow_folder=False, volumes=lambda: (mounted,))


@pytest.mark.parametrize("label", ["dos", "gpt"])
def test_the_command_for_linux_makes_a_partition_that_players_read_of_any_table(label: str, tmp_path: Path) -> None:
    partition_table(tmp_path, f"label: {label}\nstart=2048\n")
    card = Volume(tmp_path, "exfat", False, device="/dev/sdx1")
    command = format_command(card, "P037", "linux", table=label)
    tools = [part.strip() for part in re.split("&&|;", command) if "sfdisk" in part]
    line = tools[0].replace("sudo ", "").replace("/dev/sdx", str(tmp_path / "disk.img"))
    env = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    subprocess.run(line, shell=True, check=True, capture_output=True, env=env)
    raw = (tmp_path / "disk.img").read_bytes()[:2048]
    assert (content_in(raw).table, raw[446 + 4], raw[446 + 16 + 4]) == ("dos", 0x0C, 0)


def test_a_card_that_is_not_formatted_gets_a_partition_and_a_gpt_card_a_warning() -> None:
    blank = Volume(Path("/dev/sdx"), "", False, device="/dev/sdx")
    table = "echo type=c | sudo sfdisk --wipe always --label dos /dev/{0} && sudo mkfs.vfat -F 32 -n P037 /dev/{1}"
    assert new_card_command(blank, "P037", "linux", table="") == table.format("sdx", "sdx1")
    slot = replace(blank, device="/dev/mmcblk0")
    assert new_card_command(slot, "P037", "linux", table="") == table.format("mmcblk0", "mmcblk0p1")
    part = replace(blank, device="/dev/sdx1")
    assert new_card_command(part, "P037", "linux", table="").endswith("sfdisk --part-type /dev/sdx 1 c")
    assert new_card_command(blank, "P037", "darwin", table="") == "diskutil eraseVolume FAT32 P037 /dev/sdx"
    large = Volume(Path("/media/x"), "exfat", False, device="/dev/sdb1", disk="sdb")
    told = list(advice(large, label="P037", damaged=False, platform="linux", table="gpt"))
    assert told[0].endswith(f"sudo umount /dev/sdb1; {table.format('sdb', 'sdb1')}")
    assert "all partitions of sdb are lost" in told[1]
    assert len(list(advice(large, label="P037", damaged=False, platform="linux", table="dos"))) == 1


def test_a_script_on_windows_contains_only_a_drive_letter() -> None:
    drive = Volume(Path("E:\\"), "fat32", False, device="E:")
    (command,) = eject_commands(drive, "win32")
    assert "ParseName('E:')" in command[-1]
    assert list(eject_commands(Volume(Path("x"), "fat32", False, device="E:'); evil"), "win32")) == []


def test_the_repair_commands_are_those_of_the_operating_system() -> None:
    sd = Volume(Path("/media/x"), "exfat", False, device="/dev/sdb1", size=64 * 10**9)
    made = "sudo umount /dev/sdb1; sudo mkfs.vfat -F 32 -n P037 /dev/sdb1 && sudo sfdisk --part-type /dev/sdb 1 c"
    assert format_command(sd, "P037", "linux") == made
    slot = Volume(Path("/media/y"), "exfat", False, device="/dev/mmcblk0p1")
    assert format_command(slot, "P037", "linux").endswith("sfdisk --part-type /dev/mmcblk0 1 c")
    whole = Volume(Path("/media/z"), "exfat", False, device="/dev/mmcblk0")
    assert format_command(whole, "P037", "linux").endswith("mkfs.vfat -F 32 -n P037 /dev/mmcblk0")
    assert check_command(sd, "linux") == "sudo umount /dev/sdb1; sudo fsck.vfat -a -w /dev/sdb1"
    mac = Volume(Path("/Volumes/x"), "exfat", False, device="/dev/disk4s1")
    assert format_command(mac, "P037", "darwin") == "diskutil eraseVolume FAT32 P037 /dev/disk4s1"
    drive = Volume(Path("E:\\"), "exfat", False, device="E:", size=16 * 10**9)
    assert format_command(drive, "P037", "win32") == "format E: /FS:FAT32 /V:P037 /Q"
    assert label_command(drive, "P037", "win32") == "label E: P037"
    large = Volume(Path("E:\\"), "exfat", False, device="E:", size=64 * 10**9)
    assert "Windows formats no card" in format_command(large, "P037", "win32")
    numbered = replace(large, disk="2")
    assert format_command(numbered, "P037", "win32") == (
        "(echo select disk 2& echo clean& echo create partition primary size=30000& "
        "echo format fs=fat32 label=P037 quick& echo assign letter=E)| diskpart"
    )
    told = " ".join(advice(numbered, label="P037", damaged=False, platform="win32"))
    assert "disk 2 must be the card of 64 GB" in told
    odd = Volume(Path("/x"), "exfat", False, device="/dev/$(evil)")
    assert "'/dev/$(evil)'" in format_command(odd, "P037", "linux")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for the tool")
def test_an_ejection_is_done_when_the_volume_is_gone_not_when_a_tool_reports_it(tmp_path, monkeypatch) -> None:
    if sys.platform != "linux":
        pytest.skip("udisksctl is Linux'")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    volume = Volume(tmp_path / "card", "vfat", False, device="/dev/sdx1", label="P001")
    tool = tmp_path / "udisksctl"
    tool.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\ntouch {tmp_path}/gone\n')
    tool.chmod(0o755)

    def volumes() -> tuple[Volume, ...]:
        return () if (tmp_path / "gone").exists() else (volume,)

    done = eject(volume, volumes=volumes)
    assert done.done and "P001" in done.message
    assert (tmp_path / "asked").read_text() == "unmount --no-user-interaction -b /dev/sdx1\n"
    (tmp_path / "gone").unlink()
    tool.write_text('#!/bin/sh\necho "Error: target is busy" >&2\nexit 1\n')
    for other in ("gio", "umount"):
        (tmp_path / other).write_text("#!/bin/sh\necho umount: target is busy >&2\nexit 32\n")
        (tmp_path / other).chmod(0o755)
    failed = eject(volume, volumes=volumes, sleep=lambda seconds: None)
    assert not failed.done
    assert "target is busy" in failed.message and "sudo umount" in failed.message
    tool.write_text("#!/bin/sh\nexit 0\n")
    assert not eject(volume, volumes=volumes, sleep=lambda seconds: None).done


@pytest.mark.parametrize(
    ("options", "slots"),
    [(["-F", "32", "-s", "8"], 0), (["-F", "16", "-s", "1"], 512), (["-F", "16", "-s", "1", "-r", "256"], 256)],
)
def test_the_boot_sector_says_how_many_slots_the_root_has_whatever_the_clusters_are(
    tmp_path: Path, options: list[str], slots: int
) -> None:
    image = tmp_path / "card.img"
    tool = shutil.which("mkfs.vfat", path="/usr/sbin:/sbin:/usr/bin")
    if tool is None:
        pytest.skip("mkfs.vfat is missing")
    subprocess.run([tool, *options, "-C", str(image), "8192"], check=True, capture_output=True)
    assert root_slots_in(image.read_bytes()[:512]) == slots
    assert root_slots_on(str(image), clusters=2000) == slots


@pytest.mark.parametrize(
    ("told", "clusters", "slots"), [("FAT32", 2000, 0), ("FAT16", 2000, 512), ("", 65_524, 512), ("", 65_525, 0)]
)
def test_udev_tells_the_kind_of_a_card_that_may_not_be_read_and_else_its_clusters(
    tmp_path: Path, told: str, clusters: int, slots: int
) -> None:
    if told:
        (tmp_path / "b1:3").write_text(f"E:ID_FS_TYPE=vfat\nE:ID_FS_VERSION={told}\n")
    assert root_slots_on("/dev/null", clusters, tmp_path) == slots
