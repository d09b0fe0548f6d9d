"""The one error tree of the program, and the exit code that each branch ends in.

A message says what happened, to which file or player, and what to do next. A problem that was *found* is data
(`base.findings.Finding`); an error here means that the work could not be done.
"""

from __future__ import annotations

from collections.abc import Sequence

EXIT_DONE = 0
EXIT_FAULT = 1
EXIT_USAGE = 2
EXIT_INPUT = 3
EXIT_CARD = 4
EXIT_FINDINGS = 5
EXIT_SPEECH = 6
EXIT_INTERRUPTED = 130


class PackagerError(Exception):
    """Root of all errors that a volunteer is told about without a traceback."""

    exit_code = EXIT_FAULT


class StorageError(PackagerError):
    """The computer's own disk would not take what had to be written (full, read-only)."""


class InputError(PackagerError):
    """Something the volunteer gave can't be used: a file, a setting, a name."""

    exit_code = EXIT_INPUT


class DocumentError(InputError):
    """A YAML or JSON document is wrong; `problems` lists everything that is wrong with it at once."""

    def __init__(self, source: str, problems: Sequence[str]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n".join([source + ":", *(f"  - {p}" for p in problems)]))


class CardError(PackagerError):
    """Root of what can go wrong with a card."""

    exit_code = EXIT_CARD


class CardRefusedError(CardError):
    """The card was not touched: it is not ours, not the right one, too small, or no card at all."""


class CardFailedError(CardError):
    """A load began and did not end well; the card is known to be unfinished."""


class NeedsCheckError(CardError):
    """The card's file system is damaged; nothing is deleted or repaired before it has been checked."""


class SpeechError(PackagerError):
    """Text could not be spoken completely; the message shows the sentence."""

    exit_code = EXIT_SPEECH


class RegistryError(PackagerError):
    """The registry can't be opened, read or written."""

    exit_code = EXIT_INPUT
