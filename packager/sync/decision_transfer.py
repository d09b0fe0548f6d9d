"""Approval decisions in a release archive: packed with the release, validated and recorded where it is unpacked."""

from __future__ import annotations

import json
from collections.abc import Sequence

from packager.base.errors import DocumentError, InputError
from packager.base.formats import canonical_json
from packager.base.i18n.language import _
from packager.base.manifest import Manifest
from packager.registry.database import Registry
from packager.registry.decisions import DECISIONS, Decision, decisions_about
from packager.registry.releases import release_record, require_unforked, write_release

_MAX_DECISIONS = 1000  # about one release


def packed_decisions(registry: Registry, content: str) -> bytes:
    """All decisions about a content as canonical JSON, in their order."""
    with registry.read() as connection:
        found = decisions_about(connection, content)
    return canonical_json([DECISIONS.to_row(one) for one in found])


def read_decisions(data: bytes, manifest: Manifest, source: str) -> tuple[Decision, ...]:
    """The decisions in `data` about the release of `manifest`; messages call the data `source`.

    An archive may come from anyone. Raises DocumentError for anything that `packed_decisions` never writes.
    """
    try:
        values = json.loads(data.decode("utf-8"))
        if not isinstance(values, list) or len(values) > _MAX_DECISIONS or canonical_json(values) != data:
            raise ValueError("not in canonical form")
        rows = [DECISIONS.checked(value) for value in values]
        if any(row["content"] != manifest.content_id for row in rows):
            raise ValueError("another content")
        if len({row["id"] for row in rows}) < len(rows):
            raise ValueError("one identity twice")
    except (ValueError, TypeError, RecursionError) as error:
        raise DocumentError(source, [_("no decisions about '{release}'").format(release=manifest.release)]) from error
    return tuple(DECISIONS.of_row(tuple(row.values())) for row in rows)


def take_over(registry: Registry, manifest: Manifest, decisions: Sequence[Decision]) -> None:
    """Record the release and the decisions about it, except those that are known.

    Raises InputError, with nothing recorded, when another content was recorded with its sequence, or when the
    registry has another version of one of the decisions.
    """
    from packager.registry.schema import decisions as table

    record = release_record(manifest)
    with registry.write() as connection:
        require_unforked(connection, record)
        write_release(connection, record)
        for one in decisions:
            row = connection.execute(table.select().where(table.c.id == one.id)).first()
            if row is None:
                connection.execute(table.insert().values(**DECISIONS.to_row(one)))
            elif DECISIONS.of_row(row) != one:
                raise InputError(
                    _(
                        "decision {id} in the archive differs from the one in this registry; get the archive again "
                        "from where it was packed"
                    ).format(id=one.id[:8])
                )
