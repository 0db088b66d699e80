"""One transaction over the service's tables."""

from collections.abc import Callable

from sqlalchemy import Connection

from services.personnel import models, schemas
from services.personnel.people.store.people import PeopleStore
from services.personnel.people.vault import Vault
from shared.context import RequestContext
from shared.db.transaction import Transaction
from shared.structure.store import Structure


class PersonnelTransaction(Transaction):
    """One transaction of the service, for one county."""

    def __init__(
        self, connection: Connection, context: RequestContext, vault: Vault | None = None
    ) -> None:
        """Bind the stores to the context's county.

        Without a vault phones and identity numbers can be neither written nor read.
        """
        super().__init__(
            connection,
            context,
            service="personnel",
            tables=models.PLATFORM,
            events=schemas.EVENTS,
        )
        self.provide(Structure(connection, models.STRUCTURE, context.county_id))
        self.provide(PeopleStore(self, vault))


make_transaction = PersonnelTransaction


def transactions_with(vault: Vault) -> Callable[[Connection, RequestContext], PersonnelTransaction]:
    """Makes transactions that read and write phones and identity numbers."""
    return lambda connection, context: PersonnelTransaction(connection, context, vault)
