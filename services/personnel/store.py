"""One transaction over the service's tables."""

from collections.abc import Callable

from sqlalchemy import Connection

from services.personnel import models, schemas
from services.personnel.absences.store import LeaveStore
from services.personnel.accounts.store import AccountStore, SessionStore
from services.personnel.audit.store import AuditStore
from services.personnel.certificates.store import CertificateStore
from services.personnel.groups.store import GroupStore
from services.personnel.identity.store import IdentityStore
from services.personnel.people.store.importing import ImportStore
from services.personnel.people.store.people import PeopleStore
from services.personnel.pledges.store import PledgeStore
from services.personnel.ports import Vault
from services.personnel.posts.store.posts import PostStore
from services.personnel.posts.store.restructuring import GridPostStore
from services.personnel.posts.store.vacancies import VacancyStore
from services.personnel.roster.store import RosterStore
from services.personnel.trainings.store import TrainingStore
from shared.context import RequestContext
from shared.db.transaction import Transaction
from shared.structure.store import Structure


class PersonnelTransaction(Transaction):
    """One transaction of the service, for one county."""

    def __init__(
        self, connection: Connection, context: RequestContext, vault: Vault | None = None
    ) -> None:
        """Bind the repositories to the context's county.

        Without a vault phones and identity numbers can be neither written nor read.
        """
        super().__init__(
            connection,
            context,
            service="personnel",
            tables=models.PLATFORM,
            events=schemas.EVENTS,
        )
        self.structure = Structure(connection, models.STRUCTURE, context.county_id)
        self.provide(self.structure)
        self.people = PeopleStore(connection, context.county_id, vault)
        self.accounts = AccountStore(connection, context.county_id)
        self.sessions = SessionStore(connection, context.county_id)
        self.posts = PostStore(connection, context.county_id)
        self.grid_posts = GridPostStore(connection, context.county_id)
        self.audit = AuditStore(connection, context)
        self.imports = ImportStore(connection, context.county_id)
        self.identities = IdentityStore(connection, context.county_id)
        self.leaves = LeaveStore(connection, context.county_id)
        self.vacancies = VacancyStore(connection, context.county_id)
        self.pledges = PledgeStore(connection, context.county_id)
        self.groups = GroupStore(connection, context.county_id)
        self.roster = RosterStore(connection, context.county_id)
        self.certificates = CertificateStore(connection, context.county_id)
        self.trainings = TrainingStore(connection, context.county_id)


make_transaction = PersonnelTransaction


def transactions_with(vault: Vault) -> Callable[[Connection, RequestContext], PersonnelTransaction]:
    """Makes transactions that read and write phones and identity numbers."""
    return lambda connection, context: PersonnelTransaction(connection, context, vault)
