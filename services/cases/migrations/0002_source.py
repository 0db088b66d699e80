"""Which regulated pollution source a case is about."""

import sqlalchemy as sa
from alembic import op

revision = "cases_0002"
down_revision = "cases_0001"


def upgrade() -> None:
    """Add the column; cases before name none."""
    op.add_column("cases", sa.Column("pollution_source_id", sa.Uuid))
