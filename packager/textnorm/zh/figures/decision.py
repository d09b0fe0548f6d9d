"""The nouns of the classifier: the kind of a number, and the decision for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from packager.textnorm.zh.numbers import read_code, read_digits, read_integer, read_quantity


class NumberKind(str, Enum):
    """What a number is, and so how it is read."""

    QUANTITY = "quantity"  # 一百二十
    ORDINAL = "ordinal"  # (第)一百二十
    YEAR = "year"  # 一九九八
    CODE = "code"  # 幺二零: telephone numbers, rooms, routes
    NAME = "name"  # 九八五: part of a name


@dataclass(frozen=True)
class NumberDecision:
    """The kind of a number; `is_sure` is false where the surroundings permit `other` as well."""

    kind: NumberKind
    is_sure: bool = True
    other: NumberKind | None = None

    def said(self, digits: str) -> str:
        """`digits` as this kind of number is read."""
        return read_as(self.kind, digits)


def read_as(kind: NumberKind, digits: str) -> str:
    """`digits` read as `kind`."""
    if kind is NumberKind.CODE:
        return read_code(digits)
    if kind in (NumberKind.YEAR, NumberKind.NAME):
        return read_digits(digits)
    return read_integer(digits) if kind is NumberKind.ORDINAL else read_quantity(digits)
