"""What signatures cost: signing and verifying a week, beside the same work without trust.

    python benchmarks/trust.py

Prints, for a release of 60 tracks: the milliseconds that signing an approval adds, that verifying it in an archive
adds, and that judging a year of weekly approvals adds to reading the release policy.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from manifests import manifest_with, track_of

from packager.base.manifest import Manifest
from packager.registry.approval import read_release_policy
from packager.registry.database import Registry, open_registry
from packager.registry.decisions import Verb, record_decision
from packager.registry.releases import record_release
from packager.registry.signatures import Vouching, by_decision, signed, write_signature
from packager.sync.decision_transfer import packed_decisions, packed_trust, read_decisions, read_trust
from packager.trust.changes import first_chain
from packager.trust.minisign import SigningKey
from packager.trust.secret_key import new_key
from packager.trust.store import TrustMode, TrustStore

WEEKS, TRACKS, TIMES = 52, 60, 30


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        key = new_key()
        store = TrustStore(Path(folder) / "trust", TrustMode.REQUIRED)
        store.save(first_chain("office", "2026-11-23T08:00:00Z", key, by="x"))
        with open_registry(Path(folder) / "registry.db", trust=store) as registry:
            weeks = [approved(registry, key, number) for number in range(1, WEEKS + 1)]
            measure(registry, key, weeks[-1])


def approved(registry: Registry, key: SigningKey, number: int) -> Manifest:
    """A week's release with a signed approval."""
    tracks = (track_of(n, f"01/{n:03d}.mp3", f"{number} {n}".encode()) for n in range(1, TRACKS + 1))
    manifest = manifest_with(*tracks, sequence=number)

    def also(connection: Any, made: Any) -> None:
        write_signature(connection, signed(made, key, manifest.to_bytes()))

    record_decision(registry, record_release(registry, manifest), Verb.APPROVED, decided_by="x", also=also)
    return manifest


def measure(registry: Registry, key: SigningKey, manifest: Manifest) -> None:
    """Time each step, and the same step without signatures."""
    decisions, trust = packed_decisions(registry, manifest), packed_trust(registry, manifest)
    said = read_decisions(decisions, manifest, "archive")
    untrusting = replace(registry, trust=TrustStore())

    def verify() -> None:
        chain, signatures = read_trust(trust, said, "archive")
        assert chain is not None
        vouching = Vouching(True, signatures=by_decision(signatures), trust=chain.last, signed_only=True)
        assert vouching.effective(said, manifest.id) is not None

    def judge(one: Registry) -> None:
        rules = read_release_policy(one, approval_required=True)
        for content, about in rules.decisions.items():
            for decision in about:
                rules.state_of(content, decision.manifest)

    signing = milliseconds(lambda: signed(said[0], key, manifest.to_bytes()))
    verifying = milliseconds(verify)
    with_trust, without = milliseconds(lambda: judge(registry)), milliseconds(lambda: judge(untrusting))
    print(f"sign an approval of {TRACKS} tracks            {signing:6.1f} ms")
    print(f"verify it and the trust files in an archive   {verifying:6.1f} ms")
    print(f"a week: sign and verify                       {signing + verifying:6.1f} ms (at most 50)")
    print(f"the policy of {WEEKS} weeks, signed              {with_trust:6.1f} ms")
    print(f"the policy of {WEEKS} weeks, without trust       {without:6.1f} ms")
    if signing + verifying > 50:
        sys.exit(1)


def milliseconds(work: Callable[[], object]) -> float:
    """The median time of one call."""
    times = []
    for _time in range(TIMES):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
