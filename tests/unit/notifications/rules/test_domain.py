from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.rules import domain
from services.notifications.rules.domain import Holder
from shared.contracts.cases import CASE_STEPS, CaseClock, CaseFacts, CaseOpened
from shared.contracts.declare import declaration_of
from shared.structure.scheme import Scheme
from shared.working_time import Within
from tests.support.samples import event_of

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def holder(**given: object) -> Holder:
    made = Holder(
        post_id=uuid4(),
        version=1,
        person_id=uuid4(),
        role_kind="direct",
        grid_id=uuid4(),
        department_id=None,
        valid_from=NOW - timedelta(days=1),
        valid_to=None,
    )
    return replace(made, **given)


def facts(**given: Any) -> CaseFacts:
    about = {"number": "2026-000001", "category": "straw_burning", "clocks": ()}
    return event_of(CaseOpened, **{**about, **given})


SCHEME = Scheme(
    1,
    {
        "categories": [{"id": "straw_burning", "name": "秸秆焚烧"}],
        "notifications": {
            "rules": [
                {"on": "case.opened.v1", "to_kinds": ["direct"], "at": "grid"},
                {"on": "case.closed.v1", "to_kinds": ["chief"], "at": "county"},
                {
                    "on": "case.opened.v1",
                    "to_kinds": ["chief", "principal"],
                    "at": "responsible_grid",
                    "confirm_within": {"hours": 2},
                },
            ]
        },
    },
)


def test_a_countys_rules_for_an_event_keep_its_order() -> None:
    first, second = domain.rules(SCHEME, "case.opened.v1")

    assert (first.at, first.kinds, first.confirm_within) == ("grid", ("direct",), None)
    assert (second.at, second.kinds) == ("responsible_grid", ("chief", "principal"))
    assert second.confirm_within == Within("hours", 2)
    assert first.rule_id != second.rule_id
    assert domain.rules(SCHEME, "case.rejected.v1") == []
    assert domain.rules(Scheme(1, {}), "case.opened.v1") == []


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "told"),
    [
        (NOW, None, True),
        (NOW + timedelta(microseconds=1), None, False),
        (NOW - timedelta(days=9), NOW, False),
        (NOW - timedelta(days=9), NOW + timedelta(microseconds=1), True),
    ],
)
def test_only_a_post_in_force_counts(
    valid_from: datetime, valid_to: datetime | None, told: bool
) -> None:
    post = holder(valid_from=valid_from, valid_to=valid_to)

    assert domain.in_force([post], ("direct",), NOW) == ([post] if told else [])


@given(
    posts=st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from(["direct", "chief", "officer"])), max_size=9
    )
)
def test_each_person_is_named_once_whatever_posts_they_hold(posts: list[tuple[int, str]]) -> None:
    holders = [holder(person_id=UUID(int=person), role_kind=kind) for person, kind in posts]

    meant = domain.in_force(holders, ("direct", "chief"), NOW)
    named = domain.reached(meant, [], NOW)

    assert set(named.present) == {UUID(int=person) for person, kind in posts if kind != "officer"}
    assert named.absent == {}


@pytest.mark.parametrize("key", [declaration_of(kind).key for kind in CASE_STEPS])
def test_every_step_of_a_case_has_words(key: str) -> None:
    title, body = domain.wording(key, facts(), SCHEME, "杜口村")

    assert "2026-000001" in title
    assert body == "类别:秸秆焚烧\n地点:杜口村"


def test_a_category_that_the_county_dropped_is_shown_by_its_id() -> None:
    assert "类别:noise" in domain.wording("case.opened.v1", facts(category="noise"), SCHEME, "x")[1]


def test_running_limits_are_told_in_the_countys_time_and_stopped_ones_are_not() -> None:
    due = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    clocks = tuple(
        CaseClock(kind=kind, started_at=NOW, due_at=due_at, stopped_at=stopped_at)
        for kind, due_at, stopped_at in (
            ("dispose", due, None),
            ("acknowledge", due, NOW),
            ("close", None, None),
            ("county_own", due, None),
        )
    )

    body = domain.wording("case.opened.v1", facts(clocks=clocks), SCHEME, "杜口村")[1]

    assert body.splitlines()[2:] == ["处置时限:2026-11-25 00:00", "county_own:2026-11-25 00:00"]
