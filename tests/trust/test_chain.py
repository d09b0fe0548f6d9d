"""The chain of trust files against the attacks that The Update Framework lists, one test each, and a few more.

The attacks that need a release or a registry are in tests/cli/trust.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from trust_kit import ALL, KEYS, MADE, chain_of, trust_file

from packager.base.errors import DocumentError
from packager.base.formats import canonical_json
from packager.trust.chain import (
    Power,
    TrustChain,
    TrustedKey,
    TrustFile,
    chain_of_values,
    extended,
    merged,
    next_version,
    require_fingerprint,
    sign_file,
    signers_of,
)
from packager.trust.errors import SignatureError, TrustError
from packager.trust.minisign import Signature, SigningKey, digest_of
from packager.trust.store import TrustStore, read_chain, write_chain

A, B, C, D = KEYS[:4]
ONE = chain_of((trust_file(1, [A]), [A]))
TWO = chain_of((trust_file(1, [A]), [A]), (trust_file(2, [A, B]), [A]))
THREE = chain_of((trust_file(1, [A]), [A]), (trust_file(2, [A, B]), [A]), (trust_file(3, [B, C]), [B]))


def refused(chain: TrustChain | None, file: TrustFile, signers: Iterable[SigningKey], words: str) -> None:
    with pytest.raises(TrustError, match=words):
        extended(chain, file.data, sign_file(file, signers), "here")


def test_arbitrary_software_a_version_that_no_known_key_signed_is_refused() -> None:
    refused(ONE, trust_file(2, [D]), [D], "needs 1 signatures of keys that may change trust, and has 0")


def test_a_version_that_its_own_keys_did_not_sign_is_refused() -> None:
    refused(ONE, trust_file(2, [B]), [A], "needs 1 signatures")
    assert extended(ONE, trust_file(2, [B]).data, sign_file(trust_file(2, [B]), [A, B]), "here").last.version == 2


def test_rollback_an_older_version_never_replaces_a_newer_one() -> None:
    assert merged(THREE, TWO, "here") is THREE
    assert merged(THREE, ONE, "here") is THREE
    refused(THREE, trust_file(2, [B]), [B], "expected version 4 of the trust files, found 2")


def test_fast_forward_a_version_that_leaves_numbers_out_is_refused() -> None:
    refused(ONE, trust_file(3, [A]), [A], "expected version 2 of the trust files, found 3")


def test_indefinite_freeze_any_file_with_a_newer_chain_ends_it() -> None:
    assert merged(ONE, THREE, "here") is THREE


def test_mix_and_match_versions_of_two_chains_do_not_join() -> None:
    other = chain_of((trust_file(1, [A]), [A]), (trust_file(2, [A, C]), [A]))
    with pytest.raises(TrustError, match="another version 2 of the trust files than this workspace"):
        merged(TWO, other, "here")
    pairs = [THREE.to_values()[0], other.to_values()[1], THREE.to_values()[2]]
    with pytest.raises(TrustError, match="needs 1 signatures"):
        chain_of_values(pairs, "here")


def test_wrong_software_the_chain_of_another_office_is_refused() -> None:
    with pytest.raises(TrustError, match="another version 1"):
        merged(ONE, chain_of((trust_file(1, [D]), [D])), "here")


def test_endless_data_too_many_versions_keys_or_signatures_are_refused() -> None:
    values = ONE.to_values()
    for wrong in (values * 1001, [{**values[0], "signatures": values[0]["signatures"] * 21}], []):
        with pytest.raises(DocumentError):
            chain_of_values(wrong, "here")
    many = json.loads(ONE.last.data)
    many["keys"] = {f"{n:016X}": one for n, one in enumerate([next(iter(many["keys"].values()))] * 201)}
    with pytest.raises(DocumentError, match="no keys"):
        TrustFile.from_bytes(canonical_json(many), "here")


def test_extraneous_dependencies_unknown_members_are_refused() -> None:
    values = json.loads(ONE.last.data)
    for wrong in (values | {"more": 1}, {k: v for k, v in values.items() if k != "office"}, values | {"format": 2}):
        with pytest.raises(DocumentError):
            TrustFile.from_bytes(canonical_json(wrong), "here")


def test_key_compromise_one_stolen_key_of_two_that_are_needed_changes_nothing() -> None:
    needs_two = trust_file(1, [A, B, C], thresholds=dict.fromkeys(Power, 2))
    chain = chain_of((needs_two, [A, B]))
    stolen = trust_file(2, [A, D], thresholds=dict.fromkeys(Power, 1))
    refused(chain, stolen, [A], "needs 2 signatures of keys that may change trust, and has 1")
    refused(chain, stolen, [A, A], "has 1")
    refused(chain, stolen, [A, D], "has 1")
    rotated = trust_file(2, [B, C, D], thresholds=dict.fromkeys(Power, 2))
    assert extended(chain, rotated.data, sign_file(rotated, [B, C]), "here").last == rotated


def test_a_revoked_key_signs_nothing_any_more() -> None:
    revoked = trust_file(2, [A, B], revoked=[A.id])
    chain = extended(ONE, revoked.data, sign_file(revoked, [A, B]), "here")
    refused(chain, trust_file(3, [A, B]), [A], "has 0")
    message = b"decision"
    texts = [key.sign(digest_of([message]), "x") for key in (A, B)]
    assert signers_of(chain.last, Power.APPROVE, message, texts) == {B.id}


def test_a_key_does_only_what_it_may() -> None:
    for power in Power:
        keys = {A.id: TrustedKey("王", A.public, ALL), B.id: TrustedKey("李", B.public, ALL - {power})}
        file = TrustFile(1, "街道办公室", MADE, keys)
        texts = [key.sign(digest_of([b"m"]), "x") for key in (A, B)]
        assert signers_of(file, power, b"m", texts) == {A.id}


def test_keys_swapped_under_their_ids_are_refused() -> None:
    """A volunteer exchanges two keys in a trust file."""
    values = json.loads(TWO.last.data)
    one, other = values["keys"][A.id], values["keys"][B.id]
    values["keys"] = {A.id: other, B.id: one}
    with pytest.raises(DocumentError, match="a key"):
        TrustFile.from_bytes(canonical_json(values), "here")
    under_new_ids = {key.id: replace(TWO.last.keys[key.id], public=replace(D.public, id=key.id)) for key in (A, B)}
    with pytest.raises(DocumentError, match="one key under two ids"):
        TrustFile.from_bytes(TrustFile(2, "x", MADE, under_new_ids).data, "here")


def test_a_version_after_which_nobody_may_change_it_is_refused() -> None:
    last = TrustFile(2, "街道办公室", MADE, {A.id: TrustedKey("王", A.public, frozenset({Power.APPROVE}))})
    with pytest.raises(DocumentError, match="nobody may change it any more"):
        extended(ONE, last.data, sign_file(last, [A]), "here")


def test_one_signature_repeated_counts_once() -> None:
    file = trust_file(1, [A, B], thresholds=dict.fromkeys(Power, 2))
    with pytest.raises(TrustError, match="needs 2 signatures"):
        extended(None, file.data, sign_file(file, [A]) * 3, "here")


def test_the_fingerprint_is_that_of_the_newest_version_and_people_may_group_it_as_they_like() -> None:
    require_fingerprint(TWO, TWO.last.fingerprint, "here")
    require_fingerprint(TWO, TWO.last.fingerprint.replace(" ", ""), "here")
    with pytest.raises(
        TrustError, match="these digits are of version 2 of the trust files, and the file has version 3"
    ):
        require_fingerprint(THREE, TWO.last.fingerprint, "here")
    for wrong in (TWO.last.fingerprint, ""):
        with pytest.raises(TrustError, match="a slip, an older file, or a forgery"):
            require_fingerprint(ONE, wrong, "here")
    assert [len(group) for group in ONE.last.fingerprint.split()] == [5] * 6


def test_a_folder_keeps_the_chain_and_only_adds_to_it(tmp_path: Path) -> None:
    store = TrustStore(tmp_path / "trust")
    assert store.chain is None
    assert store.offer(THREE, "here") is None  # nobody joined
    store.save(ONE)
    first = (tmp_path / "trust" / "1.json").read_bytes()
    assert store.offer(THREE, "here") == THREE.last
    assert store.offer(TWO, "here") is None
    assert read_chain(tmp_path / "trust") == THREE
    assert (tmp_path / "trust" / "1.json").read_bytes() == first
    assert sorted(path.name for path in (tmp_path / "trust").iterdir()) == [
        "1.0000000000000001.minisig", "1.json", "2.0000000000000001.minisig", "2.json", "3.0000000000000002.minisig",
        "3.json",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["1.json", "2.json", "3.json", "2.0000000000000001.minisig"])
def test_a_folder_that_lost_or_altered_a_file_is_refused(tmp_path: Path, name: str) -> None:
    write_chain(tmp_path, THREE)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data.replace(b"1", b"2", 1))
    with pytest.raises((TrustError, DocumentError)):
        read_chain(tmp_path)
    (tmp_path / name).unlink()
    if name != "3.json":  # the last one is missing: an older state, which any file of the office mends
        with pytest.raises((TrustError, DocumentError)):
            read_chain(tmp_path)


def test_a_signature_that_is_none_does_not_hide_those_after_it() -> None:
    message = b"decision"
    true = A.sign(digest_of([message]), "x")
    for junk in ("", "no signature", D.sign(digest_of([message]), "x"), A.sign(digest_of([b"other"]), "x")):
        assert signers_of(ONE.last, Power.APPROVE, message, [junk, true]) == {A.id}


def bogus(true: str) -> str:
    """A signature that names the same key and does not verify."""
    first, line, comment, both, end = true.split("\n")
    raw = bytearray(base64.b64decode(line))
    raw[40] ^= 1
    return "\n".join([first, base64.b64encode(raw).decode(), comment, both, end])


@pytest.mark.parametrize("before", [True, False])
def test_a_signature_that_does_not_verify_is_neither_kept_nor_written(tmp_path: Path, *, before: bool) -> None:
    store = TrustStore(tmp_path / "trust")
    store.save(ONE)
    values = TWO.to_values()
    (true,) = values[1]["signatures"]
    false = [bogus(true), "no signature", D.sign(digest_of([TWO.last.data]), "x")]
    values[1]["signatures"] = [*false, true] if before else [true, *false]
    offered = chain_of_values(values, "here")
    assert offered == TWO
    assert store.offer(offered, "here") == TWO.last
    assert read_chain(tmp_path / "trust") == TWO
    assert sorted(path.name for path in tmp_path.iterdir()) == ["trust"]


def test_trust_files_that_do_not_read_back_leave_the_folder_as_it_was(tmp_path: Path) -> None:
    write_chain(tmp_path / "trust", ONE)
    before = {path.name: path.read_bytes() for path in (tmp_path / "trust").iterdir()}
    unverified = replace(TWO, signatures=(TWO.signatures[0], (bogus(TWO.signatures[1][0]),)))
    with pytest.raises(TrustError):
        write_chain(tmp_path / "trust", unverified)
    assert {path.name: path.read_bytes() for path in (tmp_path / "trust").iterdir()} == before


def test_a_half_written_version_is_mended_by_the_whole_one(tmp_path: Path) -> None:
    write_chain(tmp_path, ONE)
    (tmp_path / f"2.{A.id}.minisig").write_text(bogus(TWO.signatures[1][0]))
    write_chain(tmp_path, TWO)
    assert read_chain(tmp_path) == TWO


def test_a_lone_surrogate_in_a_signature_is_no_signature() -> None:
    (true,) = TWO.signatures[1]
    lines = true.split("\n")
    wrong = "\n".join([*lines[:2], "trusted comment: \ud800", *lines[3:]])
    with pytest.raises(SignatureError):
        Signature.from_text(wrong)
    values = TWO.to_values()
    values[1]["signatures"] = [wrong, true]
    assert chain_of_values(values, "here") == TWO


def test_another_key_under_a_known_id_is_refused() -> None:
    twin = SigningKey.of_seed(A.id, bytes(31) + b"\x63")
    file = trust_file(2, [twin])
    with pytest.raises(DocumentError, match="another key under a known id"):
        extended(ONE, file.data, sign_file(file, [A, twin]), "here")


def test_the_next_version_keeps_the_thresholds_unless_new_ones_are_given() -> None:
    two = dict.fromkeys(Power, 2)
    file = trust_file(1, [A, B], thresholds=two)
    later = "2027-01-01T08:00:00Z"
    kept = next_version(file, later, file.keys)
    assert (kept.version, kept.made, kept.office, kept.thresholds) == (2, later, file.office, two)
    assert next_version(file, later, file.keys, dict.fromkeys(Power, 1)).thresholds == dict.fromkeys(Power, 1)
