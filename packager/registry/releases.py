"""Recorded releases, and the choice of the release that an update brings a card to.

A release that only a card or an imported file brought is *claimed*: anybody may have written its manifest. It never
stands against another release with its sequence, and it ends no series.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from packager.arranging.profiles.variant import base_profile
from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.manifest import Manifest
from packager.registry.approval import FREE, ReleasePolicy, objections
from packager.registry.database import Registry
from packager.registry.events import RELEASES, ReleaseRecord
from packager.releases.store import StoredRelease

if TYPE_CHECKING:
    from sqlalchemy import Connection

MAX_GAP = 100_000  # sequences between a release and the highest of our own


def release_record(manifest: Manifest) -> ReleaseRecord:
    """The record of the release with this manifest."""
    return ReleaseRecord(
        manifest=manifest.id,
        release=manifest.release,
        series=manifest.series,
        sequence=manifest.sequence,
        profile=manifest.profile,
        content=manifest.content_id,
        title=manifest.title,
        created=manifest.created,
        tracks=len(manifest.tracks),
        size=manifest.size,
        expires=manifest.expires,
    )


def record_release(registry: Registry, manifest: Manifest) -> ReleaseRecord:
    """Record a release as one of our own. Raises InputError when another content has its sequence."""
    record = release_record(manifest)
    with registry.write() as connection:
        write_own_release(connection, record)
    return record


def recorded_releases(registry: Registry) -> tuple[ReleaseRecord, ...]:
    """All recorded releases, by series, profile and sequence."""
    with registry.read() as connection:
        return read_releases(connection)


def read_releases(connection: Connection) -> tuple[ReleaseRecord, ...]:
    """All recorded releases, by series, profile and sequence."""
    from packager.registry.schema import releases

    found = [RELEASES.of_row(row) for row in connection.execute(releases.select())]
    return tuple(sorted(found, key=lambda record: (record.series, record.profile, record.sequence, record.manifest)))


def highest_sequence(registry: Registry, series: str) -> int:
    """The highest plausible sequence of `series` for any profile; 0 without a release.

    A claimed release counts too, so that a series goes on after a registry was rebuilt from cards, but not if it is
    more than MAX_GAP above our own: else a forged one could take the last sequence.
    """
    with registry.read() as connection:
        own = _highest_own(connection, series)
        return _highest(connection, series, own + MAX_GAP) or own


def _highest_own(connection: Connection, series: str) -> int:
    from sqlalchemy import func, select

    from packager.registry.schema import own_releases, releases

    own = select(func.max(releases.c.sequence)).join(own_releases, own_releases.c.manifest == releases.c.manifest)
    return connection.scalar(own.where(releases.c.series == series)) or 0


def _highest(connection: Connection, series: str, limit: int) -> int:
    from sqlalchemy import func, select

    from packager.registry.schema import releases

    plausible = select(func.max(releases.c.sequence)).where(releases.c.series == series, releases.c.sequence <= limit)
    return connection.scalar(plausible) or 0


def profile_due(held: str, player_profile: str | None) -> str:
    """The profile of a card's next release: `held`, or its variant that the roster has, as `folders+slow`."""
    if player_profile and base_profile(player_profile) == base_profile(held):
        return player_profile
    return held


def release_for_update(
    stored: Iterable[StoredRelease],
    on_card: Manifest,
    player_profile: str | None = None,
    *,
    rules: ReleasePolicy = FREE,
) -> StoredRelease:
    """The newest release in `stored` of the series and profile of `on_card`, the release on the card.

    Where the roster has another variant of the profile, as `folders+slow`, that variant is used. Releases that
    the `rules` ban are skipped; an older release than the card's is chosen only where the card's own is banned.
    Raises InputError when no release matches, when all are banned, when the card is newer than all of them, or
    when two different releases have the highest sequence.
    """
    profile = profile_due(on_card.profile, player_profile)
    kind = (on_card.series, profile)
    matching = [one for one in stored if (one.manifest.series, one.manifest.profile) == kind]
    if not matching:
        raise InputError(_nothing_of_the_kind(on_card, profile))
    highest = max(one.manifest.sequence for one in matching)
    if highest < on_card.sequence and profile == on_card.profile and not rules.objection(on_card):
        raise InputError(
            _(
                "the card holds '{release}', which is newer than anything here (sequence {found}, here "
                "{highest}); get the newest release from where it was built"
            ).format(release=on_card.release, found=on_card.sequence, highest=highest)
        )
    may_go_back = rules.objection(on_card) or profile != on_card.profile
    return _newest_givable(matching, rules, at_least=0 if may_go_back else on_card.sequence)


