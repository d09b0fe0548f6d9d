"""What a number is (quantity, year, code, name …), decided by what stands around it. Pure."""

from packager.textnorm.zh.figures.decision import NumberDecision, NumberKind, read_as
from packager.textnorm.zh.figures.integers import classify_integer

__all__ = ["NumberDecision", "NumberKind", "classify_integer", "read_as"]
