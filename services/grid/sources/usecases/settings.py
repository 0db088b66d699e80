"""The county's settings for sources."""

from datetime import datetime

from services.grid.schemes.usecases.reading import get_scheme
from services.grid.sources.domain.settings import SourceSettings
from shared.db.transaction import Transaction


def settings_of(tx: Transaction, now: datetime) -> SourceSettings:
    """The county's settings of the day."""
    return SourceSettings.of(get_scheme(tx, None, now).document)
