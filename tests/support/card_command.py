"""The command line inside the machine with the real vfat driver: `CARD` among its arguments is the card.

Arguments: the mount point, the workspace, then those of `packager`.
"""

import sys

from packager.cli import run

card, workspace, *arguments = sys.argv[1:]
arguments = [card if argument == "CARD" else argument for argument in arguments]
sys.exit(run(["--lang", "en", "--workspace", workspace, *arguments]))
