"""Registries that tell each other by files come to the same in any order; bad files change nothing."""

from __future__ import annotations

import io
import itertools
import json
import random
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packager.base.errors import InputError, RegistryError
from packager.base.formats import canonical_json, sha256_bytes
from packager.base.manifest import Manifest
from packager.fleet.status import fleet
from packager.registry.card_status_projection import refresh_all
from packager.registry.database import Registry, open_registry
from packager.registry.decisions import Verb, record_decision
from packager.registry.event_store import record_audit, record_begun, record_ended
from packager.registry.events import LoadOutcome, ReleaseRecord, Verdict
from packager.registry.number_blocks import registry_identity, reserve
from packager.registry.people import PersonKind, forget_people, people_named, read_people
from packager.registry.player_events import refresh_players
from packager.registry.players import add_player
from packager.roster.handover import assign_helper, assign_member, change_player, hand_over, lose, take_back
from packager.roster.record_linkage import Details
from packager.sync.exchange import export_registry, import_file, write_export
from packager.sync.peers import recipient_named

Make = Callable[..., Manifest]


def body(registry: Registry) -> bytes:
    """What the registry exports, without the lines that hold its own identity."""
    stream = io.BytesIO()
    write_export(registry, stream, with_names=True)
    return b"\n".join(stream.getvalue().split(b"\n")[1:-2])


def exported(registry: Registry, folder: Path, **options: Any) -> Path:
    path = folder / f"{random.random()}.jsonl"
    export_registry(registry, path, **options)
    return path


SOME_RELEASE = ReleaseRecord(
    "c" * 32, "main-0001", "main", 1, "folders", "c" * 64, "本周", "2026-11-23T08:00:00Z", tracks=1, size=1
)


