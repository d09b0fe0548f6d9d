"""A station gives out what was approved here or signed, and not what a file says."""

from __future__ import annotations

from pathlib import Path

import pytest
from trust_kit import KEYS, chain_of, trust_file
from visit_kit import Visits

from packager.base.errors import InputError
from packager.base.manifest import Manifest
from packager.registry.approval import read_release_policy
from packager.registry.decisions import Verb, record_decision
from packager.registry.players import find_player
from packager.registry.releases import record_release
from packager.registry.signatures import signed, write_signature
from packager.releases.store import list_releases
from packager.station.serve_card import Orders, players_to_go, release_for
from packager.trust.store import TrustMode
from packager.visits.visit import VisitOptions


def claimed(visits: Visits, manifest: Manifest) -> object:
    """A decision as it comes from elsewhere: not made here."""
    from packager.registry.schema import own_decisions

    made = record_decision(
        visits.registry, record_release(visits.registry, manifest), Verb.APPROVED, decided_by="街道办公室"
    )
    with visits.registry.write() as connection:
        connection.execute(own_decisions.delete())
    return made


@pytest.mark.parametrize("mode", list(TrustMode))
def test_a_claimed_release_is_given_to_nobody_and_a_signed_one_where_trust_is_on(
    visits: Visits, tmp_path: Path, mode: TrustMode
) -> None:
    manifest = visits.release(1)
    made = claimed(visits, manifest)
    store = visits.registry.trust
    store.folder, store.mode = tmp_path / "trust", mode
    store.save(chain_of((trust_file(1, [KEYS[0]]), [KEYS[0]])))
    options = VisitOptions(allow_folder=True, approval_required=True)
    orders = Orders(list_releases(tmp_path / "releases"), "main", "folders", options=options)
    person = find_player(visits.registry, "P001")

    def given() -> str:
        rules = read_release_policy(visits.registry, approval_required=True)
        return release_for(orders, person, None, rules).manifest.release

    with pytest.raises(InputError, match="may be given out"):
        given()
    assert players_to_go(visits.registry, orders) == {}
    with visits.registry.write() as connection:
        write_signature(connection, signed(made, KEYS[0], manifest.to_bytes()))  # type: ignore[arg-type]
    if mode is TrustMode.OFF:
        with pytest.raises(InputError, match="may be given out"):
            given()
        return
    assert given() == "main-0001"
    assert list(players_to_go(visits.registry, orders)) == ["P001", "P002"]
