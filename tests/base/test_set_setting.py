"""One line of packager.yaml is written, whatever encoding and punctuation people used for the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from packager.base.errors import InputError
from packager.base.workspace import open_workspace, set_setting


@pytest.mark.parametrize(
    "before",
    [
        "",
        "series: main",
        "# 街道办公室\r\nseries: main\r\ntrust: off\r\n",
        "trust：off\nseries：main\n",
        "\ufefftrust: warn\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_setting_is_added_or_replaced_and_the_others_stay(tmp_path: Path, before: str, encoding: str) -> None:
    if encoding == "gbk" and "\ufeff" in before:
        return
    path = tmp_path / "packager.yaml"
    path.write_bytes(before.encode(encoding))
    series = open_workspace(tmp_path).settings.series
    set_setting(tmp_path, "trust", "required")
    settings = open_workspace(tmp_path).settings
    assert (settings.trust, settings.series) == ("required", series)
    assert path.read_bytes().count(b"trust") == 1


def test_a_file_that_can_not_be_changed_stays_as_it_was_and_the_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "packager.yaml"
    before = b"{series: main}\n"
    path.write_bytes(before)
    with pytest.raises(InputError, match="write this line into it: trust: required"):
        set_setting(tmp_path, "trust", "required")
    assert path.read_bytes() == before
