"""One transaction over the service's tables."""

from sqlalchemy import Connection

from services.grid import models, schemas
from services.grid.city.store.counties import CountyStore
from services.grid.counties.domain import CountySuspended
from shared.context import RequestContext
from shared.db.transaction import Transaction


class GridTransaction(Transaction):
    """One transaction of the service, for one county."""

    def __init__(self, connection: Connection, context: RequestContext) -> None:
        """Bind the transaction to the service's tables and events."""
        super().__init__(
            connection, context, service="grid", tables=models.PLATFORM, events=schemas.EVENTS
        )

    def check_writable(self) -> None:
        """See :class:`Transaction`. Raises CountySuspended."""
        if self.store(CountyStore).is_suspended():
            raise CountySuspended(county_id=self.county_id)


make_transaction = GridTransaction
