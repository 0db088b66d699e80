"""The service's transaction."""

from sqlalchemy import (
    Connection,
)

from services.cases import schemas
from services.cases.base import PLATFORM, STRUCTURE
from services.cases.life.store import CaseStore
from shared.context import RequestContext
from shared.db.transaction import Transaction
from shared.structure.store import Structure


class CasesTransaction(Transaction):
    """One transaction of the service."""

    def __init__(self, connection: Connection, context: RequestContext) -> None:
        super().__init__(
            connection, context, service="cases", tables=PLATFORM, events=schemas.EVENTS
        )
        self.cases = CaseStore(connection, context.county_id)
        self.structure = Structure(connection, STRUCTURE, context.county_id)
        self.provide(self.structure)


def make_transaction(connection: Connection, context: RequestContext) -> CasesTransaction:
    """Bind the repositories to one connection and one county."""
    return CasesTransaction(connection, context)
