"""What becomes of an event after a try."""

import pytest

from shared.db.engine import is_outage
from shared.errors import Aborted, DomainError, FailedPrecondition, ResourceExhausted
from shared.eventing.outcome import (
    ATTEMPT_HEADER,
    LONGEST_OUTAGE_DELAY_SECONDS,
    OUTAGE_HEADER,
    Outcome,
    Tries,
    dead_letter_headers,
    decide,
    retry_headers,
)

DELAYS = (1.0, 5.0, 120.0)


class DatabaseAway(Exception):
    """Stands for an outage."""


def after(error, tries=None):
    return decide(
        error,
        tries or Tries(),
        DELAYS,
        never=(DomainError,),
        outage=lambda found: isinstance(found, DatabaseAway),
    )


def test_what_succeeds_is_done():
    assert after(None) == Outcome(Tries())
    assert after(None).result is None


def test_a_refusal_that_no_try_can_mend_is_dead_at_once():
    outcome = after(FailedPrecondition())

    assert (outcome.result, outcome.reason, outcome.delay) == ("dead", "permanent", None)


@pytest.mark.parametrize(
    "error", [Aborted(expected=1, actual=2), ResourceExhausted(retry_after=1), KeyError("x")]
)
def test_what_may_pass_is_tried_after_each_delay_and_is_dead_after_the_last(error):
    outcomes = [after(error, Tries(attempt)) for attempt in range(1, len(DELAYS) + 2)]

    assert [outcome.delay for outcome in outcomes] == [*DELAYS, None]
    assert [outcome.next_try for outcome in outcomes[:-1]] == [Tries(2), Tries(3), Tries(4)]
    assert (outcomes[-1].result, outcomes[-1].reason) == ("dead", "exhausted")


def test_an_outage_is_waited_for_without_end_and_is_no_try():
    outcomes = [after(DatabaseAway(), Tries(2, outages)) for outages in (0, 1, 50)]

    assert [outcome.result for outcome in outcomes] == ["retried"] * 3
    assert [outcome.next_try for outcome in outcomes] == [Tries(2, 1), Tries(2, 2), Tries(2, 51)]
    assert all(outcome.delay <= LONGEST_OUTAGE_DELAY_SECONDS for outcome in outcomes)


@pytest.mark.parametrize("value", ["rubbish", -1, None, b"1"])
def test_tries_that_cannot_be_read_count_as_none(value):
    assert Tries.of({ATTEMPT_HEADER: value, OUTAGE_HEADER: value}) == Tries(1, 0)


def test_a_copy_carries_none_of_the_brokers_notes():
    headers = {"x-death": [], "x-first-death-queue": "q", "x-delivery-count": 3, "x-trace": "kept"}
    error = KeyError("x")

    again = retry_headers(headers, after(error))
    dead = dead_letter_headers(headers, "q", after(error, Tries(4)))

    for copy in (again, dead):
        assert copy["x-trace"] == "kept"
        assert not {"x-death", "x-first-death-queue", "x-delivery-count"} & copy.keys()


def test_a_mistake_in_the_code_is_no_outage():
    assert not is_outage(KeyError("x"))
