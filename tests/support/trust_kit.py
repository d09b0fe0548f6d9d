"""Keys and chains of trust files for tests, and people with a computer each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from command_line import Cli, Outcome

from packager.trust import secret_key
from packager.trust.chain import Power, TrustChain, TrustedKey, TrustFile, extended, sign_file
from packager.trust.minisign import SigningKey

MADE = "2026-11-23T08:00:00Z"
ALL = frozenset(Power)
PASSPHRASE = "很长的口令 123"


def key_number(number: int) -> SigningKey:
    """A key that is the same in every run."""
    return SigningKey.of_seed(f"{number:016X}", number.to_bytes(32, "big"))


KEYS = tuple(key_number(number) for number in range(1, 8))


def trust_file(version: int, keys: Iterable[SigningKey], *, revoked: Iterable[str] = (), **values: object) -> TrustFile:
    """A version in which each of these keys may do everything."""
    gone = set(revoked)
    trusted = {key.id: TrustedKey("王", key.public, ALL, "丢了" if key.id in gone else "") for key in keys}
    return TrustFile(version, "街道办公室", MADE, trusted, **values)  # type: ignore[arg-type]


def chain_of(*files: tuple[TrustFile, Iterable[SigningKey]]) -> TrustChain:
    """The chain of files, each with the keys that sign it."""
    chain: TrustChain | None = None
    for file, signers in files:
        chain = extended(chain, file.data, sign_file(file, signers), "here")
    assert chain is not None
    return chain


@dataclass
class Person:
    """Somebody with a workspace and a folder of keys."""

    root: Path
    keys: Path
    cli: Cli
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *arguments: object) -> Outcome:
        """Run a command on this person's computer."""
        self.monkeypatch.setenv("PACKAGER_KEYS", str(self.keys))
        return self.cli("--workspace", self.root, *arguments)

    def json(self, *arguments: object) -> object:
        """What a command prints as JSON."""
        return json.loads(self(*arguments, "--json").require().out)

    def state(self, release: str = "main-0002") -> str:
        """The state of a release here."""
        listed = json.loads(self("release", "list", "--json").require().out)
        return next((one["state"] for one in listed if one["release"] == release), "none")

    def start(self, folder: Path, *options: object) -> str:
        """Start an office; return the fingerprint."""
        self(
            "trust", "start", "--office", "街道办公室", "--by", "王", "--spare", folder / "spare.html", *options
        ).require()
        return self.fingerprint()

    def fingerprint(self) -> str:
        """The fingerprint of the trust files here."""
        return str(json.loads(self("trust", "show", "--json").require().out)["fingerprint"])

    def own_key(self) -> str:
        """The id of the only key on this computer."""
        (path,) = self.keys.glob("*.key")
        return path.stem


def spare_in(page: Path) -> str:
    """The digits on the page of a spare."""
    digits = " ".join(re.findall(r"<span>([0-9]{5})</span>", page.read_text("utf-8")))
    assert len(digits) == 119
    return digits


People = Callable[[str], Person]


def cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive keys from passphrases with little memory; one test of key files uses the real amount."""
    monkeypatch.setattr(secret_key, "OPERATIONS", 1 << 15)
    monkeypatch.setattr(secret_key, "MEMORY", 1 << 20)
