"""The questions about the probe card, for the printed sheet, the answer file and --ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from packager.base.errors import InputError
from packager.base.i18n.language import N_, _


@dataclass(frozen=True)
class ProbeQuestion:
    """A question and the key of its answer: a number, with `many` a list of numbers, with `word` a text."""

    key: str
    text: str  # to be translated
    many: bool = False
    word: bool = False


QUESTIONS = (
    ProbeQuestion(
        "name", N_("A short name for this kind of player, for example k6 (Latin letters and digits)."), word=True
    ),
    ProbeQuestion("title", N_("Describe this kind of player in words."), word=True),
    ProbeQuestion(
        "heard",
        N_(
            "Switch shuffle off. Start at the first track and press next until you hear the word for counting "
            "(计数), or the first track again. Write down every number that you hear, in that order. Leave out "
            "tracks that are silent, broken, too fast or too slow."
        ),
        many=True,
    ),
    ProbeQuestion(
        "shown", N_("Does it have a display? Which of 51 to 55, and 62, show correct Chinese characters?"), many=True
    ),
    ProbeQuestion("key_1", N_("Does it have number keys? Which number do you hear for 1 (or 001)?")),
    ProbeQuestion("key_2", N_("Which number for 2?")),
    ProbeQuestion("key_4", N_("Which number for 4?")),
    ProbeQuestion("key_5", N_("Which number for 5?")),
    ProbeQuestion("key_7", N_("Which number for 7 (or 0007)?")),
    ProbeQuestion("digits", N_("How many digits can be keyed in?")),
    ProbeQuestion("folder_3_file_1", N_("Can a folder and a file be keyed in? Which number for folder 3, file 1?")),
    ProbeQuestion("folder_6_file_3", N_("Which number for folder 6, file 3?")),
    ProbeQuestion(
        "last_in_folder",
        N_(
            "Go to the first track of folder 11, then press previous. Which number do you hear after the "
            "word for counting (计数)?"
        ),
    ),
    ProbeQuestion(
        "last_folder",
        N_(
            "Go to the very first track, then press previous. Which number do you hear after the word for "
            "counting? If you hear one of 71 to 75, press previous until you hear that word."
        ),
    ),
)


def answer_of(question: ProbeQuestion, text: str) -> Any:
    """Parse an answer; None if it is empty. Raises InputError if a number is expected and not given."""
    text = text.strip()
    if not text:
        return None
    if question.word:
        return text
    words = text.replace("，", " ").replace(",", " ").replace("、", " ").split()
    if not all(word.isascii() and word.isdigit() and len(word) < 5 for word in words):
        raise InputError(_("'{text}': write numbers only, for example: 12 13 11").format(text=text))
    numbers = [int(word) for word in words]
    if question.many:
        return numbers
    if len(numbers) > 1:
        raise InputError(_("'{text}': write one number").format(text=text))
    return numbers[0]


def sheet_text() -> str:
    """The questions as a YAML file to fill in: each question is a comment above its answer."""
    lines = [
        "# "
        + _("Questions about the probe card. Leave the 0 if you heard nothing, or if the question does not apply."),
        "# " + _("When done: packager probe --answers THIS_FILE"),
        "",
    ]
    for number, question in enumerate(QUESTIONS, start=1):
        lines.append(f"# {number}. {_(question.text)}")
        empty = '""' if question.word else "[]" if question.many else "0"
        # The title is optional, but an empty one is an error.
        lines += [f"{'# ' if question.key == 'title' else ''}{question.key}: {empty}", ""]
    return "\n".join(lines)
