"""Sidecar files of a release: playlist files, lyrics and other files beside the tracks on a card.

This folder is a plugin registry. Each module in it is one producer, named as in the `sidecars` of a profile. A
module has a pure function `produce` that takes a ReleaseContent and returns the files by path, relative to the
card's root.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module

from packager.base.errors import InputError
from packager.base.formats import sha256_bytes
from packager.base.i18n.language import _
from packager.base.manifest import ManifestTrack, Sidecar
from packager.base.yaml_documents import did_you_mean
from packager.releases.text_sync import TextSync


@dataclass(frozen=True)
class ReleaseContent:
    """What a producer sees of a release. It has no release number, so the same tracks make the same files."""

    title: str
    tracks: tuple[ManifestTrack, ...]  # in playing order
    text_sync: Mapping[str, TextSync]  # what is said in a track and when, by the track's SHA-256
    authors: Mapping[str, str] = field(default_factory=dict)  # by the title of the book


Producer = Callable[[ReleaseContent], Mapping[str, bytes]]


def producer_names() -> tuple[str, ...]:
    """The names of all producers."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def find_producers(names: Iterable[str]) -> dict[str, Producer]:
    """The producers of these names. Raises InputError for a name that no producer has."""
    return {name: _producer(name) for name in names}


def make_sidecars(producers: Mapping[str, Producer], content: ReleaseContent) -> dict[Sidecar, bytes]:
    """The sidecar files that `producers` make of a release, in the order of the producers; no empty ones."""
    return {
        Sidecar(path, kind, len(data), sha256_bytes(data)): data
        for kind, produce in producers.items()
        for path, data in produce(content).items()
        if data
    }


def _producer(name: str) -> Producer:
    known = producer_names()
    if name not in known:
        raise InputError(
            _("there is no sidecar '{name}'{hint} (known: {known})").format(
                name=name, hint=did_you_mean(name, list(known)), known=", ".join(known)
            )
        )
    produce: Producer = import_module(f"{__name__}.{name}").produce
    return produce
