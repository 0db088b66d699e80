"""Whom notices reach while a holder is away, and who gets them when a post changes hands."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notifications.inbox.domain import InboxFilter, Notice
from services.notifications.inbox.store import NoticeStore
from services.notifications.rules import usecases
from services.notifications.rules.domain import Contact, StandIn
from shared.contracts.personnel import PostHandedOver
from shared.paging import PageRequest
from shared.structure.store import StructureNotYetKnown
from tests.integration.notifications.conftest import NOW, Town
from tests.integration.service_fixtures import context_of

RULE = {"to_kinds": ["direct"], "at": "responsible_grid"}
DAY = timedelta(days=1)


def away(town: Town, post_id: UUID, person_id: UUID, stand_in: UUID | None, **given: Any) -> None:
    values = {
        "leave_id": uuid4(),
        "post_id": post_id,
        "version": 1,
        "person_id": person_id,
        "stand_in_id": stand_in,
        "valid_from": NOW - DAY,
        "valid_to": NOW + DAY,
    }
    with town.work(context_of(town.id)) as tx:
        usecases.keep_stand_in(tx, StandIn(**{**values, **given}))


def hand_over(town: Town, event_id: UUID | None = None, **given: Any) -> list[Notice]:
    values: dict[str, Any] = {
        "from_post_id": uuid4(),
        "from_person_id": uuid4(),
        "to_post_id": uuid4(),
        "to_person_id": uuid4(),
        "role_type": "village.direct",
        "role_kind": "direct",
        "grid_id": town.grids["1.2.3."]["grid_id"],
        "grid_path": "1.2.3.",
        "department_id": None,
        "at": NOW,
    }
    with town.work(context_of(town.id)) as tx:
        return usecases.follow_hand_over(
            tx,
            event_id or uuid4(),
            PostHandedOver(**{**values, **given}),
            NOW,
        )


def inbox(town: Town, person_id: UUID) -> list[Notice]:
    with town.work(context_of(town.id)) as tx:
        found = tx.store(NoticeStore).page(person_id, InboxFilter(), PageRequest())
        return list(found.items)


@pytest.mark.requirement("R-PERS-31", part="notices")
def test_while_a_holder_is_away_the_stand_in_is_told(town: Town) -> None:
    town.rules(RULE)
    post_id, stand_in = uuid4(), uuid4()
    person = town.post("1.2.", post_id=post_id)
    away(town, post_id, person, stand_in)

    assert town.told() == {stand_in}
    assert town.told(now=NOW + DAY) == {person}
    assert town.told(now=NOW - DAY - timedelta(seconds=1)) == {person}


def test_only_for_the_post_that_is_stood_in_for(town: Town) -> None:
    town.rules(RULE)
    post_id, stand_in = uuid4(), uuid4()
    person = town.post("1.2.", post_id=post_id)
    other = town.post("1.2.")
    away(town, post_id, person, stand_in)

    assert town.told() == {stand_in, other}


def test_a_stand_in_who_is_away_in_turn_passes_the_notice_on(town: Town) -> None:
    town.rules(RULE)
    post_id, second, third = uuid4(), uuid4(), uuid4()
    person = town.post("1.2.", post_id=post_id)
    away(town, post_id, person, second)
    away(town, post_id, second, third)

    assert town.told() == {third}


def test_where_nobody_stands_in_the_grid_above_is_told_as_well(town: Town) -> None:
    town.rules(RULE)
    post_id = uuid4()
    person, above = town.post("1.2.", post_id=post_id), town.post("1.")
    away(town, post_id, person, None)

    assert town.told() == {person, above}


@pytest.mark.parametrize("order", list(permutations((1, 2))))
def test_of_a_leave_the_newest_word_holds_in_whatever_order_it_comes(
    town: Town, order: tuple[int, ...]
) -> None:
    town.rules(RULE)
    post_id, leave_id, stand_in = uuid4(), uuid4(), uuid4()
    person = town.post("1.2.", post_id=post_id)
    ends = {1: NOW + DAY, 2: NOW}
    for version in order:
        away(
            town, post_id, person, stand_in,
            leave_id=leave_id, version=version, valid_to=ends[version],
        )  # fmt: skip

    assert town.told() == {person}


def test_leave_in_one_county_is_none_in_another(towns: Callable[[], Town]) -> None:
    one, other = towns(), towns()
    post_id = uuid4()
    for town in (one, other):
        town.rules(RULE)
    people = [town.post("1.2.", post_id=post_id) for town in (one, other)]
    away(one, post_id, people[0], uuid4())

    assert other.told() == {people[1]}


@pytest.mark.requirement("R-PERS-15")
def test_a_change_of_holder_is_reported_to_the_leader_of_the_level_above(town: Town) -> None:
    town.rules()
    town.post("1.2.3.", "leader")
    chief = town.post("1.2.", "leader")
    town.post("1.2.", "direct")
    town.post("1.", "leader")
    before, after = uuid4(), uuid4()
    for person, name in ((before, "责任人甲"), (after, "责任人乙")):
        with town.work(context_of(town.id)) as tx:
            usecases.keep_contact(tx, Contact(person, 1, name, None, None))

    post_id = uuid4()
    [notice] = hand_over(town, from_person_id=before, to_person_id=after, to_post_id=post_id)

    assert (notice.person_id, notice.about_type, notice.about_id) == (chief, "post", post_id)
    assert notice.title == "岗位交接:网格1.2.3. village.direct"
    assert notice.body == "交接时间:2026-11-20 16:00\n原任:责任人甲\n接任:责任人乙"


def test_the_report_goes_on_upward_to_whoever_leads_and_at_last_to_the_county(town: Town) -> None:
    town.rules()
    county = town.post(None, "leader")
    assert [n.person_id for n in hand_over(town)] == [county]
    top = town.post("1.", "grid_chief")
    assert [n.person_id for n in hand_over(town)] == [top]
    department = {"grid_id": None, "grid_path": None, "department_id": "ecology"}
    assert [n.person_id for n in hand_over(town, **department)] == [county]


def test_a_county_may_say_itself_who_hears_of_a_change_of_holder(town: Town) -> None:
    town.rules({"on": "post.handed-over.v1", "to_kinds": ["supervisor"], "at": "county"})
    town.post("1.2.", "leader")
    supervisor = town.post(None, "supervisor")

    assert [notice.person_id for notice in hand_over(town)] == [supervisor]


def test_the_same_change_told_twice_reports_once(town: Town) -> None:
    town.rules()
    town.post("1.2.", "leader")
    event_id = uuid4()

    assert [len(hand_over(town, event_id)) for _ in range(2)] == [1, 0]


def test_what_is_not_confirmed_goes_to_the_successor_and_the_rest_stays(town: Town) -> None:
    town.rules(RULE)
    post_id, successor = uuid4(), uuid4()
    person = town.post("1.2.", post_id=post_id)
    [confirmed] = town.tell()
    with town.work(context_of(town.id)) as tx:
        usecases.keep_contact(tx, Contact(person, 1, "责任人甲", None, None))
        stored = tx.store(NoticeStore).lock(confirmed.notice_id, person)
        tx.store(NoticeStore).save(_confirmed(stored, NOW))
    [waiting] = town.tell()

    new_post = uuid4()
    hand_over(
        town, from_post_id=post_id, from_person_id=person,
        to_post_id=new_post, to_person_id=successor, grid_path="1.2.",
        grid_id=town.grids["1.2."]["grid_id"],
    )  # fmt: skip

    assert [notice.notice_id for notice in inbox(town, person)] == [confirmed.notice_id]
    [moved] = inbox(town, successor)
    assert (moved.notice_id, moved.post_id, moved.version) == (waiting.notice_id, new_post, 2)


def test_a_notice_that_the_successor_has_already_stays_where_it_is(town: Town) -> None:
    town.rules(RULE)
    post_id = uuid4()
    person, colleague = town.post("1.2.", post_id=post_id), town.post("1.2.")
    town.tell()

    hand_over(town, from_post_id=post_id, from_person_id=person, to_person_id=colleague)

    assert (len(inbox(town, person)), len(inbox(town, colleague))) == (1, 1)


def test_a_change_of_holder_waits_for_the_grids_above(town: Town) -> None:
    town.rules()

    with pytest.raises(StructureNotYetKnown):
        hand_over(town, grid_path="7.8.9.")


def _confirmed(notice: Notice, at: datetime) -> Notice:
    return replace(notice, confirmed_at=at, version=notice.version + 1)
