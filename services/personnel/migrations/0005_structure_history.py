"""The states that grids went through, in the local copy, and posts that ended with their grid."""

import sqlalchemy as sa
from alembic import op

from shared.db import rls
from shared.structure import tables as structure

revision = "personnel_0005"
down_revision = "personnel_0004"


def upgrade() -> None:
    """Add the history of grids, and why posts ended with them."""
    structure.create_history(op)
    op.create_table(
        "posts_ended_with_grid",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("post_id", sa.Uuid, nullable=False),
        sa.Column("change_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("carried_to", sa.Uuid),
        sa.PrimaryKeyConstraint("county_id", "post_id", name="pk_posts_ended_with_grid"),
        sa.ForeignKeyConstraint(
            ["county_id", "post_id"],
            ["posts.county_id", "posts.post_id"],
            name="fk_posts_ended_with_grid_county_id_post_id",
        ),
    )
    rls.enable(op, "posts_ended_with_grid")
    op.execute("REVOKE UPDATE, DELETE ON posts_ended_with_grid FROM wangge_personnel")
