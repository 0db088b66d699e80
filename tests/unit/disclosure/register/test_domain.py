"""Steps of an item, and until when it must be published."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from services.disclosure.publications import domain as publications
from services.disclosure.register import domain as register
from services.disclosure.register.domain import STEPS, RegisterItem
from services.disclosure.review import domain as review
from shared.errors import Aborted, FailedPrecondition, require_version
from tests.unit.disclosure.examples import CLOSED, NOW, REVIEWER, SCHEME, draft, item

STATES = (
    register.DUE,
    register.SUBMITTED,
    register.APPROVED,
    register.PUBLISHED,
    register.WITHDRAWN,
)


def take(step: str, start: RegisterItem) -> RegisterItem:
    match step:
        case "submit":
            return review.submit(start, draft())
        case "approve":
            return review.approve(start, REVIEWER)
        case "publish":
            return publications.publish(start, SCHEME, publication_id=uuid4(), version=1, now=NOW)[
                0
            ]
        case _:
            return publications.withdraw(start)


ALLOWED = {
    ("submit", register.DUE): register.SUBMITTED,
    ("submit", register.SUBMITTED): register.SUBMITTED,
    ("approve", register.SUBMITTED): register.APPROVED,
    ("publish", register.APPROVED): register.PUBLISHED,
    ("withdraw", register.PUBLISHED): register.WITHDRAWN,
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_taken_where_the_table_says_and_nowhere_else(step: str, state: str) -> None:
    start = item(state=state, draft=draft(), version=7)

    if (step, state) in ALLOWED:
        after = take(step, start)
        assert (after.state, after.version) == (ALLOWED[step, state], 8)
    else:
        with pytest.raises(FailedPrecondition) as refused:
            take(step, start)
        assert refused.value.metadata["state"] == state
        assert state in refused.value.text.en
        assert STEPS[step].name.en in refused.value.text.en
        assert STEPS[step].name.zh in refused.value.text.zh


def test_due_counts_the_countys_working_days() -> None:
    due = register.due_at(SCHEME, {"within": {"working_days": 20}}, CLOSED)

    # 25 to 27 September and 1 to 7 October 2026 are holidays; Sunday the 20th of September and
    # Saturday the 10th of October are worked instead.
    assert due == datetime(2026, 10, 22, 16, 0, tzinfo=UTC)
    assert register.due_on(item(due_at=due), SCHEME.calendar) == date(2026, 10, 22)


@pytest.mark.parametrize("entry", [{}, {"within": None}])
def test_where_the_county_states_no_limit_nothing_is_ever_due(entry: dict) -> None:
    assert register.due_at(SCHEME, entry, CLOSED) is None
    assert register.due_on(item(due_at=None), SCHEME.calendar) is None


def test_a_limit_in_hours_is_due_on_its_own_day() -> None:
    due = datetime(2026, 9, 18, 17, 30, tzinfo=UTC)

    assert register.due_on(item(due_at=due), SCHEME.calendar) == date(2026, 9, 19)


def test_a_stale_version_is_refused_and_none_given_is_not() -> None:
    require_version(0, item(version=3).version)
    require_version(3, item(version=3).version)
    with pytest.raises(Aborted):
        require_version(2, item(version=3).version)
