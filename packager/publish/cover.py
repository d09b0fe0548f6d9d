"""A plain cover: an open book and sound waves on a colour of the title's own, as PNG. Pure."""

from __future__ import annotations

import colorsys
import struct
import zlib
from functools import lru_cache

import numpy as np

from packager.base.formats import sha256_bytes

SIDE = 1400  # pixels: the least that podcast directories take
_STEPS = 8  # of a hue circle, so that weeks differ
_PAPER, _INK = (255, 250, 240), (40, 40, 40)


@lru_cache(maxsize=16)
def cover_png(title: str) -> bytes:
    """A square picture for `title`, the same bytes every time."""
    hue = int(sha256_bytes(title.encode())[:8], 16) % _STEPS / _STEPS
    red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue, 0.3, 0.5))
    colours = np.array([(red, green, blue), _PAPER, _INK], np.uint8)
    return _png(_drawing(), colours)


def _drawing() -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Numbers of colours by row and column: 0 ground, 1 paper, 2 ink."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    picture = np.zeros((SIDE, SIDE), np.uint8)
    from_middle = np.abs(x - 0.5)
    top = 0.5 + 0.05 * np.sin(np.pi * np.minimum(from_middle / 0.32, 1))
    picture[(from_middle < 0.32) & (y > top) & (y < top + 0.26)] = 1
    picture[(from_middle < 0.006) & (y > top) & (y < top + 0.26)] = 2
    for line in range(4):
        at = top + 0.05 + 0.05 * line
        picture[(from_middle > 0.05) & (from_middle < 0.27) & (np.abs(y - at) < 0.006)] = 2
    distance, above = np.hypot(x - 0.5, y - 0.47), (0.47 - y) > 0.75 * from_middle
    for radius in (0.1, 0.18, 0.26):
        picture[above & (np.abs(distance - radius) < 0.016)] = 1
    return picture


def _png(
    picture: np.ndarray[tuple[int, int], np.dtype[np.uint8]], colours: np.ndarray[tuple[int, int], np.dtype[np.uint8]]
) -> bytes:
    """An indexed picture as PNG (ISO/IEC 15948)."""
    height, width = picture.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), picture], axis=1).tobytes()
    header = struct.pack(">2I5B", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", colours.tobytes()), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
