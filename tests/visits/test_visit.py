"""Loads, updates and audits of a folder that stands for a card: its files, refusals, and registry events."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from visit_kit import Interruption, Visits, known_cards, refused

from packager.base.errors import CardFailedError, CardRefusedError, InputError, RegistryError
from packager.base.findings import FindingKind, FindingSource
from packager.fleet.status import PlayerStatusKind, fleet
from packager.registry.database import Registry, open_registry
from packager.registry.event_store import card_history
from packager.registry.events import LoadOutcome, Verdict
from packager.registry.players import add_player, card_of_player, list_players, player_of_card
from packager.roster.handover import find_again, lose, retire
from packager.sync.exchange import export_registry, import_file
from packager.visits.audit import AuditResult, AuditVisit
from packager.visits.load_guards import LoadOverrides
from packager.visits.visit import VisitOptions, visit_card


def test_a_load_puts_the_release_on_the_card_and_in_the_registry(visits: Visits) -> None:
    manifest = visits.release(1)
    result = visits.load(manifest)
    assert visits.tracks() == {"01-week/001.mp3": b"one", "01-week/002.mp3": b"two", "01-week/003.mp3": b"three"}
    assert result.card_is_new
    assert result.before is None
    assert result.load is not None
    assert result.load.written == tuple(track.path for track in manifest.tracks)
    assert player_of_card(visits.registry, result.card) == "P001"
    assert visits.status_of() == (PlayerStatusKind.CURRENT, "main-0001", 0)
    (ended,) = visits.outcomes(result.card)
    assert ended is not None
    assert (ended.outcome, ended.verified, ended.counter) == (LoadOutcome.DONE, True, result.load.counter)


def test_an_update_brings_the_newest_release_to_the_player_that_the_card_is_in(visits: Visits) -> None:
    visits.load(visits.release(1))
    visits.release(2, contents=(b"one", b"two", b"four", b"five"))
    visits.release(9, profile="keypad")
    result = visits.update()
    assert result.player.id == "P001"
    assert result.before == visits.release(1)
    assert result.load is not None
    assert result.load.bytes_written == len(b"four") + len(b"five")
    assert list(visits.tracks().values()) == [b"one", b"two", b"four", b"five"]
    assert visits.status_of() == (PlayerStatusKind.CURRENT, "main-0002", 0)
    history = card_history(visits.registry, result.card)
    assert [load.parent for load in history.loads] == [None, history.loads[0].id]


def test_an_update_of_a_card_that_is_up_to_date_writes_no_track(visits: Visits) -> None:
    visits.load(visits.release(1))
    result = visits.update()
    assert result.load is not None
    assert result.load.bytes_written == 0
    assert visits.status_of() == (PlayerStatusKind.CURRENT, "main-0001", 0)


def test_a_lost_or_retired_player_is_refused_until_it_is_in_use_again(visits: Visits) -> None:
    lose(visits.registry, "P001")
    first = visits.release(1)
    refused(visits, CardRefusedError, "P001 is lost", lambda: visits.load(first))
    find_again(visits.registry, "P001")
    visits.load(first)
    retire(visits.registry, "P001")
    visits.release(2)
    refused(visits, CardRefusedError, "packager players reactivate P001", visits.update)
    assert visits.status_of()[0] is PlayerStatusKind.RETIRED


def test_a_dry_run_changes_neither_card_nor_registry(visits: Visits) -> None:
    planned = visits.load(visits.release(1), dry_run=True)
    assert planned.load is None
    assert [track.path for track in planned.plan.creates] == [t.path for t in planned.release.tracks]
    assert visits.files() == {}
    assert card_history(visits.registry, planned.card).events == ()
    assert visits.status_of()[0] is PlayerStatusKind.NEVER_LOADED


def test_an_unknown_player_is_refused_before_the_card_is_read(visits: Visits) -> None:
    manifest = visits.release(1)
    refused(visits, InputError, "no player P003", lambda: visits.load(manifest, player="P003"))


def test_a_card_that_is_not_ours_is_refused_unless_claimed(visits: Visits) -> None:
    manifest = visits.release(1)
    visits.card()
    refused(visits, CardRefusedError, "--new", lambda: visits.load(manifest, claim=False))


def test_the_card_of_another_player_is_refused_until_it_is_moved(visits: Visits) -> None:
    manifest = visits.release(1)
    visits.load(manifest)
    words = "is the card of player P001, not of P002.*--move-card"
    refused(visits, CardRefusedError, words, lambda: visits.load(manifest, player="P002"))
    visits.load(manifest, player="P002", overrides=LoadOverrides(move_card=True))
    assert visits.status_of("P001")[0] is PlayerStatusKind.NEVER_LOADED
    assert visits.status_of("P002")[0] is PlayerStatusKind.CURRENT


def test_a_second_card_for_a_player_is_refused_until_it_replaces_the_first(visits: Visits) -> None:
    manifest = visits.release(1)
    first = visits.load(manifest).card
    words = rf"player P001 has another card \({first[:8]}\).*--replace-card"
    refused(visits, CardRefusedError, words, lambda: visits.load(manifest, card="card2"))
    second = visits.load(manifest, card="card2", overrides=LoadOverrides(replace_card=True)).card
    assert card_of_player(visits.registry, "P001") == second
    words = "the registry does not know the player of .*packager load"
    refused(visits, CardRefusedError, words, visits.update)


def test_an_older_release_is_refused_without_the_downgrade_override(visits: Visits) -> None:
    older = visits.release(1)
    visits.load(visits.release(2, contents=(b"new",)))
    words = "holds 'main-0002', which is newer than 'main-0001'.*--downgrade"
    refused(visits, CardRefusedError, words, lambda: visits.load(older))
    visits.load(older, overrides=LoadOverrides(downgrade=True))
    assert visits.status_of() == (PlayerStatusKind.BEHIND, "main-0001", 1)


@pytest.mark.parametrize("kind", [{"series": "other"}, {"profile": "keypad"}])
def test_a_release_of_another_kind_is_refused_without_the_switch_override(visits: Visits, kind: dict[str, str]) -> None:
    visits.load(visits.release(1))
    other = visits.release(2, contents=(b"new",), **kind)
    words = r"holds 'main-0001' \(series main, profile folders\).*--switch"
    refused(visits, CardRefusedError, words, lambda: visits.load(other))
    visits.load(other, overrides=LoadOverrides(switch=True))
    assert visits.status_of() == (PlayerStatusKind.CURRENT, other.release, 0)


def test_a_release_of_a_profile_that_the_player_does_not_take_is_refused(visits: Visits) -> None:
    add_player(visits.registry, "P003", profile="keypad")
    manifest = visits.release(1)
    words = "of the profile folders, but player P003 takes keypad.*--switch"
    refused(visits, CardRefusedError, words, lambda: visits.load(manifest, player="P003"))
    visits.load(manifest, player="P003", overrides=LoadOverrides(switch=True))
    assert visits.status_of("P003")[0] is PlayerStatusKind.CURRENT


def test_two_releases_of_one_sequence_never_both_go_out(visits: Visits, tmp_path: Path) -> None:
    visits.load(visits.release(1))
    shutil.rmtree(tmp_path / "releases")
    other = visits.release(1, contents=(b"another",))
    words = "under the same sequence"
    refused(visits, CardRefusedError, words, lambda: visits.load(other))
    words = "differs from the release 'main-0001' that was given out"
    refused(visits, InputError, words, lambda: visits.load(other, card="card2", player="P002"))


@pytest.mark.parametrize("stage", ["write", "verify"])
def test_an_interruption_is_recorded_and_the_same_command_again_finishes(visits: Visits, stage: str) -> None:
    manifest = visits.release(1)
    with pytest.raises(KeyboardInterrupt):
        visits.load(manifest, progress=Interruption(stage))
    assert visits.status_of() == (PlayerStatusKind.INTERRUPTED, None, 0)
    result = visits.load(manifest)
    assert visits.status_of() == (PlayerStatusKind.CURRENT, "main-0001", 0)
    interrupted, done = visits.outcomes(result.card)
    assert interrupted is not None
    assert done is not None
    assert (interrupted.outcome, done.outcome) == (LoadOutcome.INTERRUPTED, LoadOutcome.DONE)


def test_an_interrupted_downgrade_is_finished_by_the_same_command(visits: Visits) -> None:
    older = visits.release(1)
    visits.load(visits.release(2, contents=(b"new",)))
    with pytest.raises(KeyboardInterrupt):
        visits.load(older, overrides=LoadOverrides(downgrade=True), progress=Interruption("write"))
    visits.load(older, overrides=LoadOverrides(downgrade=True))
    assert visits.status_of() == (PlayerStatusKind.BEHIND, "main-0001", 1)


@pytest.mark.parametrize("words", ["file\n" * 10_000, "a\0b", "\udcffname"])
def test_any_recorded_failure_can_be_exported_and_imported(visits: Visits, tmp_path: Path, words: str) -> None:
    def fail(stage: str, done: int, total: int) -> None:
        raise CardFailedError(words)

    with pytest.raises(CardFailedError):
        visits.load(visits.release(1), progress=fail)
    export_registry(visits.registry, tmp_path / "told")
    with open_registry(tmp_path / "other.db") as other:
        assert import_file(other, tmp_path / "told").new["outcomes"] == 1


def test_a_load_that_fails_is_recorded_with_its_reason(visits: Visits) -> None:
    manifest = visits.release(1)
    source = visits.stored(manifest).folder / "01-week" / "002.mp3"
    source.write_bytes(b"TWO")
    with pytest.raises(CardFailedError, match="damaged"):
        visits.load(manifest)
    (status, _other) = fleet(visits.registry)
    assert status.kind is PlayerStatusKind.FAILED
    assert "002.mp3" in status.reason
    source.write_bytes(b"two")
    visits.load(manifest)
    assert visits.status_of() == (PlayerStatusKind.CURRENT, "main-0001", 0)


KILLED_LOAD = """
import os, signal, sys
from pathlib import Path
from packager.releases.store import open_release
from packager.registry.database import open_registry
from packager.visits.visit import VisitOptions, visit_card