class World:
    """Cards that go from one volunteer to another; each volunteer has a registry and a wrong clock."""

    def __init__(self, folder: Path, count: int, seed: int, manifest_of: Make) -> None:
        self.random = random.Random(seed)
        self.folder, self.manifest_of = folder, manifest_of
        self.registries = [self._opened(number) for number in range(count)]
        self.counters: dict[str, int] = {}
        self.loads: dict[str, str | None] = {}
        self.held: dict[str, int] = {}

    def _opened(self, number: int) -> Registry:
        ids = itertools.count(1)
        start = datetime(2026, 11, 23, tzinfo=timezone.utc) + timedelta(days=self.random.randint(-900, 900))
        ticks = itertools.count(1)
        registry = open_registry(
            self.folder / f"{number}.db",
            clock=lambda: start + timedelta(minutes=next(ticks)),
            new_id=lambda: sha256_bytes(f"{number} {next(ids)}".encode())[:32],
        )
        for player in ("P001", "P002", f"P1{number}0"):
            if self.random.random() < 0.8:
                add_player(registry, player, community=f"社区{number}")
        return registry

    def close(self) -> None:
        for registry in self.registries:
            registry.close()

    def happen(self, kind: str, who: int, card: int, player: int) -> None:
        registry = self.registries[who % len(self.registries)]
        identity, label = f"{card + 1:032x}", ("P001", "P002")[player % 2]
        with suppress(InputError, RegistryError):  # the player is not known there, or that can't happen now
            getattr(self, kind)(registry, identity, label)

    def load(self, registry: Registry, card: str, player: str) -> None:
        outcome = self.random.choice(
            [LoadOutcome.DONE, LoadOutcome.DONE, LoadOutcome.FAILED, LoadOutcome.INTERRUPTED, None]
        )
        copy = self.random.random() < 0.1  # somebody loads a copy of the card as it was
        counter, parent = self.counters.get(card, 0), self.loads.get(card)
        begun = record_begun(
            registry,
            load=registry.new_id(),
            parent=parent,
            card=card,
            counter=counter,
            player=player,
            manifest=self.manifest_of(self.random.randint(1, 3)),
        )
        done = outcome is LoadOutcome.DONE
        if not copy:
            self.counters[card] = counter + (2 if done else self.random.choice([0, 1]))
            if self.counters[card] > counter:
                self.loads[card] = begun.id
        if outcome is not None:
            ended = counter + 2 if done else 0
            record_ended(registry, begun.id, outcome, counter=ended, verified=done, reason="" if done else "拔卡")

    def audit(self, registry: Registry, card: str, _player: str) -> None:
        verdict = self.random.choice(list(Verdict))
        record_audit(
            registry,
            card=card,
            counter=self.counters.get(card, 0),
            load=self.loads.get(card),
            manifest=self.manifest_of(self.random.randint(1, 3)),
            verification="hashes",
            verdict=verdict,
            findings={"missing": 1} if verdict is Verdict.DAMAGED else {},
        )

    def roll_back(self, _registry: Registry, card: str, _player: str) -> None:
        self.counters[card] = max(0, self.counters.get(card, 0) - 2)

    def give(self, registry: Registry, _card: str, player: str) -> None:
        hand_over(registry, player, Details(self.random.choice(["甲", "乙", "丙"]), phone="13800000000"))

    def come_back(self, registry: Registry, _card: str, player: str) -> None:
        take_back(registry, player)

    def vanish(self, registry: Registry, _card: str, player: str) -> None:
        lose(registry, player)

    def help(self, registry: Registry, _card: str, player: str) -> None:
        assign_helper(registry, player, Details(self.random.choice(["丁", "戊"])))

    def decide(self, registry: Registry, _card: str, _player: str) -> None:
        record_decision(registry, SOME_RELEASE, self.random.choice(list(Verb)), decided_by="办")

    def forget(self, registry: Registry, _card: str, _player: str) -> None:
        people = people_named(registry, PersonKind.MEMBER, "甲")
        if people:
            forget_people(registry, people[:1])

    def tell(self, registry: Registry, _card: str, _player: str) -> None:
        other = self.random.choice(self.registries)
        options = self.for_known(registry, other)
        import_file(other, exported(registry, self.folder, with_names=self.random.random() < 0.7, **options))

    def for_known(self, registry: Registry, other: Registry) -> dict[str, Any]:
        """Options of a file with only what `other` lacks, as often as `registry` knows that."""
        with other.read() as connection:
            identity = registry_identity(connection)
        with suppress(InputError):
            return {"recipient": recipient_named(registry, identity)}
        return {}

    def reserve(self, registry: Registry, _card: str, _player: str) -> None:
        low = 10_000 + 100 * self.random.randint(0, 50)
        reserve(registry, low, low + 99)

    def all_tell_all(self) -> None:
        """Each registry hears of all others, directly or through a third, in some order, some twice."""
        files = [exported(registry, self.folder, with_names=True) for registry in self.registries]
        third = open_registry(self.folder / "third.db")
        for registry in self.registries:
            import_file(third, exported(registry, self.folder, with_names=True))
        for registry in self.registries:
            order = self.random.sample(files, k=len(files)) + self.random.sample(files, k=1)
            if self.random.random() < 0.3:
                order = [exported(third, self.folder, with_names=True)]
            for file in order:
                import_file(registry, file)
        first, second = self.registries[:2]
        import_file(second, exported(first, self.folder, with_names=True, **self.for_known(first, second)))
        self.registries.append(third)


_HAPPENINGS = st.tuples(
    st.sampled_from(
        ["load"] * 5
        + ["audit"] * 2
        + ["give", "come_back", "vanish", "help", "decide", "forget", "tell", "reserve", "roll_back"]
    ),
    st.integers(0, 9),
    st.integers(0, 2),
    st.integers(0, 1),
)


@settings(max_examples=12, deadline=None)
@given(count=st.integers(2, 4), history=st.lists(_HAPPENINGS, min_size=5, max_size=30), seed=st.integers(0, 2**32))
def test_registries_that_told_each_other_in_any_order_know_the_same(
    manifest_of: Make, count: int, history: list[tuple[str, int, int, int]], seed: int
) -> None:
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # a disk would take most of the time
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        world = World(Path(folder), count, seed, manifest_of)
        for happening in history:
            world.happen(*happening)
        world.all_tell_all()
        first, *others = world.registries
        told, statuses = body(first), fleet(first)
        for other in others:
            assert body(other) == told
            assert fleet(other) == statuses
        for registry in world.registries:  # what is kept beside the events is what follows from them
            with registry.write() as connection:
                assert refresh_all(connection) == 0
                assert refresh_players(connection) == 0
        world.close()


