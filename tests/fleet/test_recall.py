"""Holders of releases, decisions about releases, and the selection for pruning."""

from __future__ import annotations

import random
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from visit_kit import Interruption, Visits

from packager.base.errors import InputError, PackagerError
from packager.base.manifest import Manifest
from packager.fleet.recall import approve, find_known, holders_of, manifests_on_cards, select_for_pruning, withdraw
from packager.fleet.status import fleet
from packager.registry.approval import ReleaseState, read_release_policy
from packager.registry.releases import record_release, release_record
from packager.releases.prune import delete_leftovers, delete_release, room_of
from packager.releases.store import StoredRelease, list_releases
from packager.visits.load_guards import LoadOverrides

ANYTHING = LoadOverrides(downgrade=True, repair=True, same_card=True, move_card=True, replace_card=True)


def stored(visits: Visits) -> tuple[StoredRelease, ...]:
    return list_releases(visits.folder / "releases")


def make(visits: Visits, sequence: int) -> Manifest:
    made = visits.release(sequence, contents=(b"one", b"two", b"week %d" % sequence))
    record_release(visits.registry, made)
    return made


known = release_record


def going(visits: Visits, *, approval_required: bool = False) -> list[int]:
    rules = read_release_policy(visits.registry, approval_required=approval_required)
    return [one.manifest.sequence for one in select_for_pruning(visits.registry, stored(visits), rules).go]


def holders(visits: Visits, manifest: Manifest) -> list[tuple[str, bool]]:
    found = holders_of(visits.registry, manifest.content_id, fleet(visits.registry))
    return [(one.status.player.id, one.is_sure) for one in found]


def on_cards(visits: Visits) -> set[str]:
    """The manifests that lie on the cards themselves."""
    names = (path.name for path in visits.folder.glob("card*/.packager/manifest-*.json"))
    return {match[1] for name in names if (match := re.fullmatch(r"manifest-([0-9a-f]{32})\.json", name))}


def test_the_holders_of_a_release_are_the_players_with_a_verified_load(visits: Visits) -> None:
    first, second = make(visits, 1), make(visits, 2)
    visits.load(first)
    visits.load(second, card="card 2", player="P002")
    assert holders(visits, first) == [("P001", True)]
    assert holders(visits, second) == [("P002", True)]
    visits.update()
    assert holders(visits, first) == []
    assert holders(visits, second) == [("P001", True), ("P002", True)]


def test_a_player_with_an_interrupted_load_may_hold_both_releases(visits: Visits) -> None:
    first, second = make(visits, 1), make(visits, 2)
    visits.load(first)
    with pytest.raises(KeyboardInterrupt):
        visits.update(progress=Interruption("write"))
    assert holders(visits, first) == [("P001", True)]
    assert holders(visits, second) == [("P001", False)]
    for sequence in (3, 4):
        make(visits, sequence)
    assert going(visits) == [3]
    visits.update()
    assert going(visits) == [1, 2, 3]


def test_a_release_is_withdrawn_once_and_for_a_reason(visits: Visits) -> None:
    made = known(make(visits, 1))
    with pytest.raises(InputError, match="say why"):
        withdraw(visits.registry, made, reason="  ")
    assert withdraw(visits.registry, made, reason="错字", by="党群办") is not None
    assert withdraw(visits.registry, made, reason="又一次") is None
    rules = read_release_policy(visits.registry, approval_required=False)
    (decision,) = rules.decisions[made.content]
    assert decision.reason == "错字"


def test_an_approval_needs_a_name(visits: Visits) -> None:
    make(visits, 1)
    (release,) = stored(visits)
    for nobody in ("", "  ", "a\nb", "\u202e"):
        with pytest.raises(InputError):
            approve(visits.registry, release, by=nobody)
    made = approve(visits.registry, release, by=" 党群办 ")
    assert made is not None
    assert made.decided_by == "党群办"
    assert approve(visits.registry, release, by="别人") is None
    withdraw(visits.registry, known(release.manifest), reason="错字")
    with pytest.raises(InputError, match="--again"):
        approve(visits.registry, release, by="党群办")
    assert approve(visits.registry, release, by="党群办", again=True) is not None
    rules = read_release_policy(visits.registry, approval_required=True)
    assert rules.state_of(release.manifest.content_id, release.manifest.id) is ReleaseState.APPROVED


def test_an_expired_release_is_not_approved(visits: Visits) -> None:
    made = make(visits, 1)
    first, *others = made.tracks
    over = replace(made, tracks=(replace(first, expires="2026-11-01"), *others))
    with pytest.raises(InputError, match="until 2026-11-01"):
        approve(visits.registry, StoredRelease(Path(), over), by="党群办")


