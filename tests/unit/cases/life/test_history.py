"""A history that was touched is found out."""

from dataclasses import fields, replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.cases.life.domain import history
from services.cases.life.domain.case import Case, State
from services.cases.life.domain.history import NO_ENTRY_YET, Act, HistoryEntry
from tests.unit.cases.examples import FRIDAY, ME, in_state


def a_history() -> tuple[Case, list[HistoryEntry]]:
    case = in_state(State.FILED)
    acts = [
        Act(action="opened", actor_id=None, at=FRIDAY, from_state=None, to_state=State.REPORTED),
        Act(
            action="accept",
            actor_id=ME,
            at=FRIDAY + timedelta(hours=1),
            from_state=State.REPORTED,
            to_state=State.FILED,
            note="属实",
        ),
        Act(
            action="notice_confirmed",
            actor_id=ME,
            at=FRIDAY + timedelta(hours=2),
            from_state=State.FILED,
            to_state=State.FILED,
            facts={"notice_id": str(UUID(int=3))},
        ),
    ]
    head, entries = NO_ENTRY_YET, []
    for act in acts:
        entries.append(history.following(case.county_id, case.case_id, head, act))
        head = entries[-1].head
    return replace(case, head=head), entries


def test_an_untouched_history_is_whole() -> None:
    assert history.is_whole(*a_history())


TOUCHED = {
    "action": "reject",
    "actor_id": UUID(int=666),
    "at": FRIDAY - timedelta(days=30),
    "from_state": State.HANDLED,
    "to_state": State.CLOSED,
    "note": "不属实",
    "facts": {"to_department_id": "police"},
}


@pytest.mark.requirement("R-CASE-38")
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("name", TOUCHED)
def test_a_changed_entry_is_found(place: int, name: str) -> None:
    case, entries = a_history()
    act = replace(entries[place].act, **{name: TOUCHED[name]})
    entries[place] = replace(entries[place], act=act)

    assert not history.is_whole(case, entries)


def test_the_table_of_touches_misses_no_field() -> None:
    assert set(TOUCHED) == {field.name for field in fields(Act)}


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_removed_entry_is_found_the_last_included(place: int) -> None:
    case, entries = a_history()
    del entries[place]

    assert not history.is_whole(case, entries)


def test_a_chain_written_anew_is_found_by_where_the_case_says_it_ends() -> None:
    case, entries = a_history()
    first = replace(entries[0].act, note="另有说法")
    forged = history.following(case.county_id, case.case_id, NO_ENTRY_YET, first)

    assert not history.is_whole(case, [forged])


def test_a_state_that_the_history_does_not_lead_to_is_found() -> None:
    case, entries = a_history()

    assert not history.is_whole(replace(case, state=State.CLOSED), entries)


def test_entries_of_another_case_do_not_fit() -> None:
    case, entries = a_history()

    assert not history.is_whole(replace(case, case_id=UUID(int=10)), entries)


def test_no_history_at_all_is_not_whole() -> None:
    case, _ = a_history()

    assert not history.is_whole(replace(case, head=NO_ENTRY_YET), [])
