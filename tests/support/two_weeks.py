"""Two releases that follow each other, as most tests of a load need them."""

from __future__ import annotations

from card_kit import sound
from fat_model import ModelCard

LOAD_ID = "7a8e3329-b61e-40b1-80ee-a0d5802b4e12"

WEEK_1 = {
    "01/001.mp3": sound("contents 1"),
    "01/002.mp3": sound("reading 1"),
    "01/003.mp3": sound("notices"),
    "02/001.mp3": sound("book, chapter 1"),
    "02/002.mp3": sound("book, chapter 2"),
    "03/001.mp3": sound("old book"),
}
WEEK_2 = {
    "01/001.mp3": sound("contents 2"),
    "01/002.mp3": sound("reading 2", 4000),
    "01/003.mp3": sound("notices"),
    "02/001.mp3": sound("book, chapter 1"),
    "02/002.mp3": sound("book, chapter 2"),
    "02/003.mp3": sound("book, chapter 3"),
}


def of_model(card: ModelCard) -> dict[str, bytes]:
    """What is on a model of a card, but for our own files."""
    return {path: data for path, data in card.files.items() if not path.startswith(".packager/")}
