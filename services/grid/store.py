"""One transaction over the service's tables."""

from sqlalchemy import Connection

from services.grid import models, schemas
from services.grid.county_store import CountyStore
from services.grid.grid_change_store import GridChangeStore
from services.grid.grid_store import GridStore
from services.grid.provision_store import ProvisionStore
from services.grid.scheme_store import SchemeStore
from shared.context import RequestContext
from shared.db.transaction import Transaction


class GridTransaction(Transaction):
    """One transaction of the service, for one county."""

    def __init__(self, connection: Connection, context: RequestContext) -> None:
        """Bind the repositories to the context's county."""
        super().__init__(
            connection, context, service="grid", tables=models.PLATFORM, events=schemas.EVENTS
        )
        self.counties = CountyStore(connection, context.county_id)
        self.schemes = SchemeStore(connection, context.county_id)
        self.grids = GridStore(connection, context.county_id)
        self.changes = GridChangeStore(connection, context.county_id)
        self.provisions = ProvisionStore(connection, context.county_id)


make_transaction = GridTransaction
