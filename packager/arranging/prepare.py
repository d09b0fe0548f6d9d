"""Reads a playlist's file, its books, profile and ledger, and arranges them as a Tracklist."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from itertools import count
from pathlib import Path

from packager.arranging.announcements import Announcements, LanguageOf, always_mandarin, announcement_problems
from packager.arranging.arrange import arrange, needs_reading
from packager.arranging.number_ledger import NumberLedger, NumbersMoveError, load_ledger
from packager.arranging.playlist import Playlist, PlaylistDefaults, PlaylistItem, load_playlist
from packager.arranging.profiles.catalog import load_profile
from packager.arranging.profiles.variant import split_profile, with_variants
from packager.arranging.tracklist import Tracklist
from packager.base.errors import DocumentError, InputError
from packager.base.file_hints import in_command
from packager.base.i18n.language import _, ngettext
from packager.base.workspace import SETTINGS_FILE, Workspace
from packager.reading import ReadBook, read_book


@dataclass(frozen=True)
class Prepared:
    """A tracklist, the ledger to store once it is built, and how each book was understood."""

    tracklist: Tracklist
    ledger: NumberLedger
    readings: dict[str, ReadBook]  # by the book's path in the workspace
    expired: tuple[PlaylistItem, ...] = ()  # items left out because they have expired
    unaccepted: tuple[str, ...] = ()  # books with more grave doubts than a person has accepted


class NewSeriesNeededError(InputError):
    """Released numbers would move. `preview` is the tracklist in a new series, with the numbers that it would have."""

    def __init__(self, message: str, series: str, preview: Tracklist) -> None:
        super().__init__(message)
        self.series = series
        self.preview = preview


def prepare_tracklist(
    workspace: Workspace,
    playlist_file: Path,
    *,
    voice: str | None = None,
    pace: int | None = None,
    profile: str | None = None,
    variants: Sequence[str] = (),
    replace_damaged: bool = False,
    today: date | None = None,
    language_of: LanguageOf = always_mandarin,
) -> Prepared:
    """Read and arrange a playlist; nothing is written.

    `voice`, `pace` (spoken characters a minute) and `profile` replace those of the playlist; `variants` are those
    of the profile. `replace_damaged` leaves damaged bytes out of all books. Items that have expired by `today` are left
    out. Raises InputError or DocumentError for anything
    that is missing or wrong.
    """
    playlist = load_playlist(playlist_file, playlist_defaults(workspace))
    playlist = replace(
        playlist,
        voice=voice or playlist.voice,
        pace=pace or playlist.pace,
        profile=with_variants(profile or playlist.profile, variants),
    )
    if replace_damaged:
        options = [replace(item.options, replace_damaged=True) for item in playlist.items]
        items = zip(playlist.items, options, strict=True)
        playlist = replace(playlist, items=tuple(replace(item, options=option) for item, option in items))
    if pace and any(variant.pace for variant in split_profile(playlist.profile)[1]):
        raise InputError(
            _("the profile {profile} has a pace of its own: leave out --pace, or take another profile").format(
                profile=playlist.profile
            )
        )
    return prepare_playlist(workspace, playlist, today=today, language_of=language_of)


def playlist_defaults(workspace: Workspace) -> PlaylistDefaults:
    """The defaults in packager.yaml. Raises DocumentError for mistakes in its announcements."""
    settings = asdict(workspace.settings)
    announce = settings.pop("announce")
    problems = [problem for _place, problem in announcement_problems({"announce": announce})]
    if problems:
        raise DocumentError(str(workspace.root / SETTINGS_FILE), problems)
    return PlaylistDefaults(
        **{key.name: settings[key.name] for key in fields(PlaylistDefaults) if key.name in settings},
        announce=Announcements().changed(announce),
    )


def prepare_playlist(
    workspace: Workspace, playlist: Playlist, *, today: date | None = None, language_of: LanguageOf = always_mandarin
) -> Prepared:
    """As `prepare_tracklist`, for a playlist that is read already."""
    kind = load_profile(playlist.profile, workspace.profiles)
    ledger = load_ledger(workspace.numbers(playlist.series), playlist.series)
    needed = {item.book for item in playlist.items if needs_reading(item, today)}
    readings = _read_books(workspace, playlist, needed)
    books = {name: reading.book for name, reading in readings.items()}
    try:
        tracklist, ledger = arrange(playlist, kind, books, ledger, today=today, language_of=language_of)
    except NumbersMoveError as error:
        anew = replace(playlist, series=_new_series(workspace, playlist.series))
        anew = replace(anew, week_shelf=error.week_shelf or playlist.week_shelf)
        try:
            preview, _ledger = arrange(
                anew, kind, books, NumberLedger(anew.series), today=today, language_of=language_of
            )
        except InputError:
            raise error from None
        raise NewSeriesNeededError(str(error), playlist.series, preview) from error
    expired = tuple(item for item in playlist.items if today is not None and item.has_expired(today))
    return Prepared(tracklist, ledger, readings, expired, _unaccepted(playlist, readings))


def _new_series(workspace: Workspace, series: str) -> str:
    """The first of main-2, main-3, … that has given out no number."""
    return next(name for number in count(2) if not workspace.numbers(name := f"{series.rstrip('-')}-{number}").exists())


def _read_books(workspace: Workspace, playlist: Playlist, needed: Collection[str]) -> dict[str, ReadBook]:
    """The needed books by path. Raises InputError that names all books that can't be read."""
    readings: dict[str, ReadBook] = {}
    errors: list[InputError] = []
    for item in {item.book: item for item in reversed(playlist.items)}.values():
        if item.book in needed:
            file = workspace.root / item.book
            try:
                reading = read_book(file, encoding=item.encoding or None, rule=item.rule, options=item.options)
            except InputError as error:
                errors.append(error)
            else:
                readings[item.book] = reading
    if len(errors) > 1:
        problems = [str(error) for error in reversed(errors)]  # in the order of the playlist
        raise DocumentError(_("playlist {id}").format(id=playlist.id), problems)
    if errors:
        raise errors[0]
    return readings


def _unaccepted(playlist: Playlist, readings: dict[str, ReadBook]) -> tuple[str, ...]:
    accepted: dict[str, int] = {}
    for item in playlist.items:
        accepted[item.book] = max(item.accept_doubts, accepted.get(item.book, 0))
    return tuple(name for name, reading in readings.items() if len(reading.grave_doubts) > accepted[name])


def unaccepted_doubts(prepared: Prepared) -> list[str]:
    """A problem, with the line that accepts it, for each book with grave doubts that nobody has accepted."""
    problems = []
    for name in prepared.unaccepted:
        grave = prepared.readings[name].grave_doubts
        message = ngettext(
            "{book} has {n} grave doubt: {first}. Look at the text with: packager read {file}. If it is right, "
            "write under '- book: {book}' the line 'accept_doubts: {n}'",
            "{book} has {n} grave doubts: {first}, … Look at the text with: packager read {file}. If it is right, "
            "write under '- book: {book}' the line 'accept_doubts: {n}'",
            len(grave),
        )
        problems.append(message.format(book=name, file=in_command(name), n=len(grave), first=grave[0].message))
    return problems
