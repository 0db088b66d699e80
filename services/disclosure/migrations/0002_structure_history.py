"""The states that grids went through, in the local copy, and register items by their grids."""

from alembic import op

from shared.structure import tables as structure

revision = "disclosure_0002"
down_revision = "disclosure_0001"


def upgrade() -> None:
    """Add the history of grids."""
    structure.create_history(op)
    op.create_index(
        "ix_register_items_county_id_grid_id", "register_items", ["county_id", "grid_id"]
    )
