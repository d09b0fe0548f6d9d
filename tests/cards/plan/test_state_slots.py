"""Identity and state slots: what is written is read again, and nothing else ever counts."""

import dataclasses
import json
import random
import uuid

import pytest
from card_kit import NOW
from hypothesis import given
from hypothesis import strategies as st

from packager.base.yaml_documents import schema_problems
from packager.cards.filesystem import SLOT_SIZE
from packager.cards.plan.state_slots import (
    CardIdentity,
    Slots,
    SlotState,
    SlotStatus,
    Verification,
    manifest_id_of,
    manifest_path,
    marker_number,
    marker_path,
    newest_valid,
)

HEX_IDS = st.integers(0, 2**128 - 1).map("{:032x}".format)
LOAD_IDS = st.uuids().map(str)


@st.composite
def states(draw: st.DrawFn) -> SlotState:
    target = draw(HEX_IDS)
    status = draw(st.sampled_from(SlotStatus))
    owned = (target,) if status is SlotStatus.CLEAN else tuple(draw(st.lists(HEX_IDS, max_size=4)))
    return SlotState(
        counter=draw(st.integers(1, 2**53 - 1)),
        load=draw(LOAD_IDS),
        parent=draw(st.one_of(st.just(""), LOAD_IDS)),
        status=status,
        owned=owned,
        target=target,
        verified=draw(st.sampled_from(Verification)),
    )


def a_state(counter: int, status: SlotStatus = SlotStatus.CLEAN) -> SlotState:
    return SlotState(counter, str(uuid.uuid4()), "", status, ("a" * 32,), "a" * 32, Verification.HASHES)


@given(states())
def test_a_slot_is_512_bytes_and_reads_back_as_it_was_written(state: SlotState) -> None:
    data = state.to_bytes()
    assert len(data) == SLOT_SIZE
    assert SlotState.from_bytes(data) == state


@given(states(), st.integers(0, SLOT_SIZE * 8 - 1))
def test_a_slot_with_one_flipped_bit_does_not_count(state: SlotState, bit: int) -> None:
    data = bytearray(state.to_bytes())
    data[bit // 8] ^= 1 << bit % 8
    assert SlotState.from_bytes(bytes(data)) is None


@given(states(), states(), st.integers(1, SLOT_SIZE - 1))
def test_a_torn_slot_is_invalid(old: SlotState, new: SlotState, at: int) -> None:
    torn = new.to_bytes()[:at] + old.to_bytes()[at:]
    assert SlotState.from_bytes(torn) in (None, old, new)
    if torn not in (old.to_bytes(), new.to_bytes()):
        assert SlotState.from_bytes(torn) is None


@given(st.binary(min_size=0, max_size=SLOT_SIZE + 1))
def test_random_bytes_are_no_state_and_no_identity(data: bytes) -> None:
    assert SlotState.from_bytes(data.ljust(SLOT_SIZE)) is None
    assert SlotState.from_bytes(data) is None
    assert CardIdentity.from_bytes(data) is None


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"counter": True},
        {"counter": "3"},
        {"counter": 10**400},
        {"owned": None},
        {"owned": [[]]},
        {"status": []},
        {"load": 7},
        {"verified": "good"},
        {"extra": 1},
    ],
)
def test_a_slot_with_an_impossible_value_is_invalid(change: dict[str, object]) -> None:
    values = json.loads(a_state(3).to_bytes())
    text = json.dumps({**values, **change}, sort_keys=True, separators=(",", ":"))
    assert SlotState.from_bytes(text.encode()[: SLOT_SIZE - 1].ljust(SLOT_SIZE - 1) + b"\n") is None


def test_deeply_nested_json_is_no_state() -> None:
    assert SlotState.from_bytes(b"[" * SLOT_SIZE) is None


def test_the_newer_valid_slot_counts() -> None:
    older, newer = a_state(4), a_state(5)
    assert newest_valid(older, newer) is newer
    assert newest_valid(newer, None) is newer
    assert newest_valid(None, None) is None


def test_of_two_slots_with_one_counter_the_unfinished_one_counts() -> None:
    clean, updating = a_state(4), a_state(4, SlotStatus.UPDATING)
    assert newest_valid(clean, updating) is updating
    assert newest_valid(updating, clean) is updating


def test_the_current_slot_is_never_overwritten() -> None:
    assert Slots(a_state(4), a_state(5)).older_path.endswith("state.a")
    assert Slots(a_state(6), a_state(5)).older_path.endswith("state.b")
    assert Slots(None, a_state(5)).older_path.endswith("state.a")
    assert Slots(a_state(1), None).older_path.endswith("state.b")


