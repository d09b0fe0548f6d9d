"""Measure text normalization against bare wetext, and the growth of its time with the length of the text.

    python benchmarks/wording.py [FILE ...] [--characters N]

Prints:

- characters a second of `normalize` and of bare `wetext` over the same lines of each FILE, in turns, and their
  ratio; without a file, over official prose written for this purpose;
- seconds to normalize and chunk N/8, N/4, N/2 and N characters, as paragraphs and as one line.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from packager.arranging.tracklist import Passage, Role
from packager.textnorm import normalize, to_chunks
from packager.textnorm.zh.normalize import _read_piece

_PROSE = (
    "截至2024年9月30日，全街道60岁以上老年人共12,846人，占常住人口的23.5%，比上年提高1.2个百分点。",
    "各社区要把“一老一小”服务摆在突出位置，坚持每周至少一次入户走访，做到情况清、底数明。",
    "老年食堂每日供餐2次，午餐11:00—12:30，每餐10～15元；咨询电话：010-12345678。",
    "会议指出，要以更实的举措、更大的力度推动养老服务提质增效，让群众有更多获得感。",
    "第三条　本办法所称高龄津贴，是指向80周岁以上老年人按月发放的生活补助。",
)
_ROUNDS = 5


def main() -> None:
    options = _options()
    texts = {path.name: path.read_text("utf-8") for path in options.files} or {"own prose": "\n".join(_PROSE * 20)}
    wetext = _wetext()
    print(f"{'text':20} {'characters':>10} {'normalize/s':>12} {'wetext/s':>12} {'ratio':>7}")
    totals = [0, 0.0, 0.0]
    for name, text in texts.items():
        lines = [line for line in text.splitlines() if line.strip()]
        characters = sum(map(len, lines))
        ours, bare = _both(lines, wetext)
        totals = [totals[0] + characters, totals[1] + ours, totals[2] + bare]
        _print_row(name, characters, ours, bare)
    _print_row("together", int(totals[0]), totals[1], totals[2])
    _print_growth("".join(texts.values()), options.characters)


def _options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--characters", type=int, default=1_000_000)
    return parser.parse_args()


def _wetext() -> Callable[[str], str]:
    from wetext import Normalizer

    read: Callable[[str], str] = Normalizer(lang="zh").normalize
    return read


def _both(lines: Sequence[str], wetext: Callable[[str], str]) -> tuple[float, float]:
    """Seconds of the fastest of several rounds for each; the rounds alternate, so that both have the same load."""
    ours, bare = [], []
    for _round in range(_ROUNDS):
        _read_piece.cache_clear()  # each sentence is new, as in a book
        ours.append(_seconds(lambda: [normalize(line) for line in lines]))
        bare.append(_seconds(lambda: [wetext(line) for line in lines]))
    return min(ours), min(bare)


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _print_row(name: str, characters: int, ours: float, bare: float) -> None:
    rates = f"{characters / ours:>12,.0f} {characters / bare:>12,.0f}"
    print(f"{name:20} {characters:>10,} {rates} {bare / ours:>7.2f}")


def _with_other_figures(text: str, shift: int) -> str:
    """`text` with other figures of the same length, since a repeated sentence is cached."""
    return re.sub(r"[0-9]+", lambda n: f"{(int(n[0]) + shift) % 10 ** len(n[0]):0{len(n[0])}}", text)


def _print_growth(text: str, characters: int) -> None:
    to_chunks([Passage(Role.PARAGRAPH, "重庆。")])  # loads the dictionaries
    print(f"\n{'characters':>10} {'paragraphs':>12} {'in one line':>12}   seconds to normalize and chunk")
    for part in (8, 4, 2, 1):
        size = characters // part
        whole = "".join(_with_other_figures(text, n) for n in range(size // len(text) + 1))[:size]
        passages = [Passage(Role.PARAGRAPH, line) for line in whole.splitlines() if line.strip()]
        line = [Passage(Role.PARAGRAPH, "".join(whole.splitlines()))]
        _read_piece.cache_clear()
        apart, joined = (_seconds(lambda script=script: to_chunks(script)) for script in (passages, line))
        print(f"{size:>10,} {apart:>12.2f} {joined:>12.2f}")


if __name__ == "__main__":
    main()
