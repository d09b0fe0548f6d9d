"""`python -m packager`: the same as `packager`, where the scripts' folder is not on the path."""

from __future__ import annotations

from packager.cli import main

if __name__ == "__main__":  # worker processes read this file again
    main()
