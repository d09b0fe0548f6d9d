"""Directory order: names of fillers, which files may stay, and the playing order on models of the drivers."""

import uuid

import pytest
from card_kit import audit, card_on, load, make_release, plan_of, sound
from fat_model import ModelCard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from packager.base.errors import CardError, CardRefusedError
from packager.cards import apply_load
from packager.cards.filesystem import DirEntry, DirEntryKind
from packager.cards.plan.directory_order import (
    Side,
    directory_bytes,
    filler_name,
    first_out_of_order,
    heaviest_in_order,
    is_filler,
    is_short_form,
    name_class,
    play_order,
    same_name_key,
    side_of,
)

NAMES = st.one_of(
    st.from_regex(r"[0-9]{1,8}(\.(mp3|MP3))?", fullmatch=True),
    st.text(st.characters(categories=("L", "N"), include_characters=" -_"), min_size=1, max_size=60).map(
        lambda stem: stem + ".mp3"
    ),
)


@pytest.mark.parametrize(
    ("name", "slots"),
    [
        ("001.MP3", 1),
        ("01", 1),
        ("001.mp3", 2),
        ("Track001.mp3", 2),
        ("001 abcdef.mp3", 3),
        ("第一章 开篇.mp3", 2),
        ("a" * 255, 21),
    ],
)
def test_a_name_takes_as_many_entries_as_the_specification_says(name: str, slots: int) -> None:
    assert name_class(name).slots == slots


@given(NAMES, st.integers(0, 9999))
def test_a_plug_takes_as_many_entries_as_the_real_name_and_is_no_audio(name: str, index: int) -> None:
    filler = filler_name(name_class(name), index)
    assert name_class(filler) == name_class(name)
    assert not filler.casefold().endswith(".mp3")
    assert is_filler(DirEntry(filler, 0, DirEntryKind.FILE))
    assert not is_filler(DirEntry(filler, 1, DirEntryKind.FILE))


@pytest.mark.parametrize(
    ("name", "short", "lower"),
    [
        ("TRACK001.MP3", True, False),
        ("track001.mp3", True, True),
        ("track001.MP3", True, True),
        ("Track001.mp3", False, False),
        ("TRACK0001.MP3", False, False),
        ("A.MPEG", False, False),
        ("A.B.C", False, False),
        (".MP3", False, False),
        ("ÄB.MP3", False, False),
        ("A B.MP3", False, False),
        ("A-_~1", True, False),
    ],
)
def test_a_name_is_short_if_every_system_can_store_it_as_a_short_name(name: str, short: bool, lower: bool) -> None:
    found = name_class(name)
    assert (found.short, found.lower) == (short, lower)


