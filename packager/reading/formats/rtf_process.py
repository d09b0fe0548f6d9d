"""The text of rich text on standard input, to standard output in UTF-8: the child process of `office.read_rtf`."""

from __future__ import annotations

import sys


def _main() -> int:
    from striprtf.striprtf import rtf_to_text

    try:
        text = rtf_to_text(sys.stdin.buffer.read().decode("latin-1"), encoding="gb18030", errors="replace")
    except Exception as error:  # a damaged file can raise anything
        sys.stderr.write(f"{type(error).__name__}: {error}"[:200].encode("ascii", "replace").decode())
        return 1
    sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass"))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
