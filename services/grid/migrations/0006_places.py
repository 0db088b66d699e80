"""Boundaries and points of grids."""

import sqlalchemy as sa
from alembic import op

from shared.db import rls

revision = "grid_0006"
down_revision = "grid_0005"

BOX = ("min_lon", "max_lon", "min_lat", "max_lat")


def upgrade() -> None:
    """Create the tables. A recorded boundary only ever gets its end, and is never removed."""
    _boundaries()
    _points()
    rls.enable(op, "grid_boundaries")
    rls.enable(op, "grid_points")
    op.execute("REVOKE UPDATE, DELETE ON grid_boundaries FROM wangge_grid")
    op.execute("GRANT UPDATE (valid_to) ON grid_boundaries TO wangge_grid")


def _boundaries() -> None:
    op.create_table(
        "grid_boundaries",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("grid_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Float, nullable=False) for name in BOX),
        sa.Column("geometry", sa.LargeBinary, nullable=False),
        sa.Column("area_km2", sa.Float, nullable=False),
        sa.Column("vertices", sa.Integer, nullable=False),
        sa.Column("datum", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True)),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid),
        sa.PrimaryKeyConstraint("county_id", "grid_id", "version", name="pk_grid_boundaries"),
    )
    op.create_index("ix_grid_boundaries_county_id_box", "grid_boundaries", ["county_id", *BOX])
    op.create_index(
        "uq_grid_boundaries_county_id_grid_id",
        "grid_boundaries",
        ["county_id", "grid_id"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )


def _points() -> None:
    op.create_table(
        "grid_points",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("grid_id", sa.Uuid, nullable=False),
        sa.Column("longitude", sa.Float, nullable=False),
        sa.Column("latitude", sa.Float, nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "grid_id", name="pk_grid_points"),
    )
