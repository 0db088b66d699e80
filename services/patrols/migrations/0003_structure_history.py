"""The states that grids went through, in the local copy, and patrols by their grids."""

from alembic import op

from shared.structure import tables as structure

revision = "patrols_0003"
down_revision = "patrols_0002"


def upgrade() -> None:
    """Add the history of grids."""
    structure.create_history(op)
    # Where its grid lies is no part of what was signed: a record is reached where that is now.
    op.execute("GRANT UPDATE (grid_path) ON patrols TO wangge_patrols")
    op.create_index("ix_patrols_county_id_grid_id", "patrols", ["county_id", "grid_id"])
