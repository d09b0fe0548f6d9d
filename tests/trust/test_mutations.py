"""Mutated archives, exports, manifests of cards, trust files and signatures: none is accepted, none crashes.

HYPOTHESIS_TIMES=20 tries 10,000.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from manifests import manifest_with, track_of
from mutate import mutated_bytes, mutated_json, mutated_lines
from trust_kit import KEYS, chain_of, trust_file

from packager.base.errors import PackagerError
from packager.base.formats import canonical_json
from packager.base.manifest import Manifest
from packager.registry.database import Registry, open_registry
from packager.registry.decisions import Decision, Verb, all_decisions, record_decision
from packager.registry.players import add_player, list_players
from packager.registry.releases import record_release
from packager.registry.signatures import Vouching, by_decision, is_vouched, signed, write_signature
from packager.releases.archive import pack_release, unpacked
from packager.releases.store import StoredRelease
from packager.sync.decision_transfer import pack_decisions, read_decisions, read_trust
from packager.sync.exchange import import_stream, write_export
from packager.trust.chain import chain_of_values, merged
from packager.trust.errors import SignatureError
from packager.trust.minisign import Signature, digest_of, verify
from packager.trust.store import TrustMode, TrustStore

A, B, C = KEYS[:3]
OWN = chain_of((trust_file(1, [A]), [A]), (trust_file(2, [A, B]), [A]))
OFFERED = chain_of((trust_file(1, [A]), [A]), (trust_file(2, [A, B]), [A]), (trust_file(3, [B, C]), [B]))
TRACKS = {"01/001.mp3": b"first track" * 20, "01/002.mp3": b"second track" * 20}
MANIFEST = manifest_with(*(track_of(n, path, data) for n, (path, data) in enumerate(TRACKS.items(), start=1)))
CHANCES = st.integers(0, 2**32).map(random.Random)
PLENTY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry with a signed approval and a player, and the trust files."""
    folder = tmp_path_factory.mktemp("office")
    store = TrustStore(folder / "trust", TrustMode.REQUIRED)
    store.save(OFFERED)
    with open_registry(folder / "registry.db", trust=store) as registry:
        record = record_release(registry, MANIFEST)
        also: Callable[..., None] = lambda connection, made: write_signature(  # noqa: E731
            connection, signed(made, B, MANIFEST.to_bytes())
        )
        record_decision(registry, record, Verb.APPROVED, decided_by="王", also=also)
        add_player(registry, "P001")
        yield registry


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """An empty registry that follows the office, and requires trust."""
    folder = tmp_path_factory.mktemp("elsewhere")
    store = TrustStore(folder / "trust", TrustMode.REQUIRED)
    store.save(OWN)
    with open_registry(folder / "registry.db", trust=store) as registry:
        yield registry


@given(chance=CHANCES)
@PLENTY
def test_no_mutated_signature_verifies(chance: random.Random) -> None:
    message = MANIFEST.to_bytes()
    text = A.sign(digest_of([message]), "packager release")
    made = mutated_bytes(text.encode(), chance).decode("utf-8", "replace")
    with_comment = made.startswith("untrusted comment: ") and made.split("\n")[1:] == text.split("\n")[1:]
    if with_comment:
        return  # that line is said to be untrusted
    with pytest.raises(SignatureError):
        verify(A.public, Signature.from_text(made), message)


@given(chance=CHANCES)
@PLENTY
def test_no_mutated_chain_changes_who_is_trusted(chance: random.Random) -> None:
    values = json.loads(canonical_json(OFFERED.to_values()))
    if chance.random() < 0.5:  # inside one of the files
        one = chance.choice(values)
        made = mutated_json(json.loads(one["file"]), chance)
        one["file"] = canonical_json(made).decode() if isinstance(made, (dict, list)) else "x"
    else:
        values = mutated_json(values, chance)
    try:
        chain = merged(OWN, chain_of_values(values, "here"), "here")
    except PackagerError:
        return
    assert chain is not None
    assert [one.data for one in chain.files] == [one.data for one in OFFERED.files][: len(chain.files)]


@given(chance=CHANCES)
@PLENTY
def test_no_mutated_manifest_of_a_card_is_vouched_for(chance: random.Random) -> None:
    data = MANIFEST.to_bytes()
    signature = B.sign(digest_of([data]), "packager release").encode()
    made = (
        canonical_json(changed)
        if chance.random() < 0.7 and isinstance(changed := mutated_json(json.loads(data), chance), dict)
        else mutated_bytes(data, chance)
    )
    if chance.random() < 0.3:
        signature = mutated_bytes(signature, chance)
    if made == data:
        return
    assert not is_vouched(OFFERED.last, made, signature)
    try:
        manifest = Manifest.from_bytes(made, "card")
    except PackagerError:
        return
    assert manifest.id != MANIFEST.id and manifest.check_code != MANIFEST.check_code


