"""The probe's tables. `done` has no key that would hide a second handling."""

from uuid import UUID

from sqlalchemy import Identity, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.db import platform, rls
from shared.db.base import COLUMN_TYPES, make_metadata
from shared.db.platform import platform_tables


class Base(DeclarativeBase):
    metadata = make_metadata()
    type_annotation_map = COLUMN_TYPES


PLATFORM = platform_tables(Base.metadata)


class DoneRow(Base):
    """A handler's trace."""

    __tablename__ = "done"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    event_id: Mapped[UUID]
    handler: Mapped[str]


class BehaviourRow(Base):
    """What the handlers do with the events of a thing; rows may change while they run."""

    __tablename__ = "behaviours"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    thing: Mapped[str] = mapped_column(primary_key=True)
    behaviour: Mapped[str]


def create(op, service):
    """The tables as a migration makes them."""
    platform.create(op, service)
    own = [DoneRow.__table__, BehaviourRow.__table__]
    Base.metadata.create_all(op.get_bind(), tables=own)
    for table in own:
        rls.enable(op, table.name)


def empty(connection):
    """Forget everything, as the administrator."""
    names = ", ".join(Base.metadata.tables)
    connection.execute(text(f"TRUNCATE {names}"))
