"""What was decided of a release travels with its archive: it is approved, or withdrawn, elsewhere too."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from packager.base.errors import DocumentError, InputError
from packager.base.formats import canonical_json, parse_utc, utc_text
from packager.base.i18n.language import _
from packager.base.manifest import Manifest
from packager.registry.database import Registry
from packager.registry.decisions import Decision, Verb, decision_of_row, decisions_about
from packager.registry.events import MAX_STEP
from packager.registry.players import one_line
from packager.registry.releases import release_record, require_unforked, write_release

_MOST = 1000  # decisions about one release


def packed_decisions(registry: Registry, content: str) -> bytes:
    """All decisions about a content as canonical JSON, in their order."""
    with registry.read() as connection:
        found = decisions_about(connection, content)
    return canonical_json([{**asdict(one), "decision": one.decision.value} for one in found])


def read_decisions(data: bytes, manifest: Manifest, source: str) -> tuple[Decision, ...]:
    """The decisions about the release of `manifest` that `data` holds; `source` is what messages call it.

    An archive may come from anyone. Raises DocumentError for whatever `packed_decisions` never writes.
    """
    try:
        values = json.loads(data.decode("utf-8"))
        if not isinstance(values, list) or len(values) > _MOST or canonical_json(values) != data:
            raise ValueError("not in canonical form")
        decisions = tuple(_decision(entry, manifest) for entry in values)
        if len({one.id for one in decisions}) < len(decisions):
            raise ValueError("one identity twice")
    except (ValueError, TypeError, KeyError, RecursionError, InputError) as error:
        raise DocumentError(source, [_("no decisions about '{release}'").format(release=manifest.release)]) from error
    return decisions


def _decision(entry: dict[str, Any], manifest: Manifest) -> Decision:
    made = Decision(**{**entry, "decision": Verb(entry["decision"])})
    if utc_text(parse_utc(made.at)) != made.at:
        raise ValueError("no moment")
    for text in (made.release, made.decided_by, made.reason):
        if not isinstance(text, str) or one_line(text, "text") != text:
            raise ValueError("no line of text")
    if made.content != manifest.content_id or type(made.step) is not int or not 1 <= made.step <= MAX_STEP:
        raise ValueError("another content, or no step")
    return made


def take_over(registry: Registry, manifest: Manifest, decisions: Sequence[Decision]) -> None:
    """Record the release and what was decided of it; what is known already is not recorded again.

    Raises InputError, with nothing recorded, when another content was recorded with its sequence, or when
    the registry knows one of the decisions otherwise.
    """
    from packager.registry.schema import decisions as table

    record = release_record(manifest)
    with registry.write() as connection:
        require_unforked(connection, record)
        write_release(connection, record)
        for one in decisions:
            row = connection.execute(table.select().where(table.c.id == one.id)).first()
            if row is None:
                connection.execute(table.insert().values(**{**asdict(one), "decision": one.decision.value}))
            elif decision_of_row(row) != one:
                raise InputError(
                    _(
                        "the archive tells of decision {id} otherwise than this registry; get it again from "
                        "where it was packed"
                    ).format(id=one.id[:8])
                )
