"""Who is there: asks every worker of a cluster about itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from packager.base.errors import PackagerError
from packager.base.i18n.language import _
from packager.cluster.admission import version_problem
from packager.cluster.link import Link, LinkLostError
from packager.cluster.time_limit import within
from packager.cluster.wire import Message, WireError

_ANSWER_SECONDS = 120.0  # a worker that speaks answers when it has finished


@dataclass(frozen=True)
class Present:
    """A worker that is there; `problem` says why it would be turned away."""

    address: str
    host: str = ""
    version: str = ""
    problem: str = ""


def call_workers(address: str, security: Any) -> list[Present]:
    """The workers at `address`. Raises PackagerError where the scheduler can't be reached."""
    return asyncio.run(_call(address, security))


async def _call(address: str, security: Any) -> list[Present]:
    try:
        link = await Link.open(address, security)
        try:
            return list(await asyncio.gather(*(_about(link, worker) for worker in await link.workers())))
        finally:
            await link.close()
    except LinkLostError as error:
        raise PackagerError(
            _("no scheduler at {address} that takes this computer: {reason}").format(address=address, reason=error)
        ) from error


async def _about(link: Link, worker: str) -> Present:
    try:
        question = Message({"op": "about"}).to_bytes()
        about = Message.from_bytes(await within(_ANSWER_SECONDS, link.ask(worker, question)))
    except (WireError, LinkLostError, asyncio.TimeoutError) as error:
        return Present(worker, problem=str(error) or type(error).__name__)
    header = about.header
    return Present(worker, str(header.get("host")), str(header.get("version")), version_problem(about))
