"""All tables of the service, as migrations are checked against them."""

from services.assessment.base import PLATFORM, STRUCTURE, Base
from services.assessment.facts.models import CaseFactRow

__all__ = ["PLATFORM", "STRUCTURE", "Base", "CaseFactRow"]
