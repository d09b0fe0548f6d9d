"""Books to Mandarin speech to players' SD cards, and a register of who holds what."""

__version__ = "0.1.0"
