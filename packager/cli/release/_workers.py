"""The speech pool of a build: this computer's processes, or the workers of a cluster."""

from __future__ import annotations

import os
import socket
import sys
from typing import Any

from packager.base.formats import utc_now
from packager.base.i18n.language import _
from packager.base.workspace import Workspace
from packager.cli.ui.console import note
from packager.speech import ClipCache, EngineOptions, SpeechPool


def workers_of(workspace: Workspace, options: dict[str, Any]) -> str:
    """The address of the workers that the build uses; empty for none."""
    said = options["workers"] if options["workers"] is not None else workspace.settings.workers
    return said or ""


def speech_pool(workspace: Workspace, options: dict[str, Any]) -> SpeechPool:
    """The pool for a build. Raises InputError for an address that is not usable."""
    cache = ClipCache(workspace.clip_cache)
    jobs = options["jobs"] or workspace.settings.jobs
    engine = EngineOptions.of(workspace)
    address = workers_of(workspace, options)
    if not address:
        return SpeechPool(cache, options=engine, jobs=jobs)
    from packager.cluster.connection import security_here
    from packager.cluster.executor import ClusterExecutor, ClusterOptions
    from packager.cluster.invitation import require_tls

    lost = options["workers_lost"] or workspace.settings.workers_lost
    cluster = ClusterOptions(
        address=require_tls(address),
        security=security_here(socket.gethostname(), now=utc_now()),
        home_jobs=jobs or os.cpu_count() or 1,
        goes_on_at_home=lost == "home",
    )
    return SpeechPool(cache, options=engine, jobs=jobs, make_executor=lambda: ClusterExecutor(cluster, cache, _tell))


def note_sending(address: str) -> None:
    """Say that the text leaves this computer."""
    if address:
        note(
            _(
                "The text is sent to the workers at {address}, encrypted; everybody who runs one can read it. For text "
                "that must stay on this computer, build without workers"
            ).format(address=address)
        )


def _tell(message: str) -> None:
    """Print a message from another thread, above the progress bar."""
    from tqdm import tqdm

    with tqdm.external_write_mode(file=sys.stderr):
        note(message)
