"""Who stands in for which post, and for which post a notice was sent."""

import sqlalchemy as sa
from alembic import op

from shared.db import rls

revision = "notifications_0002"
down_revision = "notifications_0001"


def upgrade() -> None:
    """Create the table of stand-ins; notices sent before stay without their post."""
    op.create_table(
        "stand_ins",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("leave_id", sa.Uuid, nullable=False),
        sa.Column("post_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("stand_in_id", sa.Uuid),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "leave_id", "post_id", name="pk_stand_ins"),
    )
    op.create_index("ix_stand_ins_county_id_post_id", "stand_ins", ["county_id", "post_id"])
    rls.enable(op, "stand_ins")
    op.add_column("notices", sa.Column("post_id", sa.Uuid))
    op.create_index("ix_notices_county_id_post_id", "notices", ["county_id", "post_id"])
