import pytest
from sqlalchemy import column, select, text, values

from services.patrols.models import PatrolRow
from shared.db.subtree import GRID_PATH, below
from shared.db.transaction import SET_COUNTY
from tests.integration.service_fixtures import Databases

PATHS = ["1.", "1.2.", "1.2.9.", "1.20.", "10.", "2.", "11.2."]


@pytest.mark.parametrize(
    ("subtree", "found"),
    [
        ("1.", ["1.", "1.2.", "1.2.9.", "1.20."]),
        ("1.2.", ["1.2.", "1.2.9."]),
        ("9.", []),
        ("", PATHS),
    ],
)
def test_a_subtree_holds_itself_and_what_lies_below_and_no_neighbour(
    databases: Databases, subtree: str, found: list[str]
) -> None:
    paths = values(column("path", GRID_PATH), name="paths").data([(path,) for path in PATHS])
    path = paths.c.path.collate("C")

    with databases.engine("patrols").connect() as connection:
        rows = connection.execute(select(paths.c.path).where(below(path, subtree)))
        assert sorted(rows.scalars()) == sorted(found)


def test_row_level_security_lets_a_subtree_use_its_index(databases: Databases) -> None:
    query = select(PatrolRow.patrol_id).where(
        PatrolRow.county_id == "t", below(PatrolRow.grid_path, "3.41.")
    )
    query = query.order_by(PatrolRow.grid_path)

    with databases.engine("patrols").connect() as connection:
        connection.execute(SET_COUNTY, {"county": "t"})
        # The table is empty, where every plan costs the same: leave no other than this one.
        for other in ("seqscan", "bitmapscan", "sort"):
            connection.execute(text(f"SET LOCAL enable_{other} = off"))
        sql = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
        plan = list(connection.execute(text(f"EXPLAIN {sql}")).scalars())

    (condition,) = (line for line in plan if "Index Cond" in line)
    assert "grid_path >=" in condition
