"""Local copies of what another service owns: the newest wins, and questions to the structure."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import permutations
from uuid import uuid4

import pytest
from sqlalchemy import event, text

from services.notifications.store import NotificationsTransaction
from shared.structure.store import GridNotFound, Structure, StructureNotYetKnown
from tests.integration.service_fixtures import Databases, grid_row

Tx = NotificationsTransaction


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_the_newest_version_is_kept_in_whatever_order_they_come(tx: Tx, order: tuple) -> None:
    grid_id = uuid4()

    for version in order:
        tx.store(Structure).apply_grids(
            [grid_row("1.", grid_id=grid_id, version=version, name=str(version))]
        )

    assert tx.store(Structure).grid(grid_id).name == "3"


def test_the_same_version_again_changes_nothing(tx: Tx) -> None:
    first = grid_row("1.", name="先")

    tx.store(Structure).apply_grids([first])
    tx.store(Structure).apply_grids([{**first, "name": "后"}])

    assert tx.store(Structure).grid(first["grid_id"]).name == "先"


def test_of_rows_that_come_together_the_newest_is_kept(tx: Tx) -> None:
    row = grid_row("1.", name="旧")

    tx.store(Structure).apply_grids([{**row, "version": 2, "name": "新"}, row, grid_row("2.")])

    assert tx.store(Structure).grid(row["grid_id"]).name == "新"


def test_upward_gives_the_grid_and_all_above_it_nearest_first(tx: Tx) -> None:
    paths = ["1.", "1.2.", "1.2.3.", "1.20.", "10.", "1.2.30."]
    tx.store(Structure).apply_grids([grid_row(path) for path in paths])

    assert [grid.path for grid in tx.store(Structure).upward("1.2.3.")] == ["1.2.3.", "1.2.", "1."]
    assert [grid.path for grid in tx.store(Structure).upward("10.")] == ["10."]
    assert [grid.path for grid in tx.store(Structure).upward("1.9.")] == ["1."]


def test_a_grid_that_is_not_known_is_refused_to_callers_and_awaited_by_events(tx: Tx) -> None:
    with pytest.raises(GridNotFound):
        tx.store(Structure).grid(uuid4())
    with pytest.raises(StructureNotYetKnown):
        tx.store(Structure).awaited_grid(uuid4())
    with pytest.raises(StructureNotYetKnown):
        tx.store(Structure).county()
    with pytest.raises(StructureNotYetKnown):
        tx.store(Structure).scheme(1)


def publish(structure: Structure, *versions: tuple[int, date]) -> None:
    structure.apply_county(
        1, {"name": "测试县", "admin_code": "430223", "time_zone": "Asia/Shanghai"}
    )
    for version, day in versions:
        structure.apply_scheme(
            {"version": version, "effective_on": day, "document": {"v": version}}
        )


def test_a_scheme_is_in_force_from_its_day_on_in_the_countys_own_time(tx: Tx) -> None:
    publish(tx.store(Structure), (1, date(2026, 1, 1)), (2, date(2026, 7, 1)))

    assert tx.store(Structure).scheme_on(date(2026, 6, 30)).version == 1
    assert tx.store(Structure).scheme_on(date(2026, 7, 1)).version == 2
    # 16:00 in Greenwich is midnight in the county.
    before = tx.store(Structure).scheme_now(datetime(2026, 6, 30, 15, 59, tzinfo=UTC))
    after = tx.store(Structure).scheme_now(datetime(2026, 6, 30, 16, 0, tzinfo=UTC))
    assert (before.version, after.version) == (1, 2)
    with pytest.raises(StructureNotYetKnown):
        tx.store(Structure).scheme_on(date(2025, 12, 31))


def test_of_two_schemes_from_the_same_day_the_newer_holds(tx: Tx) -> None:
    publish(tx.store(Structure), (2, date(2026, 1, 1)), (1, date(2026, 1, 1)))

    assert tx.store(Structure).scheme_on(date(2026, 1, 1)).version == 2


def test_a_later_version_from_an_earlier_day_holds_until_the_other_begins(tx: Tx) -> None:
    publish(
        tx.store(Structure), (1, date(2026, 1, 1)), (2, date(2026, 7, 1)), (3, date(2026, 5, 1))
    )

    days = (date(2026, 4, 30), date(2026, 5, 1), date(2026, 6, 30), date(2026, 7, 1))
    assert [tx.store(Structure).scheme_on(day).version for day in days] == [1, 3, 3, 2]


def test_a_published_version_is_never_changed_by_a_later_event(work: Callable) -> None:
    with work() as tx:
        publish(tx.store(Structure), (1, date(2026, 1, 1)))
    with work() as tx:
        tx.store(Structure).apply_scheme(
            {"version": 1, "effective_on": date(2026, 1, 1), "document": {"v": "another"}}
        )
        assert tx.store(Structure).scheme(1).document == {"v": 1}


def test_a_version_is_read_from_the_database_once(work: Callable, databases: Databases) -> None:
    with work() as tx:
        publish(tx.store(Structure), (1, date(2026, 1, 1)))
    reads = []
    engine = databases.engine("notifications")

    def note(*given: object) -> None:
        if "document" in str(given[2]):
            reads.append(given[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        for _ in range(3):
            with work() as tx:
                assert tx.store(Structure).scheme_on(date(2026, 5, 1)).document == {"v": 1}
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert len(reads) == 1


def test_one_countys_structure_is_not_anothers(work: Callable, county_id: str) -> None:
    row = grid_row("1.")
    with work() as tx:
        publish(tx.store(Structure), (1, date(2026, 1, 1)))
        tx.store(Structure).apply_grids([row])

    with work(f"{county_id}-b") as tx:
        assert tx.store(Structure).find_grid(row["grid_id"]) is None
        assert tx.store(Structure).upward("1.") == []
        with pytest.raises(StructureNotYetKnown):
            tx.store(Structure).scheme(1)
        # Not even a query that forgets the county sees it.
        assert tx.connection.execute(text("SELECT count(*) FROM structure_grids")).scalar() == 0
