"""Whether a JSON value surely fits a schema: the quick answer, for what is checked at every visit to a card.

jsonschema takes a quarter of a second to import and a twentieth for a manifest of a hundred tracks, more than
the rest of a weekly update does on the processor. A yes from here is a yes from jsonschema; a no may be
caution, so jsonschema is asked then, and words the problems. A schema with a keyword that is not known here
is never fitted; one that refers to itself can't be checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]

_NOTES = frozenset({"$schema", "$defs", "title", "description"})
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (int, float),
}  # fmt: skip


def checker(schema: Mapping[str, Any]) -> Check:
    """A function that says whether a value, as `json.loads` gives it, surely fits `schema`."""
    return _checker(schema, schema.get("$defs", {}))


def _checker(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Check:
    checks = [
        _KEYWORDS[keyword](expected, schema, definitions) if keyword in _KEYWORDS else _never
        for keyword, expected in sorted(schema.items(), key=lambda item: item[0] != "type")
        if keyword not in _NOTES
    ]
    if len(checks) == 1:
        return checks[0]

    def fits(value: Any) -> bool:
        for check in checks:  # noqa: SIM110 - all() over a generator takes twice as long
            if not check(value):
                return False
        return True

    return fits


def _never(_value: Any) -> bool:
    return False


def _type(expected: Any, _schema: Mapping[str, Any], _definitions: Mapping[str, Any]) -> Check:
    # A bool is an int to Python, and 1.0 an integer to jsonschema: neither is one here.
    wanted = _TYPES.get(expected, ()) if isinstance(expected, str) else ()
    if len(wanted) == 1:
        (only,) = wanted
        return lambda value: type(value) is only
    return lambda value: type(value) in wanted


def _enum(expected: Any, _schema: Mapping[str, Any], _definitions: Mapping[str, Any]) -> Check:
    known = {(type(choice), choice) for choice in expected if isinstance(choice, str | int)}
    return lambda value: isinstance(value, str | int) and (type(value), value) in known


def _const(expected: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Check:
    return _enum([expected], schema, definitions)


def _pattern(expected: Any, _schema: Mapping[str, Any], _definitions: Mapping[str, Any]) -> Check:
    search = re.compile(expected).search
    return lambda value: isinstance(value, str) and search(value) is not None


def _minimum(expected: Any, _schema: Mapping[str, Any], _definitions: Mapping[str, Any]) -> Check:
    return lambda value: isinstance(value, int | float) and value >= expected


def _maximum(expected: Any, _schema: Mapping[str, Any], _definitions: Mapping[str, Any]) -> Check:
    return lambda value: isinstance(value, int | float) and value <= expected


def _at_least(expected: Any, _schema: Mapping[str, Any], _definitions: Mapping[str, Any]) -> Check:
    return lambda value: isinstance(value, str | list) and len(value) >= expected


def _at_most(expected: Any, _schema: Mapping[str, Any], _definitions: Mapping[str, Any]) -> Check:
    return lambda value: isinstance(value, str | list) and len(value) <= expected


def _required(expected: Any, _schema: Mapping[str, Any], _definitions: Mapping[str, Any]) -> Check:
    wanted = frozenset(expected)
    return lambda value: isinstance(value, dict) and wanted <= value.keys()


def _properties(expected: Any, _schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Check:
    checks = {key: _checker(part, definitions) for key, part in expected.items()}

    def fit(value: Any) -> bool:
        if not isinstance(value, dict):
            return False
        for key, part in value.items():  # noqa: SIM110 - as above
            if key in checks and not checks[key](part):
                return False
        return True

    return fit


def _additional(expected: Any, schema: Mapping[str, Any], _definitions: Mapping[str, Any]) -> Check:
    known = frozenset(schema.get("properties", ()))
    return lambda value: expected is False and isinstance(value, dict) and value.keys() <= known


def _items(expected: Any, _schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Check:
    check = _checker(expected, definitions)
    return lambda value: isinstance(value, list) and all(map(check, value))


def _reference(expected: Any, _schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Check:
    name = str(expected).removeprefix("#/$defs/")
    return _checker(definitions[name], definitions) if name in definitions else _never


_KEYWORDS: Mapping[str, Callable[[Any, Mapping[str, Any], Mapping[str, Any]], Check]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "minimum": _minimum,
    "maximum": _maximum,
    "minLength": _at_least,
    "maxLength": _at_most,
    "minItems": _at_least,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "$ref": _reference,
}
