"""A record is reached where its grid lies now, and stays sealed as it was signed."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from services.patrols.ledger.store import LedgerStore
from services.patrols.store import make_transaction
from shared.db.transaction import SET_COUNTY, UnitOfWork
from shared.paging import PageRequest
from shared.structure.store import Structure
from tests.integration.service_fixtures import Databases, context_of, grid_row

VILLAGE = UUID(int=41)
ADD = """
    INSERT INTO patrols (county_id, patrol_id, grid_id, grid_path, patroller_id, client_id,
      started_at, ended_at, summary, signed_at, signed_hash, number, previous_hash, record_hash,
      submitted_at)
    VALUES (:c, :id, :grid, '3.41.', :id, 'x', now(), now(), '', now(), '', 1, '', '', now())
"""


def test_records_follow_their_grid(
    databases: Databases, county_id: str, structure: Callable
) -> None:
    structure("patrols", county_id, {}, [grid_row("3.41.", grid_id=VILLAGE)])
    patrol_id = uuid4()
    with databases.admin_engine("patrols").begin() as connection:
        connection.execute(text(ADD), {"c": county_id, "id": patrol_id, "grid": VILLAGE})
    work = UnitOfWork(databases.engine("patrols"), make_transaction)

    with work(context_of(county_id)) as tx:
        tx.store(Structure).apply_grids([grid_row("9.41.", grid_id=VILLAGE, version=2)])
        tx.store(LedgerStore).follow_grids([VILLAGE])
        reached = [
            [
                entry.patrol.patrol_id
                for entry in tx.store(LedgerStore).page([path], None, PageRequest()).items
            ]
            for path in ("3.", "9.")
        ]

    assert reached == [[], [patrol_id]]


@pytest.mark.parametrize("column", ["summary", "grid_id", "record_hash", "county_id"])
def test_nothing_else_of_a_record_can_be_changed(
    databases: Databases, county_id: str, column: str
) -> None:
    with databases.engine("patrols").connect() as connection:
        connection.execute(SET_COUNTY, {"county": county_id})
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text(f"UPDATE patrols SET {column} = {column}"))
