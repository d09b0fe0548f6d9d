"""The command line inside the machine with the real vfat driver: `CARD` in a command is its card.

Arguments: the mount points, the workspace, and a JSON list with the arguments of one command for each card.
"""

import json
import sys

from packager.cli import run

*cards, workspace, commands = sys.argv[1:]
for card, command in zip(cards, json.loads(commands), strict=True):
    code = run(["--lang", "en", "--workspace", workspace, *(card if word == "CARD" else word for word in command)])
    if code:
        sys.exit(code)
