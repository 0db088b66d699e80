"""The patrol ledger."""

import sqlalchemy as sa
from alembic import op

from shared.db import platform, rls
from shared.structure import tables as structure

revision = "patrols_0001"
down_revision = None


def upgrade() -> None:
    """Create the ledger; what is signed can be added to and read, never changed or removed."""
    platform.create(op, "patrols")
    structure.create(op)
    op.create_table(
        "patrols",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("patrol_id", sa.Uuid, nullable=False),
        sa.Column("grid_id", sa.Uuid, nullable=False),
        sa.Column("grid_path", sa.Text(collation="C"), nullable=False),
        sa.Column("patroller_id", sa.Uuid, nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_hash", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("previous_hash", sa.Text, nullable=False),
        sa.Column("record_hash", sa.Text, nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "patrol_id", name="pk_patrols"),
        sa.UniqueConstraint(
            "county_id",
            "patroller_id",
            "number",
            name="uq_patrols_county_id_patroller_id_number",
        ),
        sa.UniqueConstraint(
            "county_id",
            "patroller_id",
            "client_id",
            name="uq_patrols_county_id_patroller_id_client_id",
        ),
    )
    op.create_index(
        "ix_patrols_county_id_grid_path",
        "patrols",
        ["county_id", "grid_path"],
    )
    op.create_table(
        "findings",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("finding_id", sa.Uuid, nullable=False),
        sa.Column("patrol_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("longitude", sa.Float),
        sa.Column("latitude", sa.Float),
        sa.Column("stopped_by", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "finding_id", name="pk_findings"),
        sa.ForeignKeyConstraint(
            ["county_id", "patrol_id"],
            ["patrols.county_id", "patrols.patrol_id"],
            name="fk_findings_county_id_patrol_id",
        ),
    )
    op.create_index("ix_findings_county_id_patrol_id", "findings", ["county_id", "patrol_id"])
    for table in ("patrols", "findings"):
        rls.enable(op, table)
        op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM wangge_patrols")
