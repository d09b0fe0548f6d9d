"""Signatures and keys in minisign's format: what Debian's minisign and this program make of each other's files."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trust_kit import KEYS, PASSPHRASE, cheap_passphrases

from packager.trust.errors import SignatureError
from packager.trust.minisign import PublicKey, Signature, digest_of, verify, verify_digest
from packager.trust.secret_key import KeyFile, WrongPassphraseError, key_of_spare, locked, new_key, spare_digits

MESSAGE = "本周学习\n".encode()
Minisign = Callable[..., int]


@pytest.fixture
def minisign(tmp_path: Path) -> Minisign:
    """Runs Debian's minisign in a folder with the file `m`."""
    if shutil.which("minisign") is None:
        if os.environ.get("PACKAGER_REQUIRE_MINISIGN"):
            pytest.fail("minisign is not installed")
        pytest.skip("minisign is not installed (Debian: minisign)")
    (tmp_path / "m").write_bytes(MESSAGE)

    def call(*arguments: str, typed: str = "") -> int:
        done = subprocess.run(
            ["minisign", *arguments], cwd=tmp_path, input=typed, capture_output=True, text=True, check=False
        )
        return done.returncode

    return call


def test_minisign_verifies_what_this_program_signs(minisign: Minisign, tmp_path: Path) -> None:
    key = KEYS[0]
    (tmp_path / "m.minisig").write_text(key.sign(digest_of([MESSAGE]), "packager release: 批准 main-0007"), "utf-8")
    (tmp_path / "k.pub").write_text(key.public.to_file(), "utf-8")
    assert minisign("-Vm", "m", "-P", key.public.to_text()) == 0
    assert minisign("-Vm", "m", "-p", "k.pub") == 0
    (tmp_path / "m").write_bytes(MESSAGE + b".")
    assert minisign("-Vm", "m", "-P", key.public.to_text()) != 0


@pytest.mark.parametrize("older_form", [False, True])
def test_this_program_verifies_what_minisign_signs(minisign: Minisign, tmp_path: Path, *, older_form: bool) -> None:
    assert minisign("-G", "-W", "-p", "k.pub", "-s", "k.key") == 0
    assert minisign("-Sm", "m", "-s", "k.key", "-t", "a comment", *(["-l"] if older_form else [])) == 0
    key = PublicKey.from_text((tmp_path / "k.pub").read_text())
    signature = Signature.from_text((tmp_path / "m.minisig").read_text())
    assert verify(key, signature, MESSAGE) == "a comment"
    with pytest.raises(SignatureError):
        verify(key, signature, MESSAGE + b".")
    if older_form:
        with pytest.raises(SignatureError, match="prehashed"):
            verify_digest(key, signature, digest_of([MESSAGE]))


def test_minisign_signs_with_a_key_file_of_this_program(
    minisign: Minisign, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = new_key()
    (tmp_path / "k.key").write_text(locked(key, PASSPHRASE), "utf-8")  # with as much memory as in use
    assert minisign("-Sm", "m", "-s", "k.key", typed=f"{PASSPHRASE}\n") == 0
    verify(key.public, Signature.from_text((tmp_path / "m.minisig").read_text()), MESSAGE)
    assert minisign("-Sm", "m", "-s", "k.key", typed="another\n") != 0


def test_this_program_opens_a_key_file_of_minisign(minisign: Minisign, tmp_path: Path) -> None:
    assert minisign("-G", "-p", "k.pub", "-s", "k.key", typed="secret words\nsecret words\n") == 0  # takes 1 GiB
    found = KeyFile.from_text((tmp_path / "k.key").read_text())
    assert found.unlock("secret words").public == PublicKey.from_text((tmp_path / "k.pub").read_text())


def test_a_wrong_passphrase_and_a_damaged_key_file_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_passphrases(monkeypatch)
    text = locked(KEYS[0], PASSPHRASE)
    assert KeyFile.from_text(text).unlock(PASSPHRASE).seed() == KEYS[0].seed()
    with pytest.raises(WrongPassphraseError):
        KeyFile.from_text(text).unlock(PASSPHRASE + " ")
    with pytest.raises(SignatureError, match="bytes"):
        KeyFile.from_text(text[:-9] + "\n")


def test_a_key_file_that_wants_all_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_passphrases(monkeypatch)
    comment, line = locked(KEYS[0], PASSPHRASE).splitlines()
    raw = bytearray(base64.b64decode(line))
    raw[46:54] = (1 << 40).to_bytes(8, "little")
    with pytest.raises(SignatureError, match="1 GiB"):
        KeyFile.from_text(f"{comment}\n{base64.b64encode(raw).decode()}\n")


def test_the_printed_spare_is_the_key_and_every_slip_is_noticed() -> None:
    key = new_key()
    digits = spare_digits(key)
    assert key_of_spare(digits.replace(" ", "-")).seed() == key.seed()
    plain = digits.replace(" ", "")
    for place in range(100):
        other = plain[:place] + str((int(plain[place]) + 3) % 10) + plain[place + 1 :]
        swapped = plain[:place] + plain[place : place + 2][::-1] + plain[place + 2 :]
        for slip in {other, swapped} - {plain}:
            with pytest.raises(SignatureError):
                key_of_spare(slip)
    with pytest.raises(SignatureError, match="found 99"):
        key_of_spare(plain[1:])


def test_a_secret_key_does_not_show_its_seed() -> None:
    key = KEYS[0]
    assert key.seed().hex() not in repr(key) and repr(key.seed()) not in repr(key)


SIGNED = KEYS[0].sign(digest_of([MESSAGE]), "a comment")


@given(data=st.data())
def test_no_other_text_than_the_signature_verifies(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(SIGNED) - 1))
    kind = data.draw(st.sampled_from(["replace", "insert", "delete"]))
    character = data.draw(st.sampled_from("Aa0+/=\n \u200b表"))
    end = SIGNED[place + (kind != "insert") :]
    changed = SIGNED[:place] + ("" if kind == "delete" else character) + end
    first = changed.split("\n", 1)[-1]
    if first == SIGNED.split("\n", 1)[1] and changed.startswith("untrusted comment: "):
        return  # the untrusted comment may say anything
    with pytest.raises(SignatureError):
        verify(KEYS[0].public, Signature.from_text(changed), MESSAGE)


def test_the_trusted_comment_is_covered() -> None:
    with pytest.raises(SignatureError, match="does not fit"):
        verify(KEYS[0].public, Signature.from_text(SIGNED.replace("a comment", "a komment")), MESSAGE)


def test_a_signature_by_another_key_under_the_same_id_is_refused() -> None:
    other = PublicKey(KEYS[0].id, KEYS[1].public.data)
    with pytest.raises(SignatureError):
        verify(other, Signature.from_text(SIGNED), MESSAGE)
    with pytest.raises(SignatureError, match="expected a signature by key"):
        verify(KEYS[1].public, Signature.from_text(SIGNED), MESSAGE)
