"""Audit of one card: read what it holds, then judge it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from packager.base.display import shown
from packager.base.findings import Finding, FindingKind
from packager.base.i18n.language import _, ngettext
from packager.base.manifest import Manifest, ManifestFile
from packager.cards.io.card import Card, Progress, no_progress
from packager.cards.io.facts import with_facts
from packager.cards.io.os_errors import card_failures
from packager.cards.io.survey import read_contents
from packager.cards.plan.damage import advice_on_damage, signs_of_damage
from packager.cards.plan.directory_order import first_out_of_order, play_order
from packager.cards.plan.foreign import Effect, disturbances, foreign_files
from packager.cards.plan.player_walk import listing_of, wrong_numbers
from packager.cards.plan.snapshot import CardSnapshot
from packager.cards.plan.state_slots import SlotState, SlotStatus, Verification
from packager.firmware.catalog import find_firmware, is_recording
from packager.firmware.keys import certainty_of
from packager.firmware.model import Certainty, Listing


@dataclass(frozen=True)
class CardAudit:
    """The result of an audit. `foreign` lists files that are not ours, which are left alone; `recordings` are those
    of them that the player recorded. `listing` has the card's directories, in the order in which it was read."""

    card: str  # the card's id
    state: SlotState | None
    manifest: Manifest | None  # of the release that the card holds, or was to hold if it is unfinished
    findings: tuple[Finding, ...]
    foreign: tuple[str, ...]
    verification: Verification
    read_only: bool = False  # the card was locked
    order_read: bool = False  # false for a folder that is used as a card
    signature: bytes = b""  # of the manifest, as it is on the card, unverified; empty: none
    recordings: tuple[str, ...] = ()
    listing: Listing = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_in_order(self) -> bool | None:
        """Whether our files are in playing order; None if the order was not read."""
        if not self.order_read:
            return None
        return not any(finding.kind is FindingKind.MISORDERED for finding in self.findings)

    @property
    def is_good(self) -> bool:
        """Whether the card is known to hold its release whole and in order. A look at names alone is not enough."""
        read = self.verification in (Verification.HASHES, Verification.HASHES_PAST_CACHE)
        return read and not any(not finding.warning for finding in self.findings)


def audit_card(card: Card, *, quick: bool = False, progress: Progress = no_progress) -> CardAudit:
    """Audit our files on a card; with `quick` only names and sizes. Writes nothing.

    Raises CardFailedError when the card can't be read at all. Single unreadable files are findings.
    """
    with card_failures(card.name, begun=False):
        snapshot = with_facts(card.fs, card.snapshot)
        if not quick:
            snapshot = read_contents(card.fs, snapshot, progress)
    others = sorted(foreign_files(snapshot))
    return CardAudit(
        card=card.identity.id,
        state=snapshot.state,
        manifest=snapshot.manifest,
        findings=tuple(findings(snapshot, quick=quick)),
        foreign=tuple(shown(path) for path in others),
        recordings=tuple(shown(path) for path in others if is_recording(path)),
        listing=listing_of(snapshot),
        verification=_verification(card, quick),
        read_only=card.read_only,
        order_read=snapshot.keeps_order and snapshot.manifest is not None,
        signature=snapshot.signature,
    )


def findings(snapshot: CardSnapshot, *, quick: bool) -> Iterator[Finding]:
    """Judge a snapshot. Pure."""
    yield from _of_the_state(snapshot)
    for sign in signs_of_damage(snapshot):
        message = _("{sign}. {advice}").format(sign=sign.message, advice=advice_on_damage(snapshot.check_command))
        yield Finding(FindingKind.NEEDS_CHECK, message)
    manifest = snapshot.manifest
    if manifest is not None:
        for file in manifest.files:
            yield from _of_a_file(snapshot, file, quick)
        if snapshot.keeps_order:
            yield from _of_the_order(snapshot, manifest)
            yield from _of_the_numbers(snapshot, manifest)
            yield from _of_hidden_entries(snapshot, manifest)
        yield from _of_foreign_files(snapshot, manifest)


def _verification(card: Card, quick: bool) -> Verification:
    if quick:
        return Verification.NAMES
    return Verification.HASHES_PAST_CACHE if card.fs.reads_past_cache else Verification.HASHES


def _of_the_state(snapshot: CardSnapshot) -> Iterator[Finding]:
    for problem in snapshot.problems:
        yield Finding(FindingKind.UNKNOWN, problem)
    if snapshot.state is None:
        yield Finding(
            FindingKind.UNKNOWN,
            _("The card does not say what it holds: nothing was loaded yet, or its state is damaged. Load it again."),
        )
    elif snapshot.state.status is SlotStatus.UPDATING:
        release = snapshot.manifest.release if snapshot.manifest else snapshot.state.target
        yield Finding(
            FindingKind.UNFINISHED,
            _("The load of {release} was interrupted. Run it again to finish it.").format(release=release),
        )


