"""What a person needs to approve a release: every track with its text, what changed, and what is doubtful.

release + texts + the last approved release + earlier proofs -> Review -> one page with its audio
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packager.base.html import render
from packager.base.i18n.language import _
from packager.base.manifest import Manifest, TrackKind
from packager.proofing import TrackProof, known_proofs
from packager.proofing.proof import ProofFolders
from packager.proofing.sampling import suspicion
from packager.publish.audio_page import Address, page_in_folder, page_in_one_file
from packager.publish.folder import OutputFile
from packager.publish.options import Work
from packager.publish.publication import Publication, PublishedChapter
from packager.publish.source import read_publication
from packager.releases.release_diff import compare_releases
from packager.releases.store import StoredRelease
from packager.releases.text_sync import SyncedText, TextSync, load_text_sync
from packager.releases.track_changes import ChangeKind, TrackChange, of_kind


@dataclass(frozen=True)
class DoubtfulPlace:
    """A place that somebody should listen to: when it begins (seconds), its words, and why."""

    begins: float
    text: str
    reason: str


@dataclass(frozen=True)
class ReviewedTrack:
    """A track, how it changed, and its doubtful places. `marked` are the places of its new or edited sentences."""

    chapter: PublishedChapter
    change: TrackChange
    doubts: tuple[DoubtfulPlace, ...]
    marked: frozenset[int]

    @property
    def needs_ears(self) -> bool:
        """Whether the track is new, changed or doubtful."""
        return bool(self.doubts) or not self.change.is_same


@dataclass(frozen=True)
class Review:
    """A release before its approval. `since` is the release that it is compared with; None: all of it is new."""

    manifest: Manifest
    publication: Publication
    since: Manifest | None
    changes: tuple[TrackChange, ...]
    tracks: tuple[ReviewedTrack, ...]
    placeholders: int  # tracks that say that a number is empty; they are not shown

    @property
    def removed(self) -> tuple[TrackChange, ...]:
        """The tracks that are gone."""
        return of_kind(self.changes, ChangeKind.REMOVED)

    @property
    def doubts(self) -> int:
        """The number of doubtful places."""
        return sum(len(track.doubts) for track in self.tracks)

    @property
    def approve_command(self) -> str:
        """The command that approves exactly this manifest."""
        return f'packager release approve {self.manifest.release} --by "WHO" --code "{self.manifest.check_code}"'


def read_review(release: StoredRelease, since: StoredRelease | None, spoken: Path, places: ProofFolders) -> Review:
    """The review of `release`. `spoken` is the folder of the texts, `places` those of earlier proofs."""
    publication = read_publication(release, spoken)
    changes = compare_releases(since, release, spoken)
    by_number = {change.after.number: change for change in changes if change.after is not None}
    proofs = {proof.track.number: proof for proof in known_proofs(release, places)}
    return Review(
        manifest=release.manifest,
        publication=publication,
        since=since.manifest if since is not None else None,
        changes=changes,
        tracks=tuple(
            ReviewedTrack(
                chapter,
                by_number[chapter.number],
                tuple(_doubts(load_text_sync(spoken, chapter.sha256), proofs.get(chapter.number))),
                _marked(chapter, by_number[chapter.number]),
            )
            for chapter in publication.chapters
        ),
        placeholders=sum(track.kind is TrackKind.PLACEHOLDER for track in release.manifest.tracks),
    )


def _marked(chapter: PublishedChapter, change: TrackChange) -> frozenset[int]:
    known = change.after.sentences if change.after else None
    added_heading = len(chapter.sentences) - len(known or ())  # a publication always has one
    return frozenset(place + added_heading for edit in change.edits for place in edit.places)


def _doubts(text: TextSync | None, proof: TrackProof | None) -> Iterator[DoubtfulPlace]:
    """The doubtful places in their order: by a recognizer, and by the evidence of the speech."""
    found = [
        DoubtfulPlace(
            each.begins,
            f"…{each.before}[{each.expected}]{each.after}…",
            _("was heard as [{heard}]").format(heard=each.heard),
        )
        for each in (proof.doubts if proof else ())
    ]
    if text is None or not text.passages:
        found.append(DoubtfulPlace(0.0, "", _("the text as written is not known here")))
    for piece in text.pieces if text is not None else ():
        reason = suspicion(piece, text.voice if text else "")
        if reason and not _is_named(piece, proof):
            heard_right = _("{reason}; a recognizer heard it right").format(reason=reason)
            found.append(DoubtfulPlace(piece.begins, piece.text, heard_right if proof else reason))
    yield from sorted(found, key=lambda each: each.begins)


def _is_named(piece: SyncedText, proof: TrackProof | None) -> bool:
    """Whether a recognizer names a place in the piece."""
    return any(each.begins < piece.ends and each.ends > piece.begins for each in (proof.doubts if proof else ()))


def review_files(review: Review, work: Work, facts: Mapping[str, object]) -> Iterator[OutputFile]:
    """The page of `review` with its audio. `facts` are further values of the template `review.html`."""

    def page(address: Address) -> str:
        return _page(review, facts, address)

    if work.options.single:
        yield page_in_one_file(work, page)
    else:
        yield from page_in_folder(work, page)


def _page(review: Review, facts: Mapping[str, object], address: Address) -> str:
    publication = review.publication
    return render(
        "review.html",
        **facts,
        review=review,
        title=_("Review of {release}").format(release=review.manifest.release),
        key=f"review {review.manifest.id}",
        words=_player_words(),
        places={chapter.number: place for place, chapter in enumerate(publication.chapters, start=1)},
        tracks={track.chapter.number: track for track in review.tracks},
        address=address,
    )


def _player_words() -> dict[str, str]:
    """What the player says, in the language of messages."""
    return {
        "region": _("player"),
        "seek": _("position"),
        "of": _("{at} of {length}"),
        "play": _("Play"),
        "pause": _("Pause"),
        "go_on": _("Continue"),
        "previous": _("Previous"),
        "next": _("Next"),
        "back": _("back 10 seconds"),
        "ahead": _("ahead 10 seconds"),
        "seconds": _("s"),
        "rate": _("speed"),
        "slowest": _("very slow"),
        "slow": _("slow"),
        "normal": _("normal"),
        "fast": _("fast"),
        "fastest": _("very fast"),
    }
