"""How long to wait before asking a service again, and when to stop asking. No clock of its own."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from random import Random

from packager.speech.edge.client import Failure, ServiceErrorKind

_LONGEST_ASKED = 120.0  # seconds that a service may ask to wait


@dataclass(frozen=True)
class RetryPolicy:
    """How often, and after how long, one piece of text is asked for again."""

    attempts: int = 6
    first_wait: float = 1.0  # seconds, doubled with each attempt
    longest_wait: float = 30.0  # seconds

    def wait(self, attempt: int, random: Random, asked: float = 0.0) -> float:
        """Seconds to wait after attempt `attempt` (from 1) failed; `asked` is what the service asks for.

        Up to half more or less by chance, so that connections refused together don't come back together.
        """
        wait = min(self.first_wait * 2.0 ** min(attempt - 1, 30), self.longest_wait)
        return max(wait * random.uniform(0.5, 1.5), min(asked, _LONGEST_ASKED))


class CircuitBreaker:
    """Counts what keeps failing over all connections; once open, it stays so and nothing more is asked.

    A service that was never reached is given up sooner: there is most likely no network.
    """

    def __init__(self, *, refusals: int = 12, unreached: int = 3) -> None:
        self._refusals = refusals
        self._unreached = unreached
        self._reached = False
        self._count = 0
        self._lock = threading.Lock()
        self._open: Failure | None = None

    @property
    def opened_by(self) -> Failure | None:
        """The failure that opened the breaker, if it is open."""
        return self._open

    def reached(self) -> None:
        """The service answered, well or badly."""
        with self._lock:
            self._reached, self._count = True, 0

    def failed(self, failure: Failure) -> None:
        """The service was not reached, or refused."""
        with self._lock:
            self._count += 1
            never = failure.trouble is ServiceErrorKind.UNREACHABLE and not self._reached
            if self._count >= (self._unreached if never else self._refusals):
                self._open = failure
