"""The workers of one computer: a process for each core, which joins the scheduler again whenever it is lost."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packager.base.i18n.language import _, choose_language, current_language
from packager.cluster.certificates import Identity
from packager.cluster.connection import security_of, use_dask
from packager.cluster.perform import WorkerState
from packager.speech.engine import EngineOptions
from packager.speech.workers import ParentWatchdog, end_with_parent

_AGAIN_SECONDS = 3.0
_POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Joining:
    """What a worker process needs to know."""

    address: str  # of the scheduler
    identity: Identity
    options: EngineOptions
    nice: int
    language: str
    folder: Path  # for temporary files, its owner's alone: Dask imports modules from it
    say: bool  # whether it tells the person how it goes: one of the processes does


def join(address: str, identity: Identity, options: EngineOptions, folder: Path, *, cores: int, nice: int) -> None:
    """Work for the cluster at `address` with `cores` processes, until KeyboardInterrupt.

    `folder` is for temporary files; what killed processes left in it is removed. A process that ends is started again:
    it may have been ended for want of memory.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    context = multiprocessing.get_context("spawn")
    watchdog = ParentWatchdog()
    running: list[Any] = [None] * cores
    try:
        while True:
            for number, process in enumerate(running):
                if process is None or not process.is_alive():
                    joining = Joining(address, identity, options, nice, current_language(), folder, say=number == 0)
                    running[number] = context.Process(target=_work, args=(joining, watchdog.far_end), daemon=True)
                    running[number].start()
            time.sleep(_POLL_SECONDS)
    finally:
        watchdog.end_workers()
        for process in running:
            if process is not None:
                process.join()


def _work(joining: Joining, far_end: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(far_end)
    choose_language(joining.language)
    with suppress(OSError, AttributeError):  # Windows has no niceness
        os.nice(joining.nice)
    WorkerState.options = joining.options
    asyncio.run(work_again_and_again(joining))


async def work_again_and_again(joining: Joining) -> None:
    """Be one worker in this process; look for the scheduler again when it is lost."""
    distributed = use_dask()
    security = security_of(joining.identity)
    told = ""
    while True:
        try:
            worker = distributed.Worker(
                joining.address,
                nthreads=1,
                security=security,
                host=_own_host(distributed, joining.address),
                protocol="tls",
                dashboard=False,
                memory_limit=0,
                local_directory=str(joining.folder),  # Dask makes a folder in it, and removes those of dead processes
            )
            WorkerState.folder = worker.local_directory
            async with worker:
                told = _tell(joining, told, _("joined {address}").format(address=joining.address))
                await worker.finished()
        except Exception as error:  # Dask raises many kinds
            reason = str(error.__cause__ or error) or type(error).__name__
            told = _tell(joining, told, _("no scheduler yet: {reason}").format(reason=reason))
        else:
            told = _tell(joining, told, _("the scheduler is gone; waiting for it"))
        await asyncio.sleep(_AGAIN_SECONDS)


def _own_host(distributed: Any, address: str) -> str:
    """The address of this computer towards the scheduler; the worker listens on no other."""
    host, _colon, port = address.rpartition("://")[2].rpartition(":")
    found: str = distributed.utils.get_ip(host.strip("[]"), int(port))
    return found


def _tell(joining: Joining, told: str, line: str) -> str:
    if joining.say and line != told:
        print(line, file=sys.stderr, flush=True)
    return line
