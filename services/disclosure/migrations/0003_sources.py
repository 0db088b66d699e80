"""What a closed case said of itself, beside the register item that it brought about."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "disclosure_0003"
down_revision = "disclosure_0002"


def upgrade() -> None:
    """Add the source; items of earlier events have none."""
    op.add_column("register_items", sa.Column("source", JSONB))
