"""What all tables of the service share."""

from sqlalchemy.orm import DeclarativeBase

from shared.db.base import COLUMN_TYPES, make_metadata
from shared.db.platform import platform_tables
from shared.structure.tables import structure_tables


class Base(DeclarativeBase):
    """The service's tables."""

    metadata = make_metadata()
    type_annotation_map = COLUMN_TYPES


PLATFORM = platform_tables(Base.metadata)
STRUCTURE = structure_tables(Base.metadata)
