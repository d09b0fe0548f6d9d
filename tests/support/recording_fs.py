"""A CardFS that records every operation which changes or reads a card, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from packager.cards.filesystem import CardFS
from packager.cards.plan.state_slots import CARD_FOLDER, SlotState, manifest_id_of


class RecordingFS:
    """Passes everything on to `fs`; `log` has a line for each operation.

    Slots are logged with what they say, as `slot a updating 3`; manifests without their id. `before` is called
    with each line before its operation takes place.
    """

    def __init__(self, fs: CardFS, *, before: Callable[[str], None] = lambda _line: None) -> None:
        self._fs = fs
        self._before = before
        self.log: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._fs, name)

    def read(self, path: str) -> Iterator[bytes]:
        self._note(f"read {_named(path)}")
        return self._fs.read(path)

    def make_folder(self, path: str) -> None:
        self._note(f"folder {path}")
        self._fs.make_folder(path)

    def create(self, path: str, pieces: Iterable[bytes], **how: Any) -> bool:
        self._note(f"create {_named(path)}")
        if self._fs.create(path, pieces, **how):
            return True
        self.log.pop()  # an entry in the wrong place, which is gone again
        return False

    def show(self, path: str) -> None:
        self._note(f"show {path}")
        self._fs.show(path)

    def delete(self, path: str) -> None:
        self._note(f"delete {_named(path)}")
        self._fs.delete(path)

    def barrier(self) -> None:
        self._note("barrier")
        self._fs.barrier()

    def overwrite_slot(self, path: str, data: bytes) -> None:
        state = SlotState.from_bytes(data)
        assert state is not None
        self._note(f"slot {path[-1]} {state.status.value} {state.counter}")
        self._fs.overwrite_slot(path, data)

    def _note(self, line: str) -> None:
        self._before(line)
        self.log.append(line)


def _named(path: str) -> str:
    own = path.removeprefix(f"{CARD_FOLDER}/")
    return "manifest" if manifest_id_of(own) else own
