"""Record linkage: which known person a name and a phone number match."""

from __future__ import annotations

import pytest

from packager.base.errors import InputError
from packager.registry.people import Person, PersonKind
from packager.roster.record_linkage import Details, match_helper, match_member


def person(identity: str, phone: str = "", name: str = "王秀兰") -> Person:
    return Person(id=identity * 32, kind=PersonKind.MEMBER, revision="f" * 32, name=name, phone=phone)


FIRST, SECOND, WITHOUT_PHONE = person("a", "1380001"), person("b", "1380002"), person("c")
OTHER_NAME = person("d", "1380001", name="李桂香")


@pytest.mark.parametrize(
    ("phone", "known", "match"),
    [
        ("", [], None),
        ("1380001", [OTHER_NAME], None),
        ("1380001", [FIRST, SECOND, WITHOUT_PHONE], FIRST),
        ("1380002", [FIRST, SECOND, WITHOUT_PHONE], SECOND),
        ("1380003", [FIRST, SECOND], None),
        ("1380003", [FIRST, WITHOUT_PHONE], WITHOUT_PHONE),
        ("", [FIRST], FIRST),
        ("", [FIRST, WITHOUT_PHONE], WITHOUT_PHONE),
    ],
)
def test_a_name_and_phone_number_match_one_known_person_or_nobody(
    phone: str, known: list[Person], match: Person | None
) -> None:
    details = Details("王秀兰", phone)
    assert match_helper(details, known) == match
    assert match_member(details, None, known, {}) == match


def test_two_helpers_of_one_name_are_refused_and_two_members_become_a_third() -> None:
    details = Details("王秀兰")
    with pytest.raises(InputError, match="give the phone number too"):
        match_helper(details, [FIRST, SECOND])
    assert match_member(details, None, [FIRST, SECOND], {}) is None


def test_the_present_member_of_the_same_name_stays_whatever_the_phone_number() -> None:
    details = Details("王秀兰", "1380002")
    assert match_member(details, FIRST, [FIRST, SECOND], {FIRST.id: "P001", SECOND.id: "P002"}) == FIRST
    assert match_member(details, OTHER_NAME, [FIRST, SECOND], {}) == SECOND


def test_a_member_who_certainly_has_another_player_is_refused() -> None:
    with pytest.raises(InputError, match=r"has player P001 already.*packager players replace P001 NEW"):
        match_member(Details("王秀兰", "1380001"), None, [FIRST], {FIRST.id: "P001"})


@pytest.mark.parametrize(
    ("phone", "known", "with_player", "match"),
    [
        ("", [FIRST], [FIRST], None),
        ("", [FIRST, SECOND], [FIRST], SECOND),
        ("1380003", [WITHOUT_PHONE], [WITHOUT_PHONE], None),
        ("1380001", [FIRST, SECOND], [SECOND], FIRST),
        ("", [WITHOUT_PHONE], [WITHOUT_PHONE], None),
    ],
)
def test_a_member_with_a_player_is_no_match_for_a_name_alone(
    phone: str, known: list[Person], with_player: list[Person], match: Person | None
) -> None:
    player_of = {one.id: "P009" for one in with_player}
    assert match_member(Details("王秀兰", phone), None, known, player_of) == match


def test_two_members_of_one_name_and_phone_number_without_a_player_become_a_third() -> None:
    twin = person("e", "1380001")
    assert match_member(Details("王秀兰", "1380001"), None, [FIRST, twin], {}) is None


def test_only_given_details_that_differ_are_changes_and_none_is_shown_in_logs() -> None:
    details = Details("王秀兰", "1380009", "", "住三楼")
    assert details.changes(FIRST) == {"phone": "1380009", "remark": "住三楼"}
    assert "王秀兰" not in repr(details) and "1380009" not in f"{[details]}"