def test_two_releases_of_one_name_are_told_apart_by_their_check_codes(visits: Visits) -> None:
    here = make(visits, 1)
    other = replace(here, tracks=here.tracks[:1])
    both = [*stored(visits), StoredRelease(visits.folder, other)]
    with pytest.raises(InputError, match=other.check_code):
        find_known(visits.registry, both, "main-0001")
    with pytest.raises(InputError, match="give all 20 digits"):
        find_known(visits.registry, both, "main-0001", code=other.check_code[:8])
    found = find_known(visits.registry, both, "main-0001", code=other.check_code)
    assert found.content == other.content_id
    with pytest.raises(InputError, match="did you mean 'main-0001'"):
        find_known(visits.registry, both, "main-001")


def test_pruning_keeps_approved_releases_that_are_on_no_card_and_removes_drafts(visits: Visits) -> None:
    for sequence in range(1, 6):
        make(visits, sequence)
    first, second = stored(visits)[:2]
    visits.load(first.manifest)
    approve(visits.registry, first, by="党群办")
    approve(visits.registry, second, by="党群办")
    assert going(visits, approval_required=True) == [3, 4]
    assert going(visits) == [3, 4]


def test_each_kind_of_player_keeps_its_newest(visits: Visits) -> None:
    for sequence, profile in ((1, "folders"), (2, "keypad"), (3, "folders"), (4, "keypad")):
        record_release(visits.registry, visits.release(sequence, contents=(b"%d" % sequence,), profile=profile))
    assert going(visits) == [1, 2]


def test_bytes_that_releases_share_are_not_counted_as_freed(visits: Visits) -> None:
    make(visits, 1)
    make(visits, 2)
    first, second = stored(visits)
    for track in first.manifest.tracks[:2]:
        (second.folder / track.path).unlink()
        (second.folder / track.path).hardlink_to(first.folder / track.path)
    own = len(b"week 1") + len(first.manifest.to_bytes())
    assert room_of([first]).freed == own
    assert room_of([first]).shared == len(b"one") + len(b"two")
    assert room_of([first, second]).shared == 0
    assert room_of([first, second]).freed == sum(
        len(data) for data in (b"one", b"two", b"week 1", b"week 2", *(s.manifest.to_bytes() for s in (first, second)))
    )
    delete_release(first, visits.folder / "releases")
    assert stored(visits) == (second,)
    assert (second.folder / second.manifest.tracks[0].path).read_bytes() == b"one"


def test_an_interrupted_deletion_leaves_no_partial_release(visits: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    for sequence in (1, 2):
        make(visits, sequence)
    root = visits.folder / "releases"

    def cut(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("packager.releases.prune.shutil.rmtree", cut)
    with pytest.raises(KeyboardInterrupt):
        delete_release(stored(visits)[0], root)
    monkeypatch.undo()
    assert [one.manifest.sequence for one in stored(visits)] == [2]
    assert (root / ".pruned.part").exists()
    delete_leftovers(root)
    assert [path.name for path in root.iterdir()] == ["main-0002"]
    delete_release(stored(visits)[0], root)
    assert stored(visits) == ()


@pytest.mark.parametrize("seed", range(4))
def test_pruning_never_removes_a_release_that_is_on_a_card(visits: Visits, seed: int) -> None:
    chance = random.Random(seed)
    made = [make(visits, sequence) for sequence in range(1, 6)]
    for _step in range(25):
        card, player = chance.choice((("card 1", "P001"), ("card 2", "P002")))
        wanted = chance.choice(made)
        progress = Interruption(chance.choice(("write", "verify", "nothing")))
        act = chance.randrange(6)
        with suppress(PackagerError, KeyboardInterrupt):
            if act < 3:
                visits.load(wanted, card=card, player=player, overrides=ANYTHING, progress=progress)
            elif act == 3:
                visits.update(card, overrides=ANYTHING, progress=progress)
            elif act == 4:
                visits.audit(card, quick=chance.random() < 0.5)
            elif chance.random() < 0.3:
                withdraw(visits.registry, known(wanted), reason="错字")
        rules = read_release_policy(visits.registry, approval_required=False)
        go = {one.manifest.id for one in select_for_pruning(visits.registry, stored(visits), rules).go}
        with visits.registry.read() as connection:
            assert on_cards(visits) <= manifests_on_cards(connection)
        assert not go & on_cards(visits)
