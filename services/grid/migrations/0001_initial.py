"""Counties, their schemes and their grids."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db import platform, rls

revision = "grid_0001"
down_revision = None


def upgrade() -> None:
    """Create the tables; a published scheme can be added and read, never changed or removed."""
    platform.create(op, "grid")
    _counties()
    _schemes()
    _grids()
    for table in ("counties", "county_directory", "scheme_versions", "grids"):
        rls.enable(op, table)
    op.execute("REVOKE UPDATE, DELETE ON scheme_versions FROM wangge_grid")


def _county_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("admin_code", sa.Text, nullable=False),
        sa.Column("time_zone", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    ]


def _counties() -> None:
    op.create_table(
        "counties",
        sa.Column("county_id", sa.Text, nullable=False),
        *_county_columns(),
        sa.Column("last_node", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("county_id", name="pk_counties"),
    )
    op.create_table(
        "county_directory",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("listed_id", sa.Text, nullable=False),
        *_county_columns(),
        sa.PrimaryKeyConstraint("county_id", "listed_id", name="pk_county_directory"),
    )


def _schemes() -> None:
    op.create_table(
        "scheme_versions",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("document", JSONB, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "version", name="pk_scheme_versions"),
    )


def _grids() -> None:
    op.create_table(
        "grids",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("grid_id", sa.Uuid, nullable=False),
        sa.Column("node", sa.Integer, nullable=False),
        sa.Column("parent_id", sa.Uuid),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("level_id", sa.Text, nullable=False),
        sa.Column("rank", sa.Text, nullable=False),
        sa.Column("unit_type", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("admin_code", sa.Text),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "grid_id", name="pk_grids"),
    )
    op.create_index("ix_grids_county_id_node", "grids", ["county_id", "node"], unique=True)
    op.create_index(
        "ix_grids_county_id_path",
        "grids",
        ["county_id", "path"],
        postgresql_ops={"path": "text_pattern_ops"},
    )
    op.create_index("ix_grids_county_id_parent_id", "grids", ["county_id", "parent_id"])
    op.create_index(
        "uq_grids_county_id_admin_code",
        "grids",
        ["county_id", "admin_code"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
