"""Labels for players: their positions on an A4 sheet, and QR codes as SVG paths. Pure.

All lengths are millimetres. A QR code contains only the player's number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packager.base.errors import InputError
from packager.base.i18n.language import _

A4 = (210.0, 297.0)  # millimetres, as ISO 216
NUMBER_POINTS = 30  # the size of the number's letters
PADDING = 2.5  # millimetres around and between the parts of a label
_CHARACTER = NUMBER_POINTS / 72 * 25.4 * 0.64  # millimetres of a bold digit: at most 0.64 of the letters' size
_SMALLEST_QR = 12.0  # millimetres; its modules are then 0.4 mm, which phones read
QR_QUIET = 4  # modules of white around a QR code, as ISO/IEC 18004 requires


@dataclass(frozen=True)
class LabelFormat:
    """A sheet of labels in `columns` and `rows`; all lengths are millimetres.

    `left` and `top` are the position of the first label, `across` and `down` the distances between labels.
    """

    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    across: float
    down: float

    @property
    def count(self) -> int:
        """Labels on a sheet."""
        return self.columns * self.rows


def _even(columns: int, rows: int, width: float, height: float, gap: float = 0.0) -> LabelFormat:
    """Labels centred on the sheet, with a gap between columns."""
    left = (A4[0] - columns * width - (columns - 1) * gap) / 2
    top = (A4[1] - rows * height) / 2
    return LabelFormat(columns, rows, width, height, left, top, width + gap, height)


FORMATS = {
    "70x37": _even(3, 8, 70, 37),
    "63.5x38.1": _even(3, 7, 63.5, 38.1, gap=2.54),
    "99.1x38.1": _even(2, 7, 99.1, 38.1, gap=2.54),
    "64x33.9": _even(3, 8, 64, 33.9, gap=2.5),
    "48.5x25.4": _even(4, 11, 48.5, 25.4),
}
"""Common label sheets, by the size of a label in millimetres."""


@dataclass(frozen=True)
class Label:
    """A label on its sheet. `qr` is an SVG path over `modules` by `modules` squares, quiet zone included."""

    player: str
    community: str
    left: float  # millimetres
    top: float
    qr: str
    modules: int
    qr_size: float  # millimetres


def label_sheets(
    players: Sequence[tuple[str, str]], layout: LabelFormat, *, skip: int = 0
) -> tuple[tuple[Label, ...], ...]:
    """The labels of `players` (number and community), sheet by sheet; the first `skip` positions stay empty."""
    labels = [_label(*player, layout, place) for place, player in enumerate(players, start=skip)]
    sheets: dict[int, list[Label]] = {}
    for place, label in enumerate(labels, start=skip):
        sheets.setdefault(place // layout.count, []).append(label)
    return tuple(map(tuple, sheets.values()))


def _label(player: str, community: str, layout: LabelFormat, place: int) -> Label:
    row, column = divmod(place % layout.count, layout.columns)
    path, modules = qr_path(player)
    left, top = layout.left + column * layout.across, layout.top + row * layout.down
    return Label(player, community, round(left, 3), round(top, 3), path, modules, qr_size(player, layout))


def qr_size(player: str, layout: LabelFormat) -> float:
    """The size of the QR code beside the number. Raises InputError if phones could not read it."""
    number = len(player) * _CHARACTER
    size = min(layout.height - 2 * PADDING, layout.width - 3 * PADDING - number)
    if size < _SMALLEST_QR:
        raise InputError(
            _("a label of {width} by {height} mm is too small for {player}; choose another --format").format(
                width=layout.width, height=layout.height, player=player
            )
        )
    return round(size, 2)


def qr_path(text: str) -> tuple[str, int]:
    """A QR code of `text` as an SVG path, and its width in modules including the quiet zone.

    Error correction level Q: readable with a quarter of it worn off.
    """
    import segno

    code = segno.make_qr(text, error="q")
    size = code.symbol_size(border=QR_QUIET)[0]
    return "".join(_squares(code.matrix)), int(size)


def _squares(matrix: Sequence[Sequence[int]]) -> Iterator[str]:
    """The dark modules; neighbours form one path, so that no hairline prints between them."""
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            width = next((w for w in range(len(row) - x) if not row[x + w]), len(row) - x)
            if width:
                yield f"M{x + QR_QUIET} {y + QR_QUIET}h{width}v1h-{width}z"
            x += width or 1
