"""The states that grids went through, in the local copy of the structure."""

from alembic import op

from shared.structure import tables as structure

revision = "cases_0003"
down_revision = "cases_0002"


def upgrade() -> None:
    """Add the history of grids."""
    structure.create_history(op)
