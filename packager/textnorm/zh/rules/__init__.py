"""What stands before wetext: one table of written forms, in the order in which they are looked for."""

from packager.textnorm.zh.rules.dates import DATES
from packager.textnorm.zh.rules.figures import INTEGERS
from packager.textnorm.zh.rules.identifiers import CODES, PLAIN_CODES
from packager.textnorm.zh.rules.letters import LETTERS
from packager.textnorm.zh.rules.pairs import PAIRS
from packager.textnorm.zh.rules.quantities import GROUPED, NAUGHTS, QUANTITIES, SIGNED
from packager.textnorm.zh.rules.rule import NumberDoubt, Rule

# Codes first: a telephone number must not be taken for a range, nor a date for a version or a subtraction.
RULES: tuple[Rule, ...] = (
    *GROUPED,
    *CODES,
    *NAUGHTS,
    *SIGNED,
    *DATES,
    *PAIRS,
    *PLAIN_CODES,
    *QUANTITIES,
    *INTEGERS,
    *LETTERS,
)
BARE_RULES: tuple[Rule, ...] = tuple(rule for rule in RULES if not rule.figures)
"""Those that have a meaning where no figure stands."""

__all__ = ["BARE_RULES", "RULES", "NumberDoubt", "Rule"]
