"""`packager publish` on the command line."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest
from command_line import Cli, on_small_disk, program, run_apart
from tones import tree

from packager.base.content_store import ContentStore
from packager.base.formats import canonical_json


def published(office: Path) -> list[Path]:
    return sorted(path.parent for path in office.glob("output/published/**/publication.json"))


def test_a_release_is_published_and_found_complete(office: Path, cli: Cli) -> None:
    done = json.loads(cli("publish", "main-0002", "--json").require().out)
    assert [(each["channel"], each["release"]) for each in done] == [("page", "main-0002")]
    assert "index.html" in done[0]["files"]
    assert "complete" in cli("publish", "verify", "output/published").require().out
    (folder,) = published(office)
    (folder / "index.html").write_text("x")
    assert "index.html has other bytes" in cli("publish", "verify").require(5).out


def test_defaults_come_from_the_workspace(office: Path, cli: Cli) -> None:
    settings = "publish:\n  as: [page, feed]\n  output: web\n  base_url: https://example.org/p/\n  keep: 0\n"
    (office / "packager.yaml").write_text(settings, "utf-8")
    cli("publish", "main-0001").require()
    again = json.loads(cli("publish", "main-0002", "--json").require().out)
    assert [each["removed"] for each in again] == [["main-0001"], []]
    assert "https://example.org/p/0002-" in (office / "web/feed/feed.xml").read_text("utf-8")
    (office / "packager.yaml").write_text("publish:\n  keep: many\n", "utf-8")
    cli("publish", "main-0001").require_error(3, "publish.keep")


def test_what_may_not_be_given_out_is_not_published(office: Path, cli: Cli) -> None:
    cli("release", "withdraw", "main-0001", "--reason", "错字", "--by", "党群办").require()
    cli("publish", "main-0001").require_error(3, "withdrawn")
    (office / "packager.yaml").write_text("approval: required\n")
    cli("publish", "main-0002").require_error(3, "draft")
    assert published(office) == []


def test_a_withdrawn_release_is_listed_where_it_was_published_and_removed_there(office: Path, cli: Cli) -> None:
    cli("publish", "main-0001", "--as", "page,epub").require()
    said = cli("release", "withdraw", "main-0001", "--reason", "错字", "--by", "党群办", "--json").require()
    assert [each["channel"] for each in json.loads(said.out)["published"]] == ["epub", "page"]
    assert "It was published: epub" in said.err
    assert "may not be given out any more" in cli("publish", "verify").require(5).out
    assert "removed main-0001" in cli("publish", "main-0002", "--as", "page,epub").require().err
    cli("publish", "verify").require()
    report = json.loads(cli("report", "--json").require().out)
    assert report["published"] == {"epub": 2, "page": 2}


def test_wrong_use_is_explained(office: Path, cli: Cli) -> None:
    cli("publish", "main-0002", "--as", "pag").require_error(3, "did you mean 'page'")
    cli("publish", "main-0002", "--as", "feed").require_error(3, "--base-url")
    cli("publish", "main-0003").require_error(3, "main-0003")
    cli("publish", "verify", "texts").require_error(3, "nothing was published")
    cli("publish", "main-0002", "--single", "--part-mb", "1", "--as", "page", "--since", "main-0009").require(3)
    assert published(office) == []


def test_text_that_is_not_known_is_announced(office: Path, cli: Cli) -> None:
    shutil.rmtree(office / "output/spoken")
    said = cli("publish", "main-0002", "--as", "page,epub,feed", "--base-url", "https://example.org").require()
    assert "packager build week --force" in said.err
    assert len(published(office)) == 3


def test_old_records_are_published_with_the_normalized_text(office: Path, cli: Cli) -> None:
    store = ContentStore(office / "output/spoken", ".json")
    for path in (office / "output/spoken").rglob("*.json"):
        values = json.loads(store.get(path.stem) or b"")
        del values["track"]["passages"]
        store.put(path.stem, canonical_json(values))
    assert "text as written is not known" in cli("publish", "main-0002").require().err
    (page,) = office.glob("output/published/page/*/index.html")
    assert "先问是谁" in page.read_text("utf-8")


def test_the_week_notices_can_be_left_out(office: Path, cli: Cli) -> None:
    cli("publish", "main-0002", "--without-week-notices").require()
    names = [path.name for path in office.glob("output/published/page/*/audio/*")]
    assert names and not any("目录" in name for name in names)


def test_a_full_disk_leaves_nothing(office: Path, small_disk: Path) -> None:
    before = tree(office / "output")
    place = shlex.quote(str(small_disk))
    command = program("--workspace", office, "publish", "main-0002", "--as", "page,archive", "-o", small_disk)
    script = f"{command}; code=$?; ls -A {place} {place}/*; exit $code"
    done = run_apart(on_small_disk(script, small_disk, "300k"), office)
    assert done.code != 0
    assert "Traceback" not in done.err
    assert "can't be written" in done.err
    assert ".part" not in done.out and "index.html" not in done.out
    assert {path: data for path, data in tree(office / "output").items() if path in before} == before


@pytest.mark.parametrize("channel", ["page", "wechat", "archive", "epub", "m4b"])
def test_no_channel_needs_another(office: Path, cli: Cli, channel: str) -> None:
    cli("publish", "main-0002", "--as", channel).require()
    assert [folder.parent.name for folder in published(office)] == [channel]