def progress(stage, done, total):
    if stage == sys.argv[4]:
        os.kill(os.getpid(), signal.SIGKILL)

with open_registry(sys.argv[1]) as registry:
    release = open_release(Path(sys.argv[3]))
    how = VisitOptions(allow_folder=True, claim=True, progress=progress)
    visit_card(registry, Path(sys.argv[2]), "P001", release, how)
"""


@pytest.mark.parametrize("stage", ["write", "verify"])
def test_a_load_that_was_killed_is_known_as_unfinished_and_is_finished_by_the_next(visits: Visits, stage: str) -> None:
    manifest = visits.release(1)
    arguments = [visits.registry.name, str(visits.card()), str(visits.stored(manifest).folder), stage]
    killed = subprocess.run([sys.executable, "-c", KILLED_LOAD, *arguments], check=False)
    assert killed.returncode == -9
    assert visits.status_of() == (PlayerStatusKind.INTERRUPTED, None, 0)
    assert not visits.audit().card.is_good
    assert visits.status_of() == (PlayerStatusKind.INTERRUPTED, None, 0)
    visits.load(manifest)
    assert visits.status_of() == (PlayerStatusKind.CURRENT, "main-0001", 0)
    assert visits.audit().card.is_good


class BreakRegistry:
    """Lets the registry refuse to be written from the moment that the card is being read back."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    def query_only(self, value: str) -> None:
        with self.registry.read() as connection:
            connection.exec_driver_sql(f"PRAGMA query_only = {value}")

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == "verify":
            self.query_only("ON")


