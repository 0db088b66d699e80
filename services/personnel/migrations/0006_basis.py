"""The paper by which a post's holder was appointed."""

import sqlalchemy as sa
from alembic import op

revision = "personnel_0006"
down_revision = "personnel_0005"


def upgrade() -> None:
    """Add the column; posts before name none."""
    op.add_column("posts", sa.Column("basis", sa.Text, nullable=False, server_default=""))
