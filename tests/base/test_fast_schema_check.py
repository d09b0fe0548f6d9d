"""The fast check of a document against its schema agrees with jsonschema, which words the problems."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packager.base.yaml_documents import fits_schema, load_document, schema_problems

EVIDENCE = {
    "clips": 3, "characters": 40, "phonemes": 90, "covered": 40, "again": 0, "split": 0,
    "longest_silence": 0.4, "fastest": 0.1, "slowest": 0.3,
}  # fmt: skip
TRACK = {
    "number": 1, "path": "01/001.mp3", "kind": "chapter", "title": "第一章", "book": "防骗手册", "place": 1,
    "seconds": 12.5, "spoken": 40, "pace": 190.2, "lufs": -18.0, "true_peak": -3, "size": 100_000,
    "sha256": "a" * 64, "build_key": "b" * 64, "voice": "kokoro:zf_xiaoyi", "evidence": EVIDENCE,
    "expires": "2026-12-01",
}  # fmt: skip
MANIFEST: dict[str, Any] = {
    "format": 1, "kind": "release", "content_id": "c" * 64, "release": "main-0001", "series": "main",
    "sequence": 1, "playlist": "2026-w48", "title": "十一月第四周", "profile": "folders+slow",
    "finds_by": "name", "voice": "kokoro:zf_xiaoyi", "pace": 190, "created": "2026-11-23T08:00:00Z",
    "program": "packager 0.1.0", "evidence": EVIDENCE, "tracks": [TRACK, TRACK],
    "sidecars": [{"path": "list.m3u8", "kind": "m3u8", "size": 30, "sha256": "e" * 64}],
}  # fmt: skip

JUNK = st.one_of(
    st.sampled_from([None, True, False, 0, 1, -1, 1.0, 2.5, 2**53, 1e300, [], {}, [1], {"clips": 1}, 4]),
    st.sampled_from(["", "a", "A" * 64, "a" * 64 + "\n", "a" * 65, "name", "2026-12-01\n", "x" * 256]),
    st.integers(),
    st.floats(),
    st.text(max_size=4),
)  # fmt: skip


def places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(found for key, part in inner for found in places(part, (*place, key)))]


def changed(value: Any, place: tuple[Any, ...], what: str, junk: Any) -> Any:
    """A copy with another value at a place, without it, or with one more."""
    if not place:
        return junk
    value = copy.deepcopy(value)
    parent = value
    for key in place[:-1]:
        parent = parent[key]
    if what == "replace":
        parent[place[-1]] = junk
    elif what == "remove":
        del parent[place[-1]]
    elif isinstance(parent, dict):
        parent[str(junk)] = junk
    else:
        parent.append(junk)
    return value


def test_a_whole_manifest_fits_its_schema() -> None:
    assert fits_schema(MANIFEST, "manifest")
    assert schema_problems(MANIFEST, "manifest") == []


@settings(max_examples=300)
@given(place=st.sampled_from(places(MANIFEST)), what=st.sampled_from(["replace", "remove", "add"]), junk=JUNK)
def test_both_libraries_agree_on_damaged_manifests(place, what, junk) -> None:
    value = changed(MANIFEST, place, what, junk)
    fits, problems = fits_schema(value, "manifest"), schema_problems(value, "manifest")
    # Only jsonschema lets a pattern's `$` stand before a final newline.
    assert fits == (not problems) or (not fits and isinstance(junk, str) and junk.endswith("\n"))


FORMATS = Path(__file__).parents[1] / "formats" / "1.0"
DOCUMENTS: dict[str, dict[str, Any]] = {
    schema: load_document(FORMATS / name, schema)
    for schema, name in {
        "lexicon": "lexicon.yaml",
        "numbers": "playlists/main.numbers.yaml",
        "playlist": "playlists/week.yaml",
        "profile": "profiles/mine.yaml",
        "timetable": "playlists/timetable.yaml",  # its schema refers to that of playlists
        "workspace": "packager.yaml",
    }.items()
}


@pytest.mark.parametrize("schema", DOCUMENTS)
def test_a_document_that_people_write_fits_its_schema(schema: str) -> None:
    assert fits_schema(DOCUMENTS[schema], schema)
    assert not fits_schema({**DOCUMENTS[schema], "\U0001f600": 1}, schema)


@settings(max_examples=100)
@given(data=st.data(), schema=st.sampled_from(sorted(DOCUMENTS)), what=st.sampled_from(["replace", "remove", "add"]))
def test_what_the_fast_check_takes_has_no_problem(data: st.DataObject, schema: str, what: str) -> None:
    junk = data.draw(JUNK)
    place = data.draw(st.sampled_from(places(DOCUMENTS[schema])))
    value = changed(DOCUMENTS[schema], place, what, junk)
    assert not fits_schema(value, schema) or schema_problems(value, schema) == []


@pytest.mark.parametrize("schema", DOCUMENTS)
@pytest.mark.parametrize("key", [1, None, True, 2.5])
def test_a_key_that_is_no_text_does_not_fit(schema: str, key: object) -> None:
    assert not fits_schema({**DOCUMENTS[schema], key: "x"}, schema)
