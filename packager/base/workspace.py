"""A workspace: the folder that holds packager.yaml, texts/, playlists/, output/ and the registry."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.abc import Traversable
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from packager.base.errors import InputError, StorageError
from packager.base.formats import write_atomic
from packager.base.i18n.language import _, current_language, reason_of
from packager.base.yaml_documents import load_document

SETTINGS_FILE = "packager.yaml"
REGISTRY_VARIABLE = "PACKAGER_REGISTRY"

# Lines of a sample's comment: a setting with its default, and Chinese, which may begin with the name of a command.
_IS_SETTING = re.compile(r"# [a-z_]+: ")
_IS_CHINESE = re.compile(r"# (?:packager [a-z]+ )?[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Settings:
    """The content of packager.yaml. All values have defaults, so that an empty file is valid."""

    series: str = "main"
    profile: str = "folders"
    voice: str = "kokoro:zf_xiaobei"
    pace: int = 190  # spoken characters a minute
    keep: int = 0  # earlier weeks that stay on a player
    week_shelf: int = 10  # numbers
    book_shelf: int = 10  # numbers
    max_minutes: float = 15  # of a track: longer chapters are divided
    jobs: int | None = None  # None: one a core
    workers: str | None = None  # the address of workers on other computers, tls://HOST:PORT
    workers_lost: str = "stop"  # what a build does without workers: "stop", or "home": go on here alone
    cache_gb: float = 20  # the largest size of the clip cache, in 10^9 bytes
    approval: str = "none"  # "required": no release goes on a card before the office approves it
    trust: str = "off"  # "warn" or "required": what no key in the trust files signed is told or refused
    announce: Mapping[str, bool | str] = field(default_factory=dict)  # as in playlists
    publish: Mapping[str, Any] = field(default_factory=dict)  # the options of `packager publish`
    model: str | None = None  # None: the installed weights
    registry: str | None = None  # a path in the workspace, or the URL of a database; None: registry.db
    proof_model: str | None = None  # None: the recognizer of the extra `proof`


@dataclass(frozen=True)
class Workspace:
    """The paths of one office's files."""

    root: Path
    settings: Settings

    @property
    def texts(self) -> Path:
        """The books as files."""
        return self.root / "texts"

    @property
    def playlists(self) -> Path:
        """Playlists and number ledgers."""
        return self.root / "playlists"

    @property
    def profiles(self) -> Path:
        """The office's own profiles, if it has any."""
        return self.root / "profiles"

    @property
    def output(self) -> Path:
        """Everything that the program can generate again."""
        return self.root / "output"

    @property
    def releases(self) -> Path:
        """The releases built here."""
        return self.output / "releases"

    @property
    def spoken(self) -> Path:
        """The synchronised texts of finished tracks, by the hash of each."""
        return self.output / "spoken"

    @property
    def transcripts(self) -> Path:
        """Transcripts of finished tracks by a recognizer."""
        return self.output / "cache" / "transcripts"

    @property
    def clip_cache(self) -> Path:
        """Speech by content, shared by all playlists of the workspace."""
        return self.output / "cache" / "clips"

    @property
    def chunk_cache(self) -> Path:
        """Normalized text by content."""
        return self.output / "cache" / "chunks"

    @property
    def model(self) -> Path | None:
        """The office's own speech model; None for the installed weights."""
        return self.root / self.settings.model if self.settings.model else None

    @property
    def approval_required(self) -> bool:
        """Whether a release is a draft until the office approves it."""
        return self.settings.approval == "required" or self.settings.trust == "required"

    @property
    def trust(self) -> Path:
        """The trust files: which keys may do what."""
        return self.root / "trust"

    @property
    def proof_model(self) -> Path | None:
        """The folder of the office's own recognizer; None for the installed one."""
        return self.root / self.settings.proof_model if self.settings.proof_model else None

    @property
    def proofs(self) -> Path:
        """The pages of proofs."""
        return self.output / "proof"

    @property
    def calibration(self) -> Path:
        """The calibration of voices measured here; without it, the program's is used."""
        return self.root / "calibration.json"

    @property
    def registry(self) -> Path | str:
        """The registry: a file, or the URL of a shared database. It can't be regenerated, so it is not in output/.

        The environment (PACKAGER_REGISTRY) takes precedence over packager.yaml. Raises InputError for a password in
        packager.yaml, which other people see.
        """
        said = os.environ.get(REGISTRY_VARIABLE)
        if said is None and self.settings.registry is not None:
            said = self.settings.registry
            if _holds_password(said):
                raise InputError(
                    _(
                        "{file} holds a password (registry); take it out there, and give it in the "
                        "environment as PGPASSWORD or in the file ~/.pgpass"
                    ).format(file=SETTINGS_FILE)
                )
        if not said:
            return self.root / "registry.db"
        return said if "://" in said else self.root / said

    def numbers(self, series: str) -> Path:
        """The number ledger of `series`."""
        return self.playlists / f"{series}.numbers.yaml"


