"""What reading a county's scheme costs."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event

from services.grid.schemes.usecases.reading import get_scheme
from services.grid.store import make_transaction
from shared.db.transaction import UnitOfWork
from tests.integration.grid.conftest import Grids
from tests.integration.service_fixtures import Databases, context_of


def test_a_published_document_is_read_and_parsed_once_a_process(
    grids: Grids, databases: Databases, county_id: str
) -> None:
    grids.create(county_id)
    engine = databases.engine("grid")
    documents: list[str] = []

    def note(*given: Any) -> None:
        if "scheme_versions.document" in given[2]:
            documents.append(given[2])

    unit_of_work = UnitOfWork(engine, make_transaction)
    event.listen(engine, "before_cursor_execute", note)
    try:
        for _ in range(3):
            with unit_of_work(context_of(county_id)) as tx:
                get_scheme(tx, None, datetime.now(UTC))
                get_scheme(tx, None, datetime.now(UTC))
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert len(documents) <= 1, documents
