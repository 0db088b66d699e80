"""What every service's tables have in common: names of constraints, and columns for Python types."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
COLUMN_TYPES: Final[dict[Any, Any]] = {
    datetime: DateTime(timezone=True),
    str: Text,
    bytes: LargeBinary,
    UUID: Uuid,
    dict[str, Any]: JSONB,
    list[Any]: JSONB,
}
"""Column types of annotated columns: every time has a zone, every text is unbounded."""


def make_metadata() -> MetaData:
    """A metadata of one service's own: a database gets its service's tables only."""
    return MetaData(naming_convention=NAMING)