@pytest.mark.parametrize(("units", "slots"), [(13, 2), (14, 3), (26, 3), (27, 4)])
def test_a_long_name_takes_an_entry_for_each_thirteen_units_and_one_more(units: int, slots: int) -> None:
    assert name_class("x" * units).slots == slots
    assert name_class("𝄞" * (units // 2) + "x" * (units % 2)).slots == slots, "a character of two UTF-16 units"


def test_a_folder_needs_room_for_its_two_own_entries_too() -> None:
    assert directory_bytes([]) == 64
    assert directory_bytes(["001.MP3", "a long name.mp3"]) == 32 * (2 + 1 + 3)


@pytest.mark.parametrize(
    ("name", "filler"),
    [
        ("90000001.FIL", True),
        ("90000001.fil", True),
        ("80000001.FIL", False),
        ("9000001.FIL", False),
        ("Fill0001.fill", True),
        ("Fill0001____.fill", True),
        ("Fill001.fill", False),
        ("FILL00~1.FIL", True),
        ("FILL~1.FIL", True),
        ("FILLX~1.FIL", False),
    ],
)
def test_fillers_are_recognized_by_their_short_name_too(name: str, filler: bool) -> None:
    assert is_filler(DirEntry(name, 0, DirEntryKind.FILE)) is filler
    assert not is_filler(DirEntry(name, 0, DirEntryKind.FOLDER))


@pytest.mark.parametrize(
    ("short", "name", "fits"),
    [
        ("TRACKO~1.MP3", "Track one.mp3", True),
        ("TRACKO~2.MP3", "Track one.mp3", True),
        ("TRACK~10.MP3", "Track one.mp3", True),
        ("TRACKT~1.MP3", "Track one.mp3", False),
        ("TRACKO~X.MP3", "Track one.mp3", False),
        ("TRACKO~1.WAV", "Track one.mp3", False),
        ("TRACKONE~1.MP3", "Track one.mp3", False),
        ("TRACKON~1.MP3", "Track one.mp3", False),
        ("001.MP3", "001.mp3", True),
        ("001.MP3", "001.MP3", False),
        ("00.MP3", "001.mp3", False),
        ("A~1.MPE", "a.mpeg", True),
        ("A.MPE", "a.mpeg", False),
        ("PLAYLI~1.M3U", "playlist.m3u8", True),
        ("PLAYLIST.M3U", "playlist.m3u8", False),
        ("SONG01.MP3", "song 01.mp3", False),
        ("__1~1.MP3", "一二1.mp3", True),
        ("AB~1.MP3", "a.b.mp3", True),
    ],
)
def test_a_short_name_is_matched_to_a_long_one_by_beginning_and_extension(short: str, name: str, fits: bool) -> None:
    assert is_short_form(short, name) is fits


def test_of_equally_heavy_rows_the_longest_stays() -> None:
    assert heaviest_in_order(["3", "1", "2"], ["1", "2", "3"], {"3": 2, "1": 1, "2": 1}) == {"1", "2"}
    assert heaviest_in_order(["x", "2", "1"], ["1", "2"], {"1": 1, "2": 5}) == {"2"}
    assert heaviest_in_order([], ["1"], {}) == frozenset()
    assert heaviest_in_order(["2", "1"], ["1", "2"], {"1": 1}) == {"1"}


def test_the_order_of_an_entry_depends_on_existing_neighbours_only() -> None:
    assert side_of("1", ["p", "2"], "p", ["1", "2"]) is Side.RIGHT
    assert side_of("2", ["1", "p"], "p", ["1", "2", "3"]) is Side.RIGHT
    assert side_of("2", ["p"], "p", ["1", "2", "3"]) is Side.RIGHT
    assert side_of("2", ["3", "p", "1"], "p", ["1", "2", "3"]) is Side.EARLY
    assert side_of("2", ["1", "2", "3"], "2", ["1", "2", "3"]) is Side.RIGHT


def test_names_of_one_fat_file_have_one_key() -> None:
    assert same_name_key("Ü 001.MP3") == same_name_key("u\u0308 001.mp3".replace("u\u0308", "ü"))
    assert same_name_key("\u00e9.mp3") == same_name_key("e\u0301.MP3")


def test_play_order_names_every_folder_with_its_children() -> None:
    paths = ["02/b.mp3", "02/a.mp3", "01/c.mp3", "x/y/z.mp3"]
    assert play_order(paths) == {
        "": ("02", "01", "x"),
        "02": ("b.mp3", "a.mp3"),
        "01": ("c.mp3",),
        "x": ("y",),
        "x/y": ("z.mp3",),
    }


def test_foreign_names_do_not_affect_the_order() -> None:
    assert first_out_of_order(["x", "1", "y", "2"], ["1", "2", "3"]) is None
    assert first_out_of_order(["2", "x", "1"], ["1", "2"]) == "2"


def test_an_entry_is_early_late_or_right_beside_its_neighbours() -> None:
    wanted = ["1", "2", "3"]
    assert side_of("2", ["p", "1", "3"], "p", wanted) is Side.EARLY
    assert side_of("2", ["1", "p", "3"], "p", wanted) is Side.RIGHT
    assert side_of("2", ["1", "3", "p"], "p", wanted) is Side.LATE


@given(st.permutations(list(range(7))), st.lists(st.integers(0, 50), min_size=7, max_size=7))
def test_the_unchanged_files_are_in_order_and_as_large_as_possible(found: list[int], weights: list[int]) -> None:
    names = [str(number) for number in found]
    wanted = [str(number) for number in range(7)]
    weight = {name: weights[int(name)] for name in names}
    stays = heaviest_in_order(names, wanted, weight)
    row = [int(name) for name in names if name in stays]
    assert row == sorted(row)
    best = max(
        sum(weight[names[i]] for i in range(7) if mask >> i & 1)
        for mask in range(128)
        if (ordered := [found[i] for i in range(7) if mask >> i & 1]) == sorted(ordered)
    )
    assert sum(weight[name] for name in stays) == best


# A week: which of the twelve places are filled, and with which version of the sound.
WEEKS = st.lists(
    st.dictionaries(st.integers(1, 12), st.integers(0, 2), min_size=1, max_size=12), min_size=1, max_size=5
)
FOREIGN = st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.sampled_from(["", "01", "02"])), max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    weeks=WEEKS,
    foreign=FOREIGN,
    system=st.sampled_from(["linux", "windows", "macos"]),
    layout=st.sampled_from(["{shelf:02}/{place:03}.mp3", "{place:03}.mp3", "{shelf:02}/{place:03}.MP3"]),
    unit=st.sampled_from([512, 4096]),
)
def test_play_order_holds_after_any_history_on_the_drivers_of_three_systems(
    tmp_path_factory, weeks, foreign, system, layout, unit
) -> None:
    tmp_path = tmp_path_factory.mktemp("history")
    # Linux and macOS take the first hole that is long enough, Windows what is behind the last entry first.
    card = ModelCard(tail_first=system == "windows", allocation_unit=unit)
    theirs: dict[str, bytes] = {}
    for number, week in enumerate(weeks, start=1):
        files = {
            layout.format(shelf=1 + place // 5, place=place): sound(f"{place}.{week[place]}", 600)
            for place in sorted(week)
        }
        folder = tmp_path / str(number)
        manifest = make_release(folder, files, sequence=number)
        try:
            load(card, manifest, folder)
        except CardError as refused:
            # A folder that has to move and holds a foreign file is the volunteer's to clear, and says so.
            assert "not ours" in str(refused)
            assert all(card.files[path] == data for path, data in theirs.items())
            for path in [path for path in theirs if "/" in path]:
                card.delete(path)
                del theirs[path]
            load(card, manifest, folder)
        for parent, children in play_order(files).items():
            assert first_out_of_order(card.order(parent), children) is None
        seen = audit(card)
        assert (seen.is_good, seen.is_in_order) == (True, True)
        there = {path: data for path, data in card.files.items() if not path.startswith(".packager/")}
        assert there == {**files, **theirs}
        for comes, index, parent in foreign:
            path = f"{parent}/own {index}.txt".lstrip("/")
            if comes and parent in card.rows and path not in card.files:
                # A Mac puts a file of its own beside each, before it.
                beside = [f"{parent}/._own {index}.txt".lstrip("/")] if system == "macos" else []
                for made in [made for made in (*beside, path) if made not in card.files]:
                    card.create(made, [sound(made, 100)])
                    card.barrier()
                    theirs[made] = card.files[made]
            elif not comes and path in card.files:
                card.delete(path)
                del theirs[path]
            card.barrier()


def test_a_changed_track_in_the_middle_is_put_in_its_place_without_writing_others(tmp_path) -> None:
    for tail_first in (False, True):
        card = ModelCard(tail_first=tail_first)
        files = {f"01/{n:03}.mp3": sound(str(n), 5000) for n in range(1, 31)}
        load(card, make_release(tmp_path / "a", files), tmp_path / "a")
        before = card.bytes_written
        changed = {**files, "01/015.mp3": sound("new", 5000)}
        result = load(card, make_release(tmp_path / "b", changed, sequence=2), tmp_path / "b")
        assert result.written == ("01/015.mp3",)
        # The manifest is 12 kB; slots are overwritten, not written anew.
        assert card.bytes_written - before < 5000 + 20000
        assert card.order("01") == [f"{n:03}.mp3" for n in range(1, 31)]


def test_a_track_for_which_there_is_no_hole_moves_those_after_it(tmp_path) -> None:
    card = ModelCard()
    files = {f"01/t{n:02}.mp3": sound(str(n)) for n in (1, 2, 4, 5)}
    load(card, make_release(tmp_path / "a", files), tmp_path / "a")
    more = {f"01/t{n:02}.mp3": sound(str(n)) for n in (1, 2, 3, 4, 5)}
    result = load(card, make_release(tmp_path / "b", more, sequence=2), tmp_path / "b")
    assert card.order("01") == [f"t{n:02}.mp3" for n in range(1, 6)]
    assert result.written == ("01/t03.mp3", "01/t04.mp3", "01/t05.mp3")
    assert result.untouched == 2


def test_a_card_that_another_program_reordered_is_repaired(tmp_path) -> None:
    card = ModelCard()
    files = {f"01/{n:03}.mp3": sound(str(n)) for n in range(1, 6)}
    manifest = make_release(tmp_path / "a", files)
    load(card, manifest, tmp_path / "a")
    card.rows["01"].reverse()
    assert [finding.kind.value for finding in audit(card).findings] == ["misordered"]
    assert audit(card).is_in_order is False
    load(card, manifest, tmp_path / "a")
    assert card.order("01") == [f"{n:03}.mp3" for n in range(1, 6)]
    assert audit(card).is_good


def test_a_new_folder_between_others_is_placed_between_them(tmp_path) -> None:
    card = ModelCard()
    files = {f"{shelf}/001.mp3": sound(shelf) for shelf in ("01", "02", "04")}
    load(card, make_release(tmp_path / "a", files), tmp_path / "a")
    more = {f"{shelf}/001.mp3": sound(shelf) for shelf in ("01", "02", "03", "04")}
    load(card, make_release(tmp_path / "b", more, sequence=2), tmp_path / "b")
    assert [name for name in card.order("") if name != ".packager"] == ["01", "02", "03", "04"]


def test_a_foreign_file_in_a_folder_that_would_be_made_again_refuses_the_load_before_the_first_write(tmp_path) -> None:
    card = ModelCard()
    files = {f"{shelf}/001.mp3": sound(shelf) for shelf in ("first", "second", "fourth")}
    load(card, make_release(tmp_path / "a", files), tmp_path / "a")
    card.create("fourth/memo.txt", [b"own"])
    card.barrier()
    more = {f"{shelf}/001.mp3": sound(shelf) for shelf in ("first", "second", "third", "fourth")}
    manifest = make_release(tmp_path / "b", more, sequence=2)
    before = dict(card.files)
    with pytest.raises(CardRefusedError, match=r"fourth/memo\.txt"):
        load(card, manifest, tmp_path / "b")
    assert card.files == before
    assert audit(card).is_good
    card.delete("fourth/memo.txt")
    load(card, manifest, tmp_path / "b")
    assert audit(card).is_good


@pytest.mark.parametrize("content", [b"", b"own"])
def test_a_foreign_file_with_the_name_of_a_filler_neither_stops_a_load_nor_is_deleted(tmp_path, content) -> None:
    card = ModelCard()
    load(card, make_release(tmp_path / "a", {"01/001.mp3": sound("a")}), tmp_path / "a")
    foreign = ("01/" + filler_name(name_class("002.mp3"), 0), "01/90000000.FIL")
    for path in foreign:
        card.create(path, [content] if content else [])
        card.barrier()
    files = {"01/001.mp3": sound("a"), "01/002.mp3": sound("b")}
    load(card, make_release(tmp_path / "b", files, sequence=2), tmp_path / "b")
    assert audit(card).is_good
    assert {path: card.files.get(path) for path in foreign} == dict.fromkeys(foreign, content)


def test_a_foreign_file_that_appears_during_a_load_is_not_deleted(tmp_path) -> None:
    card = ModelCard()
    before = {f"{path}.mp3": sound(path) for path in ("01/001", "01/002", "02/001", "02/004")}
    load(card, make_release(tmp_path / "a", before), tmp_path / "a")
    more = {f"{path}.mp3": sound(path) for path in ("02/001", "02/002", "02/003", "02/004")}
    files = {"01/001.mp3": before["01/001.mp3"], "01/002.mp3": sound("new"), **more}
    manifest = make_release(tmp_path / "b", files, sequence=2)

    def save(_stage: str, _done: int, _total: int) -> None:
        if "02/002.mp3" not in card.files and "02/003.mp3" not in card.files:
            card._enter("02/003.mp3")
            card.files["02/003.mp3"] = b"a song"

    seen = card_on(card)
    with pytest.raises(CardError, match=r"02/003\.mp3"):
        apply_load(seen, plan_of(seen, manifest), tmp_path / "b", load_id=str(uuid.uuid4()), progress=save)
    assert card.files["02/003.mp3"] == b"a song"
