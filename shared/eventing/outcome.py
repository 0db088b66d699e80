"""What becomes of an event after a try: done, tried again later, or a dead letter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

ATTEMPT_HEADER = "x-wangge-attempt"
QUEUE_HEADER = "x-wangge-queue"
REASON_HEADER = "x-wangge-reason"
ERROR_HEADER = "x-wangge-error"
TIME_HEADER = "x-wangge-dead-at"
LONGEST_ERROR = 2_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """The decision. ``result`` is the metric's label, None where the handler says it."""

    attempt: int
    result: str | None = None
    delay: float | None = None
    reason: str | None = None
    error: BaseException | None = None


def decide(
    error: BaseException | None,
    attempt: int,
    delays: Sequence[float],
    *,
    never: tuple[type[BaseException], ...],
    always: tuple[type[BaseException], ...],
) -> Outcome:
    """Decide after try number ``attempt`` (from 1) came to ``error``, or to none.

    Errors of ``never`` are dead at once. Those of ``always`` are tried for ever, at last at the
    longest delay. Any other is tried once after each delay, and is dead after the last.
    """
    if error is None:
        return Outcome(attempt)
    if isinstance(error, never):
        return Outcome(attempt, "dead", reason="permanent", error=error)
    if isinstance(error, always):
        return Outcome(attempt, "retried", delay=delays[min(attempt, len(delays)) - 1], error=error)
    if attempt <= len(delays):
        return Outcome(attempt, "retried", delay=delays[attempt - 1], error=error)
    return Outcome(attempt, "dead", reason="exhausted", error=error)


def dead_letter_headers(headers: Mapping[str, Any], queue: str, outcome: Outcome) -> dict[str, Any]:
    """What a dead letter says of itself: where it comes from, why, and after how many tries."""
    error = f"{type(outcome.error).__name__}: {outcome.error}"[:LONGEST_ERROR]
    return {
        **headers,
        QUEUE_HEADER: queue,
        REASON_HEADER: outcome.reason,
        ERROR_HEADER: error,
        ATTEMPT_HEADER: outcome.attempt,
        TIME_HEADER: datetime.now(UTC).isoformat(timespec="seconds"),
    }
