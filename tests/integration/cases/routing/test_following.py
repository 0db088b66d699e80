"""Open cases follow their grids when the county divides itself anew; what is over does not."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, text

from services.cases.intake.domain import Report
from services.cases.intake.usecases import open_case
from services.cases.life import usecases
from services.cases.life.domain import history
from services.cases.life.domain.case import Case, Origin
from services.cases.life.store import CaseStore
from services.cases.routing import usecases as routing
from services.cases.store import CasesTransaction, make_transaction
from shared.contracts.grid import GridRestructured, RestructuringKind, Succession
from shared.db.transaction import UnitOfWork
from shared.structure.store import Structure, StructureNotYetKnown
from tests.integration.cases.county import DOCUMENT, GRIDS, SIBLING, TOWNSHIP, VILLAGE
from tests.integration.service_fixtures import Databases, context_of, grid_row

NOW = datetime(2026, 5, 5, 2, tzinfo=UTC)
HEIR, OTHER_TOWN = UUID(int=50), UUID(int=9)
Work = Callable[..., Any]


@pytest.fixture
def work(databases: Databases, county_id: str, structure: Callable) -> Work:
    structure("cases", county_id, DOCUMENT, [dict(grid) for grid in GRIDS])
    unit_of_work = UnitOfWork(databases.engine("cases"), make_transaction)
    return lambda county=county_id: unit_of_work(context_of(county, read=["g:"]))


def opened(work: Work, grid_id: UUID = VILLAGE) -> Case:
    report = Report(
        origin=Origin.FINDING,
        origin_id=str(uuid4()),
        grid_id=grid_id,
        category="noise",
        description="噪声",
    )
    with work() as tx:
        return open_case(tx, report, NOW)


def close(work: Work, case: Case) -> None:
    with work() as tx:
        tx.connection.execute(
            text("UPDATE cases SET state = 'closed' WHERE case_id = :id"), {"id": case.case_id}
        )


def read(work: Work, case: Case) -> Case:
    with work() as tx:
        return tx.store(CaseStore).get(case.case_id)


def retire(work: Work, grid_id: UUID, path: str, **given: Any) -> None:
    with work() as tx:
        end = {"version": 2, "valid_to": NOW, "since": NOW}
        tx.store(Structure).apply_grids([grid_row(path, grid_id=grid_id, **end, **given)])


def restructured(kind: RestructuringKind, *pairs: tuple[UUID, UUID]) -> GridRestructured:
    return GridRestructured(
        change_id=UUID(int=77),
        kind=kind,
        effective_at=NOW,
        document=None,
        predecessors=tuple(before for before, _ in pairs),
        successors=tuple(after for _, after in pairs),
        heirs=tuple(Succession(from_id=before, to_id=after) for before, after in pairs),
    )


def test_open_cases_go_to_the_heir_and_closed_ones_stay(work: Work) -> None:
    case, closed = opened(work), opened(work)
    close(work, closed)
    with work() as tx:
        tx.store(Structure).apply_grids([grid_row("3.50.", grid_id=HEIR, parent_id=TOWNSHIP)])
    retire(work, VILLAGE, "3.41.")

    with work() as tx:
        routing.follow_restructuring(tx, restructured("split", (VILLAGE, HEIR)), NOW)

    after = read(work, case)
    assert (after.grid_id, after.grid_path) == (HEIR, "3.50.")
    assert (after.responsible_grid_id, after.responsible_grid_path) == (TOWNSHIP, "3.")
    assert after.version == case.version + 1
    assert read(work, closed).grid_id == VILLAGE
    with work() as tx:
        entries, whole = usecases.get_history(tx, case.case_id)
    assert whole
    moved = entries[-1].act
    assert (moved.action, moved.actor_id) == ("moved", None)
    assert moved.facts["from_grid_id"] == str(VILLAGE)
    assert moved.facts["change_id"] == str(UUID(int=77))


def test_who_answers_for_a_case_hands_it_to_its_heir_with_the_running_clocks(work: Work) -> None:
    case = opened(work)
    town = {"level_id": "township", "rank": "township"}
    with work() as tx:
        tx.store(Structure).apply_grids(
            [
                grid_row("9.", grid_id=OTHER_TOWN, **town),
                grid_row("9.41.", grid_id=VILLAGE, parent_id=OTHER_TOWN, version=2, since=NOW),
            ]
        )
    retire(work, TOWNSHIP, "3.", **town)

    with work() as tx:
        routing.follow_restructuring(tx, restructured("merged", (TOWNSHIP, OTHER_TOWN)), NOW)

    after = read(work, case)
    assert (after.grid_id, after.grid_path) == (VILLAGE, "9.41.")
    assert after.responsible_grid_id == OTHER_TOWN
    assert {clock.owner for clock in after.clocks} == {f"grid:{OTHER_TOWN}"}
    assert [len(clock.segments) for clock in after.clocks] == [2, 2]


def test_a_change_waits_for_the_grids_that_it_is_about(work: Work) -> None:
    case = opened(work)
    data = restructured("retired", (VILLAGE, HEIR))

    with pytest.raises(StructureNotYetKnown), work() as tx:
        routing.follow_restructuring(tx, data, NOW)
    with work() as tx:
        tx.store(Structure).apply_grids([grid_row("3.50.", grid_id=HEIR, parent_id=TOWNSHIP)])
    with pytest.raises(StructureNotYetKnown), work() as tx:
        routing.follow_restructuring(tx, data, NOW)

    assert read(work, case) == case


def move_village(work: Work) -> None:
    moved = grid_row("9.41.", grid_id=VILLAGE, parent_id=OTHER_TOWN, version=2, since=NOW)
    with work() as tx:
        tx.store(Structure).apply_grids([moved])
        routing.follow_grids(tx, [VILLAGE], NOW)


def test_a_moved_grid_takes_its_open_cases_to_who_answers_there(work: Work) -> None:
    case, closed, sibling = opened(work), opened(work), opened(work, SIBLING)
    close(work, closed)
    with work() as tx:
        tx.store(Structure).apply_grids(
            [grid_row("9.", grid_id=OTHER_TOWN, level_id="township", rank="township")]
        )

    move_village(work)

    after = read(work, case)
    assert (after.grid_path, after.responsible_grid_id) == ("9.41.", OTHER_TOWN)
    past = read(work, closed)
    assert (past.grid_id, past.responsible_grid_id) == (VILLAGE, TOWNSHIP)
    assert past.version == closed.version
    assert read(work, sibling) == sibling


def test_a_moved_grid_whose_new_parent_is_not_known_yet_waits(work: Work) -> None:
    case = opened(work)

    with pytest.raises(StructureNotYetKnown):
        move_village(work)

    assert read(work, case) == case


def test_the_same_change_told_twice_moves_a_case_once(work: Work) -> None:
    case = opened(work)
    with work() as tx:
        tx.store(Structure).apply_grids([grid_row("3.50.", grid_id=HEIR, parent_id=TOWNSHIP)])
    retire(work, VILLAGE, "3.41.")
    data = restructured("split", (VILLAGE, HEIR))

    for _ in range(2):
        with work() as tx:
            routing.follow_restructuring(tx, data, NOW)

    assert read(work, case).version == case.version + 1


def test_another_county_s_cases_stay(work: Work, county_id: str, structure: Callable) -> None:
    case = opened(work)
    neighbour = f"{county_id}-b"
    ended = {"version": 2, "valid_to": NOW, "since": NOW}
    grids = [dict(grid) for grid in GRIDS]
    structure("cases", neighbour, DOCUMENT, grids)
    with work(neighbour) as tx:
        assert isinstance(tx, CasesTransaction)
        tx.store(Structure).apply_grids(
            [
                grid_row("3.50.", grid_id=HEIR, parent_id=TOWNSHIP),
                grid_row("3.41.", grid_id=VILLAGE, **ended),
            ]
        )
        routing.follow_restructuring(tx, restructured("split", (VILLAGE, HEIR)), NOW)

    assert read(work, case) == case
    with work() as tx:
        assert history.is_whole(*tx.store(CaseStore).history(case))


def test_grids_above_are_read_once_however_many_cases_move(
    work: Work, databases: Databases
) -> None:
    cases = [opened(work) for _ in range(5)]
    with work() as tx:
        tx.store(Structure).apply_grids([grid_row("3.50.", grid_id=HEIR, parent_id=TOWNSHIP)])
    retire(work, VILLAGE, "3.41.")
    asked: list[str] = []

    def heard(*given: object) -> None:
        asked.append(str(given[2]))

    engine = databases.engine("cases")
    event.listen(engine, "before_cursor_execute", heard)
    try:
        with work() as tx:
            routing.follow_restructuring(tx, restructured("split", (VILLAGE, HEIR)), NOW)
    finally:
        event.remove(engine, "before_cursor_execute", heard)

    # Once to see that all have arrived, and once more after the wait for the cases.
    assert len([statement for statement in asked if "path IN" in statement]) == 2
    assert {read(work, case).grid_id for case in cases} == {HEIR}
