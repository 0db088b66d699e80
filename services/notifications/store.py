"""The service's transaction."""

from sqlalchemy import Connection

from services.notifications.base import PLATFORM, STRUCTURE
from services.notifications.schemas import EVENTS
from shared.context import RequestContext
from shared.db.transaction import Transaction
from shared.structure.store import Structure


class NotificationsTransaction(Transaction):
    """One transaction of the service, for one county."""

    def __init__(self, connection: Connection, context: RequestContext) -> None:
        super().__init__(
            connection, context, service="notifications", tables=PLATFORM, events=EVENTS
        )
        self.provide(Structure(connection, STRUCTURE, context.county_id))


make_transaction = NotificationsTransaction
