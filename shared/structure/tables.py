"""The tables of the local copy, within a service's own database."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db import rls
from shared.db.base import make_metadata
from shared.db.subtree import GRID_PATH


@dataclass(frozen=True, slots=True)
class StructureTables:
    """The four tables within one service's metadata."""

    counties: Table
    schemes: Table
    grids: Table
    past: Table


def structure_tables(metadata: MetaData) -> StructureTables:
    """Describe the tables in a service's metadata. Call once, in its ``models.py``."""
    counties, schemes, grids = _first_tables(metadata)
    for column in _history_columns():
        grids.append_column(column)
    return StructureTables(counties, schemes, grids, _past_table(metadata))


def create(op: Any) -> None:
    """Create the tables as they first were, in a service's first migration."""
    metadata = make_metadata()
    tables = _first_tables(metadata)
    metadata.create_all(op.get_bind())
    for table in tables:
        rls.enable(op, table.name)


def create_history(op: Any) -> None:
    """Add the history of grids, in a later migration of a service."""
    for column in _history_columns():
        op.add_column("structure_grids", column)
    # The owner is bound by the policy too, and here it must reach every county's rows.
    op.execute("ALTER TABLE structure_grids NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE structure_grids SET since = valid_from")
    op.execute("ALTER TABLE structure_grids FORCE ROW LEVEL SECURITY")
    metadata = make_metadata()
    past = _past_table(metadata)
    metadata.create_all(op.get_bind())
    rls.enable(op, past.name)


def _first_tables(metadata: MetaData) -> tuple[Table, Table, Table]:
    counties = Table(
        "structure_counties",
        metadata,
        Column("county_id", Text, primary_key=True),
        Column("version", BigInteger, nullable=False),
        Column("name", Text, nullable=False),
        Column("admin_code", Text, nullable=False),
        Column("time_zone", Text, nullable=False),
    )
    schemes = Table(
        "structure_schemes",
        metadata,
        Column("county_id", Text, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("effective_on", Date, nullable=False),
        Column("document", JSONB, nullable=False),
    )
    grids = Table(
        "structure_grids",
        metadata,
        Column("county_id", Text, primary_key=True),
        Column("grid_id", Uuid, primary_key=True),
        Column("version", BigInteger, nullable=False),
        *_state_columns(),
    )
    Index("ix_structure_grids_county_id_path", grids.c.county_id, grids.c.path)
    return counties, schemes, grids


def _past_table(metadata: MetaData) -> Table:
    """States before the newest. Each held until the state of the next version began."""
    return Table(
        "structure_grid_past",
        metadata,
        Column("county_id", Text, primary_key=True),
        Column("grid_id", Uuid, primary_key=True),
        Column("version", BigInteger, primary_key=True, autoincrement=False),
        *_state_columns(),
        *_history_columns(),
    )


def _state_columns() -> list[Column[Any]]:
    return [
        Column("parent_id", Uuid),
        Column("path", GRID_PATH, nullable=False),
        Column("level_id", Text, nullable=False),
        Column("rank", Text, nullable=False),
        Column("unit_type", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("admin_code", Text),
        Column("valid_from", DateTime(timezone=True), nullable=False),
        Column("valid_to", DateTime(timezone=True)),
    ]


def _history_columns() -> list[Column[Any]]:
    """Columns with defaults, because processes of the previous release do not fill them."""
    return [
        Column("since", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("kind", Text, nullable=False, server_default="territorial"),
        Column("local_code", Text),
    ]