def test_a_good_card_that_could_not_be_recorded_is_recorded_by_an_audit(visits: Visits) -> None:
    manifest = visits.release(1)
    breaking = BreakRegistry(visits.registry)
    with pytest.raises(RegistryError) as raised:
        visits.load(manifest, progress=breaking)
    words = str(raised.value)
    assert "is good: it holds 'main-0001' for player P001" in words
    assert "packager audit" in words
    breaking.query_only("OFF")
    assert visits.status_of() == (PlayerStatusKind.INTERRUPTED, None, 0)
    seen = visits.audit()
    assert seen.card.is_good
    assert kinds(seen) == [FindingKind.UNRECORDED]
    assert visits.status_of() == (PlayerStatusKind.CURRENT, "main-0001", 0)
    assert visits.audit().findings == ()


def test_a_registry_that_cannot_be_written_leaves_the_card_untouched(visits: Visits) -> None:
    manifest = visits.release(1)
    BreakRegistry(visits.registry).query_only("ON")
    refused(visits, RegistryError, "can't be used", lambda: visits.load(manifest))


# --- audits ---


def kinds(seen: AuditVisit) -> list[FindingKind]:
    return [finding.kind for finding in seen.findings if finding.source is FindingSource.REGISTRY]


def test_an_audit_of_a_good_card_finds_nothing(visits: Visits) -> None:
    visits.load(visits.release(1))
    seen = visits.audit()
    assert (seen.player, seen.verdict, seen.behind, seen.result) == ("P001", Verdict.GOOD, 0, AuditResult.GOOD)
    assert seen.findings == ()