def _holds_password(address: str) -> bool:
    """Whether a database's URL has a password, before its host or among its options."""
    if "://" not in address:
        return False
    try:
        parts = urlsplit(address)
    except ValueError:  # not a URL; opening the registry reports it
        return False
    return parts.password is not None or any(
        name.casefold() in ("password", "sslpassword") for name, _value in parse_qsl(parts.query)
    )


def find_workspace(start: Path) -> Workspace:
    """The workspace around `start`: the nearest folder upward with a packager.yaml.

    Raises InputError when there is none, DocumentError when packager.yaml is wrong.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / SETTINGS_FILE).is_file():
            return open_workspace(folder)
    raise InputError(
        _(
            "no {file} in {folder} or above it; go to your workspace, name it with --workspace, "
            "or make one with: packager init DIR"
        ).format(file=SETTINGS_FILE, folder=start)
    )


def open_workspace(root: Path) -> Workspace:
    """The workspace in the folder `root`."""
    return Workspace(root, Settings(**load_document(root / SETTINGS_FILE, "workspace")))


def set_setting(root: Path, name: str, value: str) -> None:
    """Write one line of packager.yaml, and leave the others as they are.

    Raises StorageError, and InputError with the file as it was where that can't be done, as for UTF-16.
    """
    path = root / SETTINGS_FILE
    try:
        before = path.read_bytes()
        # Bytes: people write the file in UTF-8 and in GBK, whose colons for Chinese differ.
        old = re.compile(rb"(?:\xef\xbb\xbf)?%s\s*(?::|\xef\xbc\x9a|\xa3\xba)" % re.escape(name).encode())
        kept = [line for line in before.splitlines() if not old.match(line)]
        write_atomic(path, b"\n".join([*kept, f"{name}: {value}".encode(), b""]))
        try:
            written = getattr(open_workspace(root).settings, name)
        except InputError:
            written = None
        if written != value:
            write_atomic(path, before)
            raise InputError(
                _("{path} can't be changed by the program; write this line into it: {line}").format(
                    path=path, line=f"{name}: {value}"
                )
            )
    except OSError as error:
        raise StorageError(_("{path} can't be written: {reason}").format(path=path, reason=reason_of(error))) from error


def copy_sample(part: str, root: Path, *, week: str = "") -> tuple[Path, ...]:
    """Copy a part of the sample into the folder `root`, and return the new files.

    `workspace` is a whole workspace with its first week, `timetable` adds a timetable for `week` with a text of that
    week, `second-week` adds a second week. Existing files are kept, so that the command is idempotent.
    """
    sample = resources.files("packager") / "sample" / part
    made: list[Path] = []
    try:
        root.mkdir(parents=True, exist_ok=True)
        _copy_missing(sample, root, made, week)
    except OSError as error:
        raise StorageError(
            _("{path} can't be written: {reason}").format(path=error.filename or root, reason=reason_of(error))
        ) from error
    return tuple(made)


def _copy_missing(source: Traversable, target: Path, made: list[Path], week: str) -> None:
    short = week[-3:].casefold()  # w48
    for entry in sorted(source.iterdir(), key=lambda entry: entry.name):
        place = target / entry.name.replace("this-week", short)
        if entry.is_dir():
            place.mkdir(exist_ok=True)
            _copy_missing(entry, place, made, week)
        elif not place.exists():
            # Atomically: the next run would take a partial file for complete.
            text = entry.read_bytes().replace(b"{week}", week.encode()).replace(b"{file}", short.encode())
            write_atomic(place, _in_language_order(text) if place.suffix == ".yaml" else text)
            made.append(place)


def _in_language_order(sample: bytes) -> bytes:
    """A sample's YAML file; for a user who reads Chinese, with the Chinese lines of each comment first."""
    if current_language() != "zh" or b"# fingerprint:" in sample:  # which is of the file as it is
        return sample
    lines = sample.decode().split("\n")
    ordered: list[str] = []
    for is_prose, group in groupby(lines, key=lambda line: line.startswith("# ") and not _IS_SETTING.match(line)):
        block = list(group)
        ordered += sorted(block, key=lambda line: not _IS_CHINESE.match(line)) if is_prose else block
    return "\n".join(ordered).encode()


def require_writable(folder: Path) -> None:
    """Create `folder` if it is missing. Raises StorageError unless it can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(_("{path} can't be made: {reason}").format(path=folder, reason=reason_of(error))) from error
    if not os.access(folder, os.W_OK):
        raise StorageError(_("{path} can't be written to; check its permissions").format(path=folder))