def _nothing_of_the_kind(on_card: Manifest, profile: str) -> str:
    """The message that there is no release for a card with `on_card` whose player takes `profile`."""
    if profile == on_card.profile:
        return _(
            "the card holds '{release}' (series {series}, profile {profile}), and there is no release of "
            "that kind here; build one, or put another on it with: "
            "packager load CARD --player P001 --release NAME"
        ).format(release=on_card.release, series=on_card.series, profile=on_card.profile)
    return _(
        "the player takes the profile {profile}, and there is no release of series {series} for it "
        "here; make one with: packager build PLAYLIST --profile {profile}"
    ).format(profile=profile, series=on_card.series)


def release_for_player(
    stored: Iterable[StoredRelease], series: str, profile: str, *, rules: ReleasePolicy
) -> StoredRelease:
    """The newest release of `series` for `profile` that the `rules` allow.

    Raises InputError when there is none, or when two different releases have the highest sequence.
    """
    matching = [one for one in stored if (one.manifest.series, one.manifest.profile) == (series, profile)]
    if not matching:
        raise InputError(
            _(
                "there is no release of series {series} for the profile {profile} yet; make one with: "
                "packager build PLAYLIST --profile {profile}, or name one with --release"
            ).format(series=series, profile=profile)
        )
    return _newest_givable(matching, rules)


def _newest_givable(matching: Sequence[StoredRelease], rules: ReleasePolicy, *, at_least: int = 0) -> StoredRelease:
    """The newest of `matching` from the sequence `at_least` on that may be given out."""
    givable = [one for one in matching if one.manifest.sequence >= at_least and not rules.objection(one.manifest)]
    if not givable:
        reasons = objections(rules, matching, above=at_least)
        raise InputError(
            "\n".join([_("there is no release here that may be given out:"), *(f"  - {r}" for r in reasons)])
        )
    highest = max(one.manifest.sequence for one in givable)
    newest = [one for one in givable if one.manifest.sequence == highest]
    if len({one.manifest.content_id for one in newest}) > 1:
        folders = ", ".join(sorted(str(one.folder) for one in newest))
        raise InputError(
            _(
                "two different releases of series {series} have the sequence {sequence}: {folders}; "
                "remove the wrong one"
            ).format(series=newest[0].manifest.series, sequence=highest, folders=folders)
        )
    return newest[0]


def require_unforked(connection: Connection, record: ReleaseRecord) -> None:
    """Raise InputError when one of our own releases with its sequence has another content or last day."""
    others = fork_of(connection, record)
    if others:
        raise InputError(
            _(
                "'{release}' differs from the release '{other}' that was given out with the same sequence "
                "{sequence} of series {series}; build it again as a new release"
            ).format(release=record.release, other=others[0].release, sequence=record.sequence, series=record.series)
        )


def fork_of(connection: Connection, record: ReleaseRecord) -> tuple[ReleaseRecord, ...]:
    """Our own releases with the series, profile and sequence of `record`, and another content or last day.

    A build that changes the last day takes a new sequence, so another last day means an altered manifest.
    """
    from sqlalchemy import or_

    from packager.registry.schema import own_releases, releases

    same_sequence = (
        releases.select()
        .join(own_releases, own_releases.c.manifest == releases.c.manifest)
        .where(
            releases.c.series == record.series,
            releases.c.profile == record.profile,
            releases.c.sequence == record.sequence,
            or_(releases.c.content != record.content, releases.c.expires != record.expires),
        )
    )
    rows = connection.execute(same_sequence.order_by(releases.c.manifest))
    return tuple(RELEASES.of_row(row) for row in rows)


def write_own_release(connection: Connection, record: ReleaseRecord) -> None:
    """Record a release that was built, unpacked, approved or loaded here, unless it is known as such.

    One whose sequence is not plausible stays claimed. Raises InputError when one of our own with its sequence differs.
    """
    from packager.registry.schema import own_releases

    require_unforked(connection, record)
    write_release(connection, record)
    known = connection.execute(own_releases.select().where(own_releases.c.manifest == record.manifest)).first()
    if known is None and record.sequence <= _highest_own(connection, record.series) + MAX_GAP:
        connection.execute(own_releases.insert().values(manifest=record.manifest))


def write_release(connection: Connection, record: ReleaseRecord) -> None:
    """Record a release unless its manifest is known. By itself this is a claim."""
    from packager.registry.schema import releases

    if connection.execute(releases.select().where(releases.c.manifest == record.manifest)).first() is None:
        connection.execute(releases.insert().values(**RELEASES.to_row(record)))
