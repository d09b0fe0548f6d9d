"""Releases in the registry, and which release an update brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from packager.base.errors import InputError
from packager.base.manifest import Manifest
from packager.registry.database import Registry
from packager.registry.event_store import record_audit
from packager.registry.events import Verdict
from packager.registry.releases import (
    fork_of,
    highest_sequence,
    record_release,
    recorded_releases,
    release_for_update,
    release_record,
    write_release,
)
from packager.releases.store import StoredRelease, list_releases
from packager.sync.decision_transfer import take_over

Make = Callable[..., Manifest]


def test_a_release_is_recorded_once(registry: Registry, release: Make) -> None:
    assert record_release(registry, release(1)) == record_release(registry, release(1))
    assert len(recorded_releases(registry)) == 1


def test_another_content_under_the_same_sequence_is_refused(registry: Registry, release: Make) -> None:
    record_release(registry, release(1))
    with pytest.raises(InputError, match=r"'main-0001' differs.*sequence 1 of series main"):
        record_release(registry, release(1, contents=(b"other",)))
    assert len(recorded_releases(registry)) == 1


def test_a_manifest_from_which_the_last_day_was_taken_is_refused(registry: Registry, release: Make) -> None:
    altered = release(1)
    first, *others = altered.tracks
    record_release(registry, replace(altered, tracks=(replace(first, expires="2026-11-01"), *others)))
    with pytest.raises(InputError, match="main-0001"):
        record_release(registry, altered)
    assert [record.expires for record in recorded_releases(registry)] == ["2026-11-01"]


def test_the_same_sequence_for_another_profile_is_no_contradiction(registry: Registry, release: Make) -> None:
    record_release(registry, release(1))
    record_release(registry, release(1, profile="keypad", contents=(b"other",)))
    assert {record.profile for record in recorded_releases(registry)} == {"folders", "keypad"}


def stored(tmp_path: Path) -> tuple[StoredRelease, ...]:
    return list_releases(tmp_path / "releases")


def test_an_update_takes_the_newest_of_what_the_card_holds(tmp_path: Path, release: Make) -> None:
    on_card = release(1)
    release(10)
    release(9)
    release(11, series="other")
    release(12, profile="keypad")
    assert release_for_update(stored(tmp_path), on_card).manifest.release == "main-0010"


def test_an_update_of_a_card_that_is_up_to_date_takes_its_own_release(tmp_path: Path, release: Make) -> None:
    on_card = release(2)
    release(1)
    assert release_for_update(stored(tmp_path), on_card).manifest == on_card


def test_an_update_says_when_there_is_nothing_of_the_cards_kind(tmp_path: Path, release: Make) -> None:
    release(1, series="other")
    wanted = release(1, series="gone")
    kept = [one for one in stored(tmp_path) if one.manifest.series != "gone"]
    with pytest.raises(InputError, match=r"'gone-0001' \(series gone, profile folders\)"):
        release_for_update(kept, wanted)


def test_an_update_says_when_the_card_is_newer_than_this_computer(tmp_path: Path, release: Make) -> None:
    on_card = release(5)
    release(4)
    older = [one for one in stored(tmp_path) if one.manifest.sequence < 5]
    with pytest.raises(InputError, match=r"newer than anything here \(sequence 5, here 4\)"):
        release_for_update(older, on_card)


def test_an_update_does_not_choose_between_two_releases_of_one_sequence(tmp_path: Path, release: Make) -> None:
    on_card = release(1)
    one = StoredRelease(tmp_path / "one", release(2))
    two = StoredRelease(tmp_path / "two", release(2, contents=(b"other",)))
    with pytest.raises(InputError, match=r"two different releases.*one.*two"):
        release_for_update([one, two], on_card)
    assert release_for_update([one, one], on_card) == one


def seen_on_a_card(registry: Registry, manifest: Manifest) -> None:
    record_audit(
        registry,
        card="c" * 32,
        counter=1,
        load=None,
        manifest=manifest,
        verification="read",
        verdict=Verdict.GOOD,
        findings={},
    )


def test_a_forged_release_on_a_card_gives_way_to_the_true_one(registry: Registry, release: Make) -> None:
    forged, true = release(2, contents=(b"false",)), release(2, contents=(b"true",))
    seen_on_a_card(registry, forged)
    assert take_over(registry, true, ()) == ()
    record_release(registry, true)
    with registry.read() as connection:
        assert [one.content for one in fork_of(connection, release_record(forged))] == [true.content_id]
        assert fork_of(connection, release_record(true)) == ()


def test_an_imported_release_gives_way_to_the_true_one(registry: Registry, release: Make) -> None:
    with registry.write() as connection:
        write_release(connection, release_record(release(2, contents=(b"false",))))
    record_release(registry, release(2))


@pytest.mark.parametrize("sequence", [10**9, 10**9 - 1, 200_000])
def test_no_claimed_release_takes_the_last_sequence_of_a_series(
    registry: Registry, release: Make, sequence: int
) -> None:
    record_release(registry, release(3))
    far = replace(release(4, contents=(b"false",)), sequence=sequence)
    seen_on_a_card(registry, far)
    assert highest_sequence(registry, "main") == 3
    take_over(registry, far, ())  # as an archive from anybody, where no keys are required
    assert highest_sequence(registry, "main") == 3


def test_a_series_goes_on_after_the_releases_on_cards(registry: Registry, release: Make) -> None:
    seen_on_a_card(registry, release(7))
    assert highest_sequence(registry, "main") == 7