def _of_a_file(snapshot: CardSnapshot, file: ManifestFile, quick: bool) -> Iterator[Finding]:
    entry = snapshot.file(file.path)
    other = next((found for found, path in snapshot.renamed.items() if path == file.path), None)
    if entry is None and other is not None:
        message = _("{path} was renamed to {found}. To give it its name again, update or load the card")
        yield Finding(FindingKind.RENAMED, message.format(path=file.path, found=shown(other)), file.path)
    elif entry is None:
        yield Finding(FindingKind.MISSING, _("{path} is missing").format(path=file.path), file.path)
    elif entry.size != file.size:
        kind = FindingKind.TRUNCATED if entry.size < file.size else FindingKind.ALTERED
        yield Finding(
            kind,
            _("{path} has {found} bytes instead of {expected}").format(
                path=file.path, found=entry.size, expected=file.size
            ),
            file.path,
        )
    elif file.path in snapshot.unreadable:
        yield Finding(
            FindingKind.UNREADABLE,
            _("{path} can't be read: {reason}").format(path=file.path, reason=snapshot.unreadable[file.path]),
            file.path,
        )
    elif not quick and snapshot.contents.get(file.path) != file.sha256:
        yield Finding(FindingKind.ALTERED, _("{path} has changed on the card").format(path=file.path), file.path)


def _of_the_order(snapshot: CardSnapshot, manifest: Manifest) -> Iterator[Finding]:
    for folder, children in play_order(file.path for file in manifest.files).items():
        found = [entry.name for entry in snapshot.folders.get(folder, ())]
        wrong = first_out_of_order(found, children)
        if wrong is not None:
            path = f"{folder}/{wrong}" if folder else wrong
            yield Finding(FindingKind.MISORDERED, _("{path} is not in the playing order").format(path=path), path)


def _of_the_numbers(snapshot: CardSnapshot, manifest: Manifest) -> Iterator[Finding]:
    """Numbers that play another track, by the rules of the players that the release is for."""
    if any(snapshot.file(track.path) is None for track in manifest.tracks):
        return  # a missing track is a finding of its own, and shifts all numbers after it
    wrong = wrong_numbers(listing_of(snapshot), manifest)
    agreed = len(wrong) == 1 and not wrong[0].reason
    for each in wrong:
        message = _("on players of {firmware}, number {number} plays {found} instead of {expected}")
        text = message.format(
            firmware=", ".join(each.firmwares),
            number=each.number,
            found=shown(each.found) if each.found is not None else _("nothing"),
            expected=each.expected,
        )
        if each.reason:
            text = _("{reason}: {text}").format(reason=_(each.reason), text=text)
        if each.count > 1:
            more = ngettext("and {count} other number is wrong", "and {count} other numbers are wrong", each.count - 1)
            text = f"{text}, {more.format(count=each.count - 1)}"
        guessed = [name for name in each.firmwares if certainty_of(find_firmware(name)) is Certainty.GUESS]
        if guessed and not each.reason:
            text = _("{text} (for {firmware}, in part a guess)").format(text=text, firmware=", ".join(guessed))
        yield Finding(FindingKind.MISNUMBERED, text, each.expected, warning=not agreed)


def _of_hidden_entries(snapshot: CardSnapshot, manifest: Manifest) -> Iterator[Finding]:
    order = play_order(file.path for file in manifest.files)
    ours = {*order, *(file.path for file in manifest.files)}
    for path, found in snapshot.facts.items():
        if found.hidden and path in ours:
            message = _("{path} is hidden, so some players skip it. To show it again, update or load the card")
            yield Finding(FindingKind.HIDDEN, message.format(path=path), path)


def _of_foreign_files(snapshot: CardSnapshot, manifest: Manifest) -> Iterator[Finding]:
    """Foreign files that a player takes for tracks. All are warnings, except those that shift numbers."""
    messages = {
        Effect.SHIFTS: _("{path} is not ours and shifts the numbers of the tracks after it"),
        Effect.MAY_SHIFT: _("{path} is not ours, and may shift the numbers of tracks on some players"),
        Effect.PLAYS: _("{path} is not ours, and plays among the tracks"),
    }
    recorded = {
        Effect.SHIFTS: _("{path} was recorded by the player, and shifts the numbers of the tracks after it"),
        Effect.MAY_SHIFT: _("{path} was recorded by the player, and may shift the numbers of tracks on some players"),
        Effect.PLAYS: _("{path} was recorded by the player, and plays among the tracks"),
    }
    for found in disturbances(snapshot, manifest):
        path = shown(found.path)
        if found.is_apple_double:
            message = _(
                "{path} was left by a Mac; a player may play it as a broken track. To remove what computers "
                "leave behind, update the card with --clean-junk"
            )
            yield Finding(FindingKind.OS_JUNK, message.format(path=path), path, warning=True)
        else:
            yield Finding(
                FindingKind.RECORDING if found.is_recording else FindingKind.EXTRA,
                (recorded if found.is_recording else messages)[found.effect].format(path=path),
                path,
                warning=found.effect is not Effect.SHIFTS,
            )