def test_ten_registries_merged_in_many_orders_come_to_the_same(tmp_path: Path, manifest_of: Make) -> None:
    world = World(tmp_path, 10, 7, manifest_of)
    order = random.Random(3)
    for _number in range(60):
        world.happen(order.choice(["load", "load", "audit", "give"]), *(order.randrange(10) for _ in range(3)))
    files = [exported(registry, tmp_path, with_names=True) for registry in world.registries]
    world.close()
    found = set()
    for number in range(6):
        with open_registry(tmp_path / f"merged-{number}.db") as merged:
            for file in order.sample(files, k=10):
                import_file(merged, file)
            found.add((body(merged), fleet(merged)))
    assert len(found) == 1


def loaded(registry: Registry, manifest: Manifest, *, card: str = "a" * 32, counter: int = 0) -> None:
    begun = record_begun(
        registry, load=registry.new_id(), parent=None, card=card, counter=counter, player="P001", manifest=manifest
    )
    record_ended(registry, begun.id, LoadOutcome.DONE, counter=counter + 2, verified=True)


@pytest.fixture
def full(registry: Registry, manifest_of: Make) -> Registry:
    """A registry with something in each table."""
    add_player(registry, "P001", community="东湖社区", note="蓝色")
    reserve(registry, 1, 50)
    assign_helper(registry, "P001", Details("周明"))
    loaded(registry, manifest_of(1))
    hand_over(registry, "P001", Details("王秀英", phone="13800000001", address="东湖路1号"))
    record_audit(
        registry,
        card="a" * 32,
        counter=2,
        load=None,
        manifest=manifest_of(1),
        verification="hashes",
        verdict=Verdict.GOOD,
        findings={"extra": 2},
    )
    record_decision(registry, SOME_RELEASE, Verb.APPROVED, decided_by="办公室")
    return registry


def test_without_names_an_export_names_nobody(full: Registry, tmp_path: Path) -> None:
    without = exported(full, tmp_path).read_text(encoding="utf-8")
    for said in ("王秀英", "周明", "13800000001", "东湖路"):
        assert said not in without
    assert "王秀英" in exported(full, tmp_path, with_names=True).read_text(encoding="utf-8")


def test_an_export_is_for_its_owner_alone(full: Registry, tmp_path: Path) -> None:
    assert exported(full, tmp_path).stat().st_mode & 0o077 == 0


def test_an_import_says_what_was_new_and_importing_again_changes_nothing(full: Registry, tmp_path: Path) -> None:
    file = exported(full, tmp_path, with_names=True)
    with open_registry(tmp_path / "other.db") as other:
        first = import_file(other, file)
        assert (first.new["loads"], first.new["people"], first.known, first.waiting) == (1, 2, 0, 0)
        before = body(other)
        again = import_file(other, file)
        assert (again.new, again.known) == ({}, sum(first.new.values()))
        assert body(other) == before == body(full)
        assert fleet(other) == fleet(full)
        with other.read() as one, full.read() as two:
            assert registry_identity(one) != registry_identity(two)


def test_whoever_was_forgotten_stays_forgotten_in_every_order(full: Registry, tmp_path: Path) -> None:
    before = exported(full, tmp_path, with_names=True)
    (member,) = people_named(full, PersonKind.MEMBER, "王秀英")
    forget_people(full, [member])
    after = exported(full, tmp_path, with_names=True)
    for number, order in enumerate(itertools.permutations([before, after, before])):
        path = tmp_path / f"other-{number}.db"
        with open_registry(path) as other:
            for file in order:
                import_file(other, file)
            with other.read() as connection:
                assert member not in read_people(connection)
        assert "王秀英".encode() not in path.read_bytes()


def test_the_newer_data_of_a_person_stands_whichever_came_last(full: Registry, tmp_path: Path) -> None:
    old = exported(full, tmp_path, with_names=True)
    assign_member(full, "P001", Details("王秀英", phone="13900000000"))
    new = exported(full, tmp_path, with_names=True)
    for number, order in enumerate(([old, new], [new, old])):
        with open_registry(tmp_path / f"other-{number}.db") as other:
            for file in order:
                import_file(other, file)
            with other.read() as connection:
                assert "13900000000" in {one.phone for one in read_people(connection).values()}


# --- files that are damaged, forged, or come in parts ---


def written(lines: list[Any], path: Path, **head: Any) -> Path:
    """A file with these events and a true end: what a forger would make."""
    first = canonical_json({"format": 1, "kind": "packager registry", "names": True, "registry": "f" * 32, **head})
    data = b"".join(canonical_json(line) for line in lines)
    end = {"events": sha256_bytes(data), "lines": len(lines), "sha256": sha256_bytes(first + data)}
    path.write_bytes(first + data + canonical_json({"end": end}))
    return path


