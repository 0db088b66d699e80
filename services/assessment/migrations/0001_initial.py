"""Facts that indicators rest on."""

import sqlalchemy as sa
from alembic import op

from shared.db import platform, rls
from shared.structure import tables as structure

revision = "assessment_0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    platform.create(op, "assessment")
    structure.create(op)
    op.create_table(
        "case_facts",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("responsible_grid_path", sa.Text(collation="C"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("handled_at", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("county_id", "case_id", name="pk_case_facts"),
    )
    op.create_index(
        "ix_case_facts_county_id_responsible_grid_path",
        "case_facts",
        ["county_id", "responsible_grid_path"],
    )
    rls.enable(op, "case_facts")
