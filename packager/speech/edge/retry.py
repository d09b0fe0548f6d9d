"""Retry policy: exponential backoff with jitter; and a circuit breaker. Neither has a clock. Pure."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from random import Random

from packager.speech.edge.client import Failure, ServiceErrorKind

_MAX_RETRY_AFTER = 120.0  # seconds that a service can ask to wait


@dataclass(frozen=True)
class RetryPolicy:
    """How often, and after how long, a piece of text is requested again."""

    attempts: int = 6
    first_wait: float = 1.0  # seconds, doubled with each attempt
    longest_wait: float = 30.0  # seconds

    def wait(self, attempt: int, random: Random, retry_after: float = 0.0) -> float:
        """Seconds to wait after attempt `attempt` (from 1) failed; `retry_after` is what the service asks for.

        Jitter of up to half of the wait keeps connections that were refused together from returning together.
        """
        wait = min(self.first_wait * 2.0 ** min(attempt - 1, 30), self.longest_wait)
        return max(wait * random.uniform(0.5, 1.5), min(retry_after, _MAX_RETRY_AFTER))


class CircuitBreaker:
    """Counts failures in a row over all connections. Once open, it stays open and nothing more is requested.

    It opens sooner for a service that was never reached: most likely there is no network.
    """

    def __init__(self, *, refusals: int = 12, unreached: int = 3) -> None:
        self._refusals = refusals
        self._unreached = unreached
        self._was_reached = False
        self._failures = 0
        self._lock = threading.Lock()
        self._opened_by: Failure | None = None

    @property
    def opened_by(self) -> Failure | None:
        """The failure that opened the breaker; None while it is closed."""
        return self._opened_by

    def record_answer(self) -> None:
        """The service answered, well or badly."""
        with self._lock:
            self._was_reached, self._failures = True, 0

    def record_failure(self, failure: Failure) -> None:
        """The service was not reached, or refused."""
        with self._lock:
            self._failures += 1
            is_unreached = failure.kind is ServiceErrorKind.UNREACHABLE and not self._was_reached
            if self._failures >= (self._unreached if is_unreached else self._refusals):
                self._opened_by = failure
