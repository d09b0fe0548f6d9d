"""Loads YAML documents that people write, validates them against a JSON schema, and reports all mistakes at once.

A problem names its line and, for a misspelled word, suggests the right one.
"""

from __future__ import annotations

import codecs
import difflib
import json
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from packager.base.errors import DocumentError, InputError
from packager.base.i18n.language import _, current_language, reason_of
from packager.base.yaml_slips import repaired_texts, unquoted

MAX_DOCUMENT_BYTES = 4 * 1024 * 1024
_MAX_DEPTH = 20
_MAX_DIGITS = 300
_MAX_PROBLEMS = 100  # a document that was made to be wrong has millions
_MAX_QUOTED = 60  # characters of a value in a message
_MAX_MESSAGE = 200  # characters of a message of jsonschema
_PRIVATE = re.compile("[\ue000-\uf8ff\ufffd]")  # characters that no text in GBK has

Place = tuple[Hashable, ...]


class _PlainLoader(yaml.SafeLoader):
    """SafeLoader without YAML 1.1's surprises: dates stay text, and only true/false are booleans."""


_SURPRISES = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _SURPRISES]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"])


def _whole_number(loader: _PlainLoader, node: yaml.ScalarNode) -> int:
    if len(node.value) > _MAX_DIGITS:  # Python would refuse to print it in a message
        problem = _("a number is too long")
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
    return int(loader.construct_yaml_int(node))


_PlainLoader.add_constructor("tag:yaml.org,2002:int", _whole_number)


@lru_cache
def load_schema(name: str) -> dict[str, Any]:
    """The JSON schema `schemas/<name>.schema.json` of the program."""
    text = (resources.files("packager") / "schemas" / f"{name}.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


Check = Callable[[dict[str, Any]], Iterable[tuple[Place, str]]]


def _no_check(_value: dict[str, Any]) -> Iterable[tuple[Place, str]]:
    return ()


def load_document(path: Path, schema: str, *, check: Check = _no_check) -> dict[str, Any]:
    """Read the YAML mapping in `path` and validate it against the schema of that name.

    `check` yields the problems, each with its place, of a document that fits its schema. Raises InputError when the
    file can't be read, DocumentError with all problems when its content is wrong.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(_("{path} can't be read: {reason}").format(path=path, reason=reason_of(error))) from error
    if len(data) > MAX_DOCUMENT_BYTES:
        raise DocumentError(str(path), [_("the file is larger than 4 MiB; is it the right file?")])
    return parse_document(data, schema, source=str(path), check=check)


def parse_document(data: bytes, schema: str, *, source: str, check: Check = _no_check) -> dict[str, Any]:
    """As `load_document`, from bytes; messages call the document `source`."""
    text = _decoded(data, source)
    value, problems = _parsed(text, schema, source, check)
    if problems:
        for repaired in repaired_texts(text):
            other, remaining = _parsed(repaired, schema, source, check)
            if not remaining:
                return other
            # The slips are told apart from what is really wrong, unless a repair made matters worse.
            if len(remaining) <= len(problems) or (other and not value):
                value, problems = other, remaining
        raise DocumentError(source, problems)
    return value


def _parsed(text: str, schema: str, source: str, check: Check) -> tuple[dict[str, Any], list[str]]:
    """The mapping in `text`, and what is wrong with it."""
    try:
        node = _compose(text)
        value = _PlainLoader("").construct_document(node) if node is not None else {}
    except (yaml.YAMLError, ValueError) as error:
        return {}, [_yaml_problem(error)]
    except InputError as error:
        return {}, [str(error)]
    if not isinstance(value, dict):
        return {}, [_("expected lines of the form 'key: value'")]
    lines = dict(_lines(node)) if node is not None else {}
    found = ([] if fits_schema(value, schema) else _problems(value, schema)) or list(check(value))
    problems = [
        *_repeated_keys(node),
        *(
            _("line {line}: {problem}").format(line=line, problem=problem)
            for line, problem in sorted((_line_of(place, lines), problem) for place, problem in found)
        ),
    ]
    return value, problems


def _decoded(data: bytes, source: str) -> str:
    """The text of a document: UTF-8, or what Windows Notepad writes otherwise: UTF-16 with its mark, or GBK."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not len(data) % 2:
        with suppress(UnicodeDecodeError):
            return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        with suppress(UnicodeDecodeError):
            text = data.decode("gb18030")
            if _is_no_damaged_utf8(data) and not _PRIVATE.search(text):
                return text
        line = data[: error.start].count(b"\n") + 1
        problem = _("line {line}: not UTF-8 text; save the file as UTF-8").format(line=line)
        raise DocumentError(source, [problem]) from error


def _is_no_damaged_utf8(data: bytes) -> bool:
    """Whether so little of `data` is UTF-8 that it can't be such a text with a few damaged bytes."""
    text = data.decode("utf-8", "replace")
    return text.count("\ufffd") > 2 * sum(character > "\u07ff" and character != "\ufffd" for character in text)


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """` - did you mean 'x'?` for the most similar of `known`, or nothing."""
    # The comparison takes quadratic time, and a word of a document can be megabytes long.
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6) if len(word) <= _MAX_QUOTED else ()
    return _(" - did you mean '{word}'?").format(word=near[0]) if near else ""