def lines_of(file: Path) -> list[Any]:
    """The rows of a file, without what it tells of its writer."""
    lines = [json.loads(line) for line in file.read_bytes().splitlines()[1:-1]]
    return [line for line in lines if line[0] != "state"]


def refused(path: Path, file: Path, words: str) -> None:
    with open_registry(path) as other:
        before = body(other)
        with pytest.raises(InputError, match=words):
            import_file(other, file)
        assert body(other) == before


def test_events_may_come_in_any_order_within_and_across_files(full: Registry, tmp_path: Path) -> None:
    lines = lines_of(exported(full, tmp_path, with_names=True))
    order = random.Random(5)
    for number in range(8):
        shuffled = order.sample(lines, k=len(lines))
        cut = order.randrange(len(lines))
        with open_registry(tmp_path / f"other-{number}.db") as other:
            for part in (shuffled[:cut], shuffled[cut:], shuffled[:cut]):
                merged = import_file(other, written(part, tmp_path / "part.jsonl"))
            assert merged.waiting == 0
            assert body(other) == body(full)
            assert fleet(other) == fleet(full)


def test_what_names_a_load_that_has_not_come_waits_and_is_passed_on(full: Registry, tmp_path: Path) -> None:
    lines = lines_of(exported(full, tmp_path, with_names=True))
    early = [line for line in lines if line[0] in ("loads", "outcomes")]
    with open_registry(tmp_path / "a.db") as other, open_registry(tmp_path / "b.db") as third:
        assert import_file(other, written(early, tmp_path / "early.jsonl")).waiting == 2
        import_file(third, exported(other, tmp_path))
        assert body(third) == body(other)
        import_file(third, exported(full, tmp_path, with_names=True))
        assert body(third) == body(full)
        assert fleet(third) == fleet(full)


def test_a_file_that_was_cut_off_or_altered_anywhere_changes_nothing(full: Registry, tmp_path: Path) -> None:
    data = exported(full, tmp_path, with_names=True).read_bytes()
    bad = tmp_path / "bad.jsonl"
    order = random.Random(1)
    with open_registry(tmp_path / "other.db") as other:
        before = body(other)
        for place in [*range(0, len(data), 97), *(order.randrange(len(data)) for _ in range(40))]:
            for damaged in (data[:place], data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]):
                bad.write_bytes(damaged)
                with pytest.raises(InputError):
                    import_file(other, bad)
        for joined in (data + b"\n", data + data, b"", b"\n", b"\xff\xfe" + data, b"[" * 60_000 + b"\n"):
            bad.write_bytes(joined)
            with pytest.raises(InputError):
                import_file(other, bad)
        assert body(other) == before


LOAD = {
    "id": "1" * 32,
    "card": "2" * 32,
    "counter": 0,
    "lamport": 0,
    "step": 1,
    "player": "P001",
    "manifest": "3" * 32,
    "at": "2026-11-23T08:00:00Z",
}


