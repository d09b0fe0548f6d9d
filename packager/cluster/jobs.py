"""Jobs, the seats of workers, and which job a seat gets next. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from packager.cluster.admission import Need, need_of
from packager.mastering.task import MasteringTask
from packager.speech.workers import SpeechTask

SEAT_DEPTH = 2  # jobs at once for a worker: while it speaks one, the next is on its way
SLOW_TIMES = 5.0  # the usual time: then another worker gets the job too
SLOW_LEAST = 20.0  # seconds
_REMEMBERED = 200  # times


@dataclass(eq=False)
class Job:
    """A task of a build: `work(task)`, and the future of its result."""

    work: Callable[[Any], Any]
    task: SpeechTask | MasteringTask
    future: Future[Any]
    begun: float = 0.0  # when a worker got it first, in seconds of a monotonic clock
    runs: int = 0  # workers that have it now
    is_at_home: bool = False

    @property
    def need(self) -> Need:
        """What a worker must be able to do."""
        return need_of(self.task)

    @property
    def is_mastering(self) -> bool:
        """Whether a track is to be mastered, or else a text to be spoken."""
        return isinstance(self.task, MasteringTask)

    def done(self) -> bool:
        """Whether nobody waits for it any more."""
        return self.future.done()


@dataclass(eq=False)
class Seat:
    """A worker; `able` says for each need whether it may do that, None while that is tried."""

    address: str
    name: str = ""
    tools: str = ""
    is_known: bool = False  # it said who it is
    refused: str = ""  # why it was turned away
    able: dict[Need, bool | None] = field(default_factory=dict)
    runs: dict[Job, Any] = field(default_factory=dict)

    @property
    def is_free(self) -> bool:
        """Whether it may get another job."""
        return self.is_known and not self.refused and len(self.runs) < SEAT_DEPTH


class UsualTime:
    """How long jobs usually take, from the last ones."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=_REMEMBERED)

    def add(self, seconds: float) -> None:
        """Remember the time of a job."""
        self._seconds.append(seconds)

    @property
    def too_long(self) -> float:
        """Seconds after which a job is given to another worker too."""
        return max(SLOW_LEAST, SLOW_TIMES * median(self._seconds)) if self._seconds else float("inf")


def free_seats(seats: Iterable[Seat]) -> list[Seat]:
    """The seats that can get a job, those with the least to do first."""
    return sorted((seat for seat in seats if seat.is_free), key=lambda seat: len(seat.runs))


def slow_job(seats: Iterable[Seat], idle: Seat, now: float, too_long: float) -> Job | None:
    """The job that a worker has had for too long, which the `idle` one should get too; None if there is none."""
    late = {job for seat in seats for job in seat.runs if now - job.begun > too_long and job.runs == 1}
    able = [job for job in late if not job.done() and idle.able.get(job.need) and job not in idle.runs]
    return min(able, key=lambda job: job.begun, default=None)


def drop_done(queue: deque[Job]) -> bool:
    """Drop the first jobs for which nobody waits; whether another is left."""
    while queue and queue[0].done():
        queue.popleft()
    return bool(queue)
