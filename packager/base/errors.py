"""The program's one exception tree, and the exit code of each branch.

A message says what happened, to which file or player, and what to do next. A detected problem is data
(`base.findings.Finding`); an exception means that the work could not be done.
"""

from __future__ import annotations

from collections.abc import Sequence

from packager.base.i18n.language import _

EXIT_DONE = 0
EXIT_FAULT = 1
EXIT_USAGE = 2
EXIT_INPUT = 3
EXIT_CARD = 4
EXIT_FINDINGS = 5
EXIT_SPEECH = 6
EXIT_INTERRUPTED = 130


class PackagerError(Exception):
    """Root of all errors that are shown without a traceback."""

    exit_code = EXIT_FAULT


class StorageError(PackagerError):
    """The computer's own disk can't be written (full, read-only)."""


class InputError(PackagerError):
    """Input can't be used: a file, a setting, a name."""

    exit_code = EXIT_INPUT


class DocumentError(InputError):
    """A YAML or JSON document is wrong; `problems` lists all its mistakes."""

    def __init__(self, source: str, problems: Sequence[str]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n".join([_("{file}:").format(file=source), *(f"  - {p}" for p in problems)]))


class CardError(PackagerError):
    """Root of errors of a card."""

    exit_code = EXIT_CARD


class CardRefusedError(CardError):
    """The card was not written: it is not ours, not the right one, too small, or not a card."""


class CardFailedError(CardError):
    """A load failed after it began; the card is marked as unfinished."""


class NeedsCheckError(CardError):
    """The card's file system is damaged; nothing is deleted or repaired before a file system check."""


class SpeechError(PackagerError):
    """Text could not be spoken completely; the message quotes the sentence."""

    exit_code = EXIT_SPEECH


class RegistryError(PackagerError):
    """The registry can't be opened, read or written."""

    exit_code = EXIT_INPUT
