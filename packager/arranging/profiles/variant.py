"""Variants of a profile with slower or louder speech. Pure.

`folders+slow` is the profile `folders` with slower speech: the same numbers, paths and clips, other audio files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from packager.base.errors import InputError
from packager.base.i18n.language import N_, _
from packager.base.yaml_documents import did_you_mean

SIGN = "+"
SLOWER_PACE = 160 / 190  # of the playlist's pace, in a slower variant of a playlist that is slow itself


@dataclass(frozen=True)
class Variant:
    """How the speech differs; None: not at all."""

    name: str
    title: str
    pace: int | None = None  # spoken Hanzi a minute, at most; less where the playlist is slow itself
    lufs: float | None = None  # integrated loudness of each track


VARIANTS = (
    Variant("slow", N_("slow: 160 characters a minute"), pace=160),
    Variant("loud", N_("loud: -16 LUFS"), lufs=-16.0),
)


def split_profile(name: str) -> tuple[str, tuple[Variant, ...]]:
    """The profile and the variants in a name as `folders+slow+loud`.

    Releases, players and cards are compared by this name, so it has one form. Raises InputError for an unknown
    variant or another order.
    """
    base, *names = name.split(SIGN)
    known = {variant.name: variant for variant in VARIANTS}
    for each in names:
        if each not in known:
            hint = did_you_mean(each, list(known))
            raise InputError(
                _("'{name}': there is no variant '{variant}'{hint} (known: {known})").format(
                    name=name, variant=each, hint=hint, known=", ".join(known)
                )
            )
    right = with_variants(base, names)
    if name != right:
        raise InputError(_("the profile '{name}' is written '{right}'").format(name=name, right=right))
    return base, tuple(known[each] for each in names)


def with_variants(base: str, names: Iterable[str]) -> str:
    """The name of the profile `base`, which may have variants already, with the variants `names` added."""
    base, *others = base.split(SIGN)
    wanted = {*others, *names}
    ordered = [variant.name for variant in VARIANTS if variant.name in wanted]
    unknown = sorted(wanted.difference(ordered))
    return SIGN.join([base, *ordered, *unknown])


def variants_of(base: str) -> tuple[str, ...]:
    """The names of all variants of the profile `base`."""
    names = [variant.name for variant in VARIANTS]
    chosen = (each for count in range(1, len(names) + 1) for each in combinations(names, count))
    return tuple(with_variants(base, each) for each in chosen)


def variant_lufs(name: str) -> float | None:
    """The loudness of the tracks of the profile `name`, if one of its variants sets it."""
    names = name.split(SIGN)[1:]
    return next((each.lufs for each in VARIANTS if each.lufs is not None and each.name in names), None)


def base_profile(name: str) -> str:
    """The profile that `name` is a variant of; `name` itself if it is not."""
    return name.split(SIGN, maxsplit=1)[0]
