"""The local copy keeps the states that grids went through, in whatever order they are told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from services.notifications.models import STRUCTURE
from services.notifications.store import NotificationsTransaction
from shared.structure.store import Structure, _statements_of
from tests.integration.service_fixtures import Databases, grid_row

Tx = NotificationsTransaction


def day(number: int) -> datetime:
    return datetime(2026, 5, number, tzinfo=UTC)


def states_of(grid_id: UUID) -> list[dict[str, Any]]:
    """One grid, renamed on the 5th and moved on the 9th."""
    own = {"grid_id": grid_id, "valid_from": day(1)}
    return [
        grid_row("1.3.", **own, version=1, since=day(1), name="一"),
        grid_row("1.3.", **own, version=2, since=day(5), name="二"),
        grid_row("2.3.", **own, version=3, since=day(9), name="三"),
    ]


def names_at(tx: Tx, grid_id: UUID) -> list[list[str]]:
    return [
        [grid.name for grid in tx.store(Structure).upward_at(grid_id, day(number))]
        for number in (1, 4, 5, 8, 9, 20)
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_same_history_is_kept_in_whatever_order_and_however_often_it_is_told(
    tx: Tx, order: tuple
) -> None:
    grid_id = uuid4()
    states = states_of(grid_id)

    for number in (*order, *order):
        tx.store(Structure).apply_grids([states[number]])

    assert names_at(tx, grid_id) == [["一"], ["一"], ["二"], ["二"], ["三"], ["三"]]
    assert tx.store(Structure).grid(grid_id).name == "三"
    past = select(STRUCTURE.past.c.version).where(STRUCTURE.past.c.grid_id == grid_id)
    assert sorted(tx.connection.execute(past).scalars()) == [1, 2]


def test_states_that_come_together_are_all_kept(tx: Tx) -> None:
    grid_id = uuid4()

    tx.store(Structure).apply_grids(list(reversed(states_of(grid_id))))

    assert names_at(tx, grid_id) == [["一"], ["一"], ["二"], ["二"], ["三"], ["三"]]


def test_a_state_without_its_beginning_is_one_from_the_grids_own_beginning(tx: Tx) -> None:
    row = grid_row("1.", valid_from=day(3))
    bare = {name: value for name, value in row.items() if name not in {"since", "kind"}}

    tx.store(Structure).apply_grids([bare])

    assert tx.store(Structure).upward_at(row["grid_id"], day(2)) == []
    (grid,) = tx.store(Structure).upward_at(row["grid_id"], day(3))
    assert (grid.since, grid.kind, grid.local_code) == (day(3), "territorial", None)


def test_the_way_up_is_that_of_the_moment(tx: Tx) -> None:
    first, second, moved, leaf = (uuid4() for _ in range(4))
    born = {"valid_from": day(1), "since": day(1)}
    tx.store(Structure).apply_grids(
        [
            grid_row("1.", grid_id=first, **born, name="甲镇"),
            grid_row("2.", grid_id=second, **born, name="乙镇"),
            grid_row("1.3.", grid_id=moved, parent_id=first, **born, name="村"),
            grid_row("1.3.4.", grid_id=leaf, parent_id=moved, **born, name="片"),
        ]
    )
    later = {"valid_from": day(1), "since": day(5), "version": 2}
    tx.store(Structure).apply_grids(
        [
            grid_row("2.3.", grid_id=moved, parent_id=second, **later, name="村"),
            grid_row("2.3.4.", grid_id=leaf, parent_id=moved, **later, name="片"),
        ]
    )

    def upward(number: int) -> list[tuple[str, str]]:
        return [(g.name, g.path) for g in tx.store(Structure).upward_at(leaf, day(number))]

    assert upward(4) == [("片", "1.3.4."), ("村", "1.3."), ("甲镇", "1.")]
    assert upward(5) == [("片", "2.3.4."), ("村", "2.3."), ("乙镇", "2.")]
    assert tx.store(Structure).upward_at(uuid4(), day(5)) == []


def test_states_told_at_once_from_many_sides_are_all_kept(work: Callable) -> None:
    ids = [uuid4() for _ in range(20)]
    rows = [
        [
            grid_row("1.", grid_id=grid_id, version=version, since=day(version), name=str(version))
            for grid_id in (ids if version % 2 else reversed(ids))
        ]
        for version in range(1, 9)
    ]

    def apply(states: list[dict[str, Any]]) -> None:
        with work() as tx:
            tx.store(Structure).apply_grids(states)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(apply, rows))

    with work() as tx:
        for grid_id in ids:
            seen = [
                tx.store(Structure).upward_at(grid_id, day(number))[0].name
                for number in range(1, 9)
            ]
            assert seen == [str(number) for number in range(1, 9)]


def test_one_countys_past_is_not_anothers(work: Callable, county_id: str) -> None:
    grid_id = uuid4()
    with work() as tx:
        tx.store(Structure).apply_grids(states_of(grid_id))

    with work(f"{county_id}-b") as tx:
        assert tx.store(Structure).upward_at(grid_id, day(20)) == []
        assert tx.connection.execute(text("SELECT count(*) FROM structure_grid_past")).scalar() == 0


def test_the_way_up_at_a_moment_uses_the_keys_of_both_tables(
    databases: Databases, work: Callable, county_id: str
) -> None:
    fill = """
        INSERT INTO {table} (county_id, grid_id, version, path, level_id, rank, unit_type, name,
          valid_from, since) SELECT :c, gen_random_uuid(), 1, n || '.', 'x', 'x', 'x', 'x',
          '2020-01-01', '2020-01-01' FROM generate_series(1, 5000) n
    """
    with databases.admin_engine("notifications").begin() as connection:
        for table in ("structure_grids", "structure_grid_past"):
            connection.execute(text(fill.format(table=table)), {"c": county_id})
            connection.execute(text(f"ANALYZE {table}"))

    with work() as tx:
        question = _statements_of(STRUCTURE).upward_at
        given = {"county_id": county_id, "grid_id": uuid4(), "moment": day(1)}
        driver = tx.connection.connection.driver_connection
        values = {**question.constants, **given}
        plan = [row[0] for row in driver.execute(f"EXPLAIN {question.sql}", values)]

    conditions = [line for line in plan if "Index Cond" in line]
    assert len(conditions) == 4, plan
    assert all("grid_id" in condition for condition in conditions), plan
    assert not any("Seq Scan" in line for line in plan), plan
