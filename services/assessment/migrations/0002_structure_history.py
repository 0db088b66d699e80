"""The states that grids went through, in the local copy, and which grid answers for a case."""

import sqlalchemy as sa
from alembic import op

from shared.structure import tables as structure

revision = "assessment_0002"
down_revision = "assessment_0001"


def upgrade() -> None:
    """Add the history of grids."""
    structure.create_history(op)
    op.add_column("case_facts", sa.Column("responsible_grid_id", sa.Uuid))
    _fill()
    op.create_index(
        "ix_case_facts_county_id_responsible_grid_id",
        "case_facts",
        ["county_id", "responsible_grid_id"],
    )


def _fill() -> None:
    """The owner is bound by the policies too, and here it must reach every county's rows."""
    tables = ("case_facts", "structure_grids")
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE case_facts f SET responsible_grid_id = g.grid_id FROM structure_grids g "
        "WHERE g.county_id = f.county_id AND g.path = f.responsible_grid_path"
    )
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
