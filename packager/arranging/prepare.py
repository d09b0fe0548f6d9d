"""From a playlist's file to its lineup: what reads the files that `arrange` decides on."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from packager.arranging.arrange import arrange
from packager.arranging.lineup import Lineup
from packager.arranging.numbers import Ledger, load_ledger
from packager.arranging.playlist import PlaylistDefaults, load_playlist
from packager.arranging.profiles import load_profile
from packager.reading import Reading, read_book
from packager.workspace import Workspace


@dataclass(frozen=True)
class Prepared:
    """A lineup, the ledger as it will be once the lineup is built, and how each book was understood."""

    lineup: Lineup
    ledger: Ledger
    readings: dict[str, Reading]  # by the book's path in the workspace


def prepare_lineup(
    workspace: Workspace,
    playlist_file: Path,
    *,
    voice: str | None = None,
    pace: int | None = None,
    profile: str | None = None,
) -> Prepared:
    """Read a playlist, its books, its profile and its series' numbers, and arrange them; nothing is written.

    `voice`, `pace` (spoken characters a minute) and `profile` count more than what the playlist says. Raises
    InputError or DocumentError for whatever is missing or wrong.
    """
    settings = asdict(workspace.settings)
    defaults = PlaylistDefaults(**{field.name: settings[field.name] for field in fields(PlaylistDefaults)})
    playlist = load_playlist(playlist_file, defaults)
    playlist = replace(
        playlist,
        voice=voice or playlist.voice,
        pace=pace or playlist.pace,
        profile=profile or playlist.profile,
    )
    kind = load_profile(playlist.profile, workspace.profiles)
    ledger = load_ledger(workspace.numbers(playlist.series), playlist.series)
    readings = {
        item.book: read_book(
            workspace.root / item.book, encoding=item.encoding or None, rule=item.rule, choice=item.choice
        )
        for item in {item.book: item for item in reversed(playlist.items)}.values()
    }
    books = {name: reading.book for name, reading in readings.items()}
    lineup, ledger = arrange(playlist, kind, books, ledger)
    return Prepared(lineup, ledger, readings)
