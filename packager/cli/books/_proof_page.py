"""What `packager proof` writes: one page with the doubtful places, and a player that jumps to each."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from packager.base.formats import write_atomic
from packager.base.html import render
from packager.cli.ui.console import minutes
from packager.proofing import ProofOutcome, TrackProof
from packager.releases import StoredRelease


def write_proof(page: Path, release: StoredRelease, proofs: Sequence[TrackProof], *, everything: bool) -> None:
    """Write `page`; its players play the files of the release where they lie, by a path from the page."""
    listened = [proof for proof in proofs if proof.outcome is ProofOutcome.HEARD]
    sounds = sum(proof.heard.sounds for proof in listened)
    html = render(
        "proof.html",
        manifest=release.manifest,
        everything=everything,
        proofs=proofs,
        listened=listened,
        doubtful=[proof for proof in proofs if proof.is_doubtful],
        damaged=ProofOutcome.DAMAGED,
        unknown=sum(proof.outcome is ProofOutcome.UNKNOWN for proof in proofs),
        places=sum(len(proof.doubts) for proof in listened),
        sounds=sounds,
        seconds=sum(proof.heard.seconds for proof in listened),
        rate=100 * sum(proof.heard.errors for proof in listened) / max(sounds, 1),
        clock=minutes,
        address=lambda path: _address(page, release.folder / path),
    )
    write_atomic(page, html.encode("utf-8", "replace"))


def _address(page: Path, file: Path) -> str:
    """Where the browser finds `file` from `page`, whatever characters are in its path."""
    return quote(Path(os.path.relpath(file, page.parent)).as_posix())
