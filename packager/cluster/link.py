"""The link of a build to its workers: Dask's client, for messages in bytes to one worker each."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import count
from typing import Any

from packager.cluster.connection import use_dask
from packager.cluster.perform import perform
from packager.cluster.time_limit import within

_CONNECT_SECONDS = 10
_ANSWER_SECONDS = 15  # of the scheduler
_CLOSE_SECONDS = 3


class LinkLostError(Exception):
    """The scheduler or the worker is gone, for now or for good."""


class Link:
    """An open connection to a scheduler."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._numbers = count()

    @classmethod
    async def open(cls, address: str, security: Any) -> Link:
        """A link to the scheduler at `address`. Raises LinkLostError where it can't be reached or refuses."""
        distributed = use_dask()
        host, _colon, port = address.rpartition("://")[2].rpartition(":")
        try:
            # Dask would try again and again for ten seconds where nobody listens.
            _reader, writer = await within(_CONNECT_SECONDS, asyncio.open_connection(host.strip("[]"), port))
            writer.close()
            client = await distributed.Client(
                address,
                security=security,
                asynchronous=True,
                timeout=_CONNECT_SECONDS,
                direct_to_workers=False,
                set_as_default=False,
            )
        except (OSError, TimeoutError, asyncio.TimeoutError, RuntimeError, ValueError) as error:
            raise LinkLostError(str(error.__cause__ or error) or type(error).__name__) from error
        return cls(client)

    async def workers(self) -> list[str]:
        """The addresses of the workers that are there. Raises LinkLostError."""
        try:
            identity = await within(_ANSWER_SECONDS, self._client.scheduler.identity(n_workers=-1))
        except Exception as error:  # Dask's own kinds, and those of the network
            raise LinkLostError(str(error) or type(error).__name__) from error
        if self._client.status != "running":
            raise LinkLostError(self._client.status)
        return list(identity["workers"])

    async def ask(self, worker: str, data: bytes) -> object:
        """The answer of `worker` to `data`. Raises LinkLostError."""
        future = self._client.submit(
            perform,
            data,
            workers=[worker],
            allow_other_workers=False,
            pure=False,
            key=f"task-{self._client.id}-{next(self._numbers)}",
        )
        try:
            return await future
        except Exception as error:
            raise LinkLostError(str(error) or type(error).__name__) from error
        finally:
            with suppress(Exception):
                future.release()

    async def close(self) -> None:
        """End the link, however it is."""
        with suppress(Exception):
            await within(_CLOSE_SECONDS, self._client.close())
