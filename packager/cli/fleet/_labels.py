"""What `packager sheet --labels` writes: labels for players, a number and a QR code on each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from packager.base.html import render
from packager.fleet.label_sheet import FORMATS, NUMBER_POINTS, PADDING, label_sheets
from packager.registry.events import Player

MARK = "/* packager sheet --labels */"  # as the template has it


def labels_page(players: Iterable[Player], format_name: str, *, skip: int, outlines: bool) -> str:
    """The page with a label for each of `players`; the first `skip` places of the first sheet stay empty.

    Raises InputError when a number does not fit on such a label.
    """
    layout = FORMATS[format_name]
    named: Sequence[tuple[str, str]] = [(player.id, player.community) for player in players]
    return render(
        "labels.html",
        sheets=label_sheets(named, layout, skip=skip),
        layout=layout,
        padding=PADDING,
        points=NUMBER_POINTS,
        outlines=outlines,
    )
