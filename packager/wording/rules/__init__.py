"""What stands before wetext: one table of written forms, in the order in which they are looked for."""

from packager.wording.rules.codes import CODES, PLAIN_CODES
from packager.wording.rules.dates import DATES
from packager.wording.rules.letters import LETTERS
from packager.wording.rules.quantities import GROUPED, QUANTITIES
from packager.wording.rules.rule import Rule

# Codes first: a telephone number must not be taken for a range, nor a date for a version or a subtraction.
RULES: tuple[Rule, ...] = (*GROUPED, *CODES, *DATES, *PLAIN_CODES, *QUANTITIES, *LETTERS)
BARE_RULES: tuple[Rule, ...] = tuple(rule for rule in RULES if not rule.figures)
"""Those that have a meaning where no figure stands."""

__all__ = ["BARE_RULES", "RULES", "Rule"]
