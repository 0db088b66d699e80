"""One transaction over the service's tables."""

from sqlalchemy import Connection

from services.personnel import models, schemas
from services.personnel.account_store import AccountStore, SessionStore
from services.personnel.certificate_store import CertificateStore
from services.personnel.group_store import GroupStore
from services.personnel.leave_store import LeaveStore
from services.personnel.people_store import PeopleStore
from services.personnel.pledge_store import PledgeStore
from services.personnel.post_store import PostStore
from services.personnel.roster_store import RosterStore
from services.personnel.training_store import TrainingStore
from services.personnel.vacancy_store import VacancyStore
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
        self.leaves = LeaveStore(connection, context.county_id)
        self.vacancies = VacancyStore(connection, context.county_id)
        self.pledges = PledgeStore(connection, context.county_id)
        self.groups = GroupStore(connection, context.county_id)
        self.roster = RosterStore(connection, context.county_id)
        self.certificates = CertificateStore(connection, context.county_id)
        self.trainings = TrainingStore(connection, context.county_id)


make_transaction = PersonnelTransaction
