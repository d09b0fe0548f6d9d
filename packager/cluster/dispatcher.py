"""The dispatcher of a build: gives jobs to the workers of a cluster and to this computer, and gives them again.

All of it runs in one asyncio loop. Dask carries messages and knows who is there; who gets what is decided here, since
each job is for one worker that passed the probes, and a slow or lost worker's jobs go to another.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, InvalidStateError
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packager.base.errors import PackagerError, SpeechError
from packager.base.i18n.language import _, current_language
from packager.cluster.admission import Need, ToolsNeed, speech_probe, tools_probe, version_problem
from packager.cluster.answers import kept, request_of
from packager.cluster.jobs import Job, Seat, UsualTime, drop_done, free_seats, slow_job
from packager.cluster.link import Link, LinkLostError
from packager.cluster.perform import tools
from packager.cluster.wire import (
    Message,
    SpeechRequest,
    WireError,
    clip_in,
    is_same_speech,
    mastering_request,
    track_in,
)
from packager.mastering.task import MasteredSpeech, MasteringTask, master_task
from packager.speech.cache import ClipCache
from packager.speech.workers import EngineSource, ParentWatchdog, SpeechTask, local_processes, speak_into_cache

if TYPE_CHECKING:
    from packager.cluster.executor import ClusterOptions

_TICK_SECONDS = 1.0
_END_SECONDS = 3.0


class _RefusedError(Exception):
    """A worker did not do what it was asked."""


class Dispatcher:
    """See the module. Everything but `slots` is for the thread of its loop."""

    def __init__(self, options: ClusterOptions, cache: ClipCache, tell: Callable[[str], object]) -> None:
        self.slots = 1
        self._options = options
        self._cache = cache
        self._tell = tell
        self._tracks: deque[Job] = deque()
        self._texts: deque[Job] = deque()
        self._for_home: deque[Job] = deque()  # what a worker refused: this computer has the last word
        self._seats: dict[str, Seat] = {}
        self._sources: dict[EngineSource, SpeechTask] = {}
        self._references: dict[Need, asyncio.Task[Any]] = {}
        self._usual = UsualTime()
        self._link: Link | None = None
        self._was_linked = False
        self._reason = ""  # why the link was lost
        self._lost_since: float | None = None  # since when there is no worker
        self._at_home = False  # speech too
        self._home: Executor | None = None
        self._home_runs = 0
        self._watchdog = ParentWatchdog()
        self._background: set[asyncio.Task[Any]] = set()
        self._ended = asyncio.Event()

    async def run(self) -> None:
        """Distribute jobs until `end`."""
        with tempfile.TemporaryDirectory(prefix="packager-probe-") as folder:
            self._folder = Path(folder)
            watching = asyncio.create_task(self._watch())
            await asyncio.wait({watching, self._start(self._ended.wait())}, return_when=asyncio.FIRST_COMPLETED)
            if not self._ended.is_set():  # a fault of the program: nothing waits for ever
                self._fail_all(watching.exception() or RuntimeError("nobody watches the workers"))
                await self._ended.wait()
            under_way = {watching, *self._background}
            for task in under_way:
                task.cancel()
            await asyncio.wait(under_way, timeout=_END_SECONDS)  # a library may hold one up
            if self._link is not None:
                await self._link.close()
            self._watchdog.end_workers()
            if self._home is not None:
                await asyncio.to_thread(self._home.shutdown, wait=True, cancel_futures=True)
            for job in (*self._tracks, *self._texts, *self._for_home):
                job.future.cancel()

    def end(self) -> None:
        """Give up what is under way."""
        self._ended.set()

    def expect(self, source: EngineSource) -> None:
        """A voice will be needed: workers show that they have it."""
        if source not in self._sources:
            with suppress(PackagerError):  # the build itself reports what can't be spoken
                self._sources[source] = speech_probe(source, self._cache)

    def add(self, job: Job) -> None:
        """Do a job when its turn comes."""
        (self._tracks if job.is_mastering else self._texts).append(job)
        self._assign()

    # Who is there

    async def _watch(self) -> None:
        """See which workers are there, once a second, and find the scheduler again when it is lost."""
        while True:
            try:
                if self._link is None:
                    self._link = await Link.open(self._options.address, self._options.security)
                    self._was_linked = True
                self._seat(await self._link.workers())
            except LinkLostError as error:
                await self._lose_link(error)
            self._assign()
            self._judge()
            await asyncio.sleep(_TICK_SECONDS)

    async def _lose_link(self, error: LinkLostError) -> None:
        link, self._link, self._reason = self._link, None, str(error)
        self._seat([])
        if link is not None:
            self._tell(_("the scheduler does not answer ({reason}); looking for it").format(reason=error))
            await link.close()

    def _seat(self, found: list[str]) -> None:
        """Take up new workers, and the jobs of those that are gone."""
        for address in [address for address in self._seats if address not in found]:
            seat = self._seats.pop(address)
            if seat.runs:
                self._tell(_("worker {name} is gone; its work is given again").format(name=seat.name or address))
            for run in list(seat.runs.values()):
                run.cancel()
        for address in found:
            if address not in self._seats:
                self._seats[address] = seat = Seat(address)
                self._start(self._greet(seat))
        self.slots = max(1, sum(not seat.refused for seat in self._seats.values()))

    async def _greet(self, seat: Seat) -> None:
        """Ask a new worker who it is; it can do nothing before."""
        try:
            about = await self._ask(seat, Message({"op": "about"}))
            seat.name = f"{about.header.get('host')} ({seat.address})"[:200]
            seat.tools = str(about.header.get("tools"))
            seat.is_known = True
            if problem := version_problem(about):
                self._turn_away(seat, problem)
        except (WireError, _RefusedError) as error:
            self._turn_away(seat, str(error))
        except LinkLostError:
            self._seats.pop(seat.address, None)
        self._assign()

    def _turn_away(self, seat: Seat, reason: str) -> None:
        """Give a worker no work any more, and tell both sides why."""
        seat.refused = reason
        self.slots = max(1, sum(not each.refused for each in self._seats.values()))
        self._tell(_("worker {name} is turned away: {reason}").format(name=seat.name or seat.address, reason=reason))
        self._start(self._tell_worker(seat, reason))
        for run in list(seat.runs.values()):
            if asyncio.current_task() is not run:
                run.cancel()

    async def _tell_worker(self, seat: Seat, reason: str) -> None:
        with suppress(WireError, _RefusedError, LinkLostError):
            await self._ask(seat, Message({"op": "turned-away", "reason": reason}))

    def _judge(self) -> None:
        """Decide what happens without workers."""
        if any(not seat.refused for seat in self._seats.values()):
            self._lost_since, self._at_home = None, False
            return
        now = time.monotonic()
        if self._lost_since is None:
            self._lost_since = now
            self._tell(_("there is no worker now; waiting for one"))
        if self._was_linked and now - self._lost_since < self._options.grace:
            return
        if self._options.goes_on_at_home:
            if not self._at_home:
                self._tell(_("no worker is left; this computer goes on alone"))
            self._at_home = True
            self._assign()
            return
        reasons = sorted({seat.refused for seat in self._seats.values()} or {self._reason} - {""})
        self._fail_all(_no_worker(self._options.address, reasons))

    # Who gets what

    def _assign(self) -> None:
        """Give waiting jobs, in their order, to who can do them."""
        if self._ended.is_set():
            return
        while self._home_runs < self._options.home_jobs and (job := self._job_for_home()) is not None:
            self._home_runs += 1
            self._start(self._run_at_home(job))
        for seat in free_seats(self._seats.values()):
            while seat.is_free and (job := self._job_for(seat)) is not None:
                self._begin(seat, job)
        if not self._texts:
            self._repeat_slow()

    def _job_for_home(self) -> Job | None:
        """The next job for this computer: what no worker should do, then mastering; speech if there is no worker."""
        queues = [self._for_home, self._tracks, *([self._texts] if self._at_home else [])]
        return next((queue.popleft() for queue in queues if drop_done(queue)), None)

    def _job_for(self, seat: Seat) -> Job | None:
        """The first waiting job that the worker may do; it is tried for what the first ones need."""
        for queue in (self._tracks, self._texts):
            drop_done(queue)
            for place, job in enumerate(queue):
                if job.need not in seat.able:
                    seat.able[job.need] = None
                    self._start(self._try(seat, job.need, job))
                elif seat.able[job.need] and not job.done():
                    del queue[place]
                    return job
        return None

    def _repeat_slow(self) -> None:
        now = time.monotonic()
        for seat in free_seats(self._seats.values()):
            job = None if seat.runs else slow_job(self._seats.values(), seat, now, self._usual.too_long)
            if job is not None:
                self._begin(seat, job)

    def _begin(self, seat: Seat, job: Job) -> None:
        job.begun = job.begun or time.monotonic()
        job.runs += 1
        seat.runs[job] = run = self._start(self._run(seat, job))
        # Not at the end of `_run`: a task that is cancelled before it begins never gets there.
        run.add_done_callback(lambda _run: self._give_back(seat, job))

    def _give_back(self, seat: Seat, job: Job) -> None:
        """End a run, and put its job back if nobody did it."""
        job.runs -= 1
        seat.runs.pop(job, None)
        if not job.done() and job.runs == 0:
            queue = self._for_home if job.is_at_home else self._tracks if job.is_mastering else self._texts
            queue.appendleft(job)
        self._assign()

    async def _run(self, seat: Seat, job: Job) -> None:
        """Let a worker do a job, and keep its answer if it is good."""
        try:
            await self._settle(job, await self._ask(seat, await asyncio.to_thread(request_of, job)))
            self._usual.add(time.monotonic() - job.begun)
        except WireError as error:
            self._turn_away(seat, _("it answers wrongly: {reason}").format(reason=error))
        except _RefusedError:
            job.is_at_home = True  # this computer has the last word
        except LinkLostError:
            pass
        except Exception as error:  # the disk here is full, perhaps
            self._fail(job, error)

    async def _settle(self, job: Job, answer: Message) -> None:
        """Verify an answer, keep what it brought, and set the result."""
        result = await asyncio.to_thread(kept, job, answer)
        with suppress(InvalidStateError):  # another worker was faster, or nobody waits
            job.future.set_result(result)
        for seat in self._seats.values():
            other = seat.runs.get(job)
            if other is not None and other is not asyncio.current_task():
                other.cancel()

    async def _run_at_home(self, job: Job) -> None:
        try:
            result = await self._at_this_computer(job.work, job.task)
        except Exception as error:
            self._fail(job, error)
        else:
            with suppress(InvalidStateError):
                job.future.set_result(result)
        finally:
            self._home_runs -= 1
        self._assign()

    async def _at_this_computer(self, work: Callable[[Any], Any], task: Any) -> Any:
        if self._home is None:
            self._home = local_processes(self._options.home_jobs, self._watchdog)
        # Shielded: in Python 3.11 an executor with a cancelled task does not survive the death of its process.
        return await asyncio.shield(asyncio.wrap_future(self._home.submit(work, task)))

    def _fail_all(self, error: BaseException) -> None:
        for queue in (self._tracks, self._texts, self._for_home):
            while queue:
                self._fail(queue.popleft(), error)

    def _fail(self, job: Job, error: BaseException) -> None:
        with suppress(InvalidStateError):
            job.future.set_exception(error)

    # Probes

    async def _try(self, seat: Seat, need: Need, job: Job) -> None:
        """Find out whether a worker does what `job` needs exactly as this computer does."""
        try:
            seat.able[need] = await self._passes(seat, need, job)
        except (WireError, _RefusedError) as error:
            self._turn_away(seat, str(error))
        except (LinkLostError, asyncio.CancelledError):
            seat.able.pop(need, None)
        except Exception as error:  # this computer itself can't do the probe
            self._fail(job, error)
        self._assign()

    async def _passes(self, seat: Seat, need: Need, job: Job) -> bool:
        if isinstance(need, ToolsNeed):
            if seat.tools != tools():
                return False
            assert isinstance(job.task, MasteringTask)
            clips, probe = tools_probe(job.task, self._folder / "probe")
            expected: MasteredSpeech = await self._reference(need, master_task, probe)
            answer = await self._ask(seat, mastering_request(probe, clips.entries))
            return track_in(answer, probe)[1].track.sha256 == expected.track.sha256
        assert isinstance(job.task, SpeechTask)
        source = job.task.source
        spoken = self._sources.get(source) or speech_probe(source, self._cache)
        await self._reference(need, speak_into_cache, spoken)
        answer = await self._ask(seat, SpeechRequest.of(spoken).to_message())
        _entry, clip = clip_in(answer, spoken.key, spoken.characters)
        if not is_same_speech(clip, self._cache.load(spoken.key)):
            raise WireError(_("it speaks {voice} differently").format(voice=need.voice))
        return True

    async def _reference(self, need: Need, work: Callable[[Any], Any], task: Any) -> Any:
        """What this computer makes of the probe; made once."""
        if need not in self._references:
            self._references[need] = self._start(self._at_this_computer(work, task))
        return await asyncio.shield(self._references[need])

    # Messages

    async def _ask(self, seat: Seat, message: Message) -> Message:
        """The answer of a worker. Raises LinkLostError, WireError, or _RefusedError with its reason."""
        link = self._link
        if link is None:
            raise LinkLostError("")
        said = Message({**message.header, "language": current_language()}, message.blobs)
        answer = Message.from_bytes(await link.ask(seat.address, said.to_bytes()))
        if answer.op == "refused":
            reason = str(answer.header.get("reason"))[:1000]
            raise WireError(reason) if answer.header.get("kind") == "worker" else _RefusedError(reason)
        return answer

    def _start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task


def _no_worker(address: str, reasons: list[str]) -> SpeechError:
    if reasons:
        message = _("there is no usable worker at {address}: {reasons}; what was spoken is kept")
        return SpeechError(message.format(address=address, reasons="; ".join(reasons)))
    message = _(
        "no worker is left at {address}; what was spoken is kept: run the same command again when there are workers, "
        "or with --workers-lost home"
    )
    return SpeechError(message.format(address=address))