@given(chance=CHANCES)
@PLENTY
def test_no_mutated_archive_is_approved(
    office: Registry, tmp_path_factory: pytest.TempPathFactory, chance: random.Random
) -> None:
    folder = _folder(tmp_path_factory)
    packed = pack_decisions(office, MANIFEST)
    decisions, trust = packed.decisions, packed.trust
    manifest = MANIFEST
    what = chance.choice(["bytes", "bytes", "decisions", "trust", "manifest"])
    if what == "decisions":
        decisions = _json(mutated_json(json.loads(decisions), chance))
    elif what == "trust":
        trust = _json(mutated_json(json.loads(trust), chance))
    elif what == "manifest":
        changes = {"title": "别的"}, {"sequence": 2}, {"series": "x"}, {"release": "main-0009"}, {"profile": "keypad"}
        manifest = replace(MANIFEST, **chance.choice(changes))
    file = folder / "made.zip"
    pack_release(StoredRelease(folder / "release", manifest), file, decisions=decisions, trust=trust)
    if what == "bytes":
        file.write_bytes(mutated_bytes(file.read_bytes(), chance))
    try:
        with unpacked(file, folder / "releases") as found:
            said = read_decisions(found.decisions, found.manifest, "here")
            chain, signatures = read_trust(found.trust, said, "here")
            after = merged(OWN, chain, "here") if chain is not None else OWN
            assert after is not None
            vouching = Vouching(True, signatures=by_decision(signatures), trust=after.last, signed_only=True)
            decision = vouching.effective(said, found.manifest.id)
            approved = decision is not None and decision.decision is Verb.APPROVED
            true = (found.manifest, said) == (MANIFEST, all_decisions(office))
            assert not approved or true
    except PackagerError:
        return


@given(chance=CHANCES)
@PLENTY
def test_no_mutated_export_is_imported(office: Registry, elsewhere: Registry, chance: random.Random) -> None:
    stream = io.BytesIO()
    write_export(office, stream, with_names=False, key=B)
    data = stream.getvalue()
    made = mutated_lines(data, chance)
    if made == data:
        return
    try:
        import_stream(elsewhere, io.BytesIO(made), "here")
    except PackagerError:
        assert all_decisions(elsewhere) == () and list_players(elsewhere) == ()
        return
    # Only the untrusted comment of the signature, which says nothing, may differ.
    assert made.splitlines()[:-1] == data.splitlines()[:-1]
    _forget_all(elsewhere)


def _forget_all(registry: Registry) -> None:
    from packager.registry.schema import metadata

    with registry.write() as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name not in ("registry_schema", "registry_settings"):
                connection.execute(table.delete())


def _json(value: object) -> bytes:
    return canonical_json(value) if isinstance(value, (dict, list)) else b"x"


_MADE: dict[str, Path] = {}


def _folder(factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of the release and its true archive."""
    if "folder" not in _MADE:
        folder = factory.mktemp("archives")
        for path, data in TRACKS.items():
            (folder / "release" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "release" / path).write_bytes(data)
        _MADE["folder"] = folder
    return _MADE["folder"]


def test_the_unchanged_files_are_accepted(
    office: Registry, elsewhere: Registry, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Else the tests above would prove nothing."""
    folder = _folder(tmp_path_factory)
    packed = pack_decisions(office, MANIFEST)
    decisions, trust = packed.decisions, packed.trust
    pack_release(StoredRelease(folder / "release", MANIFEST), folder / "x.zip", decisions=decisions, trust=trust)
    with unpacked(folder / "x.zip", folder / "releases") as found:
        said = read_decisions(found.decisions, found.manifest, "here")
        chain, signatures = read_trust(found.trust, said, "here")
    assert chain == OFFERED
    vouching = Vouching(True, signatures=by_decision(signatures), trust=chain.last, signed_only=True)
    decision: Decision | None = vouching.effective(said, MANIFEST.id)
    assert decision is not None and decision.decision is Verb.APPROVED
    stream = io.BytesIO()
    write_export(office, stream, with_names=False, key=B)
    done = import_stream(elsewhere, io.BytesIO(stream.getvalue()), "here")
    assert (done.sender, done.claims) == ("王", ())
    _forget_all(elsewhere)
