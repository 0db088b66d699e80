"""The service's transaction."""

from sqlalchemy import Connection

from services.patrols import schemas
from services.patrols.base import PLATFORM, STRUCTURE
from services.patrols.ledger.store import LedgerStore
from shared.context import RequestContext
from shared.db.transaction import Transaction
from shared.structure.store import Structure


class PatrolsTransaction(Transaction):
    """One transaction of the service, for one county."""

    def __init__(self, connection: Connection, context: RequestContext) -> None:
        """Bind the repositories to the context's county."""
        super().__init__(
            connection,
            context,
            service="patrols",
            tables=PLATFORM,
            events=schemas.EVENTS,
        )
        self.structure = Structure(connection, STRUCTURE, context.county_id)
        self.provide(self.structure)
        self.ledger = LedgerStore(connection, context.county_id, self.write)


make_transaction = PatrolsTransaction
