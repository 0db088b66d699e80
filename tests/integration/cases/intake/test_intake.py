"""Cases come in: once each, densely numbered, to the grid that answers for them."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from services.cases.intake.store import IntakeStore
from services.cases.life import usecases
from services.cases.life.domain import errors
from services.cases.life.usecases import Confirmation
from services.cases.routing.store import RoutingStore
from shared.structure.store import Structure, StructureNotYetKnown
from tests.integration.cases.county import DOCUMENT, TOWNSHIP, VILLAGE, County, Outbox
from tests.integration.service_fixtures import grid_row
from wangge.cases.v1 import case_pb2


class _FailedLate(Exception):
    """Something went wrong after the number was given."""


MORNING = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)


def test_a_finding_opens_a_case(county: County, outbox: Outbox) -> None:
    source = str(uuid4())
    case_id = county.opened(
        now=MORNING, origin_id=source, address="村东头", longitude=113.5, latitude=27.0
    )

    case = county.villager.get(case_id)

    assert case.number == f"{county.county_id}-20260306-0001"
    assert case.state == case_pb2.CASE_STATE_REPORTED
    assert (case.origin, case.origin_id) == ("finding", source)
    assert (case.grid_id, case.grid_path) == (str(VILLAGE), "3.41.")
    assert (case.responsible_grid_id, case.responsible_grid_path) == (str(TOWNSHIP), "3.")
    assert (case.lead_department_id, case.department_id) == ("ecology", "")
    assert (case.description, case.address) == ("地里在烧秸秆", "村东头")
    assert (case.longitude, case.latitude) == (113.5, 27.0)
    clocks = {clock.kind: clock for clock in case.clocks}
    monday_midnight = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)
    assert clocks["acknowledge"].due_time.ToDatetime(UTC) == monday_midnight
    assert not clocks["dispose"].HasField("due_time")
    assert {clock.owner for clock in case.clocks} == {f"grid:{TOWNSHIP}"}
    [(key, data)] = outbox(county.county_id)
    assert (key, data["number"]) == ("case.opened.v1", case.number)


def test_a_source_opens_one_case_however_often_it_is_told_of(
    county: County, outbox: Outbox
) -> None:
    source = str(uuid4())

    assert county.open(origin_id=source) is not None
    assert county.open(origin_id=source) is None
    assert len(county.office.ids()) == 1
    assert len(outbox(county.county_id)) == 1


def test_a_source_told_of_twice_at_once_opens_one_case(county: County) -> None:
    source = str(uuid4())

    def tell(_: int) -> bool:
        for _ in range(5):  # as a failed event is tried again
            try:
                return county.open(origin_id=source) is not None
            except IntegrityError:
                continue
        raise AssertionError("never settled")

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(tell, range(8)))

    assert told.count(True) == 1
    assert len(county.office.ids()) == 1
    after = county.open()
    assert after is not None
    assert after.number.endswith("-0002")


def test_sixteen_at_once_are_numbered_without_a_hole(county: County) -> None:
    def open_or_fail(turn: int) -> None:
        if turn % 4:
            county.open(now=MORNING)
            return
        with suppress(_FailedLate), county.unit_of_work(county.context()) as tx:
            tx.store(IntakeStore).next_ordinal(MORNING.date())
            raise _FailedLate

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(open_or_fail, range(64)))

    cases = county.office.call("ListCases", page_size=500).cases
    numbers = sorted(case.number for case in cases)
    assert numbers == [f"{county.county_id}-20260306-{n:04}" for n in range(1, 49)]


def test_numbers_begin_anew_with_the_countys_day(county: County) -> None:
    late = datetime(2026, 3, 6, 15, 59, tzinfo=UTC)  # 23:59 there

    numbers = [county.open(now=late + timedelta(minutes=n)).number for n in range(3)]

    assert [number.removeprefix(county.county_id) for number in numbers] == [
        "-20260306-0001",
        "-20260307-0001",
        "-20260307-0002",
    ]


def test_a_category_that_left_the_scheme_opens_without_a_lead(county: County) -> None:
    case_id = county.opened(category="abolished")

    assert county.township.get(case_id).lead_department_id == ""


def test_a_grid_not_yet_known_is_waited_for(county: County) -> None:
    with pytest.raises(StructureNotYetKnown):
        county.open(grid_id=uuid4())

    assert county.office.ids() == []


def test_a_gap_above_the_grid_is_waited_for(county: County) -> None:
    lonely = grid_row("9.1.", level_id="village")
    with county.unit_of_work(county.context()) as tx:
        tx.store(Structure).apply_grids([lonely])

    with pytest.raises(StructureNotYetKnown):
        county.open(grid_id=lonely["grid_id"])

    with county.unit_of_work(county.context()) as tx:
        tx.store(Structure).apply_grids([grid_row("9.", level_id="township")])
    assert county.open(grid_id=lonely["grid_id"]).responsible_grid_path == "9."


def test_a_case_keeps_the_limits_under_which_it_was_opened(county: County) -> None:
    case_id = county.opened()
    shorter = {"kind": "check", "from": "handled", "stops": "verified", "within": {"hours": 1}}
    document = {**DOCUMENT, "cases": {**DOCUMENT["cases"], "clocks": [shorter]}}
    with county.unit_of_work(county.context()) as tx:
        since = datetime(2020, 1, 2, tzinfo=UTC).date()
        tx.store(Structure).apply_scheme(
            {"version": 2, "effective_on": since, "document": document}
        )

    county.township.take("Accept", case_id)
    handled = county.township.take("Handle", case_id, result="已清理")

    check = handled.clocks[-1]
    assert (check.due_time.seconds - check.start_time.seconds) == 24 * 3600


def test_cases_move_with_their_grids(county: County) -> None:
    case_id = county.opened()
    moved = [
        grid_row("5.", level_id="township"),
        grid_row("5.41.", grid_id=VILLAGE, version=2, level_id="village"),
    ]
    with county.unit_of_work(county.context()) as tx:
        tx.store(Structure).apply_grids(moved)
        tx.store(RoutingStore).follow_grids([row["grid_id"] for row in moved])

    case = county.office.get(case_id)
    assert (case.grid_path, case.responsible_grid_path) == ("5.41.", "3.")
    assert county.villager.ids() == []
    assert county.somebody(read=["g:5.41."]).ids() == [case_id]


def test_a_confirmed_notice_is_noted_and_moves_nothing(county: County, outbox: Outbox) -> None:
    case_id, person = county.opened(), uuid4()
    before = county.office.get(case_id)

    with county.unit_of_work(county.context()) as tx:
        confirmation = Confirmation(uuid4(), person, UUID(case_id), MORNING)
        usecases.record_confirmation(tx, confirmation)

    history = county.office.call("GetCaseHistory", case_id=case_id)
    assert [e.action for e in history.entries] == ["opened", "notice_confirmed"]
    assert history.entries[1].actor_id == str(person)
    assert history.entries[1].time.ToDatetime(UTC) == MORNING
    assert history.whole
    assert county.office.get(case_id) == before
    assert len(outbox(county.county_id)) == 1
    assert county.township.take("Accept", case_id, expected_version=1).version == 2


def test_a_notice_about_a_case_not_yet_opened_is_tried_again(county: County) -> None:
    confirmation = Confirmation(uuid4(), uuid4(), uuid4(), MORNING)

    with pytest.raises(errors.CaseNotYetKnown), county.unit_of_work(county.context()) as tx:
        usecases.record_confirmation(tx, confirmation)


def test_the_inbox_knows_what_it_has_seen(county: County) -> None:
    event = uuid4()

    for expected in (True, False):
        with county.unit_of_work(county.context()) as tx:
            assert tx.inbox.is_new(event, "cases.on_finding_reported") is expected
    with county.unit_of_work(county.context()) as tx:
        assert tx.inbox.is_new(event, "cases.on_notice_confirmed")


def test_a_case_says_which_pollution_source_it_is_about(county: County, outbox: Outbox) -> None:
    about = uuid4()
    case_id = county.opened(now=MORNING, pollution_source_id=about)
    other = county.opened(now=MORNING)

    assert county.villager.get(case_id).pollution_source_id == str(about)
    assert county.villager.get(other).pollution_source_id == ""
    told = [data["pollution_source_id"] for _, data in outbox(county.county_id)]
    assert told == [str(about), None]
