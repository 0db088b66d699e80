"""Grids of every kind, the states that they went through, and the changes between these."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from shared.db import rls

revision = "grid_0003"
down_revision = "grid_0002"

TRAIL = (
    r"regexp_replace(regexp_replace(path, '(\d+)\.'::text, '000000\1.'::text, 'g'::text), "
    r"'0*(\d{7})\.'::text, '\1.'::text, 'g'::text)"
)
ADD_ONLY = ("grid_past", "grid_changes", "grid_lineage")


def upgrade() -> None:
    """Add the columns and tables; what was is added and read, never changed or removed."""
    for column in _added():
        op.add_column("grids", column)
    # The owner is bound by the policy too, and here it must reach every county's rows.
    op.execute("ALTER TABLE grids NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE grids SET since = valid_from")
    op.execute("ALTER TABLE grids FORCE ROW LEVEL SECURITY")
    op.create_index(
        "uq_grids_county_id_local_code",
        "grids",
        ["county_id", "local_code"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    _past()
    _changes()
    _provisions()
    rls.enable(op, "grid_provisions")
    for table in ADD_ONLY:
        rls.enable(op, table)
        op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM wangge_grid")


def _added() -> list[sa.Column[object]]:
    """Columns that processes of the release before do not fill: each has a default."""
    return [
        sa.Column(
            "since", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column("kind", sa.Text, nullable=False, server_default="territorial"),
        sa.Column("is_base", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("local_code", sa.Text),
        sa.Column("zones", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("details", sa.JSON, nullable=False, server_default="{}"),
    ]


def _past() -> None:
    op.create_table(
        "grid_past",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("grid_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
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
        *_added(),
        sa.Column(
            "trail", sa.Text(collation="C"), sa.Computed(TRAIL, persisted=True), nullable=False
        ),
        sa.PrimaryKeyConstraint("county_id", "grid_id", "version", name="pk_grid_past"),
    )
    op.create_index("ix_grid_past_county_id_trail", "grid_past", ["county_id", "trail"])
    op.create_index("ix_grid_past_county_id_node", "grid_past", ["county_id", "node"])


def _changes() -> None:
    op.create_table(
        "grid_changes",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("change_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document_title", sa.Text),
        sa.Column("document_number", sa.Text),
        sa.Column("document_url", sa.Text),
        sa.Column("carry_posts", sa.Boolean, nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "change_id", name="pk_grid_changes"),
    )
    op.create_table(
        "grid_lineage",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("change_id", sa.Uuid, nullable=False),
        sa.Column("part", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("grid_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("admin_code", sa.Text),
        sa.Column("local_code", sa.Text),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("heir_id", sa.Uuid),
        sa.PrimaryKeyConstraint(
            "county_id", "change_id", "part", "position", name="pk_grid_lineage"
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "change_id"],
            ["grid_changes.county_id", "grid_changes.change_id"],
            name="fk_grid_lineage_county_id_change_id",
        ),
    )
    op.create_index(
        "ix_grid_lineage_county_id_grid_id_part", "grid_lineage", ["county_id", "grid_id", "part"]
    )


def _provisions() -> None:
    op.create_table(
        "grid_provisions",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("grid_id", sa.Uuid, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("budget_yuan", sa.Float),
        sa.Column("equipment", sa.Text),
        sa.Column("vehicles", sa.Integer),
        sa.Column("office", sa.Text),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "grid_id", "year", name="pk_grid_provisions"),
        sa.ForeignKeyConstraint(
            ["county_id", "grid_id"],
            ["grids.county_id", "grids.grid_id"],
            name="fk_grid_provisions_county_id_grid_id",
        ),
    )
