"""Structured mutations of JSON values and of bytes: what a forger changes who knows the format."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

from packager.base.formats import canonical_json

_STRANGE = [None, True, 0, 1, -1, 2**63, 1.5, "", "x", "\u202e", "2026-11-23T08:00:00Z", [], {}, [[]], "0" * 64]


def mutated_json(value: Any, chance: random.Random) -> Any:
    """A copy of `value` with one to three changes somewhere inside."""
    made = [copy.deepcopy(value)]
    for _change in range(chance.randint(1, 3)):
        holders = [holder for holder in _holders(made) if holder]
        if not holders:
            break
        holder = chance.choice(holders)
        key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        _change_at(holder, key, chance)
    return made[0] if made else None


def mutated_lines(data: bytes, chance: random.Random) -> bytes:
    """JSON lines in which one line is altered, left out, doubled, or exchanged with another."""
    lines = data.splitlines(keepends=True)
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    kind = chance.choice(["alter", "alter", "alter", "drop", "double", "exchange", "bytes"])
    if kind == "alter":
        changed = mutated_json(json.loads(lines[at]), chance)
        lines[at] = canonical_json(changed) if isinstance(changed, (dict, list)) else json.dumps(changed).encode()
    elif kind == "drop":
        del lines[at]
    elif kind == "double":
        lines.insert(other, lines[at])
    elif kind == "exchange":
        lines[at], lines[other] = lines[other], lines[at]
    else:
        return mutated_bytes(data, chance)
    return b"".join(lines)


def mutated_bytes(data: bytes, chance: random.Random) -> bytes:
    """Bytes in which a few are flipped, cut out, doubled, inserted or exchanged."""
    at = chance.randrange(len(data))
    size = min(chance.choice([1, 1, 4, 64, 1024]), len(data) - at)
    piece = data[at : at + size]
    kinds: list[Callable[[], bytes]] = [
        lambda: data[:at] + bytes(byte ^ (1 << chance.randrange(8)) for byte in piece) + data[at + size :],
        lambda: data[:at] + data[at + size :],
        lambda: data[:at] + piece + data[at:],
        lambda: data[:at] + chance.randbytes(size) + data[at:],
        lambda: data[:at],
        lambda: data + piece,
    ]
    return chance.choice(kinds)()


def _holders(value: Any) -> list[Any]:
    found: list[Any] = []
    if isinstance(value, dict):
        found.append(value)
        for each in value.values():
            found.extend(_holders(each))
    elif isinstance(value, list):
        found.append(value)
        for each in value:
            found.extend(_holders(each))
    return found


def _change_at(holder: Any, key: Any, chance: random.Random) -> None:
    value = holder[key]
    kind = chance.choice(["strange", "near", "near", "drop", "double", "exchange", "rename"])
    if kind == "near" and isinstance(value, str) and value:
        at = chance.randrange(len(value))
        holder[key] = value[:at] + chance.choice("019afAZ+/= \n李") + value[at + 1 :]
    elif kind == "near" and type(value) in (int, float):
        holder[key] = value + chance.choice([-1, 1, 1000])
    elif kind == "drop":
        del holder[key]
    elif kind == "double" and isinstance(holder, list):
        holder.insert(chance.randrange(len(holder) + 1), copy.deepcopy(value))
    elif kind == "exchange" and len(holder) > 1:
        other = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        holder[key], holder[other] = holder[other], holder[key]
    elif kind == "rename" and isinstance(holder, dict):
        holder[chance.choice(["more", "id", str(key) + " ", str(key).upper()])] = holder.pop(key)
    else:
        holder[key] = copy.deepcopy(chance.choice(_STRANGE))
