"""A time limit for an asyncio operation, by which no cancellation is lost. Pure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

_Result = TypeVar("_Result")


async def within(seconds: float, work: Awaitable[_Result]) -> _Result:
    """The result of `work`. Raises asyncio.TimeoutError after so many seconds; then `work` is cancelled.

    `asyncio.wait_for` is not used: before Python 3.12 it loses the cancellation of the task that waits if `work` ends
    at the same moment (https://bugs.python.org/issue42130), and it waits for work that does not end when cancelled.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
        elif not task.cancelled():
            task.exception()  # retrieved, or asyncio would print it
    if not task.done():
        raise asyncio.TimeoutError
    return task.result()
