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
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db import rls
from shared.db.base import make_metadata
from shared.db.subtree import GRID_PATH


@dataclass(frozen=True, slots=True)
class StructureTables:
    """The three tables within one service's metadata."""

    counties: Table
    schemes: Table
    grids: Table


def structure_tables(metadata: MetaData) -> StructureTables:
    """Describe the tables in a service's metadata. Call once, in its ``models.py``."""
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
        Column("parent_id", Uuid),
        Column("path", GRID_PATH, nullable=False),
        Column("level_id", Text, nullable=False),
        Column("rank", Text, nullable=False),
        Column("unit_type", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("admin_code", Text),
        Column("valid_from", DateTime(timezone=True), nullable=False),
        Column("valid_to", DateTime(timezone=True)),
    )
    Index(
        "ix_structure_grids_county_id_path",
        grids.c.county_id,
        grids.c.path,
    )
    return StructureTables(counties, schemes, grids)


def create(op: Any) -> None:
    """Create the tables with their policies, in a service's first migration."""
    metadata = make_metadata()
    tables = structure_tables(metadata)
    metadata.create_all(op.get_bind())
    for table in (tables.counties, tables.schemes, tables.grids):
        rls.enable(op, table.name)