def test_a_byte_that_changed_on_the_card_is_found_and_recorded(visits: Visits) -> None:
    visits.load(visits.release(1))
    (visits.card() / "01-week" / "002.mp3").write_bytes(b"TWO")
    quick = visits.audit(quick=True)
    assert (quick.verdict, quick.result) == (Verdict.UNVERIFIED, AuditResult.UNVERIFIED)
    assert visits.status_of()[0] is PlayerStatusKind.CURRENT
    seen = visits.audit()
    assert (seen.verdict, seen.result) == (Verdict.DAMAGED, AuditResult.DAMAGED)
    assert visits.status_of() == (PlayerStatusKind.DAMAGED, "main-0001", 0)
    record = card_history(visits.registry, seen.card.card).audits[-1]
    assert record.findings == (("altered", 1),)
    visits.load(visits.release(1), overrides=LoadOverrides(repair=True))
    assert visits.status_of() == (PlayerStatusKind.CURRENT, "main-0001", 0)


def test_an_audit_says_how_far_behind_the_card_is(visits: Visits) -> None:
    visits.load(visits.release(1))
    for number, sequence in enumerate((2, 3)):
        visits.load(visits.release(sequence, contents=(b"%d" % number,)), card="card2", player="P002")
    seen = visits.audit()
    assert (seen.behind, kinds(seen)) == (2, [FindingKind.STALE])
    assert "2 releases behind" in seen.findings[0].message


def test_an_audit_accepts_the_state_of_a_card_from_another_registry(visits: Visits, tmp_path: Path) -> None:
    manifest = visits.release(3)
    with open_registry(tmp_path / "elsewhere.db") as elsewhere:
        add_player(elsewhere, "P050")
        visit_card(
            elsewhere, visits.card(), "P050", visits.stored(manifest), VisitOptions(allow_folder=True, claim=True)
        )
    seen = visits.audit()
    assert (seen.card.is_good, seen.player, kinds(seen)) == (True, None, [FindingKind.UNASSIGNED])
    assert [player.id for player in list_players(visits.registry)] == ["P001", "P002"]
    visits.load(manifest, claim=False)
    assert visits.status_of() == (PlayerStatusKind.CURRENT, "main-0003", 0)


