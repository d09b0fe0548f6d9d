"""YAML documents: every mistake at once, by line, with what was probably meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from packager.base.errors import DocumentError, InputError
from packager.base.i18n.language import choose_language
from packager.base.yaml_documents import load_document, parse_document


def _problems(text: str | bytes) -> tuple[str, ...]:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(DocumentError) as caught:
        parse_document(data, "workspace", source="packager.yaml")
    assert str(caught.value).startswith("packager.yaml:")
    return caught.value.problems


def test_all_mistakes_are_reported_at_once_in_the_order_of_lines() -> None:
    problems = _problems("vioce: x\npace: fast\n\nkeep: -1\n")
    assert [problem.split(":")[0] for problem in problems] == ["line 1", "line 2", "line 4"]
    assert "did you mean 'voice'?" in problems[0]
    assert "'pace' is \"fast\"" in problems[1] and "from 120 to 300" in problems[1]


def test_a_key_given_twice_is_a_mistake() -> None:
    assert _problems("pace: 190\npace: 200\n") == ("line 2: 'pace' is given twice",)


def test_a_date_and_a_word_like_on_stay_text() -> None:
    assert parse_document(b"series: on\n", "workspace", source="x") == {"series": "on"}
    assert parse_document(b"series: 2026-11-23\n", "workspace", source="x") == {"series": "2026-11-23"}


@pytest.mark.parametrize(
    "text",
    [
        "- a\n- b\n",
        "just words",
        "a: [1, 2",
        "a: 'x\nb: 1",
        "? [a]\n: b\n",
        "!!python/object/apply:os.system ['echo']",
        "a: &x [*x]\n",
        "pace: 1\n" + "k: " + "[" * 5000,
        "b: " + "{" * 3000 + "\n",
        b"\xff\xfe\x00",
        "pace: \x07\n",
        'registry: "a\\0b"\n',
        'model: "a\\0b"\n',
        "pace: 1" + "0" * 5000,
        "pace: 0x" + "f" * 5000,
        "pace: " + ":".join(["59"] * 3000),
    ],
)
def test_anything_that_is_not_a_plain_mapping_is_one_clear_error(text: str | bytes) -> None:
    assert _problems(text)


def test_a_bomb_of_aliases_is_refused_before_it_unfolds() -> None:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{n}: &a{n} [" + ",".join([f"*a{n - 1}"] * 10) + "]" for n in range(1, 12)]
    assert _problems("\n".join(lines))


def test_an_empty_document_is_an_empty_mapping(tmp_path: Path) -> None:
    path = tmp_path / "packager.yaml"
    path.write_text("# series: main\n", encoding="utf-8")
    assert load_document(path, "workspace") == {}
    path.write_bytes(b"\xef\xbb\xbfpace: 200\r\n")
    assert load_document(path, "workspace") == {"pace": 200}


def test_a_file_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.yaml"):
        load_document(tmp_path / "missing.yaml", "workspace")
    with pytest.raises(InputError):
        load_document(tmp_path, "workspace")


def test_of_too_many_mistakes_only_the_first_are_told() -> None:
    problems = _problems("".join(f"wrong{number}: x\n" for number in range(150)))
    assert len(problems) == 101
    assert problems[-1] == "line 101: more than 100 problems; only these are listed"
    assert len(_problems("".join(f"wrong{number}: x\n" for number in range(100)))) == 100


def test_a_long_key_or_value_is_quoted_by_its_beginning() -> None:
    (problem,) = _problems("v" * 1000 + ": x\n")
    assert problem == "line 1: unknown key '" + "v" * 57 + "...'"
    with pytest.raises(DocumentError) as caught:
        parse_document(
            f"playlist: p\ntitle: t\nitems: []\nformat: {'x' * 1000}\n".encode(), "playlist", source="p.yaml"
        )
    assert all(len(each) < 200 for each in caught.value.problems)


def test_each_missing_key_is_told_once() -> None:
    with pytest.raises(DocumentError) as caught:
        parse_document(b"pace: 190\n", "playlist", source="p.yaml")
    assert sorted(caught.value.problems) == [f"line 1: '{key}' is missing" for key in ("items", "playlist", "title")]


def test_what_the_loader_finds_is_told_in_the_chosen_language() -> None:
    choose_language("zh")
    try:
        for text in (
            "pace: \x07\n",
            'model: "a\\z"\n',
            "a: !b!c d\n",
            "a: [1, 2",
            "%a\n---\n",
            "pace: 'x",
            "a: b: c\n",
        ):
            with pytest.raises(DocumentError) as caught:
                parse_document(text.encode(), "workspace", source="packager.yaml")
            (problem,) = caught.value.problems
            assert not re.search(r"[a-z]{4,}", problem), problem
            assert str(caught.value).startswith("packager.yaml：")
    finally:
        choose_language("en")
