"""Reads of subtrees, ways up and moments past use their indexes, row-level security included."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, event, text

from services.grid.tree.domain.grids import GridFilters
from services.grid.tree.store.grids import GridStore
from shared.db.transaction import SET_COUNTY
from shared.paging import PageRequest
from tests.integration.grid.conftest import store_of
from tests.integration.service_fixtures import Databases

AT = datetime(2026, 5, 5, tzinfo=UTC)
SOME = UUID(int=7)
FILL = """
    INSERT INTO {table} (county_id, grid_id, node, path, level_id, rank, unit_type, name,
      valid_from, since, version {more})
    SELECT :c, gen_random_uuid(), n, (n % 40 + 1) || '.' || n || '.', 'x', 'x', 'x', 'x',
      '2020-01-01', '2020-01-01', 1 {value} FROM generate_series(41, 8000) n
"""
READS: dict[str, Callable[[GridStore], object]] = {
    "a subtree now": lambda store: store.page(["7."], GridFilters(), AT, PageRequest()).items,
    "a subtree then": lambda store: (
        store.page(["7."], GridFilters(), AT, PageRequest(), history=True).items
    ),
    "a subtree within the county": lambda store: (
        store.page(
            [""], GridFilters(under="7."), AT, PageRequest(50, ("7.47.",)), history=True
        ).items
    ),
    "the way up now": lambda store: store.above("7.47.", None),
    "the way up then": lambda store: store.above("7.47.", AT),
    "a grid then": lambda store: store.at(SOME, AT),
    "nodes then": lambda store: store.nodes_at([7, 47], AT),
    "what lies below": lambda store: store.below(["7.", "9.47."]),
    "children": lambda store: store.children([SOME]),
}


@pytest.fixture
def filled(databases: Databases, county_id: str) -> str:
    """A county with eight thousand grids, each with a state before."""
    with databases.admin_engine("grid").begin() as connection:
        for table, more, value in (
            ("grids", "", ""),
            ("grid_past", ", until", ", '2026-01-01'"),
        ):
            statement = FILL.format(table=table, more=more, value=value)
            connection.execute(text(statement), {"c": county_id})
            connection.execute(text(f"ANALYZE {table}"))
    return county_id


def plan_of(connection: Connection, county_id: str, read: Callable[[GridStore], object]) -> str:
    asked: list[tuple[str, Any]] = []

    def note(*given: Any) -> None:
        asked.append((given[2], given[3]))

    event.listen(connection, "before_cursor_execute", note)
    read(store_of(connection, county_id))
    event.remove(connection, "before_cursor_execute", note)
    ((statement, given),) = asked
    return "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", given).scalars())


def test_each_read_uses_an_index_of_what_it_asks_for(databases: Databases, filled: str) -> None:
    with databases.engine("grid").connect() as connection:
        connection.execute(SET_COUNTY, {"county": filled})
        for name, read in READS.items():
            plan = plan_of(connection, filled, read)
            conditions = [line for line in plan.splitlines() if "Index Cond" in line]
            assert conditions, f"{name}:\n{plan}"
            for condition in conditions:
                narrowed = ("trail", "grid_id", "node", "parent_id")
                assert any(column in condition for column in narrowed), f"{name}:\n{plan}"
            assert "Seq Scan" not in plan, f"{name}:\n{plan}"


def test_a_read_of_another_county_finds_nothing_of_this_one(
    databases: Databases, filled: str
) -> None:
    with databases.engine("grid").connect() as connection:
        connection.execute(SET_COUNTY, {"county": f"{filled}-{uuid4().hex[:4]}"})
        store = store_of(connection, filled)
        for read in READS.values():
            assert not read(store)
