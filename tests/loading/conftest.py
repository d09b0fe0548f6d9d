"""Lets the tests of this room import what they share."""

import sys
from pathlib import Path

# Test modules are imported by path (--import-mode=importlib), so their folder is not where Python looks.
sys.path.insert(0, str(Path(__file__).parent))
