"""One transaction over the service's tables."""

from sqlalchemy import Connection

from services.personnel import models, schemas
from services.personnel.account_store import AccountStore, SessionStore
from services.personnel.following_store import GridPostStore
from services.personnel.people_store import PeopleStore
from services.personnel.post_store import PostStore
from shared.context import RequestContext
from shared.db.transaction import Transaction
from shared.structure.store import Structure


class PersonnelTransaction(Transaction):
    """One transaction of the service, for one county."""

    def __init__(self, connection: Connection, context: RequestContext) -> None:
        """Bind the repositories to the context's county."""
        super().__init__(
            connection,
            context,
            service="personnel",
            tables=models.PLATFORM,
            events=schemas.EVENTS,
        )
        self.structure = Structure(connection, models.STRUCTURE, context.county_id)
        self.people = PeopleStore(connection, context.county_id)
        self.accounts = AccountStore(connection, context.county_id)
        self.sessions = SessionStore(connection, context.county_id)
        self.posts = PostStore(connection, context.county_id)
        self.grid_posts = GridPostStore(connection, context.county_id)


make_transaction = PersonnelTransaction
