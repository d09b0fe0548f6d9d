from random import Random

import pytest

from packager.speech.edge.client import Failure, ServiceErrorKind
from packager.speech.edge.retry import CircuitBreaker, RetryPolicy

UNREACHED = Failure(ServiceErrorKind.UNREACHABLE, "no")
REFUSED = Failure(ServiceErrorKind.REFUSED, "no", 429)


class Middle(Random):
    """No jitter."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (1000, 30)])
def test_the_wait_doubles_with_each_attempt_up_to_the_longest(attempt: int, seconds: float) -> None:
    assert RetryPolicy(first_wait=1, longest_wait=30).wait(attempt, Middle()) == seconds


def test_jitter_makes_a_wait_up_to_half_longer_or_shorter() -> None:
    random, policy = Random(3), RetryPolicy(first_wait=1, longest_wait=30)
    waits = [policy.wait(3, random) for _ in range(200)]
    assert 2.0 <= min(waits) < 2.2
    assert 5.8 < max(waits) <= 6.0


@pytest.mark.parametrize(("asked", "seconds"), [(0, 1), (0.5, 1), (40, 40), (120, 120), (1e9, 120)])
def test_the_service_can_ask_for_a_longer_wait_of_up_to_two_minutes(asked: float, seconds: float) -> None:
    assert RetryPolicy(first_wait=1).wait(1, Middle(), retry_after=asked) == seconds


def opens_after(breaker: CircuitBreaker, failure: Failure) -> int:
    """How many more such failures open the breaker."""
    for count in range(1, 100):
        breaker.record_failure(failure)
        if breaker.opened_by is not None:
            assert breaker.opened_by is failure
            return count
    raise AssertionError("it never opens")


def test_the_breaker_opens_sooner_while_the_service_was_never_reached() -> None:
    assert opens_after(CircuitBreaker(refusals=5, unreached=3), UNREACHED) == 3
    assert opens_after(CircuitBreaker(refusals=5, unreached=3), REFUSED) == 5
    later = CircuitBreaker(refusals=5, unreached=3)
    later.record_answer()
    assert opens_after(later, UNREACHED) == 5


def test_an_answer_starts_the_count_anew_but_does_not_close_an_open_breaker() -> None:
    breaker = CircuitBreaker(refusals=5)
    for _ in range(4):
        breaker.record_failure(REFUSED)
    breaker.record_answer()
    assert opens_after(breaker, REFUSED) == 5
    breaker.record_answer()
    assert breaker.opened_by is REFUSED
