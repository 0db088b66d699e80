"""The service's transaction."""

from sqlalchemy import Connection

from services.notifications import schemas
from services.notifications.base import PLATFORM, STRUCTURE
from services.notifications.inbox.store import NoticeStore
from services.notifications.rules.store import HolderStore
from shared.context import RequestContext
from shared.db.transaction import Transaction
from shared.structure.store import Structure


class NotificationsTransaction(Transaction):
    """One transaction of the service, for one county."""

    def __init__(self, connection: Connection, context: RequestContext) -> None:
        """Bind the repositories to the context's county."""
        super().__init__(
            connection,
            context,
            service="notifications",
            tables=PLATFORM,
            events=schemas.EVENTS,
        )
        self.structure = Structure(connection, STRUCTURE, context.county_id)
        self.provide(self.structure)
        self.holders = HolderStore(connection, context.county_id)
        self.notices = NoticeStore(connection, context.county_id)


make_transaction = NotificationsTransaction
