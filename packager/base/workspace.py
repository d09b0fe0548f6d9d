"""A workspace: the folder that holds packager.yaml, texts/, playlists/, output/ and the registry."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.abc import Traversable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from packager.base.errors import InputError, StorageError
from packager.base.formats import write_atomic
from packager.base.i18n.language import _, reason_of
from packager.base.yaml_documents import load_document

SETTINGS_FILE = "packager.yaml"
REGISTRY_VARIABLE = "PACKAGER_REGISTRY"


@dataclass(frozen=True)
class Settings:
    """What packager.yaml says; each value has a default, so that an empty file is a valid one."""

    series: str = "main"
    profile: str = "folders"
    voice: str = "kokoro:zf_xiaoyi"
    pace: int = 190  # spoken characters a minute
    keep: int = 0  # earlier weeks that stay on a player
    week_shelf: int = 10  # numbers
    book_shelf: int = 10  # numbers
    max_minutes: float = 15  # of a track: longer chapters are divided
    jobs: int | None = None  # None: one a core
    cache_gb: float = 20  # what is spoken and not used for longest goes when the cache is larger; 10^9 bytes
    approval: str = "none"  # "required": nothing goes on a card before the office approved it
    announce: Mapping[str, bool | str] = field(default_factory=dict)  # what is announced, as in playlists
    model: str | None = None  # None: the weights that were installed with the program
    registry: str | None = None  # a path in the workspace, or the URL of a database; None: registry.db
    proof_model: str | None = None  # None: the recognizer that was installed with the extra `proof`


@dataclass(frozen=True)
class Workspace:
    """Where everything of one office lies."""

    root: Path
    settings: Settings

    @property
    def texts(self) -> Path:
        """The designated books as files."""
        return self.root / "texts"

    @property
    def playlists(self) -> Path:
        """Playlists, and the numbers that were given out."""
        return self.root / "playlists"

    @property
    def profiles(self) -> Path:
        """The office's own profiles, if it has any."""
        return self.root / "profiles"

    @property
    def output(self) -> Path:
        """What the program makes and can make again."""
        return self.root / "output"

    @property
    def releases(self) -> Path:
        """The releases that were built here."""
        return self.output / "releases"

    @property
    def spoken(self) -> Path:
        """What is said in finished tracks, by the hash of each."""
        return self.output / "spoken"

    @property
    def transcripts(self) -> Path:
        """What a recognizer heard in finished tracks."""
        return self.output / "cache" / "transcripts"

    @property
    def clip_cache(self) -> Path:
        """Speech by content: shared by all playlists of the workspace."""
        return self.output / "cache" / "clips"

    @property
    def chunk_cache(self) -> Path:
        """Normalized text by content."""
        return self.output / "cache" / "chunks"

    @property
    def model(self) -> Path | None:
        """The office's own speech model; None for the weights that were installed with the program."""
        return self.root / self.settings.model if self.settings.model else None

    @property
    def approval_required(self) -> bool:
        """Whether a release is a draft until the office approves it."""
        return self.settings.approval == "required"

    @property
    def proof_model(self) -> Path | None:
        """The office's own recognizer, a folder; None for the one that was installed."""
        return self.root / self.settings.proof_model if self.settings.proof_model else None

    @property
    def proofs(self) -> Path:
        """The pages that proofs write."""
        return self.output / "proof"

    @property
    def calibration(self) -> Path:
        """What was measured here of voices; without it, what comes with the program holds."""
        return self.root / "calibration.json"

    @property
    def registry(self) -> Path | str:
        """Who holds what: can't be made again, so it does not lie in output/.

        A file, or the URL of a database that volunteers share; the environment (PACKAGER_REGISTRY) goes
        before packager.yaml. Raises InputError for a password in packager.yaml, which others get to see.
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
        """The ledger of the numbers that were given out in `series`."""
        return self.playlists / f"{series}.numbers.yaml"


def _holds_password(address: str) -> bool:
    """Whether a database's URL says a password, before its host or among its options."""
    if "://" not in address:
        return False
    try:
        parts = urlsplit(address)
    except ValueError:  # no URL; whoever opens the registry says so
        return False
    return parts.password is not None or any(
        name.casefold() in ("password", "sslpassword") for name, _value in parse_qsl(parts.query)
    )


def find_workspace(start: Path) -> Workspace:
    """The workspace that `start` lies in: the nearest folder upward with a packager.yaml.

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


def copy_sample(part: str, root: Path) -> tuple[Path, ...]:
    """Copy a part of the sample into the folder `root`, and return the files made.

    `workspace` is a whole workspace with its first week, `second-week` what a second week adds. A file that
    is there already is left as it is, so that a command can be run again without harm.
    """
    sample = resources.files("packager") / "sample" / part
    made: list[Path] = []
    try:
        root.mkdir(parents=True, exist_ok=True)
        _copy_missing(sample, root, made)
    except OSError as error:
        raise StorageError(
            _("{path} can't be written: {reason}").format(path=error.filename or root, reason=reason_of(error))
        ) from error
    return tuple(made)


def _copy_missing(source: Traversable, target: Path, made: list[Path]) -> None:
    for entry in sorted(source.iterdir(), key=lambda entry: entry.name):
        place = target / entry.name
        if entry.is_dir():
            place.mkdir(exist_ok=True)
            _copy_missing(entry, place, made)
        elif not place.exists():
            # Whole or not at all: a part would be taken for complete by the next run.
            write_atomic(place, entry.read_bytes())
            made.append(place)


def require_writable(folder: Path) -> None:
    """Raise StorageError unless `folder` exists, or can be made, and takes files."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(_("{path} can't be made: {reason}").format(path=folder, reason=reason_of(error))) from error
    if not os.access(folder, os.W_OK):
        raise StorageError(_("{path} can't be written to; check its permissions").format(path=folder))
