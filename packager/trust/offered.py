"""Read the trust files that an archive, an export, a backup or a folder of trust files carries, for `trust join`."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from packager.base.errors import DocumentError, InputError
from packager.base.i18n.language import _, reason_of
from packager.trust.chain import (
    MAX_CHAIN_BYTES,
    MAX_SIGNATURES,
    MAX_VERSIONS,
    TrustChain,
    chain_of_values,
    verified_chain,
)
from packager.trust.errors import TrustError
from packager.trust.minisign import MAX_SIGNATURE_TEXT
from packager.trust.store import TRUST_FOLDER, read_chain

_MAX_LINE = 64 * 1024


def chain_in(path: Path) -> TrustChain:
    """The chain that a file or folder carries, verified by itself. Raises InputError where there is none."""
    try:
        if path.is_dir():
            found = read_chain(path) or read_chain(path / TRUST_FOLDER)
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                found = _of_zip(archive, str(path))
        else:
            found = _of_export(path)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
        raise InputError(_("{path} can't be read: {reason}").format(path=path, reason=error)) from error
    except OSError as error:
        raise InputError(_("{path} can't be read: {reason}").format(path=path, reason=reason_of(error))) from error
    if found is None:
        raise TrustError(
            _("{path} carries no trust files; give an archive, export or backup of the office").format(path=path)
        )
    return found


def _of_zip(archive: zipfile.ZipFile, source: str) -> TrustChain | None:
    names = {info.filename: info for info in archive.infolist()}
    if f"{TRUST_FOLDER}/1.json" in names:
        return verified_chain(_of_backup(archive, names), source)  # each version before the next is read
    if "trust.json" not in names:
        return None
    values = json.loads(_member(archive, names["trust.json"], MAX_CHAIN_BYTES))
    if not isinstance(values, dict) or not values.get("trust"):
        return None
    return chain_of_values(values["trust"], source)


def _of_backup(
    archive: zipfile.ZipFile, names: Mapping[str, zipfile.ZipInfo]
) -> Iterator[tuple[bytes, tuple[str, ...]]]:
    members = sorted(name for name in names if name.startswith(f"{TRUST_FOLDER}/"))
    if len(members) > MAX_VERSIONS * (MAX_SIGNATURES + 1):
        raise ValueError(f"{len(members)} trust files")
    signed = defaultdict(list)
    for name in members:
        if name.endswith(".minisig"):
            signed[name.split(".")[0]].append(name)
    left = MAX_CHAIN_BYTES  # of all versions and signatures
    for version in range(1, MAX_VERSIONS + 1):
        start = f"{TRUST_FOLDER}/{version}"
        if f"{start}.json" not in names:
            return
        data = _member(archive, names[f"{start}.json"], left)
        left -= len(data)
        texts = []
        for name in signed[start][:MAX_SIGNATURES]:
            text = _member(archive, names[name], min(MAX_SIGNATURE_TEXT, left))
            left -= len(text)
            texts.append(text.decode("utf-8", "replace"))
        yield data, tuple(texts)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    with archive.open(info) as stream:
        data = stream.read(limit + 1)  # the size in the zip may be false
    if len(data) > limit:
        raise ValueError(f"{info.filename} is too large")
    return data


def _of_export(path: Path) -> TrustChain | None:
    with path.open("rb") as stream:
        head = _json_line(stream.readline(_MAX_LINE), path)
        count = head.get("trust", 0) if isinstance(head, dict) else 0
        if type(count) is not int or not 0 < count <= MAX_VERSIONS:
            return None
        lines = [_json_line(stream.readline(_MAX_LINE), path) for _number in range(count)]
    return chain_of_values([line.get("trust") if isinstance(line, dict) else None for line in lines], str(path))


def _json_line(line: bytes, path: Path) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DocumentError(str(path), [_("this is no file of the program: {reason}").format(reason=error)]) from error
