"""What becomes of an event after a try: done, tried again later, or a dead letter."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from shared.errors import Aborted, ResourceExhausted

ATTEMPT_HEADER = "x-wangge-attempt"
OUTAGE_HEADER = "x-wangge-outage"
QUEUE_HEADER = "x-wangge-queue"
REASON_HEADER = "x-wangge-reason"
ERROR_HEADER = "x-wangge-error"
TIME_HEADER = "x-wangge-dead-at"
BROKER_HEADERS = ("x-death", "x-first-death-", "x-last-death-", "x-delivery-count")
"""Headers that the broker adds. A copy that carried them could be dropped as one in a cycle."""

PASSING = (Aborted, ResourceExhausted)
"""Refusals that another try may not meet: somebody else was writing, or a limit was reached."""

LONGEST_ERROR = 2_000
LONGEST_OUTAGE_DELAY_SECONDS = 30.0
"""The longest delay used while the database is away, where a delay this short is configured."""


@dataclass(frozen=True, slots=True)
class Tries:
    """How often an event was tried: ``attempt`` from 1, and ``outages`` that do not count."""

    attempt: int = 1
    outages: int = 0

    @classmethod
    def of(cls, headers: Mapping[str, Any]) -> Self:
        """Read them from a message's headers; unreadable values count as the defaults."""
        return cls(_number(headers, ATTEMPT_HEADER, 1), _number(headers, OUTAGE_HEADER, 0))


@dataclass(frozen=True, slots=True)
class Outcome:
    """The decision: ``next_try`` after ``delay`` seconds, or dead for ``reason``, or neither."""

    tries: Tries
    delay: float | None = None
    next_try: Tries | None = None
    reason: str | None = None
    error: BaseException | None = None

    @property
    def result(self) -> str | None:
        """The metric's label; None where the handler gives it."""
        if self.delay is not None:
            return "retried"
        return "dead" if self.reason else None


def decide(
    error: BaseException | None,
    tries: Tries,
    delays: Sequence[float],
    *,
    never: tuple[type[BaseException], ...],
    outage: Callable[[BaseException], bool],
) -> Outcome:
    """Decide after a try came to ``error``, or to none.

    Errors of ``never`` are dead at once, but for the PASSING ones. An outage is waited for without
    end, and is no try. Any other error is tried once more after each of the delays, and is dead
    after the last.
    """
    if error is None:
        return Outcome(tries)
    if isinstance(error, never) and not isinstance(error, PASSING):
        return Outcome(tries, reason="permanent", error=error)
    if outage(error):
        again = Tries(tries.attempt, tries.outages + 1)
        return Outcome(tries, _outage_delay(tries.outages, delays), again, error=error)
    if tries.attempt <= len(delays):
        return Outcome(tries, delays[tries.attempt - 1], Tries(tries.attempt + 1), error=error)
    return Outcome(tries, reason="exhausted", error=error)


def retry_headers(headers: Mapping[str, Any], outcome: Outcome) -> dict[str, Any]:
    """The headers of an event that waits for its next try."""
    again = outcome.next_try or outcome.tries
    return {**own_headers(headers), ATTEMPT_HEADER: again.attempt, OUTAGE_HEADER: again.outages}


def dead_letter_headers(headers: Mapping[str, Any], queue: str, outcome: Outcome) -> dict[str, Any]:
    """The headers of a dead letter: where it comes from, why it died, and after how many tries."""
    return {
        **own_headers(headers),
        QUEUE_HEADER: queue,
        REASON_HEADER: outcome.reason,
        ERROR_HEADER: describe(outcome.error),
        ATTEMPT_HEADER: outcome.tries.attempt,
        TIME_HEADER: datetime.now(UTC).isoformat(timespec="seconds"),
    }


def own_headers(headers: Mapping[str, Any]) -> dict[str, Any]:
    """The headers without those that the broker adds."""
    return {name: value for name, value in headers.items() if not name.startswith(BROKER_HEADERS)}


def describe(error: BaseException | None) -> str:
    """The error's kind and first line; the lines after it may quote a row's values."""
    first_line, _, _ = str(error).partition("\n")
    return f"{type(error).__name__}: {first_line}"[:LONGEST_ERROR]


def _outage_delay(outages: int, delays: Sequence[float]) -> float:
    short = [delay for delay in delays if delay <= LONGEST_OUTAGE_DELAY_SECONDS] or [delays[0]]
    return short[min(outages, len(short) - 1)]


def _number(headers: Mapping[str, Any], name: str, default: int) -> int:
    value = headers.get(name)
    return value if isinstance(value, int) and value >= 0 else default