def test_an_audit_records_a_load_made_with_another_registry(visits: Visits, tmp_path: Path) -> None:
    visits.load(visits.release(1))
    with open_registry(tmp_path / "elsewhere.db") as elsewhere:
        add_player(elsewhere, "P001")
        newer = visits.stored(visits.release(2, contents=(b"new",)))
        visit_card(elsewhere, visits.card(), "P001", newer, VisitOptions(allow_folder=True))
    seen = visits.audit()
    assert kinds(seen) == [FindingKind.UNRECORDED]
    assert "'main-0002'" in seen.findings[0].message
    assert visits.status_of() == (PlayerStatusKind.CURRENT, "main-0002", 0)


def test_a_restored_older_state_is_detected_until_the_card_is_loaded(visits: Visits) -> None:
    visits.load(visits.release(1))
    shutil.copytree(visits.card(), visits.folder / "kept")
    visits.load(visits.release(2, contents=(b"new",)))
    shutil.rmtree(visits.card())
    shutil.copytree(visits.folder / "kept", visits.folder / "card")
    for _ in range(2):
        seen = visits.audit()
        assert kinds(seen) == [FindingKind.ROLLED_BACK, FindingKind.STALE]
        assert seen.result is AuditResult.DOUBTFUL
    assert visits.status_of() == (PlayerStatusKind.BEHIND, "main-0001", 1)
    words = "has an older state.*--new-identity.*--same-card"
    refused(visits, CardRefusedError, words, visits.update)
    visits.update(overrides=LoadOverrides(same_card=True))
    assert visits.audit().findings == ()
    assert visits.status_of() == (PlayerStatusKind.CURRENT, "main-0002", 0)
    visits.load(visits.release(3, contents=(b"newer",)))
    assert visits.audit().findings == ()


def test_two_cards_with_one_identity_are_recognised(visits: Visits) -> None:
    visits.load(visits.release(1))
    shutil.copytree(visits.card(), visits.folder / "card2")
    visits.load(visits.release(2, contents=(b"new",)))
    with open_registry(visits.folder / "elsewhere.db") as elsewhere:
        add_player(elsewhere, "P001")
        newer = visits.stored(visits.release(2, contents=(b"new",)))
        visit_card(elsewhere, visits.card("card2"), "P001", newer, VisitOptions(allow_folder=True))
    seen = visits.audit("card2")
    assert kinds(seen) == [FindingKind.CLONED]
    assert seen.result is AuditResult.DOUBTFUL


def test_a_card_with_another_release_under_a_known_sequence_is_recognised(visits: Visits, tmp_path: Path) -> None:
    visits.load(visits.release(1))
    with open_registry(tmp_path / "elsewhere.db") as elsewhere:
        add_player(elsewhere, "P009")
        shutil.rmtree(tmp_path / "releases")
        other = visits.stored(visits.release(1, contents=(b"another",)))
        visit_card(elsewhere, visits.card("card9"), "P009", other, VisitOptions(allow_folder=True, claim=True))
    seen = visits.audit("card9")
    assert kinds(seen) == [FindingKind.UNASSIGNED, FindingKind.FORKED]
    assert seen.result is AuditResult.DOUBTFUL


def test_a_folder_that_is_no_card_is_not_audited(visits: Visits) -> None:
    visits.card()
    with pytest.raises(CardRefusedError, match="not a card of ours"):
        visits.audit()


def test_two_loads_at_once_never_work_on_one_card(visits: Visits) -> None:
    manifest = visits.release(1)
    newer = visits.release(2, contents=(b"other", b"two"))
    refused: list[str] = []

    def load_again(stage: str, done: int, total: int) -> None:
        if stage == "write" and not refused:
            with pytest.raises(CardRefusedError) as error:
                visits.load(newer)
            refused.append(str(error.value))

    visits.load(manifest, progress=load_again)
    assert "another load" in refused[0]
    assert visits.status_of() == (PlayerStatusKind.CURRENT, "main-0001", 0)
    assert visits.audit().card.is_good