@pytest.mark.parametrize(
    "line",
    [
        ["loads", {**LOAD, "id": "x"}],
        ["loads", {**LOAD, "id": ["1" * 32]}],
        ["loads", {**LOAD, "counter": 2**70}],
        ["loads", {**LOAD, "counter": -1}],
        ["loads", {**LOAD, "counter": True}],
        ["loads", {**LOAD, "step": 1.5}],
        ["loads", {**LOAD, "player": "P1"}],
        ["loads", {**LOAD, "player": "P0000001"}],
        ["loads", {**LOAD, "at": "yesterday"}],
        ["loads", {**LOAD, "at": "2026-02-30T08:00:00Z"}],
        ["loads", {**LOAD, "more": 1}],
        ["loads", {key: value for key, value in LOAD.items() if key != "card"}],
        ["loads", [LOAD]],
        ["registry_settings", {"name": "registry", "value": "f" * 32}],
        ["players", {"id": "P001"}],
        ["outcomes", {"load": "1" * 32, "outcome": "failed", "counter": 0, "verification": "", "verified": 1,
                      "reason": "", "at": "2026-11-23T08:00:00Z"}],
        ["outcomes", {"load": "1" * 32, "outcome": "failed", "counter": 0, "verification": "", "verified": 0,
                      "reason": "\0", "at": "2026-11-23T08:00:00Z"}],
        ["outcomes", {"load": "1" * 32, "outcome": "failed", "counter": 0, "verification": "", "verified": 0,
                      "reason": "x" * 20_000, "at": "2026-11-23T08:00:00Z"}],
        ["reservations", {"id": "1" * 32, "step": 1, "low": 9, "high": 3, "registry": "f" * 32,
                          "at": "2026-11-23T08:00:00Z"}],
        ["player_events", {"id": "1" * 32, "player": "P001", "step": 1, "kind": "handover",
                           "at": "2026-11-23T08:00:00Z"}],
        ["player_events", {"id": "1" * 32, "player": "P001", "step": 2**31, "kind": "lost",
                           "at": "2026-11-23T08:00:00Z"}],
        ["loads", {**LOAD, "at": "9999-12-31T23:59:59Z"}],
        ["loads", {**LOAD, "at": "0001-01-01T00:00:00Z"}],
        ["player_events", {"id": "1" * 32, "player": "P001", "step": 1, "kind": "added",
                           "community": "\x1b[2J", "at": "2026-11-23T08:00:00Z"}],
        ["player_events", {"id": "1" * 32, "player": "P001", "step": 1, "kind": "added",
                           "note": "a\nb", "at": "2026-11-23T08:00:00Z"}],
        ["decisions", {"id": "1" * 32, "step": 1, "content": "4" * 64, "release": "main-0001",
                       "decision": "approved", "decided_by": "\u202eX", "reason": "",
                       "at": "2026-11-23T08:00:00Z"}],
        ["loads"],
        "loads",
        7,
        None,
        {"end": {}},
    ],
)  # fmt: skip
def test_a_forged_event_is_refused_with_its_line(tmp_path: Path, line: Any) -> None:
    refused(tmp_path / "registry.db", written([line], tmp_path / "forged.jsonl"), "line 2")


def test_among_many_lines_the_forged_one_is_named(tmp_path: Path) -> None:
    moment = "2026-11-23T08:00:00Z"
    lines: list[Any] = [["forgotten", {"id": f"{number:032x}", "at": moment}] for number in range(20_000)]
    lines[15_000] = ["forgotten", {"id": "1" * 32, "at": "soon"}]
    refused(tmp_path / "registry.db", written(lines, tmp_path / "forged.jsonl"), "line 15002")


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (('["forgotten",{"id":"ID","at":"AT"}],["forgotten",{"id":"ID","at":"AT"}]',), 2),
        (('["forgotten",{"id":"ID"', '"at":"AT"}]', "[]"), 2),
        (('["forgotten",{"id":"ID","at":"AT"}],["forgotten",{"id":"ID"', '"at":"AT"}]'), 2),
        (('["forgotten",{"id":"ID","at":"AT"}]', ""), 3),
        (('["forgotten",{"id":"ID","at":"AT"}]', '["forgotten",{"id":"ID","at":1' + "0" * 5000 + "}]"), 3),
    ],
)
def test_rows_that_are_not_one_a_line_are_refused(tmp_path: Path, lines: tuple[str, ...], number: int) -> None:
    file = tmp_path / "forged.jsonl"
    head = canonical_json({"format": 1, "kind": "packager registry", "names": False, "registry": "f" * 32})
    text = "".join(f"{line}\n" for line in lines).replace("ID", "1" * 32)
    file.write_bytes(head + text.replace("AT", "2026-11-23T08:00:00Z").encode())
    refused(tmp_path / "registry.db", file, f"line {number}")


def test_a_lone_surrogate_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "forged.jsonl"
    head = canonical_json({"format": 1, "kind": "packager registry", "names": False, "registry": "f" * 32})
    file.write_bytes(head + b'["decisions",{"reason":"\\ud800"}]\n')
    refused(tmp_path / "registry.db", file, "line 2")


def test_a_line_without_end_is_not_read_into_memory(tmp_path: Path) -> None:
    file = tmp_path / "forged.jsonl"
    head = canonical_json({"format": 1, "kind": "packager registry", "names": False, "registry": "f" * 32})
    file.write_bytes(head + b" " * 1_000_000)
    refused(tmp_path / "registry.db", file, "too long")