def test_a_state_with_more_manifests_than_fit_is_known_before_it_is_written() -> None:
    state = a_state(2**53 - 1, SlotStatus.UPDATING)
    parent = str(uuid.uuid4())
    four = dataclasses.replace(state, owned=tuple("abcd"[i] * 32 for i in range(4)), parent=parent)
    assert four.fits()
    many = dataclasses.replace(state, owned=("a" * 32,) * 12)
    assert not many.fits()
    with pytest.raises(ValueError, match="fit"):
        many.to_bytes()


def test_a_state_fits_exactly_one_slot_or_not_at_all() -> None:
    longest = a_state(2**53 - 1, SlotStatus.UPDATING)
    sizes = []
    for count in range(1, 9):
        state = dataclasses.replace(longest, owned=("a" * 32,) * count)
        text = state.to_bytes().rstrip() if state.fits() else b""
        sizes.append(len(text))
        assert state.fits() == (0 < len(text) < SLOT_SIZE)
    assert sizes[0] > 0 == sizes[-1]


def test_a_state_that_fills_its_slot_to_the_last_byte_fits() -> None:
    # Each digit of the counter is a byte, so one of these states is exactly as long as a slot.
    parents = ("", *("0" * length for length in range(32, 37)))
    states = (
        SlotState(10**digits, "0" * 32, parent, SlotStatus.UPDATING, ("a" * 32,) * count, "b" * 32, Verification.NAMES)
        for count in range(1, 9)
        for digits in range(16)
        for parent in parents
    )
    full = next((s for s in states if s.fits() and len(s.to_bytes().rstrip()) == SLOT_SIZE - 1), None)
    assert full is not None
    assert SlotState.from_bytes(full.to_bytes()) == full


@pytest.mark.parametrize(
    "change",
    [
        {"counter": 0},
        {"counter": 2**53},
        {"counter": True},
        {"load": "0" * 31},
        {"load": "0" * 37},
        {"load": ""},
        {"parent": "0" * 31},
        {"owned": ("a" * 31,)},
        {"target": "A" * 32},
        {"status": SlotStatus.CLEAN, "owned": ("b" * 32,)},
        {"status": SlotStatus.CLEAN, "owned": ()},
    ],
)
def test_an_impossible_state_can_not_be_made(change: dict[str, object]) -> None:
    state = a_state(3, SlotStatus.UPDATING)
    with pytest.raises(ValueError, match=r"slot|UUID|manifest|clean"):
        dataclasses.replace(state, **change)


def test_the_highest_and_the_lowest_counter_are_written() -> None:
    for counter in (1, 2**53 - 1):
        assert SlotState.from_bytes(a_state(counter).to_bytes()).counter == counter


@pytest.mark.parametrize(("counter", "last"), [(2**53 - 3, False), (2**53 - 2, True), (2**53 - 1, True)])
def test_a_load_uses_two_counters_so_the_last_but_one_is_the_limit(counter: int, last: bool) -> None:
    assert a_state(counter).is_last is last


def test_a_state_names_each_manifest_once() -> None:
    state = dataclasses.replace(a_state(3, SlotStatus.UPDATING), owned=("b" * 32, "a" * 32))
    assert state.manifests == ("b" * 32, "a" * 32)


def test_a_marker_names_the_number_of_its_track() -> None:
    assert marker_path(12) == ".packager/W0000012"
    assert [marker_number(name) for name in ("W0000012", "W12", "x", "W00000120")] == [12, None, None, 120]


def test_an_identity_is_32_hexadecimal_digits() -> None:
    for wrong in ("0" * 31, "0" * 33, "G" * 32, ""):
        with pytest.raises(ValueError, match="32 hexadecimal"):
            CardIdentity(wrong, NOW)


def test_an_identity_is_read_back_and_a_torn_one_is_invalid() -> None:
    identity = CardIdentity(f"{random.Random(1).getrandbits(128):032x}", NOW)
    data = identity.to_bytes()
    assert CardIdentity.from_bytes(data) == identity
    assert all(CardIdentity.from_bytes(data[:end]) is None for end in range(len(data)))


def test_the_name_of_a_manifest_on_the_card_gives_its_id() -> None:
    name = manifest_path("0f" * 16).rpartition("/")[2]
    assert manifest_id_of(name) == "0f" * 16
    assert manifest_id_of("manifest-x.json") is None


@given(states())
def test_every_slot_fits_the_published_schema(state: SlotState) -> None:
    assert schema_problems(json.loads(state.to_bytes()), "state") == []


def test_every_identity_fits_the_published_schema() -> None:
    assert schema_problems(json.loads(CardIdentity("0" * 32, NOW).to_bytes()), "card") == []
