"""Locks: vacancies are judged after the wait, and all transactions wait in one order."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.personnel.posts.domain.posts import Place
from services.personnel.posts.store.locks import PlaceLocks
from services.personnel.posts.usecases import vacancies as usecases
from services.personnel.posts.usecases.appointing import Appointment, assign_post
from shared.db.transaction import Transaction
from shared.structure.peer import Learned
from shared.structure.store import Structure
from tests.integration.personnel.answers import DAY, NOW
from tests.integration.personnel.conftest import Personnel
from tests.integration.personnel.posts.test_vacancies import STAFFED, World, appoint
from tests.integration.service_fixtures import context_of, grid_row
from tests.support.waiting import until

WAITING = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@pytest.fixture
def world(personnel: Personnel, make_county: Any, county_id: str) -> World:
    return World(personnel, make_county(county_id, STAFFED))


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def until_waiting(world: World) -> None:
    """Wait until a transaction waits for a lock."""

    def waiting() -> int:
        with world.personnel.databases.admin_engine("personnel").connect() as connection:
            return connection.execute(WAITING).scalar_one()

    until(waiting, "a transaction that waits for a lock")


def direct_in(world: World) -> tuple[str, Place]:
    return ("township.direct", Place(grid_id=UUID(world.county.township)))


def test_a_post_fills_its_place_though_the_vacancy_was_found_while_it_waited(
    world: World, pool: ThreadPoolExecutor
) -> None:
    with world.tx() as tx:
        tx.store(PlaceLocks).lock_county()
        appointed = pool.submit(appoint, world)
        until_waiting(world)
        now = datetime.now(UTC)
        usecases.look_at_county(tx, now, now)
    appointed.result()

    assert world.open(grid_id=world.county.township) == set()


def test_the_timer_counts_who_was_appointed_while_it_waited(
    world: World, pool: ThreadPoolExecutor
) -> None:
    c, end = world.county, NOW + DAY
    appoint(world, valid_to=end)
    moment = [end]
    asked = Appointment(
        uuid4(),
        UUID(world.personnel.person(c.id)),
        "township.direct",
        UUID(c.township),
        None,
        None,
        None,
    )

    with world.work(context_of(c.id, staff=["g:"])) as tx:
        tx.store(PlaceLocks).lock([direct_in(world)])
        attended = pool.submit(world.attend, end, lambda: moment[0])
        until_waiting(world)
        moment[0] = end + timedelta(seconds=2)
        assign_post(tx, asked, lambda: end + timedelta(seconds=1))
    assert attended.result() == 2  # the beginning of the first post, and its end

    assert world.open(grid_id=c.township, as_of=moment[0]) == set()


def test_an_appointment_that_learns_its_grid_and_the_grid_s_own_event_wait_in_one_order(
    world: World, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[bool] = []
    keep = Learned.keep

    def noted(learned: Learned, tx: Transaction) -> None:
        kept.append(learned.grid is not None)
        keep(learned, tx)

    monkeypatch.setattr(Learned, "keep", noted)
    c, grid_id = world.county, uuid4()
    row = grid_row("1.9.", grid_id=grid_id, level_id="village")
    person = world.personnel.person(c.id)
    handling = ExitStack()
    begun: list[Transaction] = []

    class Grids(dict[tuple[str, str], dict[str, Any]]):
        """What grid knows; once it is asked, the grid's own event begins to be handled."""

        def get(self, key: Any, default: Any = None) -> Any:
            if not begun:
                begun.append(handling.enter_context(world.tx()))
                begun[0].store(PlaceLocks).lock_county()
            return super().get(key, default)

    world.personnel.grid.grids = Grids({(c.id, str(grid_id)): row})
    appointed = pool.submit(
        world.personnel.post, c.id, person, "village.patroller", grid_id=str(grid_id)
    )
    until_waiting(world)
    with handling:
        begun[0].store(Structure).apply_grids([row])

    assert appointed.result().grid_id == str(grid_id)
    # One attempt that finds the gap and one that closes it: a deadlock would take a third.
    assert kept == [False, True]


def test_whoever_holds_a_place_cannot_take_the_county(world: World) -> None:
    with world.tx() as tx:
        locks = tx.store(PlaceLocks)
        locks.lock([direct_in(world)])
        with pytest.raises(RuntimeError, match="before any place"):
            locks.lock_county()