def test_personal_data_in_a_file_that_says_it_has_none_is_refused(tmp_path: Path) -> None:
    person = {
        "id": "1" * 32, "kind": "member", "step": 1, "revision": "2" * 32,
        "name": "某", "phone": "", "address": "", "remark": "",
    }  # fmt: skip
    file = written([["people", person]], tmp_path / "forged.jsonl", names=False)
    refused(tmp_path / "registry.db", file, "line 2")


def test_after_events_of_the_highest_step_what_is_written_here_can_still_be_told(
    full: Registry, tmp_path: Path, manifest_of: Make
) -> None:
    lines = lines_of(exported(full, tmp_path, with_names=True))
    for _table, row in lines:
        if "step" in row:
            row["step"] = 10**9
    path = written(lines, tmp_path / "high.jsonl", names=True)
    with open_registry(tmp_path / "here.db") as here, open_registry(tmp_path / "there.db") as there:
        import_file(here, path)
        reserve(here, 801, 810)
        change_player(here, "P001", community="西湖社区")
        assign_helper(here, "P001", Details("赵一"))
        lose(here, "P001")
        record_decision(here, SOME_RELEASE, Verb.APPROVED, decided_by="主任")
        loaded(here, manifest_of(3), counter=2)
        import_file(there, exported(here, tmp_path, with_names=True))
        assert body(there) == body(here)


def test_a_file_of_a_newer_form_or_of_something_else_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / "registry.db", written([], tmp_path / "new.jsonl", format=2), "newer version")
    refused(tmp_path / "registry.db", written([], tmp_path / "other.jsonl", kind="diary"), "was not written by")


def test_a_file_that_contradicts_what_is_known_is_refused(full: Registry, tmp_path: Path) -> None:
    lines = lines_of(exported(full, tmp_path))
    altered = [[table, {**row, "reason": "changed"} if table == "outcomes" else row] for table, row in lines]
    before = body(full)
    with pytest.raises(InputError, match="contradicts this registry in outcomes"):
        import_file(full, written(altered, tmp_path / "altered.jsonl"))
    assert body(full) == before


# --- what two registries saw of one card ---


def test_what_was_seen_before_a_load_does_not_pass_for_its_result(tmp_path: Path, manifest_of: Make) -> None:
    card = "a" * 32
    with open_registry(tmp_path / "a.db") as a, open_registry(tmp_path / "b.db") as b:
        add_player(a, "P001")
        loaded(a, manifest_of(1))
        import_file(b, exported(a, tmp_path))
        for _time in range(3):  # b looks at the card as it is
            record_audit(
                b, card=card, counter=2, load=None, manifest=manifest_of(1),
                verification="hashes", verdict=Verdict.GOOD, findings={},
            )  # fmt: skip
        begun = record_begun(
            a, load=a.new_id(), parent=None, card=card, counter=2, player="P001", manifest=manifest_of(2)
        )
        record_ended(a, begun.id, LoadOutcome.INTERRUPTED, reason="拔卡")
        import_file(a, exported(b, tmp_path))
        (status,) = fleet(a)
        assert status.kind.value == "interrupted"
        assert status.release is not None
        assert status.release.sequence == 1


def test_a_card_that_two_registries_loaded_from_one_state_is_a_clone_everywhere(
    tmp_path: Path, manifest_of: Make
) -> None:
    with open_registry(tmp_path / "a.db") as a, open_registry(tmp_path / "b.db") as b:
        add_player(a, "P001")
        loaded(a, manifest_of(1))
        import_file(b, exported(a, tmp_path))
        loaded(a, manifest_of(2), counter=2)
        loaded(b, manifest_of(3), counter=2)
        import_file(a, exported(b, tmp_path))
        import_file(b, exported(a, tmp_path))
        assert fleet(a) == fleet(b)
        (status,) = fleet(a)
        assert status.cloned
        assert status.needs_action


def test_a_label_that_two_registries_gave_out_is_told_and_the_same_everywhere(tmp_path: Path) -> None:
    with open_registry(tmp_path / "a.db") as a, open_registry(tmp_path / "b.db") as b:
        add_player(a, "P001", community="东湖")
        add_player(b, "P001", community="西湖")
        assert import_file(a, exported(b, tmp_path)).twice == ("P001",)
        import_file(b, exported(a, tmp_path))
        assert fleet(a) == fleet(b)
        assert fleet(a)[0].twice