def test_a_failure_with_a_path_that_is_not_utf8_is_recorded(visits: Visits) -> None:
    name = "card\udcff"
    (visits.card(name) / ".packager" / "state.a").mkdir(parents=True)
    (visits.card(name) / ".packager" / "state.a" / "note.txt").write_bytes(b"own")
    with pytest.raises(CardFailedError):
        visits.load(visits.release(1), card=name)
    (status, _other) = fleet(visits.registry)
    assert status.kind is PlayerStatusKind.FAILED


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE outcomes SET outcome = 'weird'",
        "UPDATE audits SET findings = 'garbage'",
        "UPDATE audits SET verdict = 'x'",
        "UPDATE loads SET lamport = 'abc'",
        "UPDATE players SET state = 'odd'",
        "UPDATE card_status SET trouble = 'odd'",
    ],
)
def test_a_registry_with_an_invalid_row_is_reported_as_damaged(visits: Visits, damage: str) -> None:
    visits.load(visits.release(1))
    visits.audit()
    with visits.registry.write() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.exec_driver_sql(damage)
    with pytest.raises(RegistryError, match="damaged"):
        fleet(visits.registry)
        card_history(visits.registry, known_cards(visits.registry)[0])


# ── Cards whose `.packager` somebody cleaned away ──


def cleaned(visits: Visits, card: str = "card") -> None:
    shutil.rmtree(visits.card(card) / ".packager")


def test_a_card_whose_state_was_cleaned_away_is_taken_over_without_writing_a_track(visits: Visits) -> None:
    first = visits.release(1)
    visits.load(first)
    cleaned(visits)
    (visits.card() / "own.txt").write_bytes(b"own")
    result = visits.load(first, known=True, overrides=LoadOverrides(replace_card=True))
    assert result.load is not None
    assert (result.load.written, result.taken_over) == ((), 3)
    assert visits.audit().card.is_good
    assert visits.files()["own.txt"] == b"own"
    assert visits.status_of() == (PlayerStatusKind.CURRENT, "main-0001", 0)


def test_a_cleaned_card_with_an_older_release_is_updated_with_what_is_new(visits: Visits) -> None:
    visits.load(visits.release(1))
    cleaned(visits)
    newer = visits.release(2, contents=(b"one", b"two", b"four", b"five"))
    result = visits.load(newer, known=True, overrides=LoadOverrides(replace_card=True))
    assert result.before == visits.release(1)
    assert result.load is not None
    assert result.load.bytes_written == len(b"four") + len(b"five")
    assert list(visits.tracks().values()) == [b"one", b"two", b"four", b"five"]
    assert visits.audit().card.is_good


def test_a_cleaned_card_with_an_unfinished_update_is_taken_over_from_two_releases(visits: Visits) -> None:
    visits.load(visits.release(1))
    newer = visits.release(2, contents=(b"one", b"2222", b"3333"))
    (visits.card() / "01-week/002.mp3").write_bytes(b"2222")
    cleaned(visits)
    result = visits.load(newer, known=True, overrides=LoadOverrides(replace_card=True))
    assert result.load is not None
    assert result.load.written == ("01-week/003.mp3",)
    assert visits.audit().card.is_good


def test_a_cleaned_card_on_which_one_file_is_not_that_of_a_release_is_refused_as_it_is(visits: Visits) -> None:
    first = visits.release(1)
    visits.load(first)
    cleaned(visits)
    (visits.card() / "01-week/002.mp3").write_bytes(b"own")
    words = r"002\.mp3 can't be written.*a file that this program did not put there"
    refused(
        visits,
        CardRefusedError,
        words,
        lambda: visits.load(first, known=True, overrides=LoadOverrides(replace_card=True)),
    )
