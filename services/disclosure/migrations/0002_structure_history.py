"""The states that grids went through, in the local copy of the structure."""

from alembic import op

from shared.structure import tables as structure

revision = "disclosure_0002_history"
down_revision = "disclosure_0001"


def upgrade() -> None:
    """Add the history of grids."""
    structure.create_history(op)
