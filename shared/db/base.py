"""One declarative base and one metadata a service, with constraint names to rely on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def make_base() -> type[DeclarativeBase]:
    """A declarative base with a metadata of its own: a database gets its service's tables."""

    class Base(DeclarativeBase):
        metadata = MetaData(naming_convention=NAMING)
        type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it off the class
            datetime: DateTime(timezone=True),
            str: Text,
            bytes: LargeBinary,
            UUID: Uuid,
            dict[str, Any]: JSONB,
            list[Any]: JSONB,
        }

    return Base
