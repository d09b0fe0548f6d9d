"""Where releases were published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from packager.base.manifest import Manifest
from packager.registry.database import Registry
from packager.registry.publications import last_publications, published_between, record_publications


def test_the_last_publication_on_each_channel_is_known(registry: Registry, release: Callable[..., Manifest]) -> None:
    one, other = release(1, contents=(b"1",)), release(2, contents=(b"2",))
    clock: Any = registry.clock
    clock.moment = datetime(2026, 11, 23, 8, tzinfo=timezone.utc)
    record_publications(registry, one, ["page", "feed"])
    clock.moment += timedelta(days=7)
    record_publications(registry, one, ["page"])
    record_publications(registry, other, ["page"])
    with registry.read() as connection:
        found = last_publications(connection, one.content_id)
        assert [(each.channel, each.at[:10]) for each in found] == [("feed", "2026-11-23"), ("page", "2026-11-30")]
        assert published_between(connection, "2026-11-30T00:00:00Z", "2026-12-07T00:00:00Z") == {"page": 2}
        assert published_between(connection, "2026-12-07T00:00:00Z", "2026-12-14T00:00:00Z") == {}
        assert last_publications(connection, "0" * 64) == ()
    assert replace(one, release="another name").content_id == one.content_id
