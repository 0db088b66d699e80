"""The service's tables, for migrations to compare with. No behaviour."""

from services.personnel.absences import models as absences
from services.personnel.accounts import models as accounts
from services.personnel.audit import models as audit
from services.personnel.base import PLATFORM, STRUCTURE, Base
from services.personnel.certificates import models as certificates
from services.personnel.groups import models as groups
from services.personnel.pledges import models as pledges
from services.personnel.posts.models import posts, restructuring, vacancies
from services.personnel.roster import models as roster
from services.personnel.trainings import models as trainings

__all__ = [
    "PLATFORM",
    "STRUCTURE",
    "Base",
    "absences",
    "accounts",
    "audit",
    "certificates",
    "groups",
    "pledges",
    "posts",
    "restructuring",
    "roster",
    "trainings",
    "vacancies",
]
