"""Personal data: changed by the last writer, forgotten for good, and nowhere but in its table."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from packager.base.errors import RegistryError
from packager.registry.database import Registry, open_registry
from packager.registry.events import Player
from packager.registry.people import PEOPLE, Person, PersonKind, forget_people, names_of, people_named, people_of_player
from packager.registry.players import add_player
from packager.roster.handover import assign_helper, assign_member, hand_over
from packager.roster.record_linkage import Details

NAME, PHONE, ADDRESS = "欧阳𠮷祥", "13912345678", "东湖路柒号"
MEMBER = Person("a" * 32, PersonKind.MEMBER, NAME, PHONE, revision="1" * 32)


def bytes_beside(path: Path) -> bytes:
    """All that SQLite keeps of a registry: the file, its log, what lies beside it."""
    return b"".join(one.read_bytes() for one in sorted(path.parent.iterdir()) if one.is_file())


def holds(path: Path) -> list[str]:
    found = bytes_beside(path)
    forms = {text: (text.encode(), text.encode("utf-16-le")) for text in (NAME, PHONE, ADDRESS)}
    return [text for text, encoded in forms.items() if any(form in found for form in encoded)]


def test_a_forgotten_name_is_in_no_byte_of_the_registry_even_while_it_is_open(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    with open_registry(path) as registry:
        for number in range(1, 40):
            add_player(registry, f"P{number}")
            assign_member(registry, f"P{number}", Details(f"某某{number}", f"1380000{number:04d}"))
        hand_over(registry, "P7", None)
        for remark in ("一", "二", "三" * 150):  # old versions of a row are left on other pages
            assign_member(registry, "P7", Details(NAME, PHONE, ADDRESS, remark), correct=True)
        assert holds(path) == [NAME, PHONE, ADDRESS]
        forget_people(registry, people_of_player(registry, "P7"))
        assert holds(path) == []
        assert len(people_named(registry, PersonKind.MEMBER, "某某8")) == 1
    assert holds(path) == []
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM player_events WHERE kind = 'handover'").fetchone() == (1,)


def test_a_reader_that_keeps_the_log_from_being_erased_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("packager.registry.database.WRITE_LOCK_SECONDS", 0.2)
    path = tmp_path / "registry.db"
    with open_registry(path) as registry:
        add_player(registry, "P1")
        assign_member(registry, "P1", Details(NAME, PHONE, ADDRESS))
        with closing(sqlite3.connect(path)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM players").fetchone()
            with pytest.raises(RegistryError, match="another program has"):
                forget_people(registry, people_of_player(registry, "P1"))
            reader.execute("COMMIT")
        assert people_named(registry, PersonKind.MEMBER, NAME) == ()
        forget_people(registry, people_of_player(registry, "P1"))
        assert holds(path) == []


def test_no_event_and_no_row_of_a_player_holds_a_name(registry: Registry) -> None:
    from packager.registry.schema import metadata

    add_player(registry, "P1")
    hand_over(registry, "P1", Details(NAME, PHONE, ADDRESS))
    assign_helper(registry, "P1", Details("周文", "13700000000"))
    with registry.read() as connection:
        for table in metadata.sorted_tables:
            if table.name != "people":
                rows = repr(connection.execute(table.select()).all())
                assert not any(text in rows for text in (NAME, PHONE, ADDRESS, "周文", "13700000000"))


def test_neither_people_nor_details_show_themselves_in_a_log() -> None:
    shown = f"{MEMBER!r} {MEMBER} {Details(NAME, PHONE)!r} {[MEMBER]} {Player('P001', member=MEMBER.id)}"
    assert NAME not in shown and PHONE not in shown


def test_names_are_given_for_those_who_are_known(registry: Registry) -> None:
    from packager.registry.schema import metadata

    with registry.write() as connection:
        connection.execute(metadata.tables["people"].insert().values(**PEOPLE.to_row(MEMBER)))
    assert names_of(registry, [MEMBER.id, "b" * 32]) == {MEMBER.id: NAME}
