"""One transaction over the service's tables."""

from collections.abc import Callable

from sqlalchemy import Connection

from services.personnel import models, schemas
from services.personnel.account_store import AccountStore, SessionStore
from services.personnel.audit_store import AuditStore
from services.personnel.certificate_store import CertificateStore
from services.personnel.following_store import GridPostStore
from services.personnel.group_store import GroupStore
from services.personnel.identity_store import IdentityStore
from services.personnel.import_store import ImportStore
from services.personnel.leave_store import LeaveStore
from services.personnel.people_store import PeopleStore
from services.personnel.pledge_store import PledgeStore
from services.personnel.ports import Vault
from services.personnel.post_store import PostStore
from services.personnel.roster_store import RosterStore
from services.personnel.training_store import TrainingStore
from services.personnel.vacancy_store import VacancyStore
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
