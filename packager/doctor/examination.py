"""What was examined on a computer, what was found, and the remedy. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from packager.base.i18n.language import N_


class Condition(str, Enum):
    """How a subject stands."""

    GOOD = "good"
    DOUBTFUL = "doubtful"  # works, or may work, but somebody should look
    BAD = "bad"  # something that the program needs does not work


class Subject(str, Enum):
    """The subjects, in the order of their examination."""

    PROGRAM = "program"
    LIBRARIES = "libraries"
    CONSOLE = "console"
    CLOCK = "clock"
    DISK = "disk"
    FFMPEG = "ffmpeg"
    CARDS = "cards"
    WORKSPACE = "workspace"
    VOICE = "voice"
    REGISTRY = "registry"
    BACKUP = "backup"
    TRUST = "trust"


SUBJECT_WORDS = {
    Subject.PROGRAM: N_("program"),
    Subject.LIBRARIES: N_("libraries"),
    Subject.CONSOLE: N_("console"),
    Subject.CLOCK: N_("clock"),
    Subject.DISK: N_("disk"),
    Subject.FFMPEG: N_("ffmpeg"),
    Subject.CARDS: N_("cards"),
    Subject.WORKSPACE: N_("workspace"),
    Subject.VOICE: N_("voice"),
    Subject.REGISTRY: N_("registry"),
    Subject.BACKUP: N_("backup"),
    Subject.TRUST: N_("trust"),
}
CONDITION_WORDS = {Condition.GOOD: N_("good"), Condition.DOUBTFUL: N_("doubtful"), Condition.BAD: N_("bad")}


@dataclass(frozen=True)
class Examination:
    """One subject: the condition, what was found, and what to do; empty where nothing is to be done."""

    subject: Subject
    condition: Condition
    found: str
    remedy: str = ""


def good(subject: Subject, found: str) -> Examination:
    """Nothing is to be done."""
    return Examination(subject, Condition.GOOD, found)


def doubtful(subject: Subject, found: str, remedy: str = "") -> Examination:
    """Somebody should look."""
    return Examination(subject, Condition.DOUBTFUL, found, remedy)


def bad(subject: Subject, found: str, remedy: str = "") -> Examination:
    """The program can't do its work."""
    return Examination(subject, Condition.BAD, found, remedy)
