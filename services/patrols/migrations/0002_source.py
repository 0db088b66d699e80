"""Which pollution sources a patrol looked at, and which one a finding is about."""

import sqlalchemy as sa
from alembic import op

revision = "patrols_0002"
down_revision = "patrols_0001"


def upgrade() -> None:
    """Add the columns; what was recorded before names none."""
    none = sa.text("'{}'")
    op.add_column(
        "patrols",
        sa.Column("source_ids", sa.ARRAY(sa.Uuid), nullable=False, server_default=none),
    )
    op.add_column("findings", sa.Column("source_id", sa.Uuid))
