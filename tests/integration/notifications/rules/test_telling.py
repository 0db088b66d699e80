"""Who is told of a case, by the county's own rules."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.exc import ProgrammingError

from services.notifications.rules import usecases
from services.notifications.rules.domain import Contact, Holder
from services.notifications.rules.models import HolderRow
from shared.structure.store import StructureNotYetKnown
from tests.integration.notifications.conftest import NOW, Town
from tests.integration.service_fixtures import Databases, context_of, grid_row

RULE = {"to_kinds": ["direct"], "at": "responsible_grid"}


@pytest.mark.parametrize(
    ("at", "path"),
    [("grid", "1.2.3."), ("responsible_grid", "1.2."), ("parent_grid", "1.2."), ("county", None)],
)
def test_the_holders_at_the_place_that_the_rule_names_are_told(
    town: Town, at: str, path: str | None
) -> None:
    town.rules({"to_kinds": ["direct"], "at": at})
    people = {where: town.post(where) for where in ("1.", "1.2.", "1.2.3.", None)}

    assert town.told() == {people[path]}


def test_only_the_kinds_that_the_rule_names_are_told(town: Town) -> None:
    town.rules({"to_kinds": ["direct", "chief"], "at": "grid"})
    wanted = {town.post("1.2.3.", "direct"), town.post("1.2.3.", "chief")}
    town.post("1.2.3.", "officer")

    assert town.told() == wanted


def test_the_department_at_hand_is_told_and_on_a_transfer_the_one_it_goes_to(town: Town) -> None:
    rule = {"to_kinds": ["direct"], "at": "department"}
    town.rules(rule, {**rule, "on": "case.transferred.v1"})
    ecology = town.post(None, department_id="ecology")
    police = town.post(None, department_id="police")

    assert town.told(department_id="ecology") == {ecology}
    transferred = {"department_id": "ecology", "to_department_id": "police"}
    assert town.told(key="case.transferred.v1", **transferred) == {police}
    assert town.told(department_id=None) == set()


def test_a_post_of_a_department_is_none_of_the_county_itself(town: Town) -> None:
    town.rules({"to_kinds": ["direct"], "at": "county"})
    town.post(None, department_id="ecology")

    assert town.told() == set()


@pytest.mark.parametrize("at", ["grid", "responsible_grid"])
def test_where_a_post_is_vacant_the_nearest_grid_above_is_told(town: Town, at: str) -> None:
    town.rules({"to_kinds": ["direct"], "at": at})
    top = town.post("1.")
    town.post("1.2.", "officer")  # somebody, but of another kind

    assert town.told() == {top}


@pytest.mark.parametrize(
    "validity",
    [
        {"valid_from": NOW - timedelta(days=9), "valid_to": NOW},
        {"valid_from": NOW + timedelta(seconds=1)},
    ],
)
def test_whose_post_has_ended_or_not_begun_is_not_told(town: Town, validity: dict) -> None:
    town.rules(RULE)
    town.post("1.2.", **validity)
    above = town.post("1.")

    assert town.told() == {above}


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_of_a_post_the_newest_is_kept_in_whatever_order_it_is_told(
    town: Town, order: tuple
) -> None:
    """A post that went from one person to another, and was ended: nobody holds it now."""
    town.rules(RULE)
    post_id = uuid4()
    ends = {1: None, 2: None, 3: NOW - timedelta(days=1)}
    for version in order:
        town.post("1.2.", post_id=post_id, version=version, valid_to=ends[version])

    assert town.told() == set()


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_of_a_contact_the_newest_is_kept_in_whatever_order_it_is_told(
    town: Town, databases: Databases, order: tuple
) -> None:
    person = uuid4()
    for version in order:
        with town.work(context_of(town.id)) as tx:
            usecases.keep_contact(tx, Contact(person, version, f"测试员{version}", None, None))

    with databases.admin_engine("notifications").connect() as connection:
        query = text("SELECT version, display_name FROM contacts WHERE county_id = :county")
        assert connection.execute(query, {"county": town.id}).all() == [(3, "测试员3")]


def test_the_same_event_twice_tells_nobody_twice(town: Town) -> None:
    town.rules(RULE, {**RULE, "to_kinds": ["chief"]})
    town.post("1.2.")
    event_id, case_id = uuid4(), uuid4()

    assert len(town.tell(event_id, case_id=case_id)) == 1
    late = town.post("1.2.", "chief")
    assert {n.person_id for n in town.tell(event_id, case_id=case_id)} == {late}
    assert town.tell(event_id, case_id=case_id) == []
    assert len(town.tell(case_id=case_id)) == 2  # another event


@pytest.mark.parametrize(
    ("within", "due"),
    [
        (None, None),
        ({"minutes": 30}, datetime(2026, 11, 20, 8, 30, tzinfo=UTC)),
        ({"hours": 2}, datetime(2026, 11, 20, 10, 0, tzinfo=UTC)),
        # From a Friday to the end of Monday; the county's own Monday off moves it a day on.
        ({"working_days": 1}, datetime(2026, 11, 23, 16, 0, tzinfo=UTC)),
    ],
)
def test_when_to_confirm_is_counted_in_the_countys_time(
    town: Town, within: dict | None, due: datetime | None
) -> None:
    town.rules({**RULE, "confirm_within": within})
    town.post("1.2.")

    (notice,) = town.tell()

    assert notice.confirm_due_at == due


def test_a_countys_own_day_off_moves_the_confirmation(town: Town) -> None:
    day_off = {"overrides": [{"date": "2026-11-23", "working": False}]}
    town.rules({**RULE, "confirm_within": {"working_days": 1}}, calendar=day_off)
    town.post("1.2.")

    (notice,) = town.tell()

    assert notice.confirm_due_at == datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


def test_a_rule_that_finds_nobody_is_logged_and_the_others_still_hold(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    town.rules({"to_kinds": ["principal"], "at": "grid"}, RULE)
    person = town.post("1.2.")

    assert town.told() == {person}
    assert "nobody to notify by rule case.opened.v1#1" in caplog.text


def test_a_county_without_rules_for_an_event_tells_nobody_and_is_no_fault(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    town.rules(RULE)
    town.post("1.2.")

    assert town.told(key="case.closed.v1") == set()
    assert not caplog.records


@pytest.mark.parametrize("missing", ["1.", "1.2.", "1.2.3."])
def test_while_a_grid_on_the_way_up_is_unknown_the_event_waits(town: Town, missing: str) -> None:
    del town.grids[missing]
    town.grids.setdefault("1.2.3.", grid_row("9."))
    town.rules({"to_kinds": ["direct"], "at": "grid"})

    with pytest.raises(StructureNotYetKnown):
        town.tell()


def test_each_county_tells_its_own_people_by_its_own_rules(towns: Callable[[], Town]) -> None:
    one, other = towns(), towns()
    other.grids = one.grids  # even were the ids the same
    one.rules({"to_kinds": ["direct"], "at": "grid"})
    other.rules({"to_kinds": ["chief"], "at": "responsible_grid"})
    mine = one.post("1.2.3.", "direct")
    theirs = other.post("1.2.", "chief")
    one.post("1.2.", "chief")
    other.post("1.2.3.", "direct")

    assert one.told() == {mine}
    assert other.told() == {theirs}


@pytest.mark.parametrize("table", ["notices", "holders", "contacts"])
def test_a_query_that_forgets_the_county_sees_no_other_countys_rows(
    town: Town, towns: Callable[[], Town], table: str
) -> None:
    town.rules(RULE)
    person = town.post("1.2.")
    town.tell()
    with town.work(context_of(town.id)) as tx:
        usecases.keep_contact(tx, Contact(person, 1, "测试员", None, None))
        own = tx.connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()

    with town.work(context_of(towns().id)) as tx:
        assert tx.connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0
    assert own > 0


def test_a_row_cannot_be_written_into_another_county(town: Town, towns: Callable) -> None:
    holder = Holder(uuid4(), 1, uuid4(), "direct", None, None, NOW, None)

    with town.work(context_of(town.id)) as tx:
        row = {**asdict(holder), "county_id": towns().id}
        savepoint = tx.connection.begin_nested()
        with pytest.raises(ProgrammingError, match="row-level security"):
            tx.connection.execute(insert(HolderRow).values(row))
        savepoint.rollback()


def test_places_are_read_once_an_event_however_many_rules_name_them(
    towns: Callable[[], Town], databases: Databases
) -> None:
    asked: list[str] = []

    def heard(*given: object) -> None:
        asked.append(str(given[2]))

    def asked_by(*rules: dict[str, object]) -> int:
        town = towns()
        town.rules(*rules)
        town.post("1.")
        asked.clear()
        assert len(town.tell()) == len(rules)
        return len(asked)

    engine = databases.engine("notifications")
    event.listen(engine, "before_cursor_execute", heard)
    try:
        one = asked_by({"to_kinds": ["direct"], "at": "grid"})
        places = ("grid", "responsible_grid", "parent_grid")
        many = asked_by(*({"to_kinds": ["direct"], "at": at} for at in places for _ in range(3)))
    finally:
        event.remove(engine, "before_cursor_execute", heard)

    assert 0 < many <= one
