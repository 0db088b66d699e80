"""How many questions the local copy is asked: a grid is read once a transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, event

from services.notifications.models import STRUCTURE
from services.notifications.store import make_transaction
from shared.db.statements import Statement
from shared.db.transaction import UnitOfWork
from shared.structure.store import Structure, StructureNotYetKnown
from tests.integration.service_fixtures import Databases, context_of, grid_row

PATHS = ("1.", "1.2.", "1.2.3.", "1.2.4.", "1.5.", "1.5.6.")
Questions = Callable[[], Any]


@pytest.fixture
def structure(databases: Databases, county_id: str) -> Iterator[Structure]:
    unit_of_work = UnitOfWork(databases.engine("notifications"), make_transaction)
    with unit_of_work(context_of(county_id)) as tx:
        Structure(tx.connection, STRUCTURE, county_id).apply_grids(
            [grid_row(path, grid_id=uuid4(), version=1) for path in PATHS]
        )
    with unit_of_work(context_of(county_id)) as tx:
        yield Structure(tx.connection, STRUCTURE, county_id)


@pytest.fixture
def asked(structure: Structure, monkeypatch: pytest.MonkeyPatch) -> Questions:
    """Run `with asked() as count:`; `len(count)` is how many questions went to the database."""
    prepared = Statement.first

    @contextmanager
    def counting() -> Iterator[list[str]]:
        questions: list[str] = []

        def first(statement: Statement, connection: Connection, **values: object) -> Any:
            questions.append(statement.sql)
            return prepared(statement, connection, **values)

        def before(_: Any, __: Any, sql: str, *___: Any) -> None:
            questions.append(sql)

        monkeypatch.setattr(Statement, "first", first)
        connection = structure._connection
        event.listen(connection, "before_cursor_execute", before)
        yield questions
        event.remove(connection, "before_cursor_execute", before)

    return counting


def ids(structure: Structure) -> dict[str, UUID]:
    found = {path: structure.upward(path)[0].grid_id for path in PATHS}
    structure.forget()
    return found


def test_what_lies_above_is_read_once(structure: Structure, asked: Questions) -> None:
    with asked() as questions:
        first = structure.upward("1.2.3.")
        again = structure.upward("1.2.3.")
        assert len(questions) == 1
        sibling = structure.upward("1.2.4.")
        above = structure.upward("1.2.")

    assert len(questions) == 2
    assert [grid.path for grid in first] == ["1.2.3.", "1.2.", "1."]
    assert again == first
    assert [grid.path for grid in sibling] == ["1.2.4.", "1.2.", "1."]
    assert [grid.path for grid in above] == ["1.2.", "1."]


def test_a_grid_is_read_once_whether_by_id_or_by_path(
    structure: Structure, asked: Questions
) -> None:
    by_path = ids(structure)

    with asked() as questions:
        grid = structure.grid(by_path["1.2."])
        assert structure.find_grid(by_path["1.2."]) is grid
        assert len(questions) == 1
        assert structure.upward("1.2.")[0] is grid

    assert len(questions) == 2


def test_many_grids_and_all_above_them_are_two_questions(
    structure: Structure, asked: Questions
) -> None:
    by_path = ids(structure)

    with asked() as questions:
        structure.read_ahead([*by_path.values(), uuid4()])
        for path, grid_id in by_path.items():
            assert structure.awaited_grid(grid_id).path == path
            assert len(structure.upward(path)) == path.count(".")

    assert len(questions) == 1  # all that lies above was among them
    with asked() as questions:
        structure.read_ahead([by_path["1.2.3."]])
    assert questions == []


def test_what_lies_above_grids_read_ahead_is_one_question(
    structure: Structure, asked: Questions
) -> None:
    by_path = ids(structure)

    with asked() as questions:
        structure.read_ahead([by_path["1.2.3."], by_path["1.5.6."]])
        assert [grid.path for grid in structure.upward("1.2.3.")] == ["1.2.3.", "1.2.", "1."]
        assert [grid.path for grid in structure.upward("1.5.6.")] == ["1.5.6.", "1.5.", "1."]

    assert len(questions) == 2


def test_a_new_state_is_read_in_the_same_transaction(structure: Structure) -> None:
    grid = structure.upward("1.5.6.")[0]
    moved = grid_row("1.2.6.", grid_id=grid.grid_id, version=2, since=datetime.now(UTC))

    structure.apply_grids([moved])

    assert structure.grid(grid.grid_id).path == "1.2.6."
    assert [each.path for each in structure.upward("1.2.6.")] == ["1.2.6.", "1.2.", "1."]
    assert [each.path for each in structure.upward("1.5.6.")] == ["1.5.", "1."]


def test_a_grid_that_is_not_there_is_asked_for_again(
    structure: Structure, asked: Questions
) -> None:
    unknown = uuid4()

    with asked() as questions:
        assert structure.find_grid(unknown) is None
        with pytest.raises(StructureNotYetKnown):
            structure.awaited_grid(unknown)

    assert len(questions) == 2