def _compose(text: str) -> yaml.Node | None:
    """The document's tree. Its events are checked first, so that an alias bomb is refused before it expands."""
    depth = 0
    for event in yaml.parse(text, _PlainLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > _MAX_DEPTH:
            problem = _("line {line}: YAML aliases (*name) and deep nesting are not used here")
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise InputError(problem.format(line=line))
    node = yaml.compose(text, _PlainLoader)
    _without_chinese_quotes(node)
    return node


def _without_chinese_quotes(node: yaml.Node | None) -> None:
    """Take the Chinese quotes off keys and values that stand in them as a whole: “周报” means the same as "周报"."""
    if isinstance(node, yaml.ScalarNode) and node.style is None:
        node.value = unquoted(node.value)
    elif isinstance(node, yaml.MappingNode):
        for pair in node.value:
            for part in pair:
                _without_chinese_quotes(part)
    elif isinstance(node, yaml.SequenceNode):
        for part in node.value:
            _without_chinese_quotes(part)


def _yaml_problem(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    reason = _yaml_reason(error)
    if mark is None:
        return _("not valid YAML: {reason}").format(reason=reason)
    return _("line {line}, column {column}: not valid YAML: {reason}").format(
        line=mark.line + 1, column=mark.column + 1, reason=reason
    )


def _yaml_reason(error: Exception) -> str:
    """What PyYAML found, in the chosen language; for what is not in the catalog, what to look at."""
    said = getattr(error, "problem", None) or str(error)
    if isinstance(error, yaml.reader.ReaderError):
        return _("it has a control character (U+{code:04X}); delete it").format(code=error.character)
    if said.startswith(("found unknown escape character", "expected escape sequence")):
        return _("a backslash in double quotes has a meaning of its own; write /, or take single quotes")
    translated = _(said)
    if translated == said and current_language() != "en":
        return _("this line is not understood; check its indentation, colons, quotes and brackets")
    return translated


def _lines(node: yaml.Node, place: Place = ()) -> Iterator[tuple[Place, int]]:
    """The line, from 1, of each value of the document, by its place in the tree."""
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            yield from _lines(child, (*place, getattr(key, "value", "")))
            # The key's line is more helpful than its value's, which may start below it.
            yield (*place, getattr(key, "value", "")), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            yield from _lines(child, (*place, index))


def _repeated_keys(node: yaml.Node | None) -> Iterator[str]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, child in node.value:
            name = str(getattr(key, "value", ""))
            if name in seen:
                yield _("line {line}: '{key}' is given twice").format(line=key.start_mark.line + 1, key=name)
            seen.add(name)
            yield from _repeated_keys(child)
    elif isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _repeated_keys(child)


def schema_problems(value: Any, schema: str) -> list[str]:
    """The problems of a JSON value by the schema of that name, a sentence each."""
    return list(dict.fromkeys(problem for _place, problem in _problems(value, schema)))


def fits_schema(value: Any, schema: str) -> bool:
    """Whether a JSON value surely fits the schema of that name. If not, `schema_problems` decides.

    fastjsonschema generates checks that are several times as fast as jsonschema, whose import alone takes a quarter of
    a second. They are a little stricter: `$` in a pattern does not match before a final newline, and a key that is no
    text is compared with no pattern.
    """
    import fastjsonschema

    try:
        _generated_check(schema)(value)
    except (fastjsonschema.JsonSchemaValueException, TypeError):
        return False
    return True


@lru_cache
def _generated_check(schema: str) -> Callable[[Any], Any]:
    import fastjsonschema

    def of_another(uri: str) -> dict[str, Any]:
        return load_schema(uri.removesuffix(".schema.json"))

    check: Callable[[Any], Any] = fastjsonschema.compile(load_schema(schema), {"": of_another}, use_default=False)
    return check


def _problems(value: Any, schema: str) -> list[tuple[Place, str]]:
    """The problems, each once, and after too many of them one that says so."""
    # jsonschema reports each missing key, and each report here names all of them.
    found: dict[tuple[Place, str], None] = {}
    for problem in _all_problems(value, schema):
        if problem not in found and len(found) == _MAX_PROBLEMS:
            return [
                *found,
                (problem[0], _("more than {count} problems; only these are listed").format(count=_MAX_PROBLEMS)),
            ]
        found[problem] = None
    return list(found)


def _all_problems(value: Any, schema: str) -> Iterator[tuple[Place, str]]:
    from jsonschema import Draft202012Validator  # its import takes a quarter of a second
    from referencing import Registry, Resource

    def of_another(uri: str) -> Resource[Any]:
        return Resource.from_contents(load_schema(uri.removesuffix(".schema.json")))

    schemas: Registry[Any] = Registry(retrieve=of_another)  # type: ignore[call-arg]  # mypy sees no attrs alias
    for error in Draft202012Validator(load_schema(schema), registry=schemas).iter_errors(value):
        yield from _problems_of(error, tuple(error.absolute_path))


def _line_of(place: Place, lines: dict[Place, int]) -> int:
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _problems_of(error: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """One jsonschema error as the place and a sentence that a volunteer can act on."""
    name = ".".join(str(part) for part in place) or _("the document")
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        for key in error.instance:
            if key not in known:
                hint = did_you_mean(str(key), known)
                yield (*place, key), _("unknown key '{key}'{hint}").format(key=_cut(str(key)), hint=hint)
    elif error.validator == "required":
        for key in error.validator_value:
            if key not in error.instance:
                yield place, _("'{key}' is missing").format(key=key)
    elif error.validator == "enum":
        known = [str(choice) for choice in error.validator_value]
        hint = did_you_mean(str(error.instance), known)
        yield (
            place,
            _("'{name}' is {found!r}, expected one of {known}{hint}").format(
                name=name, found=_quotable(error.instance), known=", ".join(known), hint=hint
            ),
        )
    else:
        if "propertyNames" in error.absolute_schema_path:
            place = (*place, error.instance)  # the key itself is wrong
        description = error.schema.get("description")
        expected = _(description) if description else error.message[:_MAX_MESSAGE]  # it quotes the whole value
        yield (
            place,
            _("'{name}' is {found}, expected: {expected}").format(
                name=name, found=_short(error.instance), expected=expected
            ),
        )


def _short(value: Any) -> str:
    return _cut(json.dumps(value, ensure_ascii=False, default=str))


def _quotable(value: Any) -> Any:
    """The value if it is short, else the beginning of its text."""
    return value if len(str(value)) <= _MAX_QUOTED else _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_QUOTED else text[: _MAX_QUOTED - 3] + "..."
