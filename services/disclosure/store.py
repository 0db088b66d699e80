"""The service's transaction."""

from sqlalchemy import Connection

from services.disclosure import schemas
from services.disclosure.base import PLATFORM, STRUCTURE
from services.disclosure.publications.store import PublicationStore
from services.disclosure.register.store import RegisterStore
from shared.context import RequestContext
from shared.db.transaction import Transaction
from shared.structure.store import Structure


class DisclosureTransaction(Transaction):
    """One transaction of the service, for one county."""

    def __init__(self, connection: Connection, context: RequestContext) -> None:
        """Bind the repositories to the context's county."""
        super().__init__(
            connection,
            context,
            service="disclosure",
            tables=PLATFORM,
            events=schemas.EVENTS,
        )
        self.structure = Structure(connection, STRUCTURE, context.county_id)
        self.provide(self.structure)
        self.register = RegisterStore(connection, context.county_id)
        self.publications = PublicationStore(connection, context.county_id)


make_transaction = DisclosureTransaction
