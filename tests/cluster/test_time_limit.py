"""The time limit of the messages to a cluster."""

from __future__ import annotations

import asyncio

import pytest

from packager.cluster.time_limit import within


def test_a_cancellation_at_the_moment_of_the_answer_is_not_lost() -> None:
    async def cancelled() -> bool:
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        waits = asyncio.ensure_future(within(60, answer))
        await asyncio.sleep(0)
        answer.set_result("here")
        waits.cancel()
        await asyncio.wait({waits})
        return waits.cancelled()

    assert asyncio.run(cancelled())


def test_work_that_does_not_end_when_it_is_cancelled_is_not_waited_for() -> None:
    async def stubborn(until: asyncio.Event) -> None:
        while not until.is_set():
            try:
                await until.wait()
            except asyncio.CancelledError:
                continue

    async def limited() -> None:
        until = asyncio.Event()
        try:
            with pytest.raises(asyncio.TimeoutError):
                await within(0.01, stubborn(until))
        finally:
            until.set()

    asyncio.run(limited())


def test_the_result_and_the_error_of_the_work_are_passed_on() -> None:
    async def fails() -> None:
        raise OSError("no network")

    assert asyncio.run(within(60, asyncio.sleep(0, "here"))) == "here"
    with pytest.raises(OSError, match="no network"):
        asyncio.run(within(60, fails()))
