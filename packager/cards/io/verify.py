"""Verify a loaded card: names, sizes, order and hashes. The first difference raises CardFailedError."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from packager.base.errors import CardFailedError
from packager.base.i18n.language import _, reason_of
from packager.base.manifest import ManifestFile
from packager.cards.io.card import Card, Progress
from packager.cards.io.survey import read_twice
from packager.cards.plan.directory_order import first_out_of_order
from packager.cards.plan.steps import LoadPlan


def check_names(card: Card, plan: LoadPlan) -> None:
    """Compare names, sizes and order of all managed files with the plan."""
    sizes_wanted = {file.path: file.size for file in plan.wanted.files}
    for folder, children in plan.order.items():
        sizes = {entry.name: entry.size for entry in card.fs.scan(folder)}
        for child in children:
            path = f"{folder}/{child}" if folder else child
            if child not in sizes or sizes_wanted.get(path, sizes[child]) != sizes[child]:
                raise CardFailedError(_wrong_content(card, path))
        wrong = first_out_of_order(list(sizes), children) if card.fs.keeps_order else None
        if wrong is not None:
            raise CardFailedError(wrong_order(card, f"{folder}/{wrong}" if folder else wrong))


def check_content(
    card: Card, files: Sequence[ManifestFile], progress: Progress, *, may_have_changed: Collection[str] = ()
) -> Iterator[tuple[str, bool]]:
    """Compare the hashes of files on the card with the manifest; yields each path, and whether its content is right.

    Raises CardFailedError for a file that can't be read, the second time neither, and for one that reads back
    differently, unless it is of `may_have_changed`: files that an earlier load wrote.
    """
    total = sum(file.size for file in files)
    done = 0
    for file in files:
        try:
            found = read_twice(card.fs, file.path)
        except OSError as error:
            raise CardFailedError(_unreadable(card, file.path, reason_of(error))) from error
        if found != file.sha256 and file.path not in may_have_changed:
            raise CardFailedError(_wrong_content(card, file.path))
        done += file.size
        progress("verify", done, total)
        yield file.path, found == file.sha256


def wrong_order(card: Card, path: str) -> str:
    """The message for a file that is out of order."""
    return _(
        "{card}: {path} is not in the playing order. The card is marked as unfinished; run the same command again."
    ).format(card=card.name, path=path)


def _wrong_content(card: Card, path: str) -> str:
    return _(
        "{card}: {path} reads back differently from what was written. The card is marked as unfinished. "
        "Run the same command again; if it happens again, the card is worn out or a fake: use another one."
    ).format(card=card.name, path=path)


def _unreadable(card: Card, path: str, reason: str) -> str:
    return _(
        "{card}: {path} was written but can't be read back: {reason}. The card is marked as unfinished. "
        "Run the same command again, in another reader if there is one; if it happens again, use another "
        "card."
    ).format(card=card.name, path=path, reason=reason)
