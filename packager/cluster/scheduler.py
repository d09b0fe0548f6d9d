"""The scheduler of a cluster: it passes messages between builds and workers, on the named address alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from packager.base.errors import PackagerError
from packager.base.i18n.language import _
from packager.cluster.connection import use_dask


def serve(address: str, security: Any, ready: Callable[[str], object], *, dashboard: str | None = None) -> None:
    """Serve at `address`, as tls://192.168.1.5:8786, until KeyboardInterrupt; `ready` gets the address.

    Port 0 means any free port. `dashboard` is the address of Dask's own web page, as :8787; None for none. Raises
    PackagerError where the address can't be used.
    """
    asyncio.run(_serve(address, security, ready, dashboard))


async def _serve(address: str, security: Any, ready: Callable[[str], object], dashboard: str | None) -> None:
    distributed = use_dask()
    host, _colon, port = address.rpartition("://")[2].rpartition(":")
    try:
        scheduler = await distributed.Scheduler(
            protocol="tls",
            host=host.strip("[]"),
            port=int(port),
            security=security,
            dashboard=dashboard is not None,
            dashboard_address=dashboard,
        )
    except (OSError, ValueError) as error:
        raise PackagerError(_("{address} can't be served: {reason}").format(address=address, reason=error)) from error
    async with scheduler:
        ready(scheduler.address)
        await scheduler.finished()
