"""All tables of the service, as migrations are checked against them."""

from services.disclosure.base import PLATFORM, STRUCTURE, Base
from services.disclosure.publications.models import PublicationRow, WithdrawalRow
from services.disclosure.register.models import RegisterItemRow

__all__ = ["PLATFORM", "STRUCTURE", "Base", "PublicationRow", "RegisterItemRow", "WithdrawalRow"]
