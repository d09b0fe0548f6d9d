"""What all tests share: how hypothesis runs.

`HYPOTHESIS_TIMES=100 pytest tests/reading` tries a hundred times as many examples as CI does, by hand.
"""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

# Fixtures that the tests of several rooms share, from tests/support.
pytest_plugins = ["registry_fixtures", "office_fixtures", "speech_fixtures", "card_fixtures", "publish_fixtures"]

# The first use on a fresh machine builds tables of all characters, and a busy machine is slow: neither is a
# fault of the code under test.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

# Commands adapt their output to the terminal. Tests have the same size in every terminal and with every setting.
os.environ |= {"COLUMNS": "100", "LINES": "24"}

# A shell that starts a job in the background has it ignore Ctrl-C, and all that the job starts: then nothing
# that is interrupted here would end.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_xdist_auto_num_workers() -> int:
    """One process more than processors: tests wait for a browser, a machine, and what another process makes for all."""
    return (os.cpu_count() or 1) + 1


# hypothesis has no public way to scale what a test itself asks for.
_SETTINGS = "_hypothesis_internal_use_settings"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    times = int(os.environ.get("HYPOTHESIS_TIMES", "1"))
    scaled: set[object] = set()
    for item in items:
        test = getattr(item, "obj", None)
        asked = getattr(test, _SETTINGS, None)
        if times > 1 and asked is not None and test not in scaled:
            setattr(test, _SETTINGS, settings(asked, max_examples=asked.max_examples * times))
            scaled.add(test)
