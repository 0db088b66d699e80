"""Vacancies: found the moment they begin, and gone the moment they are filled."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest

from services.personnel.posts.timers import VACANT_POSTS, VacancyGauge, attend_all
from services.personnel.posts.usecases import vacancies as usecases
from services.personnel.store import PersonnelTransaction, make_transaction
from shared.db.transaction import UnitOfWork
from shared.structure.store import Structure
from tests.integration.personnel.answers import (
    DAY,
    NOW,
    end_post,
    events,
    leave,
    pointers,
    responsible,
    vacancies,
)
from tests.integration.personnel.conftest import County, Personnel
from tests.integration.personnel.scheme import SCHEME, role
from tests.integration.service_fixtures import context_of, grid_row
from tests.support.refusals import refusal
from wangge.personnel.v1 import staffing_pb2

VACATED, FILLED = "post.vacated.v1", "post.filled.v1"


def scheme(*roles: dict[str, Any], **more: Any) -> dict[str, Any]:
    kept = [entry for entry in SCHEME["role_types"] if entry["id"] == "county.admin"]
    return {**SCHEME, "role_types": [*roles, *kept], **more}


DIRECT = role("township.direct", "grid", "township", "accept", min=1, max=2, title="直接责任人")
STAFFED = scheme(
    DIRECT,
    role("village.patroller", "grid", "village", "patrol", min=2),
    role("department.officer", "department", None, min=1),
    role("county.leader", "county", None, min=1),
)


class World:
    """The county as its timers and events see it."""

    def __init__(self, personnel: Personnel, county: County) -> None:
        self.personnel, self.county = personnel, county
        self.work = UnitOfWork(personnel.databases.engine("personnel"), make_transaction)
        self.worker = personnel.databases.worker_engine("personnel")

    def look(self, now: datetime = NOW) -> None:
        """Look at the whole county."""
        with self.tx() as tx:
            usecases.look_at_county(tx, now, now)

    def tx(self) -> Any:
        return self.work(context_of(self.county.id))

    def attend(self, now: datetime, clock: Callable[[], datetime] | None = None) -> int:
        with self.tx() as tx:
            return usecases.attend(tx, clock or (lambda: now))

    def open(self, **given: Any) -> set[tuple[str, str, int, int]]:
        """Role, grid, required and holders of what is vacant."""
        found = vacancies(self.personnel, self.county, page_size=500, **given).vacancies
        return {
            (each.role_type, each.grid_id or each.department_id, each.required, each.holders)
            for each in found
            if each.kind == staffing_pb2.GAP_KIND_VACANT
        }

    def told(self, key: str) -> list[tuple[str, str | None]]:
        return [(e["role_type"], e["grid_id"]) for e in events(self.personnel, self.county.id, key)]


@pytest.fixture
def world(personnel: Personnel, make_county: Any, county_id: str) -> World:
    return World(personnel, make_county(county_id, STAFFED))


def appoint(world: World, role_type: str = "township.direct", **given: Any) -> Any:
    place = {"grid_id": world.county.township} if role_type == "township.direct" else {}
    person = given.pop("person_id", None) or world.personnel.person(world.county.id)
    return world.personnel.post(world.county.id, person, role_type, **{**place, **given})


def test_a_scheme_makes_a_vacancy_of_every_place_with_too_few(world: World) -> None:
    world.look()
    c = world.county

    villages = {
        ("village.patroller", grid, 2, 0) for grid in (c.village, c.second_village, c.far_village)
    }
    assert world.open() == {
        ("township.direct", c.township, 1, 0),
        ("department.officer", "ecology", 1, 0),
        ("county.leader", "", 1, 0),
        *villages,
    }
    assert len(world.told(VACATED)) == 6
    world.look()
    assert len(world.told(VACATED)) == 6


def test_a_post_fills_its_place_and_its_end_by_hand_vacates_it_at_once(world: World) -> None:
    world.look()
    post = appoint(world)
    c = world.county
    assert ("township.direct", c.township, 1, 0) not in world.open()
    assert world.told(FILLED) == [("township.direct", c.township)]

    ended_at = datetime.now(UTC)
    end_post(world.personnel, c, post.post_id)

    found = vacancies(world.personnel, c, grid_id=c.township).vacancies
    [vacancy] = found
    assert vacancy.since.ToDatetime(tzinfo=UTC) >= ended_at
    assert (vacancy.title, vacancy.grid_name) == ("直接责任人", "网格1.")
    history = world.open(as_of=NOW + timedelta(microseconds=1), grid_id=c.township)
    assert history == {("township.direct", c.township, 1, 0)}


def test_a_second_holder_keeps_the_place_filled(world: World) -> None:
    first, second = appoint(world), appoint(world)
    c = world.county
    end_post(world.personnel, c, first.post_id)
    assert world.told(VACATED) == []

    end_post(world.personnel, c, second.post_id)

    assert world.told(VACATED) == [("township.direct", c.township)]


def test_an_end_told_late_vacates_since_then(world: World) -> None:
    post = appoint(world, valid_from=NOW - 30 * DAY)
    c = world.county

    end_post(world.personnel, c, post.post_id, valid_to=NOW - 3 * DAY)

    [vacancy] = vacancies(world.personnel, c, grid_id=c.township).vacancies
    assert vacancy.since.ToDatetime(tzinfo=UTC) == NOW - 3 * DAY


def test_too_few_of_several_counts_those_there_are(world: World) -> None:
    c = world.county
    patrol = {"role_type": "village.patroller", "grid_id": c.village}
    world.look()

    appoint(world, **patrol)
    assert ("village.patroller", c.village, 2, 1) in world.open()
    assert world.told(FILLED) == []
    appoint(world, **patrol)

    assert world.open(grid_id=c.village) == set()


def test_an_end_by_its_own_date_is_found_when_it_comes(world: World) -> None:
    c, end = world.county, NOW + DAY
    appoint(world, valid_to=end)
    world.attend(end - timedelta(seconds=1))
    assert world.told(VACATED) == []

    assert world.attend(end + timedelta(seconds=5)) == 1

    [vacancy] = vacancies(world.personnel, c, grid_id=c.township, as_of=end).vacancies
    assert vacancy.since.ToDatetime(tzinfo=UTC) == end
    assert world.told(VACATED) == [("township.direct", c.township)]
    assert world.attend(end + timedelta(seconds=9)) == 0


def test_a_post_to_come_fills_its_place_when_it_begins(world: World) -> None:
    c, start = world.county, NOW + DAY
    world.look()

    appoint(world, valid_from=start)
    assert ("township.direct", c.township, 1, 0) in world.open()
    world.attend(start)

    assert world.open(as_of=start, grid_id=c.township) == set()
    assert world.told(FILLED) == [("township.direct", c.township)]


def test_many_timers_find_one_end_once(world: World) -> None:
    ends = [NOW + timedelta(hours=n) for n in (1, 2)]
    appoint(world, valid_to=ends[0])
    for end in ends:
        appoint(world, "village.patroller", grid_id=world.county.village, valid_to=end)
    before = len(world.told(VACATED))

    def run(_: int) -> int:
        return attend_all(world.worker, world.work, lambda: NOW + DAY)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(run, range(6)))

    place = ("village.patroller", world.county.village)
    assert sorted(world.told(VACATED)[before:]) == sorted(
        [("township.direct", world.county.township), place]
    )
    found = vacancies(world.personnel, world.county, as_of=NOW + DAY).vacancies
    since = {v.role_type: v.since.ToDatetime(tzinfo=UTC) for v in found}
    assert since == {"township.direct": ends[0], "village.patroller": ends[0]}


def test_of_holders_who_leave_at_once_the_last_one_vacates_the_place(world: World) -> None:
    posts = [appoint(world).post_id for _ in range(2)]

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda post: end_post(world.personnel, world.county, post), posts))
    world.attend(datetime.now(UTC))

    assert world.told(VACATED) == [("township.direct", world.county.township)]


def test_a_new_grid_is_vacant_from_the_start_and_a_retired_one_no_more(world: World) -> None:
    grid_id = uuid4()

    def change(**given: Any) -> None:
        row = grid_row("1.9.", grid_id=grid_id, name="新村", **given)
        with world.tx() as tx:
            tx.store(Structure).apply_grids([row])
            told = [(grid_id, row["valid_from"], row["valid_to"])]
            usecases.grids_changed(tx, told, NOW)

    change()
    assert world.open() == {("village.patroller", str(grid_id), 2, 0)}
    change(version=2, valid_to=NOW + DAY)
    assert world.open(grid_id=str(grid_id)) != set()
    world.attend(NOW + DAY)
    assert world.open(grid_id=str(grid_id), as_of=NOW + DAY) == set()


def publish(tx: PersonnelTransaction, version: int, day: Any, document: dict[str, Any]) -> None:
    data = {"version": version, "effective_on": day, "document": document}
    tx.store(Structure).apply_scheme(data)
    usecases.scheme_published(tx, day, NOW)


def test_another_scheme_asks_for_others_from_its_day_on(world: World) -> None:
    world.look()
    # A day is whole: the county is eight hours ahead of UTC.
    day = (NOW + 2 * DAY).date()
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)
    lighter = scheme({**DIRECT, "min": None}, role("village.head", "grid", "village", min=1))
    before = world.open()

    with world.tx() as tx:
        publish(tx, 2, day, lighter)
    assert world.open() == before
    world.attend(begins)

    found = world.open(as_of=begins)
    assert {role_type for role_type, *_ in found} == {"village.head"}
    assert len(found) == 3


def test_exceptions_of_a_unit_and_its_type_count(
    personnel: Personnel, make_county: Any, county_id: str
) -> None:
    overrides = [
        {"unit": "网格1.2.", "unit_type": None, "min": 3, "max": None, "holder": None},
        {"unit": None, "unit_type": "village", "min": 0, "max": None, "holder": None},
    ]
    patroller = role("village.patroller", "grid", "village", min=1, overrides=overrides)
    county = make_county(county_id, scheme(patroller))
    world = World(personnel, county)

    world.look()

    assert world.open() == {("village.patroller", county.village, 3, 0)}


def test_vacancies_are_seen_within_reach_page_by_page(world: World) -> None:
    c = world.county
    world.look()
    leave(world.personnel, c, appoint(world).person_id, uncovered=True)
    reader = world.personnel.caller(c.id, read=["g:1."])

    whole = vacancies(world.personnel, c).vacancies
    assert (whole[-1].grid_name, whole[-1].title) == ("网格1.", "直接责任人")
    assert [v.kind for v in whole] == [staffing_pb2.GAP_KIND_VACANT] * 5 + [
        staffing_pb2.GAP_KIND_UNCOVERED
    ]
    paged, token = [], ""
    while True:
        page = vacancies(world.personnel, c, page_size=2, page_token=token)
        paged += page.vacancies
        if not (token := page.next_page_token):
            break
    assert paged == list(whole)
    seen = vacancies(world.personnel, c, caller=reader).vacancies
    assert {v.grid_id for v in seen} == {c.township, c.village, c.second_village}
    far = vacancies(world.personnel, c, caller=world.personnel.caller(c.id, read=["g:77."]))
    assert list(far.vacancies) == []
    assert pointers(refusal(vacancies, world.personnel, c, page_token="x")) == ["/page_token"]
    nobody = refusal(vacancies, world.personnel, c, caller=[("x", "y")])
    assert nobody.status is grpc.StatusCode.UNAUTHENTICATED


def test_one_county_s_vacancies_are_none_of_another(world: World, make_county: Any) -> None:
    elsewhere = make_county(f"t-{uuid4().hex[:10]}", STAFFED)

    world.look()

    assert list(vacancies(world.personnel, elsewhere).vacancies) == []


def test_the_gauge_counts_by_county_and_falls_to_none(world: World) -> None:
    gauge, c = VacancyGauge(), world.county
    shown = VACANT_POSTS.labels(c.id)
    world.look()
    gauge.measure(world.worker)
    assert shown._value.get() == 6

    with world.tx() as tx:
        publish(tx, 2, datetime(2021, 1, 1, tzinfo=UTC).date(), scheme())
    gauge.measure(world.worker)

    assert shown._value.get() == 0


def test_who_is_responsible_names_standings_equal_holders_and_gaps(world: World) -> None:
    c = world.county
    equals = [appoint(world).person_id for _ in range(2)]
    patroller = appoint(world, "village.patroller", grid_id=c.village)

    answer = responsible(world.personnel, c, c.village)

    found = [(each.post.person_id, each.standing, each.grid_name) for each in answer.responsible]
    assert found[0] == (patroller.person_id, staffing_pb2.STANDING_PATROLLER, "网格1.2.")
    assert {person for person, *_ in found[1:]} == set(equals)
    assert {standing for _, standing, _ in found[1:]} == {staffing_pb2.STANDING_DIRECT}
    [gap] = answer.gaps
    assert (gap.kind, gap.grid_id) == (staffing_pb2.GAP_KIND_VACANT, c.village)
    assert (gap.role_type, gap.required, gap.holders) == ("village.patroller", 2, 1)
    assert gap.since == patroller.valid_from


def test_a_role_whose_only_holder_is_away_with_nobody_is_a_gap(world: World) -> None:
    c = world.county
    post = appoint(world)
    leave(world.personnel, c, post.person_id, uncovered=True)

    [gap] = responsible(world.personnel, c, c.township).gaps
    appoint(world)

    assert (gap.kind, gap.post_id) == (staffing_pb2.GAP_KIND_UNCOVERED, post.post_id)
    assert gap.grid_name == "网格1."
    assert list(responsible(world.personnel, c, c.township).gaps) == []
    assert UUID(post.person_id) == UUID(gap.person_id)
