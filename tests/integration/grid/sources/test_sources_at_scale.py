"""What a page of the ledger costs does not grow with the ledger."""

from uuid import UUID

import grpc
from sqlalchemy import text

from services.grid.sources.domain.ledger import SourceFilters, Verification
from services.grid.sources.store.ledger import SourceStore
from services.grid.store import make_transaction
from shared.db.transaction import UnitOfWork
from shared.paging import PageRequest
from tests.integration.grid.conftest import Grids
from tests.integration.grid.sources.ledger import make_ledger
from tests.integration.service_fixtures import Databases, context_of

SOURCES = 20_000
PAGE = 50
FILL = text(
    "INSERT INTO sources (county_id, source_id, grid_id, name, name_key, type, grade, key_object, "
    "credit_code, address, industry, zone, state, verification, off_list, automatic_monitoring, "
    "patrol_monitoring, law_record, created_at, version) "
    "SELECT :county, gen_random_uuid(), (:grids)[1 + n % cardinality(:grids)], n, n, "
    "CASE WHEN f = 0 THEN 'concrete_plant' ELSE 'aquaculture' END, "
    "CASE WHEN f = 1 THEN 'one' ELSE '' END, f = 2, '', '', "
    "CASE WHEN f = 3 THEN '畜牧' ELSE '' END, "
    "CASE WHEN f = 4 THEN 'limited' ELSE '' END, 'operating', "
    "CASE WHEN f = 5 THEN 'closed' ELSE 'unverified' END, f = 6, '', '', '', now(), 1 "
    "FROM (SELECT n, n / cardinality(:grids) % 100 AS f FROM generate_series(1, :count) n) numbers"
)
NAMED = text(
    "INSERT INTO source_origins (county_id, source_id, list_id, department_id, grid_id, row, said, "
    "added_at) SELECT county_id, source_id, :list, :department, grid_id, 1, '{}', now() "
    "FROM sources WHERE county_id = :county AND name::int / :grids % 100 = 7"
)
READ = text(
    "SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) "
    "FROM pg_stat_xact_user_tables WHERE relname = 'sources'"
)


def test_a_page_reads_little_more_than_it_shows(
    grids: Grids, channel: grpc.Channel, county_id: str, databases: Databases
) -> None:
    ledger = make_ledger(grids, channel, county_id)
    placed = grids.all(county_id)
    supplied = ledger.supplied("ecology")
    with databases.admin_engine("grid").begin() as connection:
        ids = [UUID(grid.grid_id) for grid in placed]
        connection.execute(FILL, {"county": county_id, "grids": ids, "count": SOURCES})
        of_list = {
            "list": supplied.list_id,
            "department": "ecology",
            "county": county_id,
            "grids": len(ids),
        }
        connection.execute(NAMED, of_list)
        connection.execute(text("ANALYZE sources, source_origins, grids"))
    unit_of_work = UnitOfWork(databases.engine("grid"), make_transaction)
    most = (PAGE + 1) * (
        len(placed) + 1
    )  # a page of each grid and one row more, however many sources it has
    assert most < SOURCES / 10
    middle = (placed[len(placed) // 2].path, str(UUID(int=2**127)))

    for filters in (
        SourceFilters(),
        *(SourceFilters(type="concrete_plant"), SourceFilters(grade="one")),
        *(SourceFilters(key_object=True), SourceFilters(off_list=True)),
        *(SourceFilters(industry="畜牧"), SourceFilters(zone="limited")),
        SourceFilters(verification=Verification.CLOSED),
        *(SourceFilters(department_id="ecology"), SourceFilters(list_id=UUID(supplied.list_id))),
    ):
        for after in (None, middle):
            with unit_of_work(context_of(county_id)) as tx:
                before = tx.connection.execute(READ).scalar_one()
                page = tx.store(SourceStore).page(("",), filters, PageRequest(PAGE, after))
                read = tx.connection.execute(READ).scalar_one() - before
            assert len(page.items) == PAGE, filters
            assert read <= most, (filters, after)
